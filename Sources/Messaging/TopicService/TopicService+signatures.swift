// Signatures are made before the transaction that sends the messages, as far as they are known by then.

internal import Crypto
internal import Foundation
internal import GRDB
internal import Storage
internal import TrailEvents

extension TopicService {
  /// Signatures of texts, made before the transaction, so that nobody waits for RSA while it is open.
  package struct SignatureCache: Sendable {
    var server: String
    var known: [String: Notification.Signature] = [:]
  }

  func presign(
    _ requests: [(request: PublishRequest, id: String)],
    _ topic: TopicAddress,
    now: Int64,
    _ signatures: inout SignatureCache
  ) async throws(MessagingError) {
    guard !topic.isFIFO else { return }
    let found = try await fetch { [self] db -> (version: String, protocols: [String])? in
      guard let row = try find(topic, db) else { return nil }
      let protocols = try String.fetchAll(
        db,
        sql: """
          SELECT DISTINCT protocol FROM subscriptions WHERE topic = ? AND is_confirmed
            AND protocol IN ('sqs', 'http', 'https')
            AND coalesce(json_extract(attributes, '$.RawMessageDelivery'), 'false') <> 'true'
          """,
        arguments: [row.key]
      )
      return (row.attributes["SignatureVersion"] ?? "1", protocols)
    }
    guard let found, !found.protocols.isEmpty else { return }
    try await prepareKey()
    let version = MessageSigner.Version(rawValue: found.version) ?? .one
    for (request, id) in requests where !request.message.isEmpty {
      for name in found.protocols {
        let notification = Notification(
          messageID: id,
          topic: topic,
          subject: request.subject,
          message: request.text(for: name),
          publishedAt: now
        )
        let text = notification.signedText
        guard signatures.known[text] == nil else { continue }
        do {
          signatures.known[text] = try signature(of: text, version, server: signatures.server, nil)
        } catch {
          throw MessagingError(error)
        }
      }
    }
  }

  /// Has the key that messages are signed with made, if it is not there, before somebody needs it.
  func prepareKey() async throws(MessagingError) {
    do {
      try await signer.prepare()
    } catch {
      throw MessagingError(error)
    }
  }

  /// - Parameter db: the transaction that is open on this thread, if one is.
  func signature(
    of text: String,
    _ version: MessageSigner.Version,
    server: String,
    _ db: Database?
  ) throws -> Notification.Signature {
    let (value, path) = try signer.signature(of: text, version, db)
    return Notification.Signature(version: version, value: value, certificateURL: server + path)
  }

  /// An id in a UUID's form that follows from a text.
  package static func identifier(of text: String) -> String {
    let digits = Array(hex(SHA256.hash(data: Array(text.utf8)).prefix(16)))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}
