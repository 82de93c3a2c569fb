// How the matcher comes by a pattern, and how often.
//
// A pattern is *tried* on an event if the event comes to one of the places in the tree where a branch of it waits: then
// what the way there has not tested is judged. The tests on the way are the pattern's *key*:
//
//     source = "aws.s3" ─ account = "1" ─ R1        key: source, account       tried on events of both
//                                         R2 ─      no key                     tried on every event
//
// What a key lets through is reckoned from the patterns alone; events know better: see `AccessSurvey`. Of ranges the tree's
// builder knows the breadth. Of a field's n values that patterns wait for, an event has each with a chance of about 1 in
// n, where n counts those that belong to the way: below `eventName = "PutObject"` all patterns wait for one source, and
// nothing is gained by it. What belongs to the way is judged by how often values come again there (Good and Turing: the
// share of values met once is the chance that the next one is new).

extension PatternSet {
  /// How the matcher comes by one pattern.
  public struct Access: Sendable {
    /// The pattern, by its index.
    public var pattern: Int
    /// In how many places of the tree the pattern waits: lists of values and `$or` multiply them.
    public var places = 0
    /// The share of events that come to some of the places, as reckoned; 0 to 1.
    public var estimatedShare = 0.0
    /// The place that most events come to.
    var broadest: Place?

    /// Whether some branch is judged for every event.
    public var isAlwaysTried: Bool { broadest?.keys.isEmpty ?? false }
  }

  /// A place where a branch waits.
  struct Place {
    var share: Double
    /// The predicates on the way.
    var keys: [UInt32]
    var candidate: DecisionTree.Candidate
    /// How many branches wait here.
    var company: Int
  }

  /// A test of a field, in words.
  public struct FieldTest: Sendable, Equatable {
    /// The field's path, or `$not` or `$and`.
    public var path: String
    /// What its value must be.
    public var wanted: String
    /// Whether the tree could have patterns wait for it.
    public var canBeKey: Bool

    /// Puts a test into words.
    public init(path: String, wanted: String, canBeKey: Bool) {
      self.path = path
      self.wanted = wanted
      self.canBeKey = canBeKey
    }
  }

  /// How the matcher comes by each pattern, by the patterns' indices.
  public func accesses() -> [Access] {
    var survey = PlaceSurvey(self)
    survey.visit(tree.root, share: 1)
    return survey.accesses
  }

  /// The tests that an event passes before the pattern is tried, from the top of the tree down; those of the place that
  /// most events come to.
  public func key(of access: Access) -> [FieldTest] {
    (access.broadest?.keys ?? []).map { number in
      let (field, predicate) = predicates[Int(number)]
      return FieldTest(path: path(ofField: field), wanted: predicate.description, canBeKey: true)
    }
  }

  /// The tests that are left when the pattern is tried, at the same place.
  public func rest(of access: Access) -> [FieldTest] {
    guard let candidate = access.broadest?.candidate else { return [] }
    let conditions = tree.conditions(of: candidate).map { number in
      let words = words(ofCondition: number)
      return FieldTest(path: words.path, wanted: words.wanted, canBeKey: canBeKey(condition: number))
    }
    return conditions + clauseKeywords(of: candidate).map { .init(path: $0, wanted: "{…}", canBeKey: false) }
  }

  /// How many branches wait at the same place.
  public func company(of access: Access) -> Int { access.broadest?.company ?? 0 }

  /// So many branches are judged one by one, before the tree looks at another field for them.
  public static var fewest: Int { DecisionTreeBuilder.leafSize }

  /// Whether the values of a condition all have indexes, so that branches can wait for them.
  private func canBeKey(condition number: UInt32) -> Bool {
    let condition = conditions[Int(number)]
    return !condition.mayBeAbsent
      && (0..<Int(condition.predicateCount)).allSatisfy { offset in
        let number = conditionPredicates[Int(condition.firstPredicate) + offset]
        return ValueIndex.access(to: predicates[Int(number)].predicate) != .none
      }
  }
}

/// One walk over all places.
private struct PlaceSurvey {
  let set: PatternSet
  var accesses: [PatternSet.Access]
  private let breadths: [Float]
  /// Per field: the distinct values that patterns wait for anywhere.
  private var values: [Int]
  private var weights: TreeWeights
  private var way: [UInt32] = []

  init(_ set: PatternSet) {
    self.set = set
    accesses = (0..<set.count).map { PatternSet.Access(pattern: $0) }
    breadths = PatternSet.breadths(of: set.predicates)
    values = Array(repeating: 0, count: set.fieldPaths.count)
    for key in set.tree.keys { values[set.predicates[Int(key)].field] += 1 }
    weights = TreeWeights(set, patterns: nil)
  }

  mutating func visit(_ below: DecisionTree.Below, share: Double) {
    let candidates = set.tree.candidates(below)
    for candidate in candidates { note(candidate, share, company: candidates.count) }
    for node in set.tree.chain(below) {
      let entries = set.tree.entries(of: node)
      let valueShare = self.valueShare(at: node, entries)
      for entry in entries {
        let breadth = Double(breadths[Int(entry.predicate)])
        way.append(entry.predicate)
        visit(entry.below, share: share * (breadth > 0 ? breadth : valueShare))
        way.removeLast()
      }
    }
  }

  /// The chance of an event that comes to a node to have one of its values, each.
  private mutating func valueShare(at node: DecisionTree.Node, _ entries: [DecisionTree.Entry]) -> Double {
    var (branches, single) = (0, 0)
    for entry in entries {
      let weight = weights.weight(of: .values([entry]))
      branches += weight
      if weight == 1 { single += 1 }
    }
    let all = Double(values[node.field])
    let known = 1 - Double(single) / Double(max(branches, 1))
    let likely = known > 0 ? min(all, Double(entries.count) / known) : all
    return 1 / (likely + (Double(single) + 0.5) / Double(max(branches, 1)))
  }

  private mutating func note(_ candidate: DecisionTree.Candidate, _ share: Double, company: Int) {
    let pattern = Int(candidate.pattern)
    accesses[pattern].places += 1
    accesses[pattern].estimatedShare = min(1, accesses[pattern].estimatedShare + share)
    if share > accesses[pattern].broadest?.share ?? -1 {
      accesses[pattern].broadest = .init(share: share, keys: way, candidate: candidate, company: company)
    }
  }
}

extension DecisionTree {
  /// The distinct predicates that branches wait under, ascending.
  var keys: [UInt32] {
    var keys: Set<UInt32> = []
    for node in 0..<nodeCount { keys.formUnion(entries(of: nodes[node]).lazy.map(\.predicate)) }
    return keys.sorted()
  }
}
