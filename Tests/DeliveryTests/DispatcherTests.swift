import Delivery
import Messaging
import SignalboxTesting
import Storage
import Testing

struct DispatcherTests {
  let refused = DeliveryFailure(.connectionFailure, "refused", retryable: true)

  @Test func deliversWhatIsDueAndRecordsIt() async throws {
    let fixture = try Fixture()
    let target = RecordingTarget()
    try fixture.decide(25, to: "a")
    let dispatcher = fixture.dispatcher(["a": Route(target: target)])
    let left = try await fixture.running(dispatcher) { await dispatcher.drain(waitingUntil: fixture.clock.now) }
    #expect(left.pending == 0)
    #expect(target.received.count == 25)
    #expect(Set(target.received.map(\.deliveryID)).count == 25)
    #expect(try fixture.database.ledger.counts() == [.delivered: 25])
    let shown = try #require(try fixture.database.ledger.show("dlv-a-d7"))
    #expect(shown.attempts.map(\.summary) == ["recorded"])
    #expect(target.received.first?.event == Array("{}".utf8))
  }

  @Test func rowsThatComeLaterAreDeliveredWithoutASearch() async throws {
    let fixture = try Fixture()
    let target = RecordingTarget()
    let dispatcher = fixture.dispatcher(["a": Route(target: target), "b": Route(target: target)])
    try await fixture.running(dispatcher) { () async throws in
      for round in 0..<3 {
        try fixture.decide(to: "a", prefix: "r\(round)-")
        try fixture.decide(to: "b", prefix: "r\(round)-")
        dispatcher.noteNewRows(for: ["a", "b"])
        #expect(try await fixture.eventually { target.received.count == 2 * (round + 1) })
      }
    }
  }

  @Test func retriesUntilTheTargetTakesIt() async throws {
    let fixture = try Fixture()
    let target = FailingTarget(refused, times: 3)
    try fixture.decide(to: "a")
    let dispatcher = fixture.dispatcher(["a": Route(target: target)])
    try await fixture.running(dispatcher) { () async throws in
      #expect(try await fixture.advance { try fixture.database.ledger.counts() == [.delivered: 1] })
    }
    let shown = try #require(try fixture.database.ledger.show("dlv-a-d0"))
    #expect(shown.attempts.map(\.attempt) == [1, 2, 3, 4])
    #expect(shown.attempts.map(\.errorCode) == ["CONNECTION_FAILURE", "CONNECTION_FAILURE", "CONNECTION_FAILURE", nil])
  }

  @Test func exhaustedDeliveriesBecomeDeadLetters() async throws {
    let fixture = try Fixture()
    try fixture.decide(to: "a")
    let route = Route(target: FailingTarget(refused), retry: RetryPolicy(attemptLimit: 3), deadLetterQueue: "a-dlq")
    let dispatcher = fixture.dispatcher(["a": route])
    try await fixture.running(dispatcher) { () async throws in
      #expect(try await fixture.advance { try fixture.database.ledger.counts() == [.deadLettered: 1] })
    }
    let letters = try fixture.database.queues.peek("a-dlq", now: fixture.clock.now.milliseconds)
    let attributes = try #require(letters.first?.attributes)
    #expect(attributes["ERROR_CODE"] == "CONNECTION_FAILURE")
    #expect(attributes["ERROR_MESSAGE"] == "refused")
    #expect(attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts")
    #expect(attributes["RETRY_ATTEMPTS"] == "2")
    #expect(attributes["RULE_ARN"]?.hasSuffix("rule/rule") == true)
    #expect(attributes["TARGET_ARN"]?.hasSuffix("target/a") == true)
  }

  @Test func aPermanentFailureIsADeadLetterAtOnce() async throws {
    let fixture = try Fixture()
    let target = FailingTarget(DeliveryFailure(.noPermissions, "403", retryable: false))
    try fixture.decide(to: "a")
    let dispatcher = fixture.dispatcher(["a": Route(target: target)])
    _ = try await fixture.running(dispatcher) { await dispatcher.drain(waitingUntil: fixture.clock.now) }
    #expect(target.attempts == 1)
    let letters = try fixture.database.queues.peek(
      Route.defaultDeadLetterQueue,
      now: fixture.clock.now.milliseconds
    )
    #expect(letters.first?.attributes["EXHAUSTED_RETRY_CONDITION"] == nil)
    #expect(letters.count == 1)
  }

  @Test func aTargetThatIsGoneLeavesADeadLetter() async throws {
    let fixture = try Fixture()
    try fixture.decide(to: "gone")
    let dispatcher = fixture.dispatcher([:])
    _ = try await fixture.running(dispatcher) { await dispatcher.drain(waitingUntil: fixture.clock.now) }
    let letters = try fixture.database.queues.peek(
      Route.defaultDeadLetterQueue,
      now: fixture.clock.now.milliseconds
    )
    #expect(letters.first?.attributes["ERROR_CODE"] == "NO_RESOURCE")
  }

  @Test func whatIsGoneGoesToTheQueueOfTheSettings() async throws {
    let fixture = try Fixture()
    try fixture.decide(to: "gone")
    let dispatcher = fixture.dispatcher([:], deadLetterQueue: "lost")
    _ = try await fixture.running(dispatcher) { await dispatcher.drain(waitingUntil: fixture.clock.now) }
    #expect(try fixture.database.queues.peek("lost", now: fixture.clock.now.milliseconds).count == 1)
  }

