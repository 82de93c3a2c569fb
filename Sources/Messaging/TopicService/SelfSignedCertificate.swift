// The little of X.509 that a self-signed certificate needs (RFC 5280), written as DER:
//
//   Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }
//   TBSCertificate ::= SEQUENCE { [0] version 3, serial, algorithm, issuer, validity, subject, subjectPublicKeyInfo }

internal import Crypto
internal import CryptoExtras
internal import Foundation

/// A certificate that an RSA key gives itself.
enum SelfSignedCertificate {
  /// Valid from 2020 to 2099: receivers check the signature, and there is nobody to renew it.
  static func pem(of key: _RSA.Signing.PrivateKey, commonName: String) throws -> String {
    let algorithm = sequence(objectIdentifier([1, 2, 840, 113_549, 1, 1, 11]), element(0x05, []))
    let name = sequence(element(0x31, sequence(objectIdentifier([2, 5, 4, 3]), element(0x0C, Array(commonName.utf8)))))
    let validity = sequence(
      element(0x17, Array("200101000000Z".utf8)),
      element(0x18, Array("20991231235959Z".utf8))
    )
    let serial = Array(SHA256.hash(data: key.publicKey.derRepresentation).prefix(8)).map { $0 & 0x7F | 0x40 }
    let body = sequence(
      element(0xA0, element(0x02, [2])),
      element(0x02, serial),
      algorithm,
      name,
      validity,
      name,
      try publicKeyInfo(of: key.publicKey)
    )
    let signature = try key.signature(for: SHA256.hash(data: body), padding: .insecurePKCS1v1_5)
    let certificate = sequence(body, algorithm, element(0x03, [0] + signature.rawRepresentation))
    let text = Data(certificate).base64EncodedString()
    var lines = ["-----BEGIN CERTIFICATE-----"]
    var rest = text[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(64)))
      rest = rest.dropFirst(64)
    }
    return (lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n")
  }

  /// `SubjectPublicKeyInfo` from the PEM text of the key, which is that.
  private static func publicKeyInfo(of key: _RSA.Signing.PublicKey) throws -> [UInt8] {
    let base64 = key.pemRepresentation.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
    guard let data = Data(base64Encoded: base64) else {
      throw MessagingError(.internalFailure, "The public key of the signing key cannot be read.")
    }
    return Array(data)
  }

  private static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts.flatMap(\.self)) }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    if content.count < 128 {
      length = [UInt8(content.count)]
    } else {
      var rest = content.count
      while rest > 0 {
        length.insert(UInt8(rest & 0xFF), at: 0)
        rest >>= 8
      }
      length.insert(0x80 | UInt8(length.count), at: 0)
    }
    return [tag] + length + content
  }

  private static func objectIdentifier(_ arcs: [Int]) -> [UInt8] {
    var content = [UInt8(arcs[0] * 40 + arcs[1])]
    for arc in arcs.dropFirst(2) {
      var groups = [UInt8(arc & 0x7F)]
      var rest = arc >> 7
      while rest > 0 {
        groups.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
        rest >>= 7
      }
      content += groups
    }
    return element(0x06, content)
  }
}
