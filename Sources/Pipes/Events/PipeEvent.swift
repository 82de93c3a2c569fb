// A message as a pipe's event: what AWS's pipes make of messages of SQS. The event has the body as the text that it is;
// patterns and paths see what is in the text, where it is JSON, so that `$.body.k` leads somewhere.

internal import EventPatterns
internal import Foundation
internal import Messaging
internal import TrailEvents

/// An event on its way through a pipe.
struct PipeEvent: Sendable {
  /// What stages without a template get.
  var value: JSONValue
  /// What patterns and paths see.
  var decoded: JSONValue
  /// Which message of the batch it comes from; an enrichment's events come from all of them.
  var message: Int?

  /// What an enrichment answered.
  init(enriched value: JSONValue) {
    self.value = value
    decoded = value
  }

  /// A message of a queue.
  init(_ received: ReceivedMessage, at index: Int, of queue: QueueAddress) {
    let message = received.message
    let body = String(decoding: message.body, as: UTF8.self)
    let system = (try? message.systemAttributes(named: ["All"], in: queue)) ?? [:]
    let members: [(name: String, value: JSONValue)] = [
      ("messageId", .string(message.messageID)),
      ("receiptHandle", .string(received.receiptHandle)),
      ("body", .string(body)),
      ("attributes", .object(JSONObject(system.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))),
      ("messageAttributes", Self.value(of: message.messageAttributes)),
      ("md5OfBody", .string(message.md5OfBody)),
      ("eventSource", .string("aws:sqs")),
      ("eventSourceARN", .string(queue.arn.description)),
      ("awsRegion", .string(queue.scope.region)),
    ]
    var object = JSONObject(members)
    value = .object(object)
    if let parsed = Self.container(in: message.body) { object["body"] = parsed }
    decoded = .object(object)
    self.message = index
  }

  /// The object or list that a text is; nothing if it is neither.
  private static func container(in text: [UInt8]) -> JSONValue? {
    let first = text.first { !" \t\r\n".utf8.contains($0) }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
    return try? JSONValue(parsing: text)
  }

  private static func value(of attributes: [String: MessageAttribute]) -> JSONValue {
    .object(
      JSONObject(
        attributes.sorted { $0.key < $1.key }.map { name, attribute in
          let value: (name: String, value: JSONValue) =
            switch attribute.value {
            case .text(let text): ("stringValue", .string(text))
            case .binary(let bytes): ("binaryValue", .string(Data(bytes).base64EncodedString()))
            }
          return (
            name,
            .object(
              JSONObject([
                value, ("stringListValues", .array([])), ("binaryListValues", .array([])),
                ("dataType", .string(attribute.dataType)),
              ])
            )
          )
        }
      )
    )
  }
}
