import Crypto
import CryptoExtras
import EventPatterns
import Foundation
import Messaging
import Storage
import Synchronization
import Testing
import TrailEvents

@Suite struct TopicServiceTests {
  let fixture: QueueServiceFixture
  let service: TopicService
  let secrets = SecretBox()
  let home = QueueServiceFixture.home
  let me = QueueServiceFixture.me

  init() throws {
    let fixture = try QueueServiceFixture()
    self.fixture = fixture
    service = try TopicService(
      database: fixture.test.database,
      queues: fixture.service,
      endpoint: "http://127.0.0.1:4010",
      secrets: secrets
    ) { [clock = fixture.clock] in clock.now }
  }

  func refusal(_ body: () async throws -> Void) async -> MessagingError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? MessagingError
    }
  }

  /// A queue that topics may send to.
  func queue(_ name: String, _ attributes: [String: String] = [:]) async throws -> QueueAddress {
    let policy = """
      {"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage",
      "Resource":"*"}]}
      """
    return try await fixture.queue(name, attributes.merging(["Policy": policy]) { $1 })
  }

  func subscribe(
    _ queue: QueueAddress,
    to topic: TopicAddress,
    _ attributes: [String: String] = [:]
  ) async throws -> SubscriptionSummary {
    try await service.subscribe(
      to: topic,
      protocol: "sqs",
      endpoint: queue.arn.description,
      attributes: attributes,
      as: me
    )
  }

  func envelope(in queue: QueueAddress) async throws -> JSONValue {
    let text = try #require(try await fixture.texts(from: queue).first)
    return try JSONValue(parsing: text)
  }

  // MARK: Topics

  @Test func `a topic has SNS's attributes, and its policy is JSON`() async throws {
    let topic = try await service.create("t", in: home, attributes: ["DisplayName": "Alerts"], tags: ["a": "1"])
    #expect(topic.arn.description == "arn:aws:sns:us-east-1:111122223333:t")
    let values = try await service.attributes(of: topic, as: me)
    #expect(values["DisplayName"] == "Alerts" && values["Owner"] == home.account)
    #expect(values["SubscriptionsConfirmed"] == "0" && values["SubscriptionsPending"] == "0")
    let policy = try JSONValue(parsing: try #require(values["Policy"]))
    #expect(policy["Statement"]?[0]?["Resource"]?.string == topic.arn.description)
    #expect(try JSONValue(parsing: try #require(values["EffectiveDeliveryPolicy"]))["http"] != nil)
    #expect(try await service.create("t", in: home) == topic)
    #expect(
      await refusal { _ = try await service.create("t", in: home, attributes: ["DisplayName": "Other"]) }?.code
        == .invalidParameter
    )
    #expect(try await service.tags(of: topic, as: me) == ["a": "1"])
    try await service.delete(topic, as: me)
    try await service.delete(topic, as: me)
    #expect(await refusal { _ = try await service.attributes(of: topic, as: me) }?.code.rawValue == "NotFound")
  }

  @Test(
    arguments: [
      ("a b", [:]), ("", [:]), ("t.fifo", [:]), ("t", ["FifoTopic": "true"]), ("t", ["Nonsense": "x"]),
      ("t", ["Policy": "{"]), ("t", ["SignatureVersion": "3"]), ("t", ["ContentBasedDeduplication": "true"]),
      ("t", ["DeliveryPolicy": #"{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}"#]),
    ] as [(String, [String: String])]
  )
  func `bad names and attributes are refused`(name: String, attributes: [String: String]) async throws {
    #expect(
      await refusal { _ = try await service.create(name, in: home, attributes: attributes) }?.code == .invalidParameter
    )
    #expect(try await service.list(in: home).items.isEmpty)
  }

  @Test func `permissions open a topic to others`() async throws {
    let topic = try await service.create("t", in: home)
    let stranger = MessagingCaller.account("444455556666")
    #expect(
      await refusal { _ = try await service.publish(PublishRequest("x"), to: topic, as: stranger) }?.code
        == .accessDenied
    )
    try await service.addPermission("them", accounts: ["444455556666"], actions: ["Publish"], to: topic, as: me)
    _ = try await service.publish(PublishRequest("x"), to: topic, as: stranger)
    try await service.removePermission("them", from: topic, as: me)
    #expect(
      await refusal { _ = try await service.publish(PublishRequest("x"), to: topic, as: stranger) }?.code
        == .accessDenied
    )
  }

  // MARK: Publishing

  @Test func `queues get the signed envelope or the message alone`() async throws {
    let topic = try await service.create("t", in: home)
    let (wrapped, raw) = (try await queue("wrapped"), try await queue("raw"))
    let subscription = try await subscribe(wrapped, to: topic)
    _ = try await subscribe(raw, to: topic, ["RawMessageDelivery": "true"])
    let attributes = ["k": MessageAttribute("v"), "b": MessageAttribute(dataType: "Binary", value: .binary([1, 2]))]
    let request = PublishRequest("hello \"you\"", subject: "s", attributes: attributes)
    let published = try await service.publish(request, to: topic, as: me)

    let envelope = try await envelope(in: wrapped)
    #expect(envelope["Type"]?.string == "Notification" && envelope["MessageId"]?.string == published.messageID)
    #expect(envelope["TopicArn"]?.string == topic.arn.description && envelope["Message"]?.string == "hello \"you\"")
    #expect(envelope["Subject"]?.string == "s" && envelope["Timestamp"]?.string == "1970-01-01T00:16:40.000Z")
    #expect(envelope["MessageAttributes"]?["k"]?["Value"]?.string == "v")
    #expect(envelope["MessageAttributes"]?["b"]?["Value"]?.string == "AQI=")
    #expect(
      envelope["UnsubscribeURL"]?.string
        == "http://127.0.0.1:4010/?Action=Unsubscribe&SubscriptionArn=\(subscription.address.arn)"
    )
    let certificate = try service.signingCertificate()
    #expect(envelope["SigningCertURL"]?.string == "http://127.0.0.1:4010" + certificate.path)
    #expect(certificate.pem.hasPrefix("-----BEGIN CERTIFICATE-----\n"))

    let received = try #require(try await fixture.receive(from: raw).first?.message)
    #expect(received.text == "hello \"you\"" && received.messageAttributes == attributes)
  }

  @Test(arguments: ["1", "2"])
  func `signatures fit the certificate, also after a restart`(version: String) async throws {
    let topic = try await service.create("t", in: home, attributes: ["SignatureVersion": version])
    let queue = try await queue("q")
    _ = try await subscribe(queue, to: topic)
    _ = try await service.publish(PublishRequest("m"), to: topic, as: me)
    let envelope = try await envelope(in: queue)
    func part(_ name: String) throws -> String { try #require(envelope[name]?.string) }
    #expect(try part("SignatureVersion") == version)
    let text =
      "Message\nm\nMessageId\n\(try part("MessageId"))\nTimestamp\n\(try part("Timestamp"))\nTopicArn\n\(topic.arn)\n"
      + "Type\nNotification\n"
    let again = try TopicService(
      database: fixture.test.database,
      queues: fixture.service,
      endpoint: "http://127.0.0.1:4010",
      secrets: secrets
    ) { 0 }
    let key = try publicKey(in: try again.signingCertificate().pem)
    let signature = _RSA.Signing.RSASignature(
      rawRepresentation: try #require(Data(base64Encoded: try part("Signature")))
    )
    let bytes = Data(text.utf8)
    let fits =
      version == "1"
      ? key.isValidSignature(signature, for: Insecure.SHA1.hash(data: bytes), padding: .insecurePKCS1v1_5)
      : key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
    #expect(fits)
  }

  /// The RSA key of a certificate: what follows the second subject name, found by the algorithm's identifier.
  private func publicKey(in pem: String) throws -> _RSA.Signing.PublicKey {
    let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
    let der = Array(try #require(Data(base64Encoded: base64)))
    let algorithm: [UInt8] = [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00]
    let place = try #require(der.indices.first { der[$0...].starts(with: algorithm) })
    // The header of a SEQUENCE of two length bytes stands before it.
    let length = Int(der[place - 2]) << 8 | Int(der[place - 1])
    return try _RSA.Signing.PublicKey(derRepresentation: Data(der[(place - 4)..<(place + length)]))
  }

  @Test(
    arguments: [
      (#"{"kind":["b"]}"#, "MessageAttributes", ["n2"]), (#"{"kind":["a","b"]}"#, "MessageAttributes", ["n1", "n2"]),
      (#"{"kind":[{"anything-but":"a"}]}"#, "MessageAttributes", ["n2"]),
      (#"{"kind":[{"prefix":"a"}]}"#, "MessageAttributes", ["n1"]),
      (#"{"kind":[{"exists":false}]}"#, "MessageAttributes", ["n3"]),
      (#"{"size":[{"numeric":[">",5]}]}"#, "MessageAttributes", ["n2"]),
      (#"{"tags":["y"]}"#, "MessageAttributes", ["n2"]),
      (#"{"$or":[{"kind":["a"]},{"size":[10]}]}"#, "MessageAttributes", ["n1", "n2"]),
      ("{}", "MessageAttributes", ["n1", "n2", "n3"]),
      (#"{"n":[2]}"#, "MessageBody", ["n2"]), (#"{"deep":{"x":["1"]}}"#, "MessageBody", ["n1"]),
    ] as [(String, String, [String])]
  )
  func `filter policies choose messages`(policy: String, scope: String, expected: [String]) async throws {
    let topic = try await service.create("t", in: home)
    let queue = try await queue("q")
    _ = try await subscribe(
      queue,
      to: topic,
      ["RawMessageDelivery": "true", "FilterPolicy": policy, "FilterPolicyScope": scope]
    )
    let messages: [(String, [String: MessageAttribute])] = [
      (#"{"n":1,"deep":{"x":"1"},"id":"n1"}"#, ["kind": MessageAttribute("a")]),
      (
        #"{"n":2,"id":"n2"}"#,
        [
          "kind": MessageAttribute("b"), "size": MessageAttribute(dataType: "Number", value: .text("10")),
          "tags": MessageAttribute(dataType: "String.Array", value: .text(#"["x","y"]"#)),
        ]
      ),
      ("no JSON: n3", [:]),
    ]
    for (text, attributes) in messages {
      _ = try await service.publish(PublishRequest(text, attributes: attributes), to: topic, as: me)
    }
    let received = try await fixture.texts(from: queue)
    #expect(received.map { text in ["n1", "n2", "n3"].first { text.contains($0) } } == expected)
  }

  @Test(arguments: ["x", "[]", #"{"a":"b"}"#, #"{"a":{"b":["c"]}}"#, #"{"a":[{"nonsense":1}]}"#])
  func `bad filter policies are refused`(policy: String) async throws {
    let topic = try await service.create("t", in: home)
    let queue = try await queue("q")
    let error = await refusal { _ = try await subscribe(queue, to: topic, ["FilterPolicy": policy]) }
    #expect(error?.message.hasPrefix("Invalid parameter: Attributes Reason: Filter") == true)
    let subscription = try await subscribe(queue, to: topic)
    let again = await refusal {
      try await service.setAttribute("FilterPolicy", to: policy, of: subscription.address, as: me)
    }
    #expect(again?.message.hasPrefix("Invalid parameter: Filter") == true)
  }

  @Test func `a nested filter policy is told its scope`() async throws {
    let topic = try await service.create("t", in: home)
    let queue = try await queue("q")
    let policy = #"{"a":{"b":["c"]}}"#
    let error = await refusal { _ = try await subscribe(queue, to: topic, ["FilterPolicy": policy]) }
    #expect(
      error?.message
        == "Invalid parameter: Attributes Reason: Filter policy scope MessageAttributes does not support nested filter "
        + "policy"
    )
  }

  @Test(
    arguments: [
      (PublishRequest(""), "InvalidParameter"), (PublishRequest("x", subject: "a\nb"), "InvalidParameter"),
      (PublishRequest("x", subject: String(repeating: "a", count: 101)), "InvalidParameter"),
      (PublishRequest(String(repeating: "a", count: 262_145)), "InvalidParameter"),
      (PublishRequest("x", isJSONStructure: true), "InvalidParameter"),
      (PublishRequest(#"{"sqs":"x"}"#, isJSONStructure: true), "InvalidParameter"),
      (PublishRequest("x", attributes: ["a": MessageAttribute("")]), "InvalidParameterValue"),
    ]
  )
  func `messages that SNS does not take are refused`(request: PublishRequest, code: String) async throws {
    let topic = try await service.create("t", in: home)
    #expect(await refusal { _ = try await service.publish(request, to: topic, as: me) }?.code.rawValue == code)
  }

  @Test func `a message may have another text for each protocol`() async throws {
    let topic = try await service.create("t", in: home)
    let queue = try await queue("q")
    _ = try await subscribe(queue, to: topic)
    let request = PublishRequest(#"{"default":"d","sqs":"s"}"#, isJSONStructure: true)
    _ = try await service.publish(request, to: topic, as: me)
    #expect(try await envelope(in: queue)["Message"]?.string == "s")
  }

  @Test func `what a queue refuses goes to the dead-letter queue, or is on record`() async throws {
    let topic = try await service.create("t", in: home)
    let deadLetters = try await queue("dlq")
    let closed = try await fixture.queue("closed")
    let policy = #"{"deadLetterTargetArn":"\#(deadLetters.arn)"}"#
    let subscription = try await subscribe(closed, to: topic, ["RedrivePolicy": policy])
    let refusals = Mutex<[RefusedNotification]>([])
    service.onRefusal { refusal in refusals.withLock { $0.append(refusal) } }
    let lost = try await service.publish(PublishRequest("m1"), to: topic, as: me)
    #expect(try await envelope(in: deadLetters)["Message"]?.string == "m1")
    let refusal = try #require(refusals.withLock { $0.last })
    #expect(refusal.topic == topic.arn && refusal.subscription == subscription.address.arn)
    #expect(refusal.messageID == lost.messageID && refusal.endpoint == closed.arn.description)
    #expect(refusal.code == "NO_PERMISSIONS" && refusal.deadLetterQueue == deadLetters.arn)
    try await service.setAttribute("RedrivePolicy", to: "", of: subscription.address, as: me)
    let published = try await service.publish(PublishRequest("m2"), to: topic, as: me)
    let records = try fixture.test.database.ledger.list()
    let record = try #require(records.first { $0.decision.eventID == published.messageID })
    #expect(record.decision.state == .failed && record.decision.reason.hasPrefix("NO_PERMISSIONS: "))
    #expect(record.decision.ruleID == topic.arn.description)
    try await fixture.service.delete(closed, as: me)
    _ = try await service.publish(PublishRequest("m3"), to: topic, as: me)
    #expect(refusals.withLock { $0.map(\.code) } == ["NO_PERMISSIONS", "NO_PERMISSIONS", "NO_RESOURCE"])
    #expect(refusals.withLock { $0.last?.deadLetterQueue } == nil)
    let failures = try fixture.test.database.troubles().failures
    #expect(failures.map(\.code) == ["NO_RESOURCE", "NO_PERMISSIONS", "NO_PERMISSIONS"])
    #expect(failures.first?.target == "sns:\(subscription.address.arn)")
  }

  @Test func `a message that an endpoint does not take is a dead letter as it was, and nothing is added`() async throws
  {
    let topic = try await service.create("t", in: home)
    let deadLetters = try await queue("dlq")
    let attributes = [
      "RawMessageDelivery": "true", "RedrivePolicy": #"{"deadLetterTargetArn":"\#(deadLetters.arn)"}"#,
    ]
    let subscription = try await service.subscribe(
      to: topic,
      protocol: "http",
      endpoint: "http://127.0.0.1:9/",
      attributes: attributes,
      as: me
    )
    let lane = "sns:\(subscription.address.arn)"
    let outbox = fixture.test.database.outbox
    func giveUp() throws {
      let queue = service.route(of: lane)?.deadLetterQueue ?? ""
      #expect(!queue.isEmpty)
      let letter = DeadLetter(
        queue: queue,
        errorCode: "ERROR_FROM_TARGET",
        errorMessage: "HTTP 400",
        exhausted: nil
      )
      for delivery in try outbox.due(target: lane, now: fixture.clock.now, limit: 10) {
        let settlement = Settlement(
          deliveryID: delivery.record.decision.deliveryID,
          attempt: nil,
          outcome: .deadLettered(letter)
        )
        try outbox.settle([settlement], now: fixture.clock.now)
      }
    }
    let confirmation = try #require(try outbox.due(target: lane, now: fixture.clock.now, limit: 1).first)
    let token = try JSONValue(parsing: confirmation.record.decision.payload)["Token"]?.string ?? ""
    _ = try await service.confirm(token, of: topic)
    try giveUp()
    #expect(try await fixture.receive(from: deadLetters).map(\.message.messageAttributes) == [[:]])
    let typed = ["k": MessageAttribute("v"), "b": MessageAttribute(dataType: "Binary", value: .binary([1]))]
    _ = try await service.publish(PublishRequest("m", attributes: typed), to: topic, as: me)
    try giveUp()
    let letter = try #require(try await fixture.receive(from: deadLetters).first).message
    #expect(letter.text == "m" && letter.messageAttributes == typed)
  }

  @Test func `queues get the trace header of what was published`() async throws {
    let topic = try await service.create("t", in: home)
    let queue = try await queue("q")
    _ = try await subscribe(queue, to: topic)
    var request = PublishRequest("m")
    request.traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793"
    _ = try await service.publish(request, to: topic, as: me)
    #expect(try await fixture.receive(from: queue).first?.message.traceHeader == request.traceHeader)
  }

  @Test(arguments: [
    ("t", "ArchivePolicy", #"{"MessageRetentionPeriod":"30"}"#), ("t.fifo", "ArchivePolicy", "{}"),
    ("t", "HTTPSuccessFeedbackSampleRate", "101"), ("t", "SQSSuccessFeedbackSampleRate", "many"),
    ("t", "LambdaSuccessFeedbackSampleRate", "-1"),
  ])
  func `attributes that would have no effect are refused`(name: String, attribute: String, value: String) async throws {
    let topic = try await service.create(name, in: home, attributes: name == "t" ? [:] : ["FifoTopic": "true"])
    let error = await refusal { try await service.setAttribute(attribute, to: value, of: topic, as: me) }
    #expect(error?.code == .invalidParameter && error?.message.contains(attribute) == true)
    try await service.setAttribute("SQSSuccessFeedbackSampleRate", to: "100", of: topic, as: me)
    let queue = try await queue(name == "t" ? "q" : "q.fifo", name == "t" ? [:] : ["FifoQueue": "true"])
    let replay = await refusal { _ = try await subscribe(queue, to: topic, ["ReplayPolicy": "{}"]) }
    #expect(replay?.message.hasPrefix("Invalid parameter: ReplayPolicy") == true)
  }

  @Test func `FIFO topics keep order and drop duplicates`() async throws {
    let topic = try await service.create(
      "t.fifo",
      in: home,
      attributes: ["FifoTopic": "true", "ContentBasedDeduplication": "true"]
    )
    let queue = try await queue("q.fifo", ["FifoQueue": "true"])
    _ = try await subscribe(queue, to: topic, ["RawMessageDelivery": "true"])
    var numbers: [String] = []
    for text in ["a", "b", "a", "c"] {
      let published = try await service.publish(PublishRequest(text, groupID: "g"), to: topic, as: me)
      numbers.append(try #require(published.sequenceNumber))
    }
    #expect(numbers[0] == numbers[2] && numbers[0] < numbers[1] && numbers[1] < numbers[3])
    #expect(try await fixture.texts(from: queue) == ["a", "b", "c"])
    #expect(await refusal { _ = try await service.publish(PublishRequest("x"), to: topic, as: me) } != nil)
    let standard = try await service.create("s", in: home)
    #expect(await refusal { _ = try await subscribe(queue, to: standard) }?.code == .invalidParameter)
  }

  @Test func `batches are published entry by entry`() async throws {
    let topic = try await service.create("t", in: home)
    let queue = try await queue("q")
    _ = try await subscribe(queue, to: topic, ["RawMessageDelivery": "true"])
    let entries = [
      BatchEntry(id: "a", PublishRequest("x")), BatchEntry(id: "b", PublishRequest("")),
      BatchEntry(id: "c", PublishRequest("y")),
    ]
    let results = try await service.publish(entries, to: topic, as: me)
    #expect(results.map { $0.outcome.failure?.code.rawValue } == [nil, "InvalidParameter", nil])
    #expect(try await fixture.texts(from: queue) == ["x", "y"])
    #expect(
      await refusal { _ = try await service.publish([] as [BatchEntry<PublishRequest>], to: topic, as: me) }?.code
        .rawValue
        == "EmptyBatchRequest"
    )
  }

  // MARK: Subscriptions

  @Test func `subscribing again is fine with the same attributes only`() async throws {
    let topic = try await service.create("t", in: home)
    let queue = try await queue("q")
    let first = try await subscribe(queue, to: topic, ["RawMessageDelivery": "true"])
    #expect(first.isConfirmed && first.address.arn.hasPrefix(topic.arn.description + ":"))
    #expect(try await subscribe(queue, to: topic) == first)
    #expect(await refusal { _ = try await subscribe(queue, to: topic, ["RawMessageDelivery": "false"]) } != nil)
    #expect(try await service.subscriptions(of: topic, as: me).items == [first])
    #expect(try await service.subscriptions(in: home).items == [first])
    let values = try await service.attributes(of: first.address, as: me)
    #expect(values["Protocol"] == "sqs" && values["PendingConfirmation"] == "false")
    try await service.unsubscribe(first.address, as: me)
    try await service.unsubscribe(first.address, as: me)
    #expect(try await service.subscriptions(in: home).items.isEmpty)
    #expect(
      await refusal { _ = try await service.attributes(of: first.address, as: me) }?.code.rawValue == "NotFound"
    )
  }

  @Test(
    arguments: [
      ("carrier-pigeon", "x"), ("http", "https://example.com"), ("https", "https://"), ("sqs", "arn:aws:sns:r:1:t"),
      ("email", "nobody"), ("lambda", "x"),
    ]
  )
  func `bad endpoints are refused`(name: String, endpoint: String) async throws {
    let topic = try await service.create("t", in: home)
    let error = await refusal {
      _ = try await service.subscribe(to: topic, protocol: name, endpoint: endpoint, as: me)
    }
    #expect(error?.code == .invalidParameter)
  }

  @Test func `an HTTP endpoint confirms, then gets messages through the outbox`() async throws {
    let topic = try await service.create("t", in: home)
    let subscription = try await service.subscribe(
      to: topic,
      protocol: "http",
      endpoint: "http://127.0.0.1:9/hook",
      attributes: ["DeliveryPolicy": #"{"healthyRetryPolicy":{"numRetries":5,"minDelayTarget":1,"maxDelayTarget":2}}"#],
      as: me
    )
    #expect(!subscription.isConfirmed)
    let lane = "sns:\(subscription.address.arn)"
    func due() throws -> [DueDelivery] {
      try fixture.test.database.outbox.due(target: lane, now: fixture.clock.now, limit: 10)
    }
    let confirmation = try #require(try due().first)
    let body = try JSONValue(parsing: confirmation.record.decision.payload)
    #expect(body["Type"]?.string == "SubscriptionConfirmation" && body["Signature"]?.string?.isEmpty == false)
    let token = try #require(body["Token"]?.string)
    #expect(
      body["SubscribeURL"]?.string
        == "http://127.0.0.1:4010/?Action=ConfirmSubscription&TopicArn=\(topic.arn)&Token=\(token)"
    )
    #expect(
      confirmation.record.decision.parameters.first
        == DeliveryParameter(name: "x-amz-sns-message-type", value: "SubscriptionConfirmation")
    )
    _ = try await service.publish(PublishRequest("early"), to: topic, as: me)
    #expect(try due().count == 1)
    #expect(await refusal { _ = try await service.confirm("wrong", of: topic) } != nil)
    #expect(try await service.confirm(token, of: topic).isConfirmed)
    let published = try await service.publish(PublishRequest("m"), to: topic, as: me)
    #expect(published.lanes == [lane])
    #expect(try due().count == 2)
    let route = try #require(service.route(of: lane))
    let policy = #"{"http":{"defaultHealthyRetryPolicy":{"numRetries":7}}}"#
    try await service.setAttribute("DeliveryPolicy", to: "", of: subscription.address, as: me)
    try await service.setAttribute("DeliveryPolicy", to: policy, of: topic, as: me)
    #expect(service.route(of: lane)?.retries.count == 7)
    #expect(route.endpoint == "http://127.0.0.1:9/hook" && route.retries.count == 5 && route.retries.longestDelay == 2)
  }

  @Test func `what rule files subscribe gets what clients publish`() async throws {
    try fixture.test.database.topics.set("alerts", subscribers: [.queue("audit"), .target("pager")], now: 0)
    let topic = TopicAddress("alerts", in: home)
    #expect(try await service.list(in: home).items == [topic])
    _ = try await service.publish(PublishRequest("m"), to: topic, as: me)
    #expect(try fixture.test.database.queues.peek("audit", now: fixture.clock.now).map(\.text) == ["m"])
    let due = try fixture.test.database.outbox.due(target: "pager", now: fixture.clock.now, limit: 9)
    #expect(due.map(\.record.decision.payload) == [Array("m".utf8)])
  }

  @Test func `what rules publish reaches clients' subscriptions, once`() async throws {
    try fixture.test.database.topics.set("alerts", subscribers: [.queue("audit")], now: 0)
    let topic = TopicAddress("alerts", in: home)
    let queue = try await queue("q")
    _ = try await subscribe(queue, to: topic)
    let publication = Publication(id: "dlv-1", body: Array("opened".utf8), attributes: ["severity": "high"])
    for _ in 0..<2 {
      #expect(try await service.publish(publication, toHomeTopic: "alerts") == 2)
    }
    let received = try await fixture.texts(from: queue)
    #expect(received.count == 1)
    let envelope = try JSONValue(parsing: try #require(received.first))
    #expect(envelope["Message"]?.string == "opened")
    #expect(envelope["MessageAttributes"]?["severity"]?["Value"]?.string == "high")
    #expect(try fixture.test.database.queues.peek("audit", now: fixture.clock.now).map(\.text) == ["opened"])
    #expect(
      await refusal { _ = try await service.publish(publication, toHomeTopic: "nothing") }?.code == .notFound
    )
  }
}
