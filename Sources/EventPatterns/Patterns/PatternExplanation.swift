// Why a pattern matches an event or not, condition by condition.
//
// There is no second evaluator here: each condition becomes a pattern of its own, and the matcher that production uses
// judges all of them together with the whole pattern.

/// What each condition of a pattern wanted and what an event had.
public struct PatternExplanation: Sendable {
  /// One condition, or one `$not` or `$and` clause.
  public struct Condition: Sendable {
    /// The field's dotted path; for a clause its keyword.
    public var path: String
    /// What the pattern wants, as JSON.
    public var wanted: String
    /// The fields the condition is about: its path, or the paths inside a clause.
    public var fields: [String]
    /// The field's values in the event, as JSON texts; none if the field is missing. For a clause each value has its path
    /// before it: `detail.eventName: "StopLogging"`.
    public var found: [String]
    /// Whether the event satisfies the condition on its own.
    public var holds: Bool
    /// Where the condition stands in the pattern's source (byte offset).
    public var offset: Int
    /// Whether the condition belongs to one side of an `$or`, so that it need not hold.
    public var isAlternative: Bool
  }

  /// Whether the whole pattern matches.
  public var isMatch: Bool
  /// Every condition once, in the order of the source.
  public var conditions: [Condition]
  /// If every condition holds on its own and the pattern does not match: the fields whose values would have to come from
  /// the same elements of an array and do not.
  public var disagreeing: [String]
  /// The smallest change to the event that would flip the answer, in words.
  public var nearestChange: String?

  /// Explains. In an event that is no object no field has a value.
  public init(of pattern: EventPattern, event: JSONValue) {
    var parts: [Part] = []
    for branch in pattern.branches {
      for condition in branch.conditions where !parts.contains(where: { $0.offset == condition.offset }) {
        parts.append(.condition(condition))
      }
      for clause in branch.clauses where !parts.contains(where: { $0.offset == clause.offset }) {
        parts.append(.clause(clause))
      }
    }
    parts.sort { $0.offset < $1.offset }
    let probes = parts.map { EventPattern(source: pattern.source, branches: [$0.branch]) }
    var matcher = EventMatcher(PatternSet([pattern] + probes))
    let matches = Set((try? matcher.matches(event.bytes)) ?? [])
    isMatch = matches.contains(0)
    conditions = parts.enumerated().map { index, part in
      let isEverywhere = pattern.branches.allSatisfy { $0.holds(partAt: part.offset) }
      return Condition(
        path: part.name,
        wanted: Self.sourceText(of: pattern.source, at: part.offset),
        fields: part.paths.map { String(decoding: $0, as: UTF8.self) },
        found: part.paths.flatMap { path in
          let values = Self.values(at: path, in: event).map(\.text)
          return part.isClause ? values.map { "\(String(decoding: path, as: UTF8.self)): \($0)" } : values
        },
        holds: matches.contains(index + 1),
        offset: part.offset,
        isAlternative: !isEverywhere
      )
    }
    disagreeing = Self.disagreeing(pattern, conditions, event, isMatch: isMatch)
    nearestChange = Self.nearestChange(pattern, conditions, disagreeing, isMatch: isMatch)
  }

  private enum Part {
    case condition(EventPatterns.Condition)
    case clause(Clause)

    var offset: Int {
      switch self {
      case .condition(let condition): condition.offset
      case .clause(let clause): clause.offset
      }
    }
    var branch: Branch {
      switch self {
      case .condition(let condition): Branch(conditions: [condition], clauses: [])
      case .clause(let clause): Branch(conditions: [], clauses: [clause])
      }
    }
    var paths: [[UInt8]] {
      switch self {
      case .condition(let condition): [condition.path]
      case .clause(let clause): clause.branches.flatMap(\.paths)
      }
    }
    var isClause: Bool {
      if case .clause = self { true } else { false }
    }
    var name: String {
      switch self {
      case .condition(let condition): String(decoding: condition.path, as: UTF8.self)
      case .clause(let clause): clause.keyword
      }
    }
  }

  /// The JSON text of the value at (or, for a keyword, after) an offset of the source.
  private static func sourceText(of source: [UInt8], at offset: Int) -> String {
    var start = offset
    if offset < source.count, source[offset] == UInt8(ascii: "\""),
      let colon = source[offset...].firstIndex(of: UInt8(ascii: ":"))
    {
      start = colon + 1
    }
    var reader = JSONReader(source, from: start)
    guard let first = try? reader.next() else { return "" }
    let begin = reader.tokenStart
    try? reader.skipRest(of: first)
    return String(decoding: source[begin..<reader.offset], as: UTF8.self)
  }

