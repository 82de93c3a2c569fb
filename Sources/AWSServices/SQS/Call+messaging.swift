// The caller of an API call as queues and topics know callers.

internal import AWSProtocols
internal import Messaging

extension Call {
  /// Who calls, for policies and for the SenderId of messages.
  var messagingCaller: MessagingCaller { MessagingCaller(policyCaller, senderID: caller.principalID) }
}

/// Message attributes in requests and answers, which SQS and SNS share.
enum AttributeShapes {
  static let value = Shape.structure([
    .optional("StringValue", .string),
    .optional("BinaryValue", .blob),
    .optional("StringListValues", .list(.string).flattened(), queryName: "StringListValue"),
    .optional("BinaryListValues", .list(.blob).flattened(), queryName: "BinaryListValue"),
    .required("DataType", .string),
  ])

  /// The attributes of a member of an input.
  static func attributes(_ input: Input, _ name: String) throws(MessagingError) -> [String: MessageAttribute] {
    var attributes: [String: MessageAttribute] = [:]
    for (name, value) in input.structureMap(name) {
      let type = value.string("DataType")
      if value.has("StringListValues") && !value.strings("StringListValues").isEmpty || value.has("BinaryListValues") {
        throw MessagingError(.invalidParameterValue, "Message attribute list values are not supported: '\(name)'.")
      }
      if let bytes = value.blob(ifAny: "BinaryValue"), type.hasPrefix("Binary") || !value.has("StringValue") {
        attributes[name] = MessageAttribute(dataType: type, value: .binary(bytes))
      } else if let text = value.string(ifAny: "StringValue") {
        attributes[name] = MessageAttribute(dataType: type, value: .text(text))
      } else {
        throw MessagingError(
          .invalidParameterValue,
          "The message attribute '\(name)' must contain a non-empty message attribute value for message attribute type "
            + "'\(type)'."
        )
      }
    }
    return attributes
  }

  static func value(_ attributes: [String: MessageAttribute]) -> Value {
    if attributes.isEmpty { return .absent }
    return .fields(
      Fields(
        attributes.sorted { $0.key < $1.key }.map { name, attribute in
          switch attribute.value {
          case .text(let text): (name, ["StringValue": .string(text), "DataType": .string(attribute.dataType)])
          case .binary(let bytes): (name, ["BinaryValue": .blob(bytes), "DataType": .string(attribute.dataType)])
          }
        }
      )
    )
  }
}
