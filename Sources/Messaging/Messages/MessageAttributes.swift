// What message attributes must be like, so that a message with them is taken.

internal import EventPatterns

/// The rules of message attributes, which SQS and SNS share.
enum MessageAttributes {
  /// Why attributes are not taken; nothing when they are.
  ///
  /// - Parameters:
  ///   - limit: the most attributes; nil for any number.
  ///   - isArrayKnown: whether there is the type `String.Array`, whose values are JSON lists: SNS's.
  static func refusal(
    of attributes: [String: MessageAttribute],
    limit: Int? = 10,
    isArrayKnown: Bool = false
  ) -> MessagingError? {
    if let limit, attributes.count > limit {
      return MessagingError(
        .invalidParameterValue,
        "Number of message attributes [\(attributes.count)] exceeds the allowed maximum [\(limit)]."
      )
    }
    for (name, attribute) in attributes.sorted(by: { $0.key < $1.key }) {
      if let reason = reason(against: name, attribute, isArrayKnown) {
        return MessagingError(.invalidParameterValue, reason)
      }
    }
    return nil
  }

  private static func reason(
    against name: String,
    _ attribute: MessageAttribute,
    _ isArrayKnown: Bool
  ) -> String? {
    guard (1...256).contains(name.utf8.count), !name.hasPrefix("."), !name.hasSuffix("."), !name.contains(".."),
      name.utf8.allSatisfy(isNameByte)
    else {
      return "Message (user) attribute name can contain only the characters a-z, A-Z, 0-9, underscore (_), hyphen (-), "
        + "and period (.), may not begin or end with a period and is at most 256 characters long: '\(name)'."
    }
    let lower = name.lowercased()
    if lower.hasPrefix("aws.") || lower.hasPrefix("amazon.") {
      return "You can't use message attribute names beginning with 'AWS.' or 'Amazon.': '\(name)'."
    }
    guard !attribute.dataType.isEmpty else {
      return "The message attribute '\(name)' must contain a non-empty attribute type."
    }
    guard attribute.dataType.utf8.count <= 256 else {
      return "The type of message (user) attribute '\(name)' is too long: at most 256 characters."
    }
    if isArrayKnown, attribute.dataType == "String.Array" {
      guard case .text(let text) = attribute.value, case .array? = try? JSONValue(parsing: text) else {
        return "The message attribute '\(name)' of type 'String.Array' must be a JSON list."
      }
      return nil
    }
    switch (attribute.baseType, attribute.value) {
    case ("String", .text(let text)):
      if text.isEmpty { return empty(name, "String") }
      return QueueService.isText(Array(text.utf8))
        ? nil : "Invalid characters found in the message attribute '\(name)'."
    case ("Number", .text(let text)):
      if text.isEmpty { return empty(name, "Number") }
      return Double(text).map(\.isFinite) == true
        ? nil : "Can't cast the value of message (user) attribute '\(name)' to a number."
    case ("Binary", .binary(let bytes)): return bytes.isEmpty ? empty(name, "Binary") : nil
    case ("Binary", .text):
      return "The message (user) attribute '\(name)' with type '\(attribute.dataType)' must use field 'Binary'."
    case ("String", .binary), ("Number", .binary):
      return "The message (user) attribute '\(name)' with type '\(attribute.dataType)' must use field 'String'."
    default:
      return
        "The message (user) attribute '\(name)' has an invalid message (user) attribute type, the set of supported "
        + "type prefixes is Binary, Number, and String."
    }
  }

  private static func empty(_ name: String, _ type: String) -> String {
    "Message (user) attribute '\(name)' must contain a non-empty value of type '\(type)'."
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
