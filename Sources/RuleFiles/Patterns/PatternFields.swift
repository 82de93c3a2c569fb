// The fields that a pattern names, as the engine reports them (names joined by dots) and as rule files write them.

import EventPatterns

extension RulePattern {
  /// What a failed condition can be named by: the dotted paths of all fields, and `$not` and `$and` where they stand.
  var conditionNames: Set<String> {
    // No event is needed to ask which conditions there are.
    Set(PatternExplanation(of: pattern, event: .null).conditions.flatMap { [$0.path] + $0.fields })
  }

  /// A dotted path of the engine as rule files write it: `detail.odd name` is `detail["odd name"]`.
  public func spelling(of dotted: String) -> String {
    guard let value = try? JSONValue(parsing: json) else { return dotted }
    return Self.path(of: dotted, in: value, from: [])?.description ?? dotted
  }

  private static func path(of dotted: String, in value: JSONValue, from names: [String]) -> FieldPath? {
    switch value {
    case .object(let object):
      for member in object.members {
        let isKeyword = ["$or", "$and", "$not"].contains(member.name)
        let inner = isKeyword ? names : names + [member.name]
        if inner.joined(separator: ".") == dotted { return FieldPath(inner.map { .name($0) }) }
        if let found = path(of: dotted, in: member.value, from: inner) { return found }
      }
      return nil
    case .array(let items): return items.lazy.compactMap { path(of: dotted, in: $0, from: names) }.first
    default: return nil
    }
  }
}

extension FieldPath {
  /// The path as the engine names fields: all names joined by dots.
  public var dotted: String {
    segments.map { segment in
      switch segment {
      case .name(let name): name
      case .index(let index): String(index)
      }
    }.joined(separator: ".")
  }
}
