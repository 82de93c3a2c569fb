// What a batch of events teaches: for each kind of event one shape, merged out of all of its events before anything is
// written. Pure; the driver brings the events and writes what comes out.

internal import EventPatterns
internal import Storage
internal import TrailEvents

/// The kinds of event in a batch.
struct LearnedSchemas {
  /// A kind of event, where its schema belongs.
  struct Key: Hashable {
    var scope: Scope
    var schemaName: String
  }

  /// What was learned about a kind.
  struct Lesson {
    var kind: EventKind
    var detail: ValueShape
  }

  /// By kind.
  private(set) var lessons: [Key: Lesson] = [:]
  /// How many events were passed over: too large or nested too deep, no names that a schema can have, no longer in the
  /// journal.
  private(set) var passedOver = 0

  /// Learns from an event that was on a bus.
  ///
  /// - Parameter discoverer: the bus's; nothing is learned without one.
  mutating func learn(
    _ arrival: BusArrivals.Arrival,
    for discoverer: Discoverer?,
    in scope: Scope,
    limits: InferenceLimits
  ) {
    guard let discoverer else { return }
    guard let value = try? JSONValue(parsing: arrival.envelope), let event = LearnedEvent(value, limits: limits),
      Registry.isName(event.kind.schemaName, longest: RegisteredSchema.longestName)
    else {
      passedOver += 1
      return
    }
    guard discoverer.isCrossAccount || event.account == scope.account else { return }
    let key = Key(scope: scope, schemaName: event.kind.schemaName)
    var lesson = lessons[key] ?? Lesson(kind: event.kind, detail: event.detail)
    lesson.detail.merge(event.detail, limits: limits)
    // One event that is too much does not keep us from learning of the others.
    guard lesson.detail.placeCount <= limits.places else {
      passedOver += 1
      return
    }
    lessons[key] = lesson
  }
}
