// From an event on a bus to everything that follows: deliveries, messages, copies in archives, and the same on the buses
// that rules hand it on to. It looks at one published state and at the time it is told; nothing in here waits or writes.
//
// The ids of what follows come from event, rule and target. So an event that comes twice decides nothing new.

internal import Decisions
internal import Delivery
internal import EventPatterns
internal import Messaging
internal import RuleFiles
internal import Storage
internal import TrailEvents

/// What follows from an event.
struct RoutingOutcome: Sendable {
  /// A message for a queue of this installation, whose delivery is among `deliveries`.
  struct Message: Sendable {
    var deliveryID: String
    /// The rule's target: messages of one lane are of one rule and go to one queue.
    var lane: String
    var queue: ARN
    var body: [UInt8]
    var groupID: String?
    var traceHeader: String?
    /// The rule, as the queue's policy sees it.
    var sender: MessagingCaller
    /// The ARN of the queue for what the queue does not take.
    var deadLetterARN: String?
  }

  /// A message for a topic of this installation, whose delivery is among `deliveries`.
  struct Publication: Sendable {
    var deliveryID: String
    var topic: ARN
    var message: String
    /// The rule, as the topic's policy sees it.
    var sender: MessagingCaller
    /// The ARN of the queue for what the topic does not take.
    var deadLetterARN: String?
  }

  /// A copy for an archive.
  struct Copy: Sendable {
    var storageID: String
    var event: TrailEvent
  }

  /// The events for the journal: the one that came, and those that got new ids in other Regions.
  var entries: [JournalEntry] = []
  /// What is to be delivered, was delivered, or could not be.
  var deliveries: [DecidedDelivery] = []
  var messages: [Message] = []
  var publications: [Publication] = []
  var copies: [Copy] = []
  /// Which events were on buses that somebody looks at later.
  var arrivals: [(event: String, bus: BusReference)] = []
  /// What an event could not be matched for, for the log.
  var problems: [String] = []
  /// How many rules matched.
  var matches = 0
  /// The ARNs of the targets that deliveries could not be made for, by delivery.
  var targetARNs: [String: String] = [:]
}

/// Routes events.
struct EventRouting {
  /// How many buses an event may go over.
  static let longestPath = 6

  let snapshot: BusDirectory.Snapshot
  let now: Delivery.Instant
  private(set) var outcome = RoutingOutcome()

  init(_ snapshot: BusDirectory.Snapshot, now: Delivery.Instant) {
    self.snapshot = snapshot
    self.now = now
  }

  /// Routes an event that has come to a bus.
  mutating func accept(_ event: BusEvent, on bus: BusReference) {
    outcome.entries.append(JournalEntry(event))
    route(event, along: [bus])
  }

  /// Routes an event that is in the journal and goes on to another bus.
  mutating func publish(_ event: BusEvent, on bus: BusReference) { route(event, along: [bus]) }

  /// Routes an event on the last bus of a path.
  private mutating func route(_ event: BusEvent, along path: [BusReference]) {
    guard let bus = path.last else { return }
    if !event.isUnloggedDataEvent, snapshot.isWatched(bus) { outcome.arrivals.append((event.identity, bus)) }
    let matches: BusDirectory.Matches
    do throws(EventError) {
      matches = try snapshot.matches(event, on: bus, at: RuleFiles.Instant(seconds: now.seconds))
    } catch {
      outcome.problems.append("event \(event.identity) cannot be matched: \(error.message)")
      return
    }
    outcome.matches += matches.files.count + matches.rules.count
    if !matches.files.isEmpty { decide(event, matches.files) }
    guard !matches.rules.isEmpty else { return }
    let value = matches.rules.contains(where: \.readsEvent) ? try? JSONValue(parsing: event.event.envelope) : nil
    for rule in matches.rules { fire(rule, event, value, along: path) }
  }

