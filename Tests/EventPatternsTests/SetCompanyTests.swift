import EventPatterns
import Testing

/// What a pattern means does not depend on its company: not on how many patterns there are, on their order, on copies, nor
/// on which were there before.
@Suite("Patterns in company")
struct SetCompanyTests {
  private static func matcher(_ patterns: [JSONValue]) throws -> EventMatcher {
    EventMatcher(PatternSet(try patterns.map { try EventPattern(parsing: $0.bytes, language: .extended) }))
  }

  private static func answer(_ matcher: inout EventMatcher, _ event: [UInt8]) throws -> [Int] {
    var calls: [Int] = []
    try event.withUnsafeBytes { try matcher.forEachMatch($0) { calls.append($0) } }
    let answer = try matcher.matches(event)
    #expect(calls.sorted() == answer, "each match is told once, in both ways")
    return answer
  }

  @Test("order, copies, removal and return change nothing", arguments: PatternWorld.allCases)
  func company(world: PatternWorld) throws {
    var random = SeededGenerator(seed: 0xC0_0000 + UInt64(PatternWorld.allCases.firstIndex(of: world) ?? 0))
    let generator = RandomPatterns(world: world)
    for size in [2, 65] {
      let patterns = (0..<size).map { _ in generator.pattern(&random) }
      let events = (0..<4).map { _ in generator.event(for: patterns, &random).bytes }
      var matcher = try Self.matcher(patterns)
      let answers = try events.map { try Self.answer(&matcher, $0) }

      // Each pattern stands at a place of a longer list, in any order, some more than once.
      let places = (Array(patterns.indices) + patterns.indices.filter { _ in Bool.random(using: &random) })
        .shuffled(using: &random)
      var mixed = try Self.matcher(places.map { patterns[$0] })
      // One goes, and comes back at the end.
      let gone = Int.random(in: patterns.indices, using: &random)
      let others = patterns.indices.filter { $0 != gone }
      var without = try Self.matcher(others.map { patterns[$0] })
      var again = try Self.matcher((others + [gone]).map { patterns[$0] })
      for (event, answer) in zip(events, answers) {
        #expect(try Self.answer(&mixed, event) == places.indices.filter { answer.contains(places[$0]) })
        #expect(try Self.answer(&without, event) == others.indices.filter { answer.contains(others[$0]) })
        let back = others + [gone]
        #expect(try Self.answer(&again, event) == back.indices.filter { answer.contains(back[$0]) })
      }
      // Many copies of one.
      guard size == 2 else { continue }
      var copies = try Self.matcher(Array(repeating: patterns[gone], count: 100))
      for (event, answer) in zip(events, answers) {
        #expect(try Self.answer(&copies, event) == (answer.contains(gone) ? Array(0..<100) : []))
      }
    }
  }

  @Test("sets of more than a thousand patterns", arguments: [PatternWorld.everything, .unkeyed])
  func largeSets(world: PatternWorld) throws {
    var random = SeededGenerator(seed: 0x1A26E)
    let generator = RandomPatterns(world: world)
    let patterns = (0..<1100).map { _ in generator.pattern(&random) }
    var matcher = try Self.matcher(patterns)
    for _ in 0..<2 {
      let event = generator.event(for: patterns, &random)
      let wanted = NaiveEvaluator.matches(patterns.map(NaivePattern.init), event)
      let got = try matcher.matches(event.bytes)
      let wrong = Set(got).symmetricDifference(wanted).sorted()
      #expect(wrong.isEmpty, "\(wrong.prefix(3).map { patterns[$0].text }) on \(event.text)")
    }
  }

  @Test("arrays of three thousand elements", .timeLimit(.minutes(1)), arguments: 0..<2)
  func largeArrays(seed: UInt64) throws {
    var random = SeededGenerator(seed: 0xA22A + seed)
    // The plain evaluator tries every pair of elements, so the first condition (by name) holds for few.
    let entries: [(a: String, b: String)] = [
      (#"["r1"]"#, #"["v3"]"#), (#"[{"prefix":"r"}]"#, #"[{"anything-but":"v3"}]"#),
      (#"[{"suffix":"2"}]"#, #"[{"exists":false}]"#),
      (#"["r3"]"#, #"["v1",{"exists":false}]"#), (#"[{"wildcard":"*2"}]"#, #"[{"numeric":[">",2]}]"#),
      (#"["r1","r2"]"#, #"[{"anything-but":{"prefix":"v"}}]"#),
      (#"[{"equals-ignore-case":"R2"}]"#, #"[{"numeric":["=",3]},"v2"]"#), (#"[{"exists":false}]"#, #"["v3"]"#),
    ]
    let patterns = try entries.flatMap { entry in
      try [
        #"{"list":{"a":\#(entry.a),"b":\#(entry.b)}}"#, #"{"list":{"a":\#(entry.a),"in":{"b":\#(entry.b)}}}"#,
        #"{"list":{"a":\#(entry.a)},"more":{"b":\#(entry.b)}}"#,
        #"{"list":{"a":\#(entry.a),"b":\#(entry.b),"in":{"b":\#(entry.b),"c":[1]}}}"#,
      ].map { try JSONValue(parsing: $0) }
    }
    func some() -> JSONValue {
      RandomValues.chance(1, in: 3, &random)
        ? .number(String(Int.random(in: 0...3, using: &random))) : .string("v\(Int.random(in: 0...3, using: &random))")
    }
    func element() -> JSONValue {
      var object = JSONObject()
      if RandomValues.chance(1, in: 500, &random) {
        object["a"] = .string("r\(Int.random(in: 0...3, using: &random))")
      } else {
        object["a"] = .string("q")
      }
      if RandomValues.chance(2, in: 3, &random) { object["b"] = some() }
      if RandomValues.chance(1, in: 3, &random) {
        object["in"] = .array(
          (0..<Int.random(in: 0...2, using: &random)).map { _ in .members(["b": some(), "c": .number("1")]) }
        )
      }
      return .object(object)
    }
    let event = JSONValue.members([
      "list": .array((0..<3000).map { _ in element() }), "more": .array((0..<3000).map { _ in element() }),
    ])
    var matcher = try Self.matcher(patterns)
    let wanted = NaiveEvaluator.matches(patterns.map(NaivePattern.init), event)
    let got = try matcher.matches(event.bytes)
    let wrong = Set(got).symmetricDifference(wanted).sorted()
    #expect(wrong.isEmpty, "\(wrong.map { patterns[$0].text })")
  }
}
