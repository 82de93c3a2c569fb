import EventPatterns
import Foundation
import Testing

/// Random sets of patterns on random events, judged by the engine and by `NaiveEvaluator`.
///
/// An engine that shares work between patterns goes wrong in sets only, and an engine with indexes where a set has nothing
/// to index: so there are sets of every size in worlds of every kind of operator. A case is one pattern judged on one
/// event; `SIGNALBOX_ORACLE_CASES=5000000 swift test --filter OracleTests` judges millions, and `SIGNALBOX_ORACLE_SEED`
/// starts elsewhere. A failure is made small and printed with its seed.
@Suite("The engine agrees with the plain meaning")
struct OracleTests {
  private static func setting(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }
  private static let cases = Int(setting("SIGNALBOX_ORACLE_CASES") ?? 80_000)
  private static let seed = setting("SIGNALBOX_ORACLE_SEED") ?? 0x5160_A1B0

  /// What the engine says of a set and several events, one after the other, in one matcher.
  private static func answers(_ patterns: [JSONValue], _ events: [[UInt8]], _ nearCacheSize: Int) throws -> [[Int]] {
    var matcher = EventMatcher(
      PatternSet(
        try patterns.map { try EventPattern(parsing: JSONSpelling.bytes(of: $0, seed: 0), language: .extended) }
      ),
      nearCacheSize: nearCacheSize
    )
    return try events.map { try matcher.matches($0) }
  }

  private static func wanted(_ patterns: [JSONValue], _ event: JSONValue) -> [Int] {
    NaiveEvaluator.matches(patterns.map(NaivePattern.init), event)
  }

  /// Says what is wrong with the answer, in as small a case as can be found.
  private static func report(
    _ patterns: [JSONValue],
    _ event: JSONValue,
    spelling: UInt64,
    after before: [[UInt8]],
    nearCacheSize: Int,
    _ comment: String
  ) {
    func fails(_ patterns: [JSONValue], _ event: JSONValue, _ spelling: UInt64) -> Bool {
      guard (try? answers(patterns, [], nearCacheSize)) != nil, case .object = event else { return false }
      let text = JSONSpelling.bytes(of: event, seed: spelling)
      return (try? answers(patterns, [text], nearCacheSize)) != [wanted(patterns, event)]
    }
    guard let spelling = [0, spelling].first(where: { fails(patterns, event, $0) }) else {
      let texts = before + [JSONSpelling.bytes(of: event, seed: spelling)]
      return reportSequence(patterns, texts, event, nearCacheSize: nearCacheSize, comment)
    }
    var shrinking = Shrinking { fails($0, $1, spelling) }
    let (patterns, event) = shrinking.shrunk(patterns, event)
    let bytes = JSONSpelling.bytes(of: event, seed: spelling)
    let answer: String
    do { answer = "\(try answers(patterns, [bytes], nearCacheSize)[0])" } catch { answer = "\(error)" }
    Issue.record(
      """
      \(comment): the engine says \(answer), wanted \(wanted(patterns, event)) of
      \(patterns.enumerated().map { "  \($0): \($1.text)" }.joined(separator: "\n"))
      on \(String(decoding: bytes, as: UTF8.self))
      """
    )
  }

  /// The answer is right for the event alone, and wrong after others.
  private static func reportSequence(
    _ patterns: [JSONValue],
    _ texts: [[UInt8]],
    _ event: JSONValue,
    nearCacheSize: Int,
    _ comment: String
  ) {
    func fails(_ patterns: [JSONValue], _ texts: [[UInt8]]) -> Bool {
      guard let parsed = try? patterns.map({ try EventPattern(parsing: $0.bytes, language: .extended) }) else {
        return false
      }
      var matcher = EventMatcher(PatternSet(parsed), nearCacheSize: nearCacheSize)
      var last: [Int]?
      for text in texts { last = try? matcher.matches(text) }
      return last != wanted(patterns, event)
    }
    guard fails(patterns, texts) else {
      Issue.record("\(comment): the answer is wrong now and then, on \(event.text)")
      return
    }
    let shorter = texts.indices.last { fails(patterns, Array(texts[$0...])) }.map { Array(texts[$0...]) } ?? texts
    var shrinking = Shrinking { patterns, _ in fails(patterns, shorter) }
    let (patterns, _) = shrinking.shrunk(patterns, .null)
    Issue.record(
      """
      \(comment): wrong only after other events, wanted \(wanted(patterns, event)) of
      \(patterns.enumerated().map { "  \($0): \($1.text)" }.joined(separator: "\n"))
      on the last of
      \(shorter.map { "  " + String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"))
      """
    )
  }

  /// Judges one set on some events; false after the first failure.
  private static func judge(
    _ world: PatternWorld,
    size: Int,
    events eventCount: Int,
    _ random: inout SeededGenerator,
    matches: inout Int
  ) throws -> Bool {
    let comment = "seed \(Self.seed), \(world.rawValue), set of \(size)"
    let generator = RandomPatterns(world: world)
    let patterns = (0..<size).map { _ in generator.pattern(&random) }
    let events = (0..<eventCount).map { _ in generator.event(for: patterns, &random) }
    let spellings = events.map { _ in RandomValues.chance(1, in: 2, &random) ? 0 : random.next() }
    let meanings = patterns.map(NaivePattern.init)
    let nearCacheSize = Bool.random(using: &random) ? 0 : Int.max
    var matcher = EventMatcher(
      PatternSet(
        try patterns.map { pattern in
          try EventPattern(parsing: JSONSpelling.bytes(of: pattern, seed: random.next()), language: .extended)
        }
      ),
      nearCacheSize: nearCacheSize
    )
    var before: [[UInt8]] = []
    for (event, spelling) in zip(events, spellings) {
      let bytes = JSONSpelling.bytes(of: event, seed: spelling)
      // A matcher forgets what it saw of an event that turned out broken.
      if RandomValues.chance(1, in: 8, &random) {
        let broken = Array(
          bytes[..<Int.random(in: 0..<max(1, bytes.lastIndex(of: UInt8(ascii: "}")) ?? 1), using: &random)]
        )
        #expect(throws: EventError.self, "\(comment)") { try matcher.matches(broken) }
        before.append(broken)
      }
      let expected = NaiveEvaluator.matches(meanings, event)
      matches += expected.count
      guard (try? matcher.matches(bytes)) == expected else {
        report(patterns, event, spelling: spelling, after: before, nearCacheSize: nearCacheSize, comment)
        return false
      }
      before.append(bytes)
    }
    return true
  }

  @Test("in sets of every size and of every kind of operator", arguments: PatternWorld.allCases)
  func sets(world: PatternWorld) throws {
    let number = UInt64(PatternWorld.allCases.firstIndex(of: world) ?? 0)
    var random = SeededGenerator(seed: Self.seed &+ number &<< 32)
    var judged = 0
    var matches = 0
    while judged < Self.cases / PatternWorld.allCases.count {
      for (size, events) in [(1, 60), (2, 60), (5, 60), (30, 40), (300, 15)] {
        judged += size * events
        guard try Self.judge(world, size: size, events: events, &random, matches: &matches) else { return }
      }
    }
    #expect(matches > judged / 200, "the random events meet too few patterns to tell anything")
  }
}
