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
    /// What stands there if the field has no value of its own: `an object with type, arn`. Conditions look at leaf values
    /// only, so such a field counts as missing.
    public var container: String?
    /// The path from the container to a leaf in it.
    var leaf: String?
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
  /// If the conditions that hold on their own do not hold together: the fields whose values would have to come from the
  /// same elements of an array and do not.
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
      let container = part.isClause ? nil : part.paths.first.flatMap { Self.container(at: $0, in: event) }
      return Condition(
        path: part.name,
        wanted: Self.sourceText(of: pattern.source, at: part.offset),
        fields: part.paths.map { String(decoding: $0, as: UTF8.self) },
        found: part.paths.flatMap { path in
          let values = Self.values(at: path, in: event).map(\.text)
          return part.isClause ? values.map { "\(String(decoding: path, as: UTF8.self)): \($0)" } : values
        },
        container: container?.words,
        leaf: container?.leaf,
        holds: matches.contains(index + 1),
        offset: part.offset,
        isAlternative: !isEverywhere
      )
    }
    let branches = Self.judge(pattern, conditions, event)
    let nearest =
      isMatch ? nil : branches.min { ($0.distance, $0.disagreeing.count) < ($1.distance, $1.disagreeing.count) }
    disagreeing = nearest?.disagreeing ?? []
    nearestChange = isMatch ? Self.breakingChange(branches) : nearest.map { Self.fixingChange($0, pattern, event) }
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

  // MARK: Branches

  /// One branch of the pattern, judged.
  struct JudgedBranch {
    /// Which branch of the pattern it is.
    var index: Int
    var holding: [Condition]
    var failing: [Condition]
    /// Fields inside arrays, where the conditions that hold do not hold together.
    var disagreeing: [String]
    /// Fields inside arrays, whose values have to come from one element.
    var inArrays: Set<String>

    var matches: Bool { failing.isEmpty && disagreeing.isEmpty }
    /// How many things would have to change.
    var distance: Int { failing.count + (disagreeing.isEmpty ? 0 : 1) }
  }

  private static func judge(_ pattern: EventPattern, _ conditions: [Condition], _ event: JSONValue) -> [JudgedBranch] {
    let held = Set(conditions.filter(\.holds).map(\.offset))
    // What holds on its own, taken together: it does not hold if values come from different array elements.
    let rests = pattern.branches.map { branch in
      EventPattern(
        source: pattern.source,
        branches: [
          Branch(
            conditions: branch.conditions.filter { held.contains($0.offset) },
            clauses: branch.clauses.filter { held.contains($0.offset) }
          )
        ]
      )
    }
    var matcher = EventMatcher(PatternSet(rests))
    let together = Set((try? matcher.matches(event.bytes)) ?? [])
    return pattern.branches.enumerated().map { index, branch in
      let own = conditions.filter { branch.holds(partAt: $0.offset) }
      let inArrays = branch.conditions.map(\.path).filter { liesInArray($0, in: event) }
        .map { String(decoding: $0, as: UTF8.self) }
      let holding = own.filter(\.holds)
      let disagreeing = inArrays.filter { path in holding.contains { $0.path == path } }
      return JudgedBranch(
        index: index,
        holding: holding,
        failing: own.filter { !$0.holds },
        disagreeing: together.contains(index) ? [] : disagreeing,
        inArrays: Set(inArrays)
      )
    }
  }

  // MARK: The nearest change

  /// What would end a match: one condition that every matching branch has, or one of each.
  private static func breakingChange(_ branches: [JudgedBranch]) -> String? {
    let matching = branches.filter(\.matches)
    guard let first = matching.first else { return nil }
    let common = first.holding.last { condition in
      matching.allSatisfy { $0.holding.contains { $0.offset == condition.offset } }
    }
    if let common { return breakingChange(common, branches) }
    var named: Set<Int> = []
    let changes = matching.compactMap { branch in branch.holding.last { named.insert($0.offset).inserted } }
    let words = changes.map { breakingChange($0, branches) }.joined(separator: "; ")
    return changes.count == 1 ? words : "several sides of $or match; all of these together: \(words)"
  }

  private static func breakingChange(_ condition: Condition, _ branches: [JudgedBranch]) -> String {
    switch condition.path {
    case "$not": return "the match would end if the pattern inside $not matched: \(condition.wanted)"
    case "$and": return "the match would end if the pattern inside $and did not match: \(condition.wanted)"
    default: break
    }
    // Another side of $or may be waiting for just another value of the same field.
    let waiting = branches.filter { !$0.matches && $0.failing.allSatisfy { $0.path == condition.path } }
    var wanted = [condition.wanted]
    for other in waiting.flatMap(\.failing) where !wanted.contains(other.wanted) { wanted.append(other.wanted) }
    let now = condition.now
    let except = exceptWanted(wanted)
    return condition.found.count > 1
      ? "\(condition.path) \(now); the match would end if all of these were values \(except)"
      : "\(condition.path) \(now); any value \(except) would end the match"
  }

  /// What would make a branch match.
  private static func fixingChange(_ branch: JudgedBranch, _ pattern: EventPattern, _ event: JSONValue) -> String {
    let together = branch.disagreeing.joined(separator: ", ")
    let elements = ArrayElements(of: pattern, branch, in: event)
    let disagreement = branch.disagreeing.isEmpty ? nil : elements.disagreement()
    guard !branch.failing.isEmpty else {
      let head = "every condition holds on its own, but not in one element of the array"
      return disagreement.map { "\(head): \($0)" }
        ?? "every condition holds on its own, but \(together) hold in different elements of an array; one element "
        + "would have to satisfy them together"
    }
    var changes = branch.failing.map { condition in
      let partners = branch.holding.map(\.path).filter { branch.inArrays.contains($0) }
      let isTied = branch.inArrays.contains(condition.path) && !partners.isEmpty
      guard isTied else { return fixingChange(condition) }
      if let element = elements.condition(condition, inElementOf: partners) { return fixingChange(element) }
      return fixingChange(condition) + ", in the array element of \(partners.joined(separator: ", "))"
    }
    if let disagreement {
      changes.append("not in one element of the array: \(disagreement)")
    } else if !branch.disagreeing.isEmpty {
      changes.append("\(together) would have to hold in one element of their array")
    }
    return changes.joined(separator: "; ")
  }

  private static func exceptWanted(_ wanted: [String]) -> String {
    wanted.map(compact) == [#"[{"exists":false}]"#] ? "at all" : "outside \(wanted.joined(separator: " and "))"
  }

  /// What would make a failing condition hold.
  static func fixingChange(_ condition: Condition) -> String {
    let now = condition.now
    if condition.found.isEmpty, condition.container != nil {
      let wanted = compact(condition.wanted) == #"[{"exists":true}]"# ? "exists looks" : "conditions look"
      let leaf = condition.leaf.map { "ask for a field in it, such as \(condition.path).\($0)" } ?? "it has none"
      return "\(condition.path) \(now), and \(wanted) at leaf values only; \(leaf)"
    }
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

  static func listed(_ values: [String]) -> String {
    guard values.count > 4 else { return values.isEmpty ? "missing" : values.joined(separator: ", ") }
    return values.prefix(4).joined(separator: ", ") + " and \(values.count - 4) more"
  }
}

extension PatternExplanation.Condition {
  /// What the field is now.
  fileprivate var now: String {
    guard found.isEmpty else { return "is \(PatternExplanation.listed(found))" }
    return container.map { "is \($0)" } ?? "is missing"
  }
}

extension Branch {
  /// The paths of all conditions, those inside clauses too.
  fileprivate var paths: [[UInt8]] {
    conditions.map(\.path) + clauses.flatMap { $0.branches.flatMap(\.paths) }
  }

  /// Whether the branch has the condition or clause that stands at an offset of the source.
  func holds(partAt offset: Int) -> Bool {
    conditions.contains { $0.offset == offset } || clauses.contains { $0.offset == offset }
  }
}
