// Secrets at rest: AES-256-GCM, each with a nonce of its own and bound to the row that it is in, so that none can be read
// without the key and none can be put into another row. Where the key comes from is for whoever makes the box.

internal import Crypto
internal import Foundation

/// A row that holds a secret.
package enum SecretPlace: Sendable, Hashable {
  /// What is secret about a connection of EventBridge's.
  case connection(account: String, region: String, name: String)
  /// A private key that signs something.
  case signingKey(purpose: String)
  /// What tells whether a key is the right one.
  case check

  /// The row, as it is bound into what is sealed for it.
  var associatedData: [UInt8] {
    let parts =
      switch self {
      case .connection(let account, let region, let name): ["connection", account, region, name]
      case .signingKey(let purpose): ["signing-key", purpose]
      case .check: ["check"]
      }
    return Array(parts.joined(separator: "\0").utf8)
  }
}

/// Seals and opens the secrets that a database keeps.
public struct SecretBox: Sendable {
  /// The first byte of what is sealed: the way it was done. No secret in clear text begins with it.
  private static let version: UInt8 = 1

  private let key: SymmetricKey
  /// Where the key comes from, for whoever has to put it back.
  package let origin: String

  /// A box with a key that nobody keeps: what is sealed can be opened for as long as the process runs.
  public init() {
    key = SymmetricKey(size: .bits256)
    origin = "a key of this process"
  }

  /// A box with a key.
  ///
  /// - Parameters:
  ///   - key: 32 bytes.
  ///   - origin: the file that the key comes from.
  public init(key: [UInt8], origin: String) {
    precondition(key.count == 32, "a key of AES-256 has 32 bytes")
    self.key = SymmetricKey(data: key)
    self.origin = origin
  }

  /// Seals a secret for a row.
  package func seal(_ secret: [UInt8], for place: SecretPlace) throws(StorageError) -> [UInt8] {
    guard let box = try? AES.GCM.seal(secret, using: key, authenticating: place.associatedData).combined else {
      throw .fault("a secret cannot be sealed")
    }
    return [Self.version] + box
  }

  /// Opens the secret of a row; nothing if it was sealed with another key, for another row, or was changed.
  package func open(_ sealed: [UInt8], for place: SecretPlace) -> [UInt8]? {
    guard Self.isSealed(sealed), let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst()) else { return nil }
    return (try? AES.GCM.open(box, using: key, authenticating: place.associatedData)).map(Array.init)
  }

  /// Whether bytes are those of something sealed, and not a secret in clear text.
  package static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.first == version }
}
