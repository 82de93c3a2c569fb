// What to do about a rule that is tried often: which value it should ask for, or why there is nothing to gain. The engine
// knows no field from another; that an event's name is what tells CloudTrail events apart is known here.

internal import EventPatterns

/// What is known of how a rule is tried.
struct AccessFacts {
  /// The share of events that it is tried on.
  var share: Double
  /// The share of events that it matches, if that was counted.
  var matchedShare: Double?
  /// The tests that an event passes before.
  var key: [PatternSet.FieldTest]
  /// The tests that are left then.
  var rest: [PatternSet.FieldTest]
  /// How many branches wait at the same place.
  var company: Int
  /// Whether the pattern is an exception to a rule.
  var isException: Bool
}

extension AccessFacts {
  /// From this share on there is something to say.
  private static let worthSaying = 0.01
  private static let eventName = "detail.eventName"

  /// What to do, in words; nothing if the rule is tried seldom.
  var advice: String? {
    guard share >= Self.worthSaying else { return nil }
    let remedy = remedy
    if key.isEmpty, !rest.contains(where: \.canBeKey) {
      return "it has no key, so it is tried on every event; \(remedy)"
    }
    return "tried on \(matchedShare == nil ? "about " : "")\(share.asPercentage) of events; \(remedy)"
  }

  private var remedy: String {
    if let matchedShare, matchedShare * 2 >= share { return "it matches most of those, so there is nothing to gain" }
    let unused = rest.filter(\.canBeKey).map(\.path)
    if let field = unused.first {
      return company <= PatternSet.fewest
        ? "so few rules wait there that looking at \(field), too, would gain nothing"
        : "its lists of values multiply to more places than the tree has for one rule, so \(field) is not its key: "
          + "write shorter lists, or several rules"
    }
    if let test = rest.first(where: { $0.path == Self.eventName }) {
      return "its \(Self.eventName) (\(test.wanted)) is no key: list the names that are meant"
    }
    if isAboutCalls, !key.contains(where: { $0.path == Self.eventName }) {
      return isException ? "add the rule's eventName to the exception" : "add an eventName"
    }
    let others = Set(rest.map(\.path)).sorted()
    let reason =
      switch others.count {
      case 0: ""
      case 1: "what it wants of \(others[0]) is no key: "
      default:
        "what it wants of \(others.dropLast().joined(separator: ", ")) and \(others[others.count - 1]) is no key: "
      }
    return "\(reason)add an exact value that fewer events have"
  }

  /// Whether the events meant are CloudTrail's, as far as the rule says.
  private var isAboutCalls: Bool {
    (key + rest).allSatisfy { $0.path != "detail-type" || $0.wanted.contains("CloudTrail") }
  }
}
