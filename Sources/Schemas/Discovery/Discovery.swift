// Looks at the events of watched buses, after those who sent them have their answer. Which events are to be looked at is
// on the disk; a batch is forgotten in the transaction that writes what it taught. So a crash loses nothing, and what is
// looked at twice teaches nothing new.

internal import Delivery
internal import EventPatterns
internal import GRDB
internal import Logging
internal import Storage
internal import Synchronization
internal import TrailEvents

extension SchemaRegistries {
  /// The most events of one batch.
  private static let batch = 500
  /// The bytes of its events, and those of one more: events may be large.
  private static let batchBytes = 4 << 20
  /// How long news gathers: under load one look at many events is cheaper than many looks.
  private static let pause = Duration.milliseconds(200)

  /// Looks at events until the task is cancelled.
  public func run() async {
    while !Task.isCancelled {
      do {
        // Batches follow each other with a pause too, so that a backlog does not take the processor from senders.
        while try await learnBatch() > 0 { try await sleep(for: Self.pause / 4) }
      } catch is CancellationError {
        return
      } catch {
        // A read that a stop cuts short comes as an error of the database.
        guard !Task.isCancelled else { return }
        logger.error("events cannot be looked at for their schemas; trying again: \(error)")
        try? await sleep(for: .seconds(1))
        continue
      }
      await bell.wait()
      try? await sleep(for: Self.pause)
    }
  }

  private func sleep(for duration: Duration) async throws {
    let clock = surroundings.clock
    try await clock.sleep(until: clock.now + duration)
  }

  /// Looks at the oldest events; returns how many there were.
  func learnBatch() async throws -> Int {
    let limits = limits
    let (arrivals, discoverers) = try await database.fetch { db in
      let arrivals = try BusArrivals.oldest(limit: Self.batch, bytes: Self.batchBytes, db)
      var discoverers: [String: Discoverer] = [:]
      for bus in Set(arrivals.map(\.bus)) {
        guard let arn = ARN(bus) else { continue }
        discoverers[bus] = try DiscovererRows.discoverer(Discoverer.id(ofBus: arn.name), in: arn.scope, db)
      }
      return (arrivals, discoverers)
    }
    guard let last = arrivals.last else { return 0 }
    var learned = LearnedSchemas()
    for arrival in arrivals {
      guard let scope = ARN(arrival.bus)?.scope else { continue }
      learned.learn(arrival, for: discoverers[arrival.bus], in: scope, limits: limits.inference)
    }
    if learned.passedOver > 0, notices.withLock({ $0.count("passed over") }) != nil {
      logger.info(
        "\(learned.passedOver) events teach nothing about their schemas: they are too large, nested too deep or forgotten"
      )
    }
    let lessons = learned.lessons
    let now = now
    let made = try await database.transact { db in
      var made: [(VersionedSchema, isNew: Bool, Scope)] = []
      for (key, lesson) in lessons.sorted(by: { $0.key.schemaName < $1.key.schemaName }) {
        if let (schema, isNew) = try Self.keep(lesson, key, limits, now: now, db) {
          made.append((schema, isNew, key.scope))
        }
      }
      try BusArrivals.remove(through: last.number, db)
      return made
    }
    for (schema, isNew, scope) in made { await announce(schema, isNewSchema: isNew, in: scope) }
    return arrivals.count
  }

  /// Writes what was learned about a kind of event, if it is new.
  private static func keep(
    _ lesson: LearnedSchemas.Lesson,
    _ key: LearnedSchemas.Key,
    _ limits: SchemaLimits,
    now: Int64,
    _ db: Database
  ) throws -> (schema: VersionedSchema, isNew: Bool)? {
    let known = try SchemaRows.schema(key.schemaName, of: Registry.discovered, in: key.scope, db)
    let before = try known.flatMap { try SchemaRows.shape(of: $0, db) }
    var shape = before ?? lesson.detail
    shape.merge(lesson.detail, limits: limits.inference)
    guard shape != before, shape.placeCount <= limits.inference.places else { return nil }
    let content = OpenAPIDocument.event(lesson.kind, detail: shape).text
    guard content.utf8.count <= SchemaContent.longest else { return nil }
    var row: SchemaRow
    if let known {
      row = known
    } else {
      guard try SchemaRows.count(of: Registry.discovered, in: key.scope, db) < limits.discoveredSchemas else {
        return nil
      }
      let schema = RegisteredSchema(
        registry: Registry.discovered,
        name: key.schemaName,
        type: .openAPI3,
        description: "\(lesson.kind.detailType), from \(lesson.kind.source)",
        modifiedAt: now,
        versionCount: 0
      )
      row = try SchemaRows.insert(schema, in: key.scope, db)
    }
    try SchemaRows.setShape(shape, of: row, db)
    let made = try addVersion(content, to: &row, now: now, db)
    try VersionRows.keepNewest(limits.versions, of: row, db)
    return (made, known == nil)
  }
}
