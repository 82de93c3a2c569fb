// Messages that SNS sends are signed with RSA, and their receivers fetch the certificate to check them. The key is made
// when the first message is signed, kept in the database (sealed), and the same ever after, so that messages received
// before a restart can be checked after it.

internal import Crypto
internal import CryptoExtras
internal import Dispatch
internal import Foundation
internal import GRDB
internal import Storage
internal import Synchronization

/// Signs messages.
final class MessageSigner: Sendable {
  /// How SNS signs: version 1 is RSA with SHA-1, version 2 with SHA-256.
  enum Version: String, Sendable {
    case one = "1"
    case two = "2"
  }

  private struct Identity: Sendable {
    var key: _RSA.Signing.PrivateKey
    /// PEM text.
    var certificate: String
    /// The name of the certificate's file.
    var name: String
  }

  /// Where the key lies.
  private static let place = SecretPlace.signingKey(purpose: "sns")

  private let database: EmbeddedDatabase
  private let secrets: SecretBox
  private let identity = Mutex<Identity?>(nil)

  init(database: EmbeddedDatabase, secrets: SecretBox) {
    self.database = database
    self.secrets = secrets
  }

  /// Makes the key unless it is there, without blocking the calling thread: that takes a processor for a good while, and
  /// Swift's cooperative pool has only as many threads as there are cores.
  func prepare() async throws {
    if identity.withLock({ $0 != nil }) { return }
    let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
      DispatchQueue.global(qos: .userInitiated).async {
        continuation.resume(returning: Result { _ = try self.prepared() })
      }
    }
    try result.get()
  }

  /// The certificate's path on this server, and the certificate as PEM text; not to be called within a transaction.
  func certificate() throws -> (path: String, pem: String) {
    let identity = try prepared()
    return ("/\(identity.name).pem", identity.certificate)
  }

  /// The signature of a text, in base64, and the certificate's path.
  ///
  /// - Parameter db: the transaction that is open on this thread, if one is.
  func signature(of text: String, _ version: Version, _ db: Database?) throws -> (value: String, path: String) {
    let identity = try db.map { try loaded($0) } ?? prepared()
    let bytes = Data(text.utf8)
    let signature =
      switch version {
      case .one: try identity.key.signature(for: Insecure.SHA1.hash(data: bytes), padding: .insecurePKCS1v1_5)
      case .two: try identity.key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
      }
    return (signature.rawRepresentation.base64EncodedString(), "/\(identity.name).pem")
  }

  private func prepared() throws -> Identity {
    if let known = identity.withLock({ $0 }) { return known }
    let found = try database.read { try stored($0) } ?? keep(try Self.make())
    identity.withLock { $0 = found }
    return found
  }

  /// Writes a key that was made before the transaction, so that no writer waits for it; one that is there by now holds.
  private func keep(_ made: (key: _RSA.Signing.PrivateKey, certificate: String)) throws -> Identity {
    try database.write { db in try stored(db) ?? insert(made, db) }
  }

  private static func make() throws -> (key: _RSA.Signing.PrivateKey, certificate: String) {
    let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    return (key, try SelfSignedCertificate.pem(of: key, commonName: "sns.signalbox.local"))
  }

  /// The key as the database has it, or a new one; not remembered, because the transaction may be undone.
  private func loaded(_ db: Database) throws -> Identity {
    if let known = try identity.withLock({ $0 }) ?? stored(db) { return known }
    return try insert(try Self.make(), db)
  }

  private func insert(_ made: (key: _RSA.Signing.PrivateKey, certificate: String), _ db: Database) throws -> Identity {
    try db.execute(
      sql: "INSERT INTO signing_keys (purpose, private_key, certificate) VALUES ('sns', ?, ?)",
      arguments: [Data(try secrets.seal(Array(made.key.pemRepresentation.utf8), for: Self.place)), made.certificate]
    )
    return identity(key: made.key, made.certificate)
  }

  private func stored(_ db: Database) throws -> Identity? {
    guard
      let row = try Row.fetchOne(
        db,
        sql: "SELECT private_key, certificate FROM signing_keys WHERE purpose = 'sns'"
      )
    else { return nil }
    guard let text = secrets.open(try row.bytes(at: 0), for: Self.place) else {
      throw MessagingError(.internalFailure, "The key that signs messages cannot be opened.")
    }
    let key = try _RSA.Signing.PrivateKey(pemRepresentation: String(decoding: text, as: UTF8.self))
    return identity(key: key, row[1])
  }

  private func identity(key: _RSA.Signing.PrivateKey, _ certificate: String) -> Identity {
    let digest = SHA256.hash(data: Data(certificate.utf8))
    return Identity(key: key, certificate: certificate, name: "SimpleNotificationService-" + hex(digest.prefix(16)))
  }
}
