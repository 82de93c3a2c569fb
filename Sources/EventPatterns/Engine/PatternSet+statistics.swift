// The compiled set in figures: how much of everything there is, and what it takes of memory.

extension PatternSet {
  /// How much of everything the compiled set holds.
  public struct Statistics: Sendable {
    /// Patterns in the set.
    public var patterns: Int
    /// Branches the patterns' `$or` multiplied out to, those inside `$not` and `$and` included.
    public var branches: Int
    /// `$not` and `$and`.
    public var clauses: Int
    /// Distinct fields that patterns ask about.
    public var fields: Int
    /// The names on the way to the fields: what the scanner follows an event with.
    public var names: Int
    /// Distinct conditions: what one field must be.
    public var conditions: Int
    /// Distinct tests of single values.
    public var predicates: Int
    /// The tests by kind, the most frequent first.
    public var kinds: [Kind]
    /// Nodes of the decision tree.
    public var nodes: Int
    /// Values (keys) that the tree's nodes tell apart.
    public var keys: Int
    /// Branches waiting at leaves, copies included.
    public var candidates: Int
    /// The most fields that are looked at on a way down the tree.
    public var depth: Int
    /// Memory of the frozen tables, in bytes.
    public var tableBytes: Int
    /// What the memory is for, in bytes: the parts of the tables, and then (reckoned) the patterns' texts.
    public var memory: [(part: Part, bytes: Int)]

    /// Tests of one kind.
    public struct Kind: Sendable, Equatable {
      /// What the pattern language calls it.
      public var name: String
      /// How many there are.
      public var count: Int
      /// How many of them an index finds; the others are judged one by one.
      public var indexed: Int
    }

    /// A part of the compiled set.
    public enum Part: String, Sendable, CaseIterable {
      /// From values to the rules that wait for them.
      case tree
      /// The tests of single values.
      case predicates
      /// Conditions and branches.
      case conditions
      /// The names of fields.
      case paths
      /// From values to the tests they satisfy.
      case indexes
      /// The tests as they were written.
      case texts
    }
  }

  /// The set's figures.
  public var statistics: Statistics {
    Statistics(
      patterns: count,
      branches: branchCount,
      clauses: clauseCount,
      fields: fieldPaths.count,
      names: trie.nodeCount - 1,
      conditions: conditionCount,
      predicates: namedPredicateCount,
      kinds: kinds,
      nodes: tree.nodeCount,
      keys: tree.keyCount,
      candidates: tree.candidateCount,
      depth: tree.depth(below: tree.root),
      tableBytes: tableBytes,
      memory: tableParts + [(.texts, textBytes)]
    )
  }

  private var kinds: [Statistics.Kind] {
    var kinds: [String: Statistics.Kind] = [:]
    for (number, entry) in predicates.prefix(namedPredicateCount).enumerated() {
      let name = entry.predicate.kindName
      kinds[name, default: .init(name: name, count: 0, indexed: 0)].count += 1
      if isIndexed[number] { kinds[name]?.indexed += 1 }
    }
    // Conditions that a missing field satisfies are tests, too, but of no value.
    let absent = (0..<conditionCount).count { conditions[$0].mayBeAbsent }
    if absent > 0 { kinds["exists: false"] = .init(name: "exists: false", count: absent, indexed: 0) }
    return kinds.values.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  /// What arrays take beside the tables, as far as their sizes say: 32 bytes for a header, then the bytes.
  private var textBytes: Int {
    let paths = fieldPaths.reduce(0) { $0 + 40 + $1.count }
    let entry = MemoryLayout<(field: Int, predicate: Predicate)>.stride
    return predicates.reduce(paths) { $0 + entry + $1.predicate.textBytes }
  }
}

extension DecisionTree {
  fileprivate func depth(below: Below) -> Int {
    chain(below).reduce(0) { deepest, node in
      entries(of: node).reduce(max(deepest, 1)) { max($0, 1 + depth(below: $1.below)) }
    }
  }

  fileprivate var keyCount: Int {
    (0..<nodeCount).reduce(0) { $0 + entries(of: nodes[$1]).count }
  }
}

extension Predicate {
  /// What the pattern language calls the test.
  var kindName: String {
    switch self {
    case .string: "string"
    case .literal: "true, false, null"
    case .number: "number"
    case .address: "cidr"
    case .prefix, .caseless(_, .prefix): "prefix"
    case .suffix, .caseless(_, .suffix): "suffix"
    case .caseless: "equals-ignore-case"
    case .wildcard: "wildcard"
    case .numeric: "numeric"
    case .exists: "exists"
    case .absent: "exists: false"
    case .anythingBut: "anything-but"
    case .regex: "regex"
    case .allOf: "all-of"
    case .equalsField: "equals-field"
    }
  }

  fileprivate var textBytes: Int {
    func bytes(_ texts: [[UInt8]]) -> Int { texts.reduce(0) { $0 + 32 + $1.count } }
    switch self {
    case .string(let text), .prefix(let text), .suffix(let text), .equalsField(let text), .number(let text, nil):
      return bytes([text])
    case .caseless(let text, _): return bytes([text.source, text.ascii ?? []])
    case .wildcard(let wildcard): return 32 + bytes(wildcard.pieces)
    case .regex(let program): return bytes([program.source])
    case .allOf(let members): return members.reduce(32) { $0 + MemoryLayout<Predicate>.stride + $1.textBytes }
    case .anythingBut(.strings(let texts)), .anythingBut(.prefixes(let texts)), .anythingBut(.suffixes(let texts)):
      return 32 + 8 * texts.count + bytes(texts)
    case .anythingBut(.numbers(let numbers)): return 32 + 8 * numbers.count
    case .anythingBut(.caseless(let texts)): return 32 + bytes(texts.flatMap { [$0.source, $0.ascii ?? []] })
    case .anythingBut(.wildcards(let wildcards)): return wildcards.reduce(32) { $0 + 32 + bytes($1.pieces) }
    case .literal, .number, .address, .numeric, .exists, .absent: return 0
    }
  }
}
