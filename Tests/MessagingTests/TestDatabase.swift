import Foundation
import Messaging
import Storage

/// A database in a directory of a test's own, removed with it.
final class TestDatabase {
  let path: String
  let database: EmbeddedDatabase

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "signalbox-\(UUID().uuidString)").path
    database = try EmbeddedDatabase(directory: path)
  }

  deinit {
    try? database.close()
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// A message with a text body.
func message(_ text: String, id: String? = nil, delay: Int64? = nil) -> OutgoingMessage {
  OutgoingMessage(body: Array(text.utf8), attributes: ["from": "test"], deduplicationID: id, delay: delay)
}

extension QueueMessage {
  /// The body as text.
  var text: String { String(decoding: body, as: UTF8.self) }
}
