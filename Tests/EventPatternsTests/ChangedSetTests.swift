import EventPatterns
import Testing

/// Sets are compiled anew for every change of one pattern, out of patterns that were parsed long before. Such a set is no
/// other than one that is made of the texts.
@Suite("Sets with one pattern more or less")
struct ChangedSetTests {
  /// A pattern that stays parsed while others come and go.
  private struct Kept {
    var text: JSONValue
    var parsed: EventPattern

    init(_ text: JSONValue, _ random: inout SeededGenerator) throws {
      self.text = text
      parsed = try EventPattern(
        parsing: JSONSpelling.bytes(of: text, seed: random.next() | 1),
        language: .extended
      )
    }
  }

  @Test("patterns come and go, and what is left matches as the plain meaning says", arguments: PatternWorld.allCases)
  func changes(world: PatternWorld) throws {
    var random = SeededGenerator(seed: 0xADD_0000 + UInt64(PatternWorld.allCases.firstIndex(of: world) ?? 0))
    let generator = RandomPatterns(world: world)
    var patterns = try (0..<40).map { _ in try Kept(generator.pattern(&random), &random) }
    for _ in 0..<8 {
      // One goes or one comes, at any place.
      if Bool.random(using: &random) {
        patterns.remove(at: Int.random(in: patterns.indices, using: &random))
      } else {
        let new = try Kept(generator.pattern(&random), &random)
        patterns.insert(new, at: Int.random(in: 0...patterns.count, using: &random))
      }
      let changed = PatternSet(patterns.map(\.parsed))
      let anew = PatternSet(try patterns.map { try EventPattern(parsing: $0.text.bytes, language: .extended) })
      #expect(changed.tableBytes == anew.tableBytes)
      #expect(changed.describe(maximumEntries: .max) == anew.describe(maximumEntries: .max))
      var matcher = EventMatcher(changed)
      var another = EventMatcher(anew)
      for _ in 0..<2 {
        let event = generator.event(for: patterns.map(\.text), &random)
        let wanted = NaiveEvaluator.matches(patterns.map { NaivePattern($0.text) }, event)
        #expect(try matcher.matches(event.bytes) == wanted, "\(event.text)")
        #expect(try another.matches(event.bytes) == wanted, "\(event.text)")
      }
    }
  }

  @Test("one pattern of two thousand goes and comes back")
  func oneOfMany() throws {
    var random = SeededGenerator(seed: 0x2000)
    let generator = RandomPatterns(world: .everything)
    let texts = (0..<2000).map { _ in generator.pattern(&random) }
    var patterns = try texts.map { try EventPattern(parsing: $0.bytes, language: .extended) }
    let event = generator.event(for: texts, &random).bytes
    var matcher = EventMatcher(PatternSet(patterns))
    let all = try matcher.matches(event)
    let gone = try #require(all.randomElement(using: &random))
    let pattern = patterns.remove(at: gone)
    var without = EventMatcher(PatternSet(patterns))
    #expect(try without.matches(event) == all.filter { $0 != gone }.map { $0 < gone ? $0 : $0 - 1 })
    patterns.insert(pattern, at: gone)
    var again = EventMatcher(PatternSet(patterns))
    #expect(try again.matches(event) == all)
  }

  @Test(
    "lists that accept the same values are one condition, however they are spelled",
    arguments: [
      [#"["a","b"]"#, #"[ "b", "a" ]"#, #"["\u0061","b","a"]"#], [#"[300]"#, #"[3e2]"#, #"[300.0,300]"#],
      [#"[{"equals-ignore-case":"Root"}]"#, #"[{"equals-ignore-case":"rOOT"}]"#],
      [#"[{"numeric":[">",1e2]}]"#, #"[{"numeric":[">",100]}]"#],
      [#"[{"cidr":"10.1.2.3/8"}]"#, #"[{"cidr":"10.0.0.0/8"}]"#],
      [#"["x",{"exists":false}]"#, #"[{"exists":false},"x"]"#],
    ]
  )
  func shared(lists: [String]) throws {
    let set = PatternSet(try lists.map { try EventPattern(parsing: #"{"f":\#($0)}"#) })
    #expect(set.statistics.conditions == 1)
  }

  /// Lists of which no two mean the same, though they are made of the same texts and numbers.
  private static let different = [
    #"["a"]"#, #"["1"]"#, #"[1]"#, #"["ab"]"#, #"["a","b"]"#, #"["a","b","c"]"#, #"["a","bc"]"#, #"["true"]"#,
    #"[true]"#, #"[false]"#, #"[null]"#, #"[1e999]"#, #"["a",{"exists":false}]"#, #"[{"exists":false}]"#,
    #"[{"exists":true}]"#, #"[{"prefix":"a"}]"#, #"[{"suffix":"a"}]"#, #"[{"equals-ignore-case":"a"}]"#,
    #"[{"prefix":{"equals-ignore-case":"a"}}]"#, #"[{"suffix":{"equals-ignore-case":"a"}}]"#, #"[{"wildcard":"a*"}]"#,
    #"[{"wildcard":"*a"}]"#, #"[{"wildcard":"a*b"}]"#, #"[{"wildcard":"a*b*"}]"#, #"[{"wildcard":"*a*b"}]"#,
    #"[{"contains":"a"}]"#, #"[{"contains":"ab"}]"#, #"[{"regex":"a"}]"#, #"[{"regex":"^a$"}]"#,
    #"[{"equals-field":"a"}]"#, #"[{"numeric":["=",2]}]"#, #"[{"numeric":["<",1]}]"#, #"[{"numeric":["<=",1]}]"#,
    #"[{"numeric":[">",1]}]"#, #"[{"numeric":[">=",1]}]"#, #"[{"numeric":[">",1],"as":"number"}]"#,
    #"[{"cidr":"1.0.0.0/8"}]"#, #"[{"cidr":"1.0.0.0/9"}]"#, #"[{"cidr":"::/8"}]"#, #"[{"cidr":"::/9"}]"#,
    #"[{"anything-but":"a"}]"#, #"[{"anything-but":1}]"#, #"[{"anything-but":["a","b"]}]"#,
    #"[{"anything-but":["ab"]}]"#, #"[{"anything-but":{"prefix":"a"}}]"#, #"[{"anything-but":{"suffix":"a"}}]"#,
    #"[{"anything-but":{"equals-ignore-case":"a"}}]"#, #"[{"anything-but":{"wildcard":"a*"}}]"#,
    #"[{"anything-but":{"wildcard":["a*","b*"]}}]"#, #"[{"anything-but":{"prefix":["a","b"]}}]"#,
    #"[{"all-of":["a"]}]"#, #"[{"all-of":["a","b"]}]"#, #"[{"all-of":[{"prefix":"a"},"b"]}]"#,
  ]

  @Test("lists that do not are different conditions, on every field")
  func different() throws {
    let patterns = try Self.different.flatMap { list in
      try ["f", "g", "f.g", "fg"].map { path in
        try EventPattern(parsing: #"{"\#(path)":\#(list)}"#, language: .extended)
      }
    }
    #expect(PatternSet(patterns).statistics.conditions == patterns.count)
  }
}
