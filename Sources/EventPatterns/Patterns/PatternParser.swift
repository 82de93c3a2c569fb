// JSON text → branches. The structure: objects, field lists, `$or`, `$not`, `$and`.
//
// The order of the checks and the wording of the errors follow event-ruler's compiler (JsonRuleCompiler), token by
// token, so that a mistake gets the message here that it gets from EventBridge.

/// Reads one pattern.
struct PatternParser {
  /// The most conditions a branch may have (event-ruler's limit).
  static let maximumConditions = 256
  /// The most branches all `$or` of a pattern may multiply out to (EventBridge's quota).
  static let maximumBranches = 1000

  var reader: JSONReader
  let language: EventPattern.Language
  /// Whether `$or` is the keyword; not so in the second try of EventBridge's language.
  private let knowsOr: Bool
  private var path: [[UInt8]] = []

  /// A branch while it grows: a later condition on the same path replaces the earlier one.
  private struct Draft {
    var conditions: [[UInt8]: Condition] = [:]
    var clauses: [Clause] = []
  }

  private init(_ json: [UInt8], language: EventPattern.Language, knowsOr: Bool) {
    reader = JSONReader(json)
    self.language = language
    self.knowsOr = knowsOr
  }

  /// Parses a pattern text.
  static func parse(_ json: [UInt8], language: EventPattern.Language) throws(PatternError) -> [Branch] {
    do {
      var parser = PatternParser(json, language: language, knowsOr: true)
      return try parser.pattern()
    } catch {
      // EventBridge reads a `$or` that is no list of objects as a field of that name; rule files do not.
      guard language == .eventBridge else { throw error }
      var parser = PatternParser(json, language: language, knowsOr: false)
      if let branches = try? parser.pattern() { return branches }
      throw error
    }
  }

  private mutating func pattern() throws(PatternError) -> [Branch] {
    guard try next() == .objectStart else { throw failure("Filter is not an object") }
    var drafts: [Draft] = []
    try object(&drafts, insideOr: false)
    let branches = drafts.map(Self.branch)
    if language == .eventBridge { try WildcardComplexity.check(branches) }
    return branches
  }

  private static func branch(_ draft: Draft) -> Branch {
    let ordered = draft.conditions.values
      .map { (key: Array(String(decoding: $0.path, as: UTF8.self).utf16), condition: $0) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return Branch(conditions: ordered.map(\.condition), clauses: draft.clauses)
  }

  // MARK: Structure

  private mutating func object(_ drafts: inout [Draft], insideOr: Bool) throws(PatternError) {
    var isEmpty = true
    while true {
      let token = try next()
      guard case .name(let name) = token else { break }
      isEmpty = false
      let keyOffset = reader.tokenStart
      if knowsOr, name.elementsEqual("$or".utf8) {
        try or(&drafts)
        continue
      }
      if language == .extended, name.elementsEqual("$not".utf8) || name.elementsEqual("$and".utf8) {
        try clauses(&drafts, isNot: name.elementsEqual("$not".utf8), at: keyOffset)
        continue
      }
      if insideOr, Self.reservedNames.contains(String(decoding: name, as: UTF8.self)) {
        throw failure(
          "\(String(decoding: name, as: UTF8.self)) is Ruler reserved fieldName which cannot be used inside $or."
        )
      }
      path.append(name)
      switch try next() {
      case .objectStart: try object(&drafts, insideOr: insideOr)
      case .arrayStart: try field(&drafts)
      default: throw failure("\"\(String(decoding: name, as: UTF8.self))\" must be an object or an array")
      }
      path.removeLast()
    }
    if isEmpty { throw failure("Empty objects are not allowed") }
  }

  private mutating func or(_ drafts: inout [Draft]) throws(PatternError) {
    let before = drafts
    drafts = []
    guard try next() == .arrayStart else { throw failure("It must be an Array followed with $or.") }
    var count = 0
    while true {
      let token = try next()
      if token == .arrayEnd { break }
      count += 1
      guard token == .objectStart else {
        throw failure("Only JSON object is allowed in array of $or relationship.")
      }
      var branch = before.isEmpty ? [Draft()] : before
      try object(&branch, insideOr: true)
      drafts += branch
      guard drafts.count <= Self.maximumBranches else {
        throw failure("Event pattern has more than \(Self.maximumBranches) combinations of $or branches")
      }
    }
    guard count >= 2 else { throw failure("There must have at least 2 Objects in $or relationship.") }
  }

  /// `$not: {…}` and `$and: [{…}, …]`: inner patterns, judged on their own.
  private mutating func clauses(_ drafts: inout [Draft], isNot: Bool, at offset: Int) throws(PatternError) {
    var clauses: [Clause] = []
    let first = try next()
    if isNot {
      guard first == .objectStart else { throw failure("$not takes an object: the pattern that must not match") }
      clauses.append(try clause(.not, at: offset))
    } else {
      guard first == .arrayStart else { throw failure("$and takes a list of objects: patterns that must all match") }
      while true {
        let token = try next()
        if token == .arrayEnd { break }
        guard token == .objectStart else { throw failure("Only objects are allowed in the list of $and") }
        clauses.append(try clause(.and, at: reader.tokenStart))
      }
      guard !clauses.isEmpty else { throw failure("$and needs at least one object in its list") }
    }
    if drafts.isEmpty { drafts = [Draft()] }
    for index in drafts.indices { drafts[index].clauses += clauses }
  }

  private mutating func clause(_ kind: Clause.Kind, at offset: Int) throws(PatternError) -> Clause {
    var inner: [Draft] = []
    try object(&inner, insideOr: false)
    return Clause(kind: kind, branches: inner.map(Self.branch), offset: offset)
  }

  private mutating func field(_ drafts: inout [Draft]) throws(PatternError) {
    let listOffset = reader.tokenStart
    var alternatives: [Alternative] = []
    while true {
      let token = try next()
      if token == .arrayEnd { break }
      alternatives.append(try alternative(token))
    }
    guard !alternatives.isEmpty else { throw failure("Empty arrays are not allowed") }
    if drafts.isEmpty { drafts = [Draft()] }
    let name = Array(path.joined(separator: [UInt8(ascii: ".")]))
    let condition = Condition(path: name, offset: listOffset, alternatives: alternatives)
    for index in drafts.indices {
      drafts[index].conditions[name] = condition
      // At once, not in the end: a thousand branches must not first grow by every field of a long text.
      guard drafts[index].conditions.count <= Self.maximumConditions else {
        throw PatternError(
          message: "Size of rule exceeds max value of \(Self.maximumConditions)",
          offset: listOffset
        )
      }
    }
  }

  // MARK: Tokens and errors

  mutating func next() throws(PatternError) -> JSONToken {
    do throws(JSONError) {
      let token = try reader.next()
      guard token != .end else { throw JSONError(message: "Filter is not an object", offset: reader.offset) }
      return token
    } catch {
      throw PatternError(message: error.message, offset: error.offset)
    }
  }

  func failure(_ message: String) -> PatternError {
    PatternError(message: message, offset: reader.tokenStart)
  }

  /// Names event-ruler keeps for itself among the fields of `$or` branches.
  private static let reservedNames: Set<String> = [
    "exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
    "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after",
    "date-before", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range",
  ]
}
