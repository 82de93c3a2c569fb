// A parsed event pattern.
//
// EventBridge patterns say AND between fields, OR between the values of a field, and OR between the branches of `$or`.
// Parsing multiplies `$or` out, so a pattern is a list of branches of which one must hold, and a branch is a list of
// conditions of which all must hold:
//
//     {"source": ["aws.s3"], "$or": [{"a": [1]}, {"b": [2, 3]}]}
//
//     branch 0: source ∈ {"aws.s3"}  a ∈ {1}
//     branch 1: source ∈ {"aws.s3"}  b ∈ {2, 3}
//
// A field is named by its path: the names on the way, joined by dots. `{"a": {"b": …}}` and `{"a.b": …}` are one field.

/// A parsed and checked event pattern.
public struct EventPattern: Sendable {
  /// Which language a pattern is written in.
  public enum Language: Sendable, Hashable {
    /// Amazon EventBridge's, exactly.
    case eventBridge
    /// EventBridge's plus `$not`, `$and`, `regex`, `contains`, `all-of`, `equals-field` and `numeric` with
    /// `"as": "number"`.
    case extended
  }

  /// The pattern as it was written.
  public let source: [UInt8]
  /// One of these must hold.
  let branches: [Branch]

  /// Parses a pattern.
  ///
  /// Text after the closing brace is not looked at, as in EventBridge.
  ///
  /// - Throws: `PatternError` with the text EventBridge gives for the same mistake.
  public init(parsing json: [UInt8], language: Language = .eventBridge) throws(PatternError) {
    source = json
    branches = try PatternParser.parse(json, language: language)
  }

  /// Parses a pattern.
  public init(parsing json: String, language: Language = .eventBridge) throws(PatternError) {
    try self.init(parsing: Array(json.utf8), language: language)
  }

  /// A pattern made of parts of another.
  init(source: [UInt8], branches: [Branch]) {
    self.source = source
    self.branches = branches
  }

  /// Whether the pattern uses anything that EventBridge would refuse; if so, where in the source.
  public var firstExtension: (name: String, offset: Int)? {
    var found: (name: String, offset: Int)?
    func note(_ name: String, _ offset: Int) {
      if found.map({ offset < $0.offset }) ?? true { found = (name, offset) }
    }
    for branch in branches {
      for condition in branch.conditions {
        for alternative in condition.alternatives {
          if let name = alternative.extensionName { note(name, alternative.offset) }
        }
      }
      for clause in branch.clauses { note(clause.keyword, clause.offset) }
    }
    return found
  }
}

/// One way for a pattern to hold: every condition and every clause.
struct Branch: Sendable {
  /// The conditions in the order of their paths (by UTF-16 units, the reference's order). The order matters for
  /// `exists: false` among the elements of an array.
  var conditions: [Condition]
  /// `$not` and `$and`, judged after the conditions.
  var clauses: [Clause]
}

/// What one field must be.
struct Condition: Sendable {
  /// The field.
  let path: [UInt8]
  /// Where the list of alternatives starts in the source.
  let offset: Int
  /// One of these must hold.
  let alternatives: [Alternative]
  /// The same for conditions that say the same, wherever they stand.
  let fingerprint: Fingerprint

  init(path: [UInt8], offset: Int, alternatives: [Alternative]) {
    self.path = path
    self.offset = offset
    self.alternatives = alternatives
    fingerprint = Self.fingerprint(path: path, alternatives)
  }
}

/// One entry of a field's list.
struct Alternative: Sendable {
  var predicate: Predicate
  /// Where the entry starts in the source.
  var offset: Int
  /// The match expression's name if EventBridge does not know it.
  var extensionName: String?
}

/// A whole pattern inside a pattern, judged on its own: its array elements need not be those of the branch.
struct Clause: Sendable {
  enum Kind: Sendable { case not, and }
  var kind: Kind
  /// The inner pattern (any branch).
  var branches: [Branch]
  /// Where the keyword stands in the source.
  var offset: Int

  var keyword: String { kind == .not ? "$not" : "$and" }
}

/// Why a text is no event pattern.
public struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The first line of EventBridge's message: what follows `Event pattern is not valid. Reason: `.
  public var message: String
  /// The byte of the source where it went wrong.
  public var offset: Int

  /// Makes an error at a byte offset.
  public init(message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  /// The message and the place.
  public var description: String { "\(message) (at byte \(offset))" }

  /// The whole message of `InvalidEventPatternException`, for a pattern text.
  public func eventBridgeMessage(for source: [UInt8]) -> String {
    let reader = JSONReader(source)
    let place = reader.position(of: offset)
    return "Event pattern is not valid. Reason: \(message)\n at [Source: (String)\"\(reader.excerpt)\"; "
      + "line: \(place.line), column: \(place.column)]"
  }
}
