// From the bytes of an event to decisions: the compiled matcher, then the pure decision.

public import EventPatterns
public import RuleFiles
public import TrailEvents

/// Matches events against a rule set and decides. It holds scratch memory, so use one per thread.
public struct Decider: ~Copyable {
  /// The rules it decides by.
  public let rules: RuleSet
  private var matcher: EventMatcher

  /// Makes a decider for a rule set.
  public init(_ rules: RuleSet) {
    self.rules = rules
    matcher = EventMatcher(rules.patterns)
  }

  /// The rules an event matches, in the repository's order, with the exception that holds for each, if any.
  ///
  /// - Parameters:
  ///   - envelope: the event as EventBridge JSON.
  ///   - now: decides which exceptions have expired.
  ///   - bus: the bus the event is on; nothing asks the rules of every bus.
  /// - Throws: `EventError` if the bytes are no JSON object.
  public mutating func matches(
    _ envelope: [UInt8],
    at now: Instant,
    bus: String? = nil
  ) throws(EventError) -> [RuleMatch] {
    rules.matches(of: try matcher.matches(envelope), at: now, bus: bus)
  }

  /// The rules an event matches, for an event that lies in somebody else's memory.
  public mutating func matches(
    _ envelope: UnsafeRawBufferPointer,
    at now: Instant,
    bus: String? = nil
  ) throws(EventError) -> [RuleMatch] {
    rules.matches(of: try matcher.matches(envelope), at: now, bus: bus)
  }

  /// Decides what is to be done about an event.
  ///
  /// - Throws: `EventError` if the envelope is no JSON object.
  public mutating func decide(
    _ event: TrailEvent,
    at now: Instant,
    bus: String = "default"
  ) throws(EventError) -> [Decision] {
    rules.decide(event, matches: try matches(event.envelope, at: now, bus: bus), at: now)
  }
}

extension RuleSet {
  /// The rules that an event matches of which it is known which ``patterns`` match, with the exception that holds for each,
  /// if any.
  ///
  /// - Parameters:
  ///   - hits: the indices of the patterns, ascending.
  ///   - now: decides which exceptions have expired.
  ///   - bus: the bus the event is on; nothing asks the rules of every bus.
  public func matches(of hits: [Int], at now: Instant, bus: String? = nil) -> [RuleMatch] {
    guard !hits.isEmpty else { return [] }
    let list = repository.rules
    var found: [RuleMatch] = []
    for hit in hits {
      if hit < triggers.count {
        let rule = triggers[hit]
        if bus == nil || list[rule].bus == bus { found.append(RuleMatch(rule: rule)) }
        continue
      }
      let (rule, exception) = exceptions[hit - triggers.count]
      guard list[rule].exceptions[exception].holds(at: now),
        let index = found.firstIndex(where: { $0.rule == rule }), found[index].exception == nil
      else { continue }
      found[index].exception = exception
    }
    return found
  }
}
