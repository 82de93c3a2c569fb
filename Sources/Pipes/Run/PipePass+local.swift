// Targets of this installation. A queue or topic gets its messages with the transaction that takes them out of the source
// queue: a crash comes before or after both. A bus knows an event that comes twice by its id.

internal import Decisions
internal import Delivery
internal import EventBuses
internal import EventPatterns
internal import GRDB
internal import Messaging
internal import RuleFiles
internal import Storage
internal import TrailEvents

extension PipePass {
  /// What a transaction did.
  private struct Handed: Sendable {
    var settled: Set<Int> = []
    var failures: [(message: Int, reason: String)] = []
    var lanes: [String] = []
  }

  /// Sends payloads to a queue.
  mutating func send(_ parcels: [Parcel], to arn: ARN) async throws {
    guard let address = QueueAddress(arn: arn) else {
      throw PipeFailure(reason: "NO_RESOURCE: there is no queue \(arn)")
    }
    let messages = parcels.map { parcel in
      var message = OutgoingMessage(body: parcel.payload)
      message.groupID = plan.groupID?.text(for: parcel.event)
      message.deduplicationID = plan.deduplicationID?.text(for: parcel.event)
      return message
    }
    let (queues, caller, now) = (engine.surroundings.queues, plan.caller, engine.clock.now.milliseconds)
    try await hand(parcels, to: arn) { db in
      let recipient = try queues.recipient(at: address, as: caller, db)
      return { index in
        try recipient.send(messages[index], now: now, db)
        return []
      }
    }
  }

  /// Publishes payloads to a topic.
  mutating func publish(_ parcels: [Parcel], to arn: ARN) async throws {
    guard let topics = engine.surroundings.topics, let topic = TopicAddress(arn: arn.description) else {
      throw PipeFailure(reason: "NO_RESOURCE: there is no topic \(arn)")
    }
    let now = engine.clock.now.milliseconds
    let requests = parcels.enumerated().map { index, parcel in
      var request = PublishRequest(String(decoding: parcel.payload, as: UTF8.self))
      if topic.isFIFO { request.groupID = parcel.event.message.flatMap { batch[$0].message.groupID } ?? plan.key.name }
      return (request: request, id: TopicService.identifier(of: eventID(of: parcel, at: index)), topic: topic)
    }
    let signatures = try await topics.signatures(for: requests, now: now)
    let caller = plan.caller
    try await hand(parcels, to: arn) { db in
      { index in
        var known = signatures
        let (request, id, topic) = requests[index]
        return try topics.publish(request, id: id, to: topic, as: caller, now: now, &known, db).lanes
      }
    }
  }

  /// Puts each payload where it belongs and takes its message out of the source queue, in one transaction.
  ///
  /// - Parameter open: finds the target; what it gives puts one payload there, or throws and has written nothing.
  private mutating func hand(
    _ parcels: [Parcel],
    to arn: ARN,
    _ open: @escaping @Sendable (Database) throws -> (_ index: Int) throws -> [String]
  ) async throws {
    let (pass, whole) = (self, self.open)
    let handed: Handed
    do {
      handed = try await engine.database.transact { db in try pass.hand(parcels, of: whole, to: arn, open(db), db) }
    } catch let error as MessagingError {
      throw Self.failure(error, of: arn)
    }
    settled.formUnion(handed.settled)
    for failure in handed.failures { fail(failure.message, failure.reason) }
    engine.announce(handed.lanes)
  }

