// What subscribers are sent: SNS's envelope, with the text that is signed. Members are in SNS's order.

internal import EventPatterns
internal import Foundation
internal import TrailEvents

/// A message of SNS on its way to subscribers.
struct Notification: Sendable {
  var messageID: String
  var topic: TopicAddress
  var subject: String?
  var message: String
  /// In milliseconds since 1970.
  var publishedAt: Int64
  var attributes: [String: MessageAttribute] = [:]
  /// Only of FIFO topics.
  var sequenceNumber: String?

  /// `2012-05-02T00:54:06.655Z`
  var timestamp: String { Self.timestamp(publishedAt) }

  static func timestamp(_ milliseconds: Int64) -> String {
    let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  /// What is signed of a notification.
  var signedText: String {
    var text = "Message\n\(message)\nMessageId\n\(messageID)\n"
    if let subject { text += "Subject\n\(subject)\n" }
    return text + "Timestamp\n\(timestamp)\nTopicArn\n\(topic.arn)\nType\nNotification\n"
  }

  /// The envelope for one subscription.
  ///
  /// - Parameter signature: nothing for FIFO topics, whose messages are not signed.
  func envelope(_ signature: Signature?, unsubscribeURL: String) -> [UInt8] {
    var members: [(name: String, value: JSONValue)] = [
      ("Type", .string("Notification")), ("MessageId", .string(messageID)),
    ]
    if let sequenceNumber { members.append(("SequenceNumber", .string(sequenceNumber))) }
    members.append(("TopicArn", .string(topic.arn.description)))
    if let subject { members.append(("Subject", .string(subject))) }
    members.append(("Message", .string(message)))
    members.append(("Timestamp", .string(timestamp)))
    if let signature { members += signature.members }
    members.append(("UnsubscribeURL", .string(unsubscribeURL)))
    if !attributes.isEmpty { members.append(("MessageAttributes", attributesJSON)) }
    return JSONValue.object(JSONObject(members)).bytes
  }

  private var attributesJSON: JSONValue {
    .object(
      JSONObject(
        attributes.sorted { $0.key < $1.key }.map { name, attribute in
          let text =
            switch attribute.value {
            case .text(let text): text
            case .binary(let bytes): Data(bytes).base64EncodedString()
            }
          return (name, .members(["Type": .string(attribute.dataType), "Value": .string(text)]))
        }
      )
    )
  }

  /// A signature with what a receiver needs to check it.
  struct Signature: Sendable {
    var version: MessageSigner.Version
    var value: String
    var certificateURL: String

    var members: [(name: String, value: JSONValue)] {
      [
        ("SignatureVersion", .string(version.rawValue)), ("Signature", .string(value)),
        ("SigningCertURL", .string(certificateURL)),
      ]
    }
  }
}

/// The message that asks an endpoint to confirm its subscription, or tells it that this has been ended.
struct SubscriptionConfirmation: Sendable {
  /// What has happened.
  enum Kind: Sendable {
    /// Somebody has subscribed the endpoint.
    case subscription
    /// Somebody without a signature, or not its owner, has ended this subscription.
    case removal(SubscriptionAddress)

    /// SNS's name for the message.
    var type: String {
      switch self {
      case .subscription: "SubscriptionConfirmation"
      case .removal: "UnsubscribeConfirmation"
      }
    }
  }

  var kind: Kind
  var messageID: String
  var topic: TopicAddress
  var token: String
  var subscribeURL: String
  /// In milliseconds since 1970.
  var sentAt: Int64

  private var message: String {
    switch kind {
    case .subscription:
      "You have chosen to subscribe to the topic \(topic.arn).\nTo confirm the subscription, visit the SubscribeURL "
        + "included in this message."
    case .removal(let address):
      "You have chosen to deactivate subscription \(address.arn).\nTo cancel this operation and restore the "
        + "subscription, visit the SubscribeURL included in this message."
    }
  }

  var signedText: String {
    "Message\n\(message)\nMessageId\n\(messageID)\nSubscribeURL\n\(subscribeURL)\nTimestamp\n"
      + "\(Notification.timestamp(sentAt))\nToken\n\(token)\nTopicArn\n\(topic.arn)\nType\n\(kind.type)\n"
  }

  func envelope(_ signature: Notification.Signature) -> [UInt8] {
    let members: [(name: String, value: JSONValue)] =
      [
        ("Type", .string(kind.type)), ("MessageId", .string(messageID)), ("Token", .string(token)),
        ("TopicArn", .string(topic.arn.description)), ("Message", .string(message)),
        ("SubscribeURL", .string(subscribeURL)), ("Timestamp", .string(Notification.timestamp(sentAt))),
      ] + signature.members
    return JSONValue.object(JSONObject(members)).bytes
  }
}
