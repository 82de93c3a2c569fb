// From pattern texts to a compiled set, and the cost of changing one rule.

internal import CMatcherBench
internal import EventPatterns

/// A compiled set and what it cost.
struct Compilation {
  let path: String
  let language: EventPattern.Language
  let set: PatternSet
  /// Processor time in nanoseconds, from texts to the set.
  let time: Int
  /// Growth of the heap, in bytes, when all but the set is gone.
  let heap: Int

  init(path: String, language: EventPattern.Language) throws {
    self.path = path
    self.language = language
    let heapBefore = bench_heap_in_use()
    (set, time) = try Self.compile(path, language)
    heap = bench_heap_in_use() - heapBefore
  }

  private static func compile(_ path: String, _ language: EventPattern.Language) throws -> (PatternSet, Int) {
    let texts = try patternTexts(path: path)
    let start = Clocks.thread
    let set = try PatternSet(parse(texts, language))
    return (set, Clocks.thread - start)
  }

  private static func parse(_ texts: [[UInt8]], _ language: EventPattern.Language) throws -> [EventPattern] {
    var patterns: [EventPattern] = []
    patterns.reserveCapacity(texts.count)
    for text in texts { patterns.append(try EventPattern(parsing: text, language: language)) }
    return patterns
  }

  /// Processor time in nanoseconds, for each time one rule is removed and for each time it is added again: from its text
  /// to a set and a matcher that can be used. Patterns of other rules are at hand, as they are in the engine.
  func changes(_ times: Int) throws -> (removals: [Int], additions: [Int]) {
    let texts = try patternTexts(path: path)
    var patterns = try Self.parse(texts, language)
    var removals: [Int] = []
    var additions: [Int] = []
    for turn in 0..<times {
      let index = (turn &* 7919) % patterns.count
      var start = Clocks.thread
      patterns.remove(at: index)
      use(EventMatcher(PatternSet(patterns)))
      removals.append(Clocks.thread - start)
      start = Clocks.thread
      patterns.insert(try EventPattern(parsing: texts[index], language: language), at: index)
      use(EventMatcher(PatternSet(patterns)))
      additions.append(Clocks.thread - start)
    }
    return (removals, additions)
  }

  private func use(_ matcher: consuming EventMatcher) {}

  var json: String {
    """
    {"rules": \(set.count), "compile_ns": \(time), "heap_bytes": \(heap), "table_bytes": \(set.tableBytes), \
    "level": "\(String(cString: sb_simd_level()))", "can_count": \(bench_can_count() == 1)}
    """
  }
}
