// How queues and messages look.

internal import EventPatterns
internal import Messaging

extension ListWriter {
  /// Writes queues with their counts.
  func write(_ queues: [QueueSummary]) throws(OutputFailure) {
    try write(titles: ["MESSAGES", "IN FLIGHT", "DELAYED", "QUEUE"], queues, row: \.row, json: \.json)
  }

  /// Writes messages.
  func write(_ messages: [QueueMessage]) throws(OutputFailure) {
    try write(titles: Self.messageTitles, messages, row: \.row, json: \.json)
  }

  /// Writes received messages with their receipt handles.
  func write(_ messages: [ReceivedMessage]) throws(OutputFailure) {
    try write(
      titles: ["RECEIPT"] + Self.messageTitles,
      messages,
      row: { [$0.receiptHandle] + $0.message.row },
      json: { received in
        guard case .object(var object) = received.message.json else { return .null }
        object["receiptHandle"] = .string(received.receiptHandle)
        return .object(object)
      }
    )
  }

  private static var messageTitles: [String] { ["SENT", "RECEIVED", "MESSAGE", "BODY"] }
}

extension QueueSummary {
  fileprivate var row: [String] {
    [counts.visible.grouped, counts.inFlight.grouped, counts.delayed.grouped, name]
  }

  fileprivate var json: JSONValue {
    var object = JSONObject([
      ("queue", .string(name)),
      ("messages", .integer(counts.visible)),
      ("inFlight", .integer(counts.inFlight)),
      ("delayed", .integer(counts.delayed)),
      ("visibilityTimeoutSeconds", .integer(attributes.visibilityTimeout / 1000)),
      ("retentionSeconds", .integer(attributes.retention / 1000)),
    ])
    if let redrive = attributes.redrive {
      object["deadLetterQueue"] = .string(redrive.deadLetterQueue)
      object["maxReceiveCount"] = .integer(redrive.maxReceiveCount)
    }
    return .object(object)
  }
}

extension QueueMessage {
  /// Characters of a body in a table; the JSON formats have all of it.
  private static let shownBody = 120

  fileprivate var row: [String] {
    [
      Timestamp.text(milliseconds: sentAt), "\(receiveCount)×", messageID,
      String(decoding: body.prefix(4 * Self.shownBody), as: UTF8.self).shownSafely.cut(to: Self.shownBody),
    ]
  }

  /// The message as an object; a body that is JSON stands as it is.
  var json: JSONValue {
    var object = JSONObject([
      ("messageID", .string(messageID)),
      ("sentAt", .string(Timestamp.text(milliseconds: sentAt))),
      ("receiveCount", .integer(receiveCount)),
    ])
    if !attributes.isEmpty {
      let sorted = attributes.sorted { $0.key < $1.key }
      object["attributes"] = .object(JSONObject(sorted.map { ($0.key, .string($0.value)) }))
    }
    object["sourceQueue"] = sourceQueue.map(JSONValue.string)
    object["deliveryID"] = deliveryID.map(JSONValue.string)
    object["body"] = JSONValue(showing: body)
    return .object(object)
  }
}
