// How often each pattern is tried, counted over events.
//
// The matcher counts nothing, so that matching costs nothing more when nobody asks. The survey asks a second matcher
// instead: its patterns are the keys of the tree, one each, so it says which keys an event has; and then the survey goes
// down the tree with them, as the matcher does, and counts at whose place it comes by.

/// Counts over events how often each pattern of a set is tried and how often it matches.
public struct AccessSurvey: ~Copyable {
  /// The events that were looked at.
  public private(set) var events = 0
  /// On how many of them each pattern was tried, by the patterns' indices.
  public private(set) var tried: [Int]
  /// How many of them each pattern matched.
  public private(set) var matched: [Int]

  private let set: PatternSet
  private var matcher: EventMatcher
  /// Matches the keys.
  private var keyMatcher: EventMatcher
  private let keys: [UInt32]
  /// Per field: the keys that the event has.
  private var present: [[UInt32]]
  /// Per pattern: the last event it was tried on, from 1.
  private var lastTried: [Int]

  /// Prepares a survey of a set.
  public init(_ set: PatternSet) {
    self.set = set
    keys = set.tree.keys
    matcher = EventMatcher(set)
    keyMatcher = EventMatcher(
      PatternSet(
        keys.map { key in
          let (field, predicate) = set.predicates[Int(key)]
          let alternative = Alternative(predicate: predicate, offset: 0, extensionName: nil)
          let condition = Condition(path: set.fieldPaths[field], offset: 0, alternatives: [alternative])
          return EventPattern(source: [], branches: [Branch(conditions: [condition], clauses: [])])
        }
      )
    )
    tried = Array(repeating: 0, count: set.count)
    matched = tried
    lastTried = tried
    present = Array(repeating: [], count: set.fieldPaths.count)
  }

  /// Looks at one event; says which patterns it matches, ascending.
  ///
  /// - Throws: `EventError` if the bytes are not a JSON object. Such an event does not count.
  @discardableResult
  public mutating func add(_ event: UnsafeRawBufferPointer) throws(EventError) -> [Int] {
    let matches = try matcher.matches(event)
    let found = try keyMatcher.matches(event)
    events += 1
    for match in matches { matched[match] += 1 }
    for index in found { present[set.predicates[Int(keys[index])].field].append(keys[index]) }
    visit(set.tree.root)
    for index in found { present[set.predicates[Int(keys[index])].field].removeAll(keepingCapacity: true) }
    return matches
  }

  private mutating func visit(_ below: DecisionTree.Below) {
    for candidate in set.tree.candidates(below) where lastTried[Int(candidate.pattern)] != events {
      lastTried[Int(candidate.pattern)] = events
      tried[Int(candidate.pattern)] += 1
    }
    for node in set.tree.chain(below) {
      for index in present[node.field].indices {
        if let below = set.tree.below(node, present[node.field][index]) { visit(below) }
      }
    }
  }
}
