import Testing

@testable import EventPatterns

/// What is said of how patterns are come by: by the compiled set alone, and counted over events.
@Suite("How patterns are tried")
struct AccessTests {
  private func set(_ patterns: [String]) throws -> PatternSet {
    PatternSet(try patterns.map { try EventPattern(parsing: $0, language: .extended) })
  }

  private func survey(_ set: PatternSet, _ events: [String]) throws -> (tried: [Int], matched: [Int], events: Int) {
    var survey = AccessSurvey(set)
    for event in events { try add(event, to: &survey) }
    return (survey.tried, survey.matched, survey.events)
  }

  private func add(_ event: String, to survey: inout AccessSurvey) throws {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: event.utf8.count, alignment: 1)
    defer { bytes.deallocate() }
    bytes.copyBytes(from: event.utf8)
    try survey.add(UnsafeRawBufferPointer(bytes))
  }

  /// Two patterns with the key `a`, one without any, three that fill the set up.
  private static let patterns = [
    #"{"a":["x"],"b":[{"anything-but":"1"}]}"#,
    #"{"a":["x","y"],"b":[{"anything-but":"2"}]}"#,
    #"{"b":[{"anything-but":"3"}]}"#,
    #"{"a":["z1"]}"#, #"{"a":["z2"]}"#, #"{"a":["z3"]}"#,
  ]

  @Test("a pattern is tried on the events that have its key")
  func counts() throws {
    let counts = try survey(
      try set(Self.patterns),
      [#"{"a":"x","b":"1"}"#, #"{"a":"y","b":"3"}"#, #"{"a":["y","x"],"b":"2"}"#, #"{"a":"w","b":"9"}"#, "{}"]
    )
    #expect(counts.events == 5)
    #expect(counts.tried == [2, 3, 5, 0, 0, 0])
    #expect(counts.matched == [1, 2, 3, 0, 0, 0])
  }

  @Test("values in different elements of an array are tried and do not match")
  func arrays() throws {
    let patterns = (0..<5).map { #"{"e":{"first":["a\#($0)"],"last":["b\#($0)"]}}"# }
    let counts = try survey(
      try set(patterns),
      [#"{"e":[{"first":"a1","last":"b2"},{"first":"a2","last":"b1"}]}"#]
    )
    #expect(counts.tried == [0, 1, 1, 0, 0])
    #expect(counts.matched == [0, 0, 0, 0, 0])
  }

  @Test("an event that is none does not count")
  func brokenEvents() throws {
    var survey = AccessSurvey(try set(Self.patterns))
    #expect(throws: EventError.self) { try add(#"{"a":"#, to: &survey) }
    try add(#"{"a":"x"}"#, to: &survey)
    #expect(survey.events == 1 && survey.tried == [1, 1, 1, 0, 0, 0])
  }

  @Test("what matches was tried, and what the key lets through is tried", arguments: 0..<40)
  func randomSets(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let world = PatternWorld.allCases[seed % PatternWorld.allCases.count]
    let shapes = RandomPatterns(world: world)
    var patterns: [JSONValue] = []
    var parsed: [EventPattern] = []
    while parsed.count < 40 {
      let pattern = shapes.pattern(&random)
      guard let valid = try? EventPattern(parsing: pattern.bytes, language: .extended) else { continue }
      patterns.append(pattern)
      parsed.append(valid)
    }
    let set = PatternSet(parsed)
    var matcher = EventMatcher(set)
    let keys = PatternSet(set.tree.keys.map { Self.pattern($0, set) })
    var keyMatcher = EventMatcher(keys)
    let places = Self.places(set, set.tree.root)
    let keyNumbers = set.tree.keys
    var survey = AccessSurvey(set)
    for _ in 0..<50 {
      let event = shapes.event(for: patterns, &random)
      guard case .object = event else { continue }
      let before = (tried: survey.tried, matched: survey.matched)
      try add(event.text, to: &survey)
      let found = survey.matched.indices.filter { survey.matched[$0] > before.matched[$0] }
      let matches = try matcher.matches(event.bytes)
      #expect(matches == found)
      let surveyed = Set(survey.tried.indices.filter { survey.tried[$0] > before.tried[$0] })
      #expect(surveyed.isSuperset(of: found))
      // The other way round: not down the tree with the event, but from each place up.
      let present = Set(try keyMatcher.matches(event.bytes).map { keyNumbers[$0] })
      let tried = Set(places.filter { $0.keys.allSatisfy(present.contains) }.map(\.pattern))
      #expect(surveyed == tried)
    }
  }

  private static func pattern(_ key: UInt32, _ set: PatternSet) -> EventPattern {
    let (field, predicate) = set.predicates[Int(key)]
    let condition = Condition(
      path: set.fieldPaths[field],
      offset: 0,
      alternatives: [.init(predicate: predicate, offset: 0, extensionName: nil)]
    )
    return EventPattern(source: [], branches: [Branch(conditions: [condition], clauses: [])])
  }

  private static func places(
    _ set: PatternSet,
    _ below: DecisionTree.Below,
    _ keys: [UInt32] = []
  ) -> [(pattern: Int, keys: [UInt32])] {
    set.tree.candidates(below).map { (Int($0.pattern), keys) }
      + set.tree.chain(below).flatMap { node in
        set.tree.entries(of: node).flatMap { places(set, $0.below, keys + [$0.predicate]) }
      }
  }

  @Test("keys and what is left are told")
  func accesses() throws {
    let set = try set(Self.patterns)
    let accesses = set.accesses()
    #expect(accesses.map(\.pattern) == Array(0..<6))
    #expect(accesses.map(\.places) == [1, 2, 1, 1, 1, 1])
    #expect(accesses.map(\.isAlwaysTried) == [false, false, true, false, false, false])
    #expect(accesses[2].estimatedShare == 1)
    #expect(set.key(of: accesses[0]) == [.init(path: "a", wanted: #""x""#, canBeKey: true)])
    #expect(set.rest(of: accesses[0]) == [.init(path: "b", wanted: #"anything-but "1""#, canBeKey: false)])
    #expect(set.key(of: accesses[2]).isEmpty && set.company(of: accesses[2]) == 1)
    // Five values of `a` are waited for, so an event has each with less than one chance in four.
    #expect(accesses[3].estimatedShare > 0.1 && accesses[3].estimatedShare < 0.25)
    #expect(accesses[1].estimatedShare > accesses[3].estimatedShare * 1.9)
  }

  @Test("few patterns are tried without their keys, and could have some")
  func fewPatterns() throws {
    let set = try set([#"{"a":["x"]}"#, #"{"$not":{"a":["x"]}}"#])
    let accesses = set.accesses()
    #expect(accesses.map(\.isAlwaysTried) == [true, true])
    #expect(set.rest(of: accesses[0]) == [.init(path: "a", wanted: #""x""#, canBeKey: true)])
    #expect(set.rest(of: accesses[1]) == [.init(path: "$not", wanted: "{…}", canBeKey: false)])
    #expect(set.company(of: accesses[0]) == 2 && PatternSet.fewest >= 2)
  }

  @Test("a value that goes with the one before lets nearly every event through that comes there")
  func impliedValues() throws {
    // Each name belongs to one of ten sources; there are forty accounts.
    let set = try set(
      (0..<2000).map { index in
        let name = index % 50
        return #"{"name":["n\#(name)"],"source":["s\#(name % 10)"],"account":["\#(index * 7 % 40)"],"#
          + #""d":[{"anything-but":"\#(index)"}]}"#
      }
    )
    let shares = set.accesses().map(\.estimatedShare)
    // One event in 50 has the name, all of these have the source, one in four or more of these an account that is asked for.
    let mean = shares.reduce(0, +) / 2000
    #expect(mean > 1.0 / 50 / 40 / 2 && mean < 1.0 / 50 / 2, "\(mean)")
  }

  @Test("no patterns, no accesses")
  func empty() throws {
    let set = try set([])
    #expect(set.accesses().isEmpty)
    #expect(try survey(set, ["{}"]).tried.isEmpty)
    #expect(set.describe().text == "\n")
  }

  @Test("the figures add up")
  func statistics() throws {
    let figures = try set(
      Self.patterns + [
        #"{"c":{"d":[1,2,{"numeric":[">",5]}]},"a":[{"exists":false}]}"#,
        #"{"a":[{"wildcard":"q*q*q"}],"$not":{"b":[true]}}"#,
      ]
    ).statistics
    #expect(figures.patterns == 8 && figures.clauses == 1)
    #expect(figures.branches == 9)
    #expect(figures.fields == 3 && figures.names == 4)
    #expect(figures.kinds.reduce(0) { $0 + ($1.name == "exists: false" ? 0 : $1.count) } == figures.predicates)
    let kinds = Dictionary(uniqueKeysWithValues: figures.kinds.map { ($0.name, $0) })
    #expect(kinds["string"] == .init(name: "string", count: 5, indexed: 5))
    #expect(kinds["number"]?.count == 2 && kinds["anything-but"] == .init(name: "anything-but", count: 3, indexed: 0))
    #expect(kinds["exists: false"]?.count == 1 && kinds["true, false, null"]?.count == 1)
    #expect(figures.depth == 1 && figures.nodes >= 1 && figures.keys >= 5)
    #expect(figures.memory.map(\.part) == PatternSet.Statistics.Part.allCases)
    #expect(figures.memory.filter { $0.part != .texts }.reduce(0) { $0 + $1.bytes } == figures.tableBytes)
    #expect(figures.memory.allSatisfy { $0.bytes > 0 })
  }
}
