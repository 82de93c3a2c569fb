// A kind of event is a sender and a detail type. Its schema is called SENDER@DetailType, as in AWS's registry of
// discovered schemas: `aws.ec2@EC2InstanceStateChangeNotification`.

internal import EventPatterns

/// A kind of event.
struct EventKind: Sendable, Hashable {
  /// The sender: `my.app`.
  var source: String
  /// What kind of event it is: `Order Placed`.
  var detailType: String

  /// The name of its schema: `my.app@OrderPlaced`.
  var schemaName: String {
    let source = String(
      self.source.unicodeScalars.map { Self.isPlain($0) || "_.@-".unicodeScalars.contains($0) ? Character($0) : "-" }
    )
    return "\(source)@\(Self.words(detailType, keeping: "_."))"
  }

  /// The name of the schema of its `detail`: `OrderPlaced`.
  var componentName: String { Self.componentName(detailType) }

  /// A text as the name of a part of a schema: words without what stands between them, each with a capital letter.
  static func componentName(_ text: String) -> String {
    let name = words(text, keeping: "_")
    return name.isEmpty ? "Event" : name
  }

  private static func words(_ text: String, keeping kept: String) -> String {
    var name = ""
    var isStart = true
    for scalar in text.unicodeScalars {
      if isPlain(scalar) {
        name += isStart ? Character(scalar).uppercased() : String(scalar)
        isStart = false
      } else {
        if kept.unicodeScalars.contains(scalar) { name.unicodeScalars.append(scalar) }
        isStart = true
      }
    }
    return name
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
  }
}

/// An event as far as its schema goes.
struct LearnedEvent: Sendable {
  /// What kind of event it is.
  var kind: EventKind
  /// The account that it is of.
  var account: String
  /// What its `detail` looks like.
  var detail: ValueShape

  /// Learns from an event; nothing if it is none, or one that is nested too deep.
  init?(_ event: JSONValue, limits: InferenceLimits) {
    guard let source = event["source"]?.string, let type = event["detail-type"]?.string, let detail = event["detail"],
      let shape = ValueShape(detail, limits: limits)
    else { return nil }
    kind = EventKind(source: source, detailType: type)
    account = event["account"]?.string ?? ""
    self.detail = shape
  }
}