  private func hand(
    _ parcels: [Parcel],
    of whole: Set<Int>,
    to arn: ARN,
    _ put: (_ index: Int) throws -> [String],
    _ db: Database
  ) throws -> Handed {
    var handed = Handed()
    // Says which messages of which groups have failed until now; the transaction may run twice.
    var pass = self
    if plan.enrichment != nil {
      // Whoever has received all of them since hands them on.
      let isOurs = try whole.contains { try QueueService.isCurrent(batch[$0].receiptHandle, db) }
      guard isOurs else { return Handed(settled: whole) }
    }
    for (index, parcel) in parcels.enumerated() {
      guard let message = parcel.event.message else {
        // Events of an enrichment are of the whole batch: all of them get there, or none.
        handed.lanes += try put(index)
        continue
      }
      if pass.isBlocked(message) {
        handed.failures.append((message, Self.waits))
        continue
      }
      let receipt = batch[message].receiptHandle
      // Whoever has received it since hands it on.
      guard try QueueService.isCurrent(receipt, db) else {
        handed.settled.insert(message)
        continue
      }
      do {
        handed.lanes += try put(index)
      } catch let error as MessagingError where error.isSenderFault {
        let reason = Self.failure(error, of: arn).reason
        pass.fail(message, reason)
        handed.failures.append((message, reason))
        continue
      }
      try QueueService.delete(receipt, db)
      handed.settled.insert(message)
    }
    if plan.enrichment != nil {
      for message in whole { try QueueService.delete(batch[message].receiptHandle, db) }
      handed.settled.formUnion(whole)
    }
    return handed
  }

  private static func failure(_ error: MessagingError, of arn: ARN) -> PipeFailure {
    let code =
      switch error.code.rawValue {
      case "QueueDoesNotExist", "NotFound": "NO_RESOURCE"
      case "AuthorizationError", "AccessDenied": "NO_PERMISSIONS"
      default: error.isSenderFault ? "INVALID_PARAMETER" : "INTERNAL_ERROR"
      }
    return PipeFailure(reason: "\(code): \(arn): \(error.message)")
  }

  // MARK: Buses

  /// The most bytes of one request to a bus, unless one event has more.
  private static let largestRequest = 262_144

  /// Puts payloads on a bus as events.
  mutating func put(_ parcels: [Parcel], on bus: BusReference) async throws {
    var waiting: [(parcel: Parcel, id: String, entry: EventEntry)] = []
    for (index, parcel) in parcels.enumerated() {
      waiting.append((parcel, eventID(of: parcel, at: index), entry(for: parcel)))
    }
    while !waiting.isEmpty {
      var (count, size) = (0, 0)
      for item in waiting {
        size += item.entry.size
        guard count == 0 || size <= Self.largestRequest else { break }
        count += 1
      }
      let request = Array(waiting.prefix(count))
      waiting.removeFirst(count)
      let results: [EntryResult]
      do {
        results = try await engine.surroundings.buses.put(
          request.map { ($0.id, $0.entry) },
          on: bus,
          by: plan.key.scope.account
        )
      } catch let error as BusError {
        let code = error.code == "ResourceNotFoundException" ? "NO_RESOURCE" : "NO_PERMISSIONS"
        throw PipeFailure(reason: "\(code): \(bus.arn): \(error.message)")
      }
      var done: Set<Int> = []
      for (item, result) in zip(request, results) {
        switch (result, item.parcel.event.message) {
        case (.accepted, let message?): done.insert(message)
        case (.accepted, nil): break
        case (.refused(let error), let message?): fail(message, "INVALID_PARAMETER: \(bus.arn): \(error.message)")
        case (.refused(let error), nil): throw PipeFailure(reason: "INVALID_PARAMETER: \(bus.arn): \(error.message)")
        }
      }
      try await settle(done)
    }
  }

  private func entry(for parcel: Parcel) -> EventEntry {
    let texts = plan.bus
    return EventEntry(
      time: texts.time.flatMap { Self.seconds($0.text(for: parcel.event)) },
      source: texts.source.text(for: parcel.event),
      resources: texts.resources.map { $0.text(for: parcel.event) }.filter { !$0.isEmpty },
      detailType: texts.detailType.text(for: parcel.event),
      detail: String(decoding: parcel.payload, as: UTF8.self)
    )
  }

  /// A time as events say it: RFC 3339, or seconds or milliseconds since 1970.
  private static func seconds(_ text: String) -> Int64? {
    if let number = Int64(text) { return abs(number) > 99_999_999_999 ? number / 1000 : number }
    return (try? RuleFiles.Instant(parsing: text))?.seconds
  }

  /// The same payload of the same messages is the same event, however often it comes.
  private func eventID(of parcel: Parcel, at index: Int) -> String {
    let messages = parcel.event.message.map { [batch[$0].message.messageID] } ?? batch.map(\.message.messageID)
    let place = parcel.event.message == nil ? index : 0
    return StableID.pipedEvent(of: messages, pipe: names.pipeARN, place: place)
  }
}
