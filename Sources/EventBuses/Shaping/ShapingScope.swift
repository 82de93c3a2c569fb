// What an input is made from: the event, and the rule that matched it.

public import EventPatterns

/// What the variables of a template stand for.
public protocol TemplateValues: Sendable {
  /// The value at a path; nothing if there is nothing.
  func value(at path: JSONPath) -> JSONValue?
  /// The value of a name that the service knows.
  func value(ofReserved name: String) -> JSONValue?
}

/// The values that templates and paths of one matched rule see.
public struct ShapingScope: TemplateValues {
  /// The event.
  public var event: JSONValue
  /// The ARN of the rule that matched.
  public var ruleARN: String
  /// The name of the rule that matched.
  public var ruleName: String
  /// When the event came in, as RFC 3339.
  public var ingestionTime: String

  /// Makes a scope.
  public init(event: JSONValue, ruleARN: String, ruleName: String, ingestionTime: String) {
    self.event = event
    self.ruleARN = ruleARN
    self.ruleName = ruleName
    self.ingestionTime = ingestionTime
  }

  /// What EventBridge knows without a path.
  static let reserved: Set<String> = [
    "aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event",
    "aws.events.event.json",
  ]

  /// The value at a path into the event.
  public func value(at path: JSONPath) -> JSONValue? { path.value(in: event) }

  /// The value of one of EventBridge's own names.
  public func value(ofReserved name: String) -> JSONValue? {
    switch name {
    case "aws.events.rule-arn": .string(ruleARN)
    case "aws.events.rule-name": .string(ruleName)
    case "aws.events.event.ingestion-time": .string(ingestionTime)
    case "aws.events.event.json": event
    case "aws.events.event": eventWithoutDetail
    default: nil
    }
  }

  private var eventWithoutDetail: JSONValue {
    guard case .object(let object) = event else { return event }
    return .object(
      JSONObject(
        object.members.compactMap { member in
          switch member.name {
          case "detail": nil
          case "detail-type": ("detailType", member.value)
          default: (member.name, member.value)
          }
        }
      )
    )
  }
}