  private mutating func decide(_ event: BusEvent, _ matches: [RuleMatch]) {
    guard let files = snapshot.files else { return }
    var trailEvent = event.event
    trailEvent.eventID = event.identity
    let decisions = files.rules.decide(trailEvent, matches: matches, at: RuleFiles.Instant(seconds: now.seconds))
    for decision in decisions {
      var delivery = DecidedDelivery(decision, files.routes, at: now)
      if event.isUnloggedDataEvent, delivery.state == .pending, files.staysHere(decision.targetID, delivery.kind) {
        delivery.state = .suppressed
        delivery.reason = "the call moves data: a queue that is told of each receive never drains (serve: data-events)"
        delivery.payload = []
      }
      outcome.deliveries.append(delivery)
    }
  }

  // MARK: Rules of the API

  /// Lets a rule fire with an event that no other rule sees.
  mutating func fire(_ rule: CompiledRule, with event: BusEvent, on bus: BusReference) {
    outcome.entries.append(JournalEntry(event))
    fire(rule, event, try? JSONValue(parsing: event.event.envelope), along: [bus])
  }

  /// Lets a rule send an event to its targets.
  private mutating func fire(
    _ rule: CompiledRule,
    _ event: BusEvent,
    _ value: JSONValue?,
    along path: [BusReference]
  ) {
    if let archive = rule.archive {
      outcome.copies.append(RoutingOutcome.Copy(storageID: archive.storageID, event: event.event))
    }
    let scope = value.map { value in
      ShapingScope(
        event: value,
        ruleARN: rule.arn,
        ruleName: rule.rule.name,
        ingestionTime: EventClock.text(now.seconds)
      )
    }
    for target in rule.targets {
      var delivery = DecidedDelivery(
        deliveryID: Self.deliveryID(of: event, rule, target),
        eventID: event.identity,
        ruleID: rule.arn,
        ruleTitle: rule.rule.name,
        ruleSetHash: "",
        stepID: target.settings.id,
        targetID: target.lane,
        kind: .send,
        state: .pending,
        decidedAt: now.milliseconds,
        payload: []
      )
      do throws(ShapingFailure) {
        delivery.payload = try target.input.payload(event.event.envelope, scope)
        if let value { delivery.parameters = Self.parameters(target, value) }
      } catch {
        giveUp(&delivery, target, code: "INVALID_JSON", error.message)
        delivery.state = .renderFailed
        outcome.deliveries.append(delivery)
        continue
      }
      send(&delivery, rule, target, event, along: path)
      outcome.deliveries.append(delivery)
    }
  }

  /// The idempotency key of a delivery. It begins as the event's id does, so that the keys of neighbours are neighbours.
  private static func deliveryID(
    of event: BusEvent,
    _ rule: CompiledRule,
    _ target: CompiledRule.Target
  ) -> String {
    let key = StableID.delivery(event: event.identity, rule: rule.arn, step: target.settings.id)
    return "dlv-\(event.identity.prefix(13))-\(key.dropFirst(4))"
  }

  private static func parameters(_ target: CompiledRule.Target, _ event: JSONValue) -> [DeliveryParameter] {
    target.paths.map { name, path in DeliveryParameter(name: name, value: path.text(in: event)) }
  }

  /// Does what can be done at once; everything else is the outbox's.
  private mutating func send(
    _ delivery: inout DecidedDelivery,
    _ rule: CompiledRule,
    _ target: CompiledRule.Target,
    _ event: BusEvent,
    along path: [BusReference]
  ) {
    switch target.destination {
    case .queue(let queue):
      // The message is written by the transaction that writes this row.
      delivery.state = .delivered
      outcome.messages.append(
        RoutingOutcome.Message(
          deliveryID: delivery.deliveryID,
          lane: target.lane,
          queue: queue,
          body: delivery.payload,
          groupID: target.settings.messageGroupID,
          traceHeader: event.traceHeader,
          sender: rule.sender,
          deadLetterARN: target.settings.deadLetterARN
        )
      )
      delivery.payload = []
    case .bus(let bus):
      delivery.payload = []
      if let (code, message) = objection(to: bus, of: rule, event, after: path) {
        if code.isEmpty {
          delivery.state = .suppressed
          delivery.reason = message
        } else {
          giveUp(&delivery, target, code: code, message)
        }
        return
      }
      delivery.state = .delivered
      forward(event, to: bus, along: path)
    case .topic(let topic):
      // So is what subscribers get.
      delivery.state = .delivered
      outcome.publications.append(
        RoutingOutcome.Publication(
          deliveryID: delivery.deliveryID,
          topic: topic,
          message: String(decoding: delivery.payload, as: UTF8.self),
          sender: rule.sender,
          deadLetterARN: target.settings.deadLetterARN
        )
      )
      delivery.payload = []
    case .apiDestination, .service: break
    }
  }

