import EventPatterns

/// What a pattern of either language says: `$or` multiplied out into branches, paths joined.
struct NaivePattern {
  typealias Path = [UInt8]

  /// What one field must be.
  struct Condition {
    var path: Path
    var alternatives: [JSONValue]
  }

  /// One way for the pattern to hold.
  struct Branch {
    var conditions: [Path: [JSONValue]] = [:]
    var clauses: [(isNot: Bool, branches: [Branch])] = []
    /// The conditions by path: `exists: false` asks about the elements that conditions on earlier names picked.
    var inOrder: [Condition] = []
  }

  let branches: [Branch]

  /// Reads a pattern that is known to be right.
  init(_ pattern: JSONValue) {
    branches = Self.branches(pattern, path: nil, from: [Branch()]).map(Self.ordered)
  }

  private static func ordered(_ branch: Branch) -> Branch {
    var branch = branch
    branch.inOrder = branch.conditions
      .map { (key: Array(String(decoding: $0.key, as: UTF8.self).utf16), condition: $0) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { Condition(path: $0.condition.key, alternatives: $0.condition.value) }
    branch.clauses = branch.clauses.map { ($0.isNot, $0.branches.map(ordered)) }
    return branch
  }

  static func join(_ path: Path?, _ name: String) -> Path {
    if let path { path + [UInt8(ascii: ".")] + name.utf8 } else { Array(name.utf8) }
  }

  private static func branches(_ value: JSONValue, path: Path?, from start: [Branch]) -> [Branch] {
    guard case .object(let object) = value else { return [] }
    return object.members.reduce(start) { branches, member in
      switch (member.name, member.value) {
      case ("$or", .array(let sides)):
        return sides.flatMap { Self.branches($0, path: path, from: branches) }
      case ("$and", .array(let sides)):
        return adding(sides.map { (false, Self.branches($0, path: path, from: [Branch()])) }, to: branches)
      case ("$not", _):
        return adding([(true, Self.branches(member.value, path: path, from: [Branch()]))], to: branches)
      case (_, .array(let alternatives)):
        return branches.map { branch in
          var branch = branch
          branch.conditions[join(path, member.name)] = alternatives
          return branch
        }
      default:
        return Self.branches(member.value, path: join(path, member.name), from: branches)
      }
    }
  }

  private static func adding(_ clauses: [(isNot: Bool, branches: [Branch])], to branches: [Branch]) -> [Branch] {
    branches.map { branch in
      var branch = branch
      branch.clauses += clauses
      return branch
    }
  }
}

extension NaiveEvaluator {
  /// The patterns that match an event, by index.
  static func matches(_ patterns: [NaivePattern], _ event: JSONValue) -> [Int] {
    let evaluator = NaiveEvaluator(event: event)
    return patterns.indices.filter { evaluator.matches(patterns[$0]) }
  }
}
