// What an input is made from: the event, and the rule that matched it.

public import EventPatterns

/// The values that templates and paths of one matched rule see.
public struct ShapingScope: Sendable {
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

  func value(of variable: InputTemplate.Variable) -> JSONValue? {
    switch variable {
    case .path(let path): path.value(in: event)
    case .predefined(.ruleARN): .string(ruleARN)
    case .predefined(.ruleName): .string(ruleName)
    case .predefined(.ingestionTime): .string(ingestionTime)
    case .predefined(.eventJSON): event
    case .predefined(.event): eventWithoutDetail
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
