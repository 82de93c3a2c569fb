// A certificate and its key, looked over before anybody connects: `doctor` asks, so that nobody finds out at three in the
// morning.

internal import NIOSSL

/// What there is to know of a certificate that can be used.
public struct CertificateCheck: Sendable, Equatable {
  /// From when on clients believe it, in seconds since 1970.
  public var begins: Int64
  /// Until when, in seconds since 1970.
  public var ends: Int64

  /// Reads both files and sees whether they belong together.
  ///
  /// Throws ``ListenerError`` with what is wrong and what to do.
  public init(_ tls: HTTPSettings.TLS) throws(ListenerError) {
    do {
      let certificates = try NIOSSLCertificate.fromPEMFile(tls.certificate)
      let key = try NIOSSLPrivateKey(file: tls.key, format: .pem)
      guard let first = certificates.first else {
        throw ListenerError(description: "\(tls.certificate): there is no certificate in it")
      }
      _ = try NIOSSLContext(
        configuration: TLSConfiguration.makeServerConfiguration(
          certificateChain: certificates.map { .certificate($0) },
          privateKey: .privateKey(key)
        )
      )
      (begins, ends) = (Int64(first.notValidBefore), Int64(first.notValidAfter))
    } catch let error as ListenerError {
      throw error
    } catch {
      throw ListenerError(
        description:
          "\(tls.certificate), \(tls.key): the certificate cannot be used: \(error). Both files are PEM, and "
          + "the key belongs to the first certificate."
      )
    }
  }
}