  @Test func hangingAndDeadTargetsDelayNobody() async throws {
    let fixture = try Fixture()
    let healthy = RecordingTarget()
    let hanging = HangingTarget()
    try fixture.decide(40, to: "hanging")
    try fixture.decide(40, to: "dead")
    try fixture.decide(40, to: "healthy")
    let dispatcher = fixture.dispatcher([
      "hanging": Route(target: hanging, limits: LaneLimits(concurrency: 3)),
      "dead": Route(target: FailingTarget(refused)),
      "healthy": Route(target: healthy),
    ])
    try await fixture.running(dispatcher) { () async throws in
      // Without the clock moving: nobody waits for anybody's timeout.
      #expect(try await fixture.eventually { healthy.received.count == 40 && hanging.attempts == 3 })
    }
    // What hung was cut short by the stop: it is due again, and no attempt was counted.
    let hung = try fixture.database.ledger.list(LedgerQuery(targetID: "hanging"))
    #expect(hung.allSatisfy { $0.decision.state == .pending && $0.attempts == 0 })
  }

  @Test func aStopLetsAttemptsEnd() async throws {
    let fixture = try Fixture()
    let gate = GatedTarget()
    try fixture.decide(10, to: "a")
    let dispatcher = fixture.dispatcher(["a": Route(target: gate, limits: LaneLimits(concurrency: 2))])
    async let run: Void = dispatcher.run()
    #expect(try await fixture.eventually { gate.begun == 2 })
    dispatcher.stop(by: fixture.clock.now + .seconds(10))
    gate.open()
    await run
    #expect(gate.begun == 2)
    #expect(try fixture.database.ledger.counts() == [.delivered: 2, .pending: 8])
  }

  @Test func aDrainReportsWhatWaitsForARetry() async throws {
    let fixture = try Fixture()
    try fixture.decide(2, to: "dead")
    try fixture.decide(3, to: "fine")
    let retry = RetryPolicy(firstBackoff: .seconds(3600), longestBackoff: .seconds(3600))
    var later = refused
    later.retryAfter = .seconds(600)
    let dispatcher = fixture.dispatcher([
      "dead": Route(target: FailingTarget(later), retry: retry), "fine": Route(target: RecordingTarget()),
    ])
    let left = try await fixture.running(dispatcher) { await dispatcher.drain(waitingUntil: fixture.clock.now) }
    #expect(left.pending == 2)
    #expect(left.nextAttempt.map { $0 >= fixture.clock.now + .seconds(600) } == true)
  }

  @Test func aSecondStartDeliversWhatTheFirstLeft() async throws {
    let fixture = try Fixture()
    let target = RecordingTarget()
    try fixture.decide(5, to: "a")
    let first = fixture.dispatcher(["a": Route(target: HangingTarget())])
    _ = try await fixture.running(first) { try await fixture.eventually { true } }
    let second = fixture.dispatcher(["a": Route(target: target)])
    _ = try await fixture.running(second) { await second.drain(waitingUntil: fixture.clock.now) }
    #expect(Set(target.received.map(\.deliveryID)) == Set((0..<5).map { "dlv-a-d\($0)" }))
    #expect(target.received.allSatisfy { $0.attempt == 1 })
  }

  @Test func aClockThatWasFastMakesNobodyWait() async throws {
    let fixture = try Fixture()
    fixture.clock.advance(by: .seconds(30 * 86_400))
    try fixture.decide(6, to: "a")
    // All of them fail once, so that the lane takes the target for dead.
    let target = FailingTarget(refused, times: 6)
    let retry = RetryPolicy(firstBackoff: .seconds(3600), longestBackoff: .seconds(3600))
    let dispatcher = fixture.dispatcher(["a": Route(target: target, limits: LaneLimits(concurrency: 6), retry: retry)])
    let (hasFailed, isDelivered) = try await fixture.running(dispatcher) {
      let hasFailed = try await fixture.eventually {
        try fixture.database.ledger.list().filter { $0.attempts == 1 }.count == 6
      }
      fixture.clock.setBack(by: .seconds(30 * 86_400))
      // Less than a day of steps, with time in between for what the clock's going back sets off.
      for _ in 0..<1000 where try fixture.database.ledger.counts() != [.delivered: 6] {
        fixture.clock.advance(by: .seconds(60))
        try await Task.sleep(for: .milliseconds(2))
      }
      return (hasFailed, try fixture.database.ledger.counts() == [.delivered: 6])
    }
    #expect(hasFailed)
    #expect(isDelivered)
  }

  @Test func newRoutesTakeEffectAtOnce() async throws {
    let fixture = try Fixture()
    let repaired = RecordingTarget()
    try fixture.decide(8, to: "a")
    let dispatcher = fixture.dispatcher(["a": Route(target: FailingTarget(refused))])
    try await fixture.running(dispatcher) { () async throws in
      #expect(
        try await fixture.eventually {
          try fixture.database.ledger.list(LedgerQuery(targetID: "a")).filter { $0.attempts > 0 }.count >= 4
        }
      )
      var table = RouteTable()
      table[.send, "a"] = Route(target: repaired)
      dispatcher.install(table)
      #expect(try await fixture.advance { try fixture.database.ledger.counts() == [.delivered: 8] })
    }
  }
}
