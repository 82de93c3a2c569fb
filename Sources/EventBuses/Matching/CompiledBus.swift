// The rules of one bus, compiled into one frozen set, so that one pass over an event finds all that is about it. It is
// made aside and swapped in; nothing in it changes.

internal import EventPatterns
internal import Synchronization
internal import TrailEvents

/// The rules of the API and of archives on one bus; nil for a bus without any.
final class CompiledBus: Sendable {
  private let rules: [CompiledRule]
  private let patterns: SharedMatcher

  /// Compiles the rules of a bus.
  init?(_ bus: BusReference, in catalog: Catalog, isElsewhere: (ARN) -> Bool) {
    let region = catalog[bus.scope]
    var patterns: [EventPattern] = []
    var compiled: [CompiledRule] = []
    for rule in region.rules(of: bus.name) where rule.state != .disabled {
      guard let text = rule.pattern, let pattern = try? EventPattern(parsing: text) else { continue }
      patterns.append(pattern)
      let archive = rule.archive.flatMap { region.archives[$0] }
      compiled.append(CompiledRule(rule, on: bus, archive: archive, isElsewhere: isElsewhere))
    }
    guard !compiled.isEmpty else { return nil }
    rules = compiled
    self.patterns = SharedMatcher(PatternSet(patterns))
  }

  /// The rules that an event matches, in their order.
  ///
  /// - Throws: `EventError` if the bytes are no JSON object.
  func matches(_ event: BusEvent) throws(EventError) -> [CompiledRule] {
    try patterns.matches(event.event.envelope).map { rules[$0] }.filter { rule in
      (!event.isReadOnlyManagementEvent || rule.rule.state == .enabledWithAllManagementEvents)
        && (event.ruleFilter.isEmpty || event.ruleFilter.contains(rule.arn))
    }
  }
}

/// A set of patterns that many tasks ask.
///
/// A matcher needs scratch memory and takes an event at a time, for microseconds. There are a few, so that one core does
/// not wait for another.
final class SharedMatcher: Sendable {
  private final class Scratch: Sendable {
    let matcher: Mutex<EventMatcher>

    init(_ patterns: PatternSet) { matcher = Mutex(EventMatcher(patterns)) }
  }

  /// The most that are kept for the next events.
  private static let mostIdle = 4

  private let patterns: PatternSet
  private let idle = Mutex<[Scratch]>([])

  init(_ patterns: PatternSet) { self.patterns = patterns }

  /// The patterns that match, in their order.
  func matches(_ event: [UInt8]) throws(EventError) -> [Int] {
    let scratch = idle.withLock { $0.popLast() } ?? Scratch(patterns)
    let result: Result<[Int], EventError> = scratch.matcher.withLock { matcher in
      do throws(EventError) {
        return .success(try matcher.matches(event))
      } catch {
        return .failure(error)
      }
    }
    idle.withLock { idle in
      if idle.count < Self.mostIdle { idle.append(scratch) }
    }
    return try result.get()
  }
}