  private mutating func forward(_ event: BusEvent, to bus: BusReference, along path: [BusReference]) {
    var event = event
    event.ruleFilter = []
    if let from = path.last, from.scope.region != bus.scope.region {
      // In another Region it is another event.
      let id = StableID.event(event.identity, on: bus.arn)
      if case .object(var object)? = try? JSONValue(parsing: event.event.envelope) {
        object["id"] = .string(id)
        event.event.envelope = JSONValue.object(object).bytes
      }
      event.event.eventID = id
      event.identity = id
      outcome.entries.append(JournalEntry(event))
    }
    route(event, along: path + [bus])
  }

  /// Why an event may not go on to a bus: an error code, or none where nothing is wrong with leaving it.
  private func objection(
    to bus: BusReference,
    of rule: CompiledRule,
    _ event: BusEvent,
    after path: [BusReference]
  ) -> (code: String, message: String)? {
    guard let from = path.last else { return nil }
    if path.contains(bus) { return ("", "the event has been on \(bus.arn) before") }
    guard path.count < Self.longestPath else {
      return ("RESOURCE_LIMIT_EXCEEDED", "the event has gone over \(path.count) buses")
    }
    if bus.scope.account != from.scope.account, Set(path.map(\.scope.account)).count > 1 {
      return ("THIRD_ACCOUNT_HOP_DETECTED", "events go from one account to another, and no further")
    }
    if bus.scope.region != from.scope.region, Set(path.map(\.scope.region)).count > 1 {
      return ("THIRD_REGION_HOP_DETECTED", "events go from one Region to another, and no further")
    }
    guard snapshot.catalog[bus.scope].bus(bus.name) != nil else {
      return ("NO_RESOURCE", "there is no event bus \(bus.arn)")
    }
    // A rule that another account has made on a bus is that account's.
    let sender = rule.rule.createdBy
    var conditions = rule.sender.policyCaller.conditions
    conditions["events:source"] = [event.event.source]
    conditions["events:detail-type"] = [event.event.detailType]
    conditions["events:eventBusInvocation"] = ["true"]
    do throws(BusError) {
      let caller = PolicyCaller.account(sender)
      conditions.merge(caller.conditions) { $1 }
      try snapshot.catalog.authorize(
        caller,
        "events:PutEvents",
        on: bus,
        conditions: conditions,
        now: now.milliseconds
      )
    } catch {
      return ("NO_PERMISSIONS", "the policy of \(bus.arn) does not allow events from account \(sender)")
    }
    return nil
  }

  private mutating func giveUp(
    _ delivery: inout DecidedDelivery,
    _ target: CompiledRule.Target,
    code: String,
    _ message: String
  ) {
    outcome.targetARNs[delivery.deliveryID] = target.settings.arn
    delivery.reason = "\(code): \(message)"
    delivery.state = target.settings.deadLetterARN == nil ? .failed : .deadLettered
    delivery.deadLetter = target.settings.deadLetterARN.map { queue in
      DeadLetter(
        queue: queue,
        errorCode: code,
        errorMessage: message,
        exhausted: nil,
        targetARN: target.settings.arn
      )
    }
  }
}

extension JournalEntry {
  fileprivate init(_ event: BusEvent) {
    self.init(
      eventID: event.identity,
      account: event.event.account,
      region: event.event.region,
      envelope: event.event.envelope
    )
  }
}