  /// The leaf values of a field, looked up as the scanner does: names join with dots, arrays are looked through.
  static func values(at path: [UInt8], in event: JSONValue) -> [JSONValue] {
    var found: [JSONValue] = []
    func visit(_ value: JSONValue, _ rest: ArraySlice<UInt8>?) {
      switch value {
      case .array(let items): for item in items { visit(item, rest) }
      case .object(let object):
        guard let rest else { return }
        for member in object.members {
          let name = Array(member.name.utf8)
          guard rest.starts(with: name) else { continue }
          let after = rest.dropFirst(name.count)
          if after.isEmpty {
            visit(member.value, nil)
          } else if after.first == UInt8(ascii: ".") {
            visit(member.value, after.dropFirst())
          }
        }
      default: if rest == nil { found.append(value) }
      }
    }
    visit(event, path[...])
    return found
  }

  /// The fields of the first branch that only array elements keep from holding, as far as they lie inside arrays.
  private static func disagreeing(
    _ pattern: EventPattern,
    _ conditions: [Condition],
    _ event: JSONValue,
    isMatch: Bool
  ) -> [String] {
    let failing = Set(conditions.filter { !$0.holds }.map(\.offset))
    guard !isMatch,
      let branch = pattern.branches.first(where: { branch in
        !branch.conditions.contains { failing.contains($0.offset) }
          && !branch.clauses.contains { failing.contains($0.offset) }
      })
    else { return [] }
    return branch.conditions.map(\.path).filter { liesInArray($0[...], in: event) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a path leads through an array of objects.
  private static func liesInArray(_ path: ArraySlice<UInt8>, in value: JSONValue) -> Bool {
    switch value {
    case .array(let items):
      items.contains { if case .object = $0 { true } else { liesInArray(path, in: $0) } }
    case .object(let object):
      object.members.contains { member in
        let name = Array(member.name.utf8)
        guard path.starts(with: name), path.dropFirst(name.count).first == UInt8(ascii: ".") else { return false }
        return liesInArray(path.dropFirst(name.count + 1), in: member.value)
      }
    default: false
    }
  }

  // MARK: The nearest change

  private static func nearestChange(
    _ pattern: EventPattern,
    _ conditions: [Condition],
    _ disagreeing: [String],
    isMatch: Bool
  ) -> String? {
    if isMatch {
      return (conditions.last { !$0.isAlternative } ?? conditions.last).map(breakingChange)
    }
    guard disagreeing.isEmpty else {
      return
        "every condition holds on its own, but \(disagreeing.joined(separator: ", ")) hold in different elements of an "
        + "array; one element would have to satisfy them together"
    }
    let failing = pattern.branches.map { branch in
      let offsets = Set(branch.conditions.map(\.offset) + branch.clauses.map(\.offset))
      return conditions.filter { offsets.contains($0.offset) && !$0.holds }
    }
    return failing.min { $0.count < $1.count }?.map(fixingChange).joined(separator: "; ")
  }

  /// What would end a match, by way of one condition.
  private static func breakingChange(_ condition: Condition) -> String {
    switch (condition.path, condition.found.isEmpty) {
    case ("$not", _): "the match would end if the pattern inside $not matched: \(condition.wanted)"
    case ("$and", _): "the match would end if the pattern inside $and did not match: \(condition.wanted)"
    case (let path, true): "\(path) is missing; any value \(exceptWanted(condition)) would end the match"
    case (let path, false):
      "\(path) is \(listed(condition.found)); any value \(exceptWanted(condition)) would end the match"
    }
  }

  private static func exceptWanted(_ condition: Condition) -> String {
    compact(condition.wanted) == #"[{"exists":false}]"# ? "at all" : "outside \(condition.wanted)"
  }

  /// What would make a failing condition hold.
  private static func fixingChange(_ condition: Condition) -> String {
    let now = condition.found.isEmpty ? "is missing" : "is \(listed(condition.found))"
    switch condition.path {
    case "$not":
      return "the pattern inside $not matches (\(listed(condition.found))) and would have to stop matching"
    case "$and":
      return "the pattern inside $and does not match (\(listed(condition.found))): \(condition.wanted)"
    case let path:
      switch compact(condition.wanted) {
      case #"[{"exists":false}]"#: return "\(path) \(now) and would have to be missing"
      case #"[{"exists":true}]"#: return "\(path) \(now) and would have to be there"
      default: return "\(path) \(now) and would have to be one of \(condition.wanted)"
      }
    }
  }

  private static func compact(_ json: String) -> String { json.filter { !$0.isWhitespace } }

  private static func listed(_ values: [String]) -> String {
    guard values.count > 4 else { return values.isEmpty ? "missing" : values.joined(separator: ", ") }
    return values.prefix(4).joined(separator: ", ") + " and \(values.count - 4) more"
  }
}

extension Branch {
  /// The paths of all conditions, those inside clauses too.
  fileprivate var paths: [[UInt8]] {
    conditions.map(\.path) + clauses.flatMap { $0.branches.flatMap(\.paths) }
  }

  /// Whether the branch has the condition or clause that stands at an offset of the source.
  fileprivate func holds(partAt offset: Int) -> Bool {
    conditions.contains { $0.offset == offset } || clauses.contains { $0.offset == offset }
  }
}
