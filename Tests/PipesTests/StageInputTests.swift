import EventPatterns
import Messaging
import Testing
import TrailEvents

@testable import Pipes

@Suite("What stages of a pipe get of a message") struct StageInputTests {
  private static let names = PipeNames(
    pipeARN: "arn:aws:pipes:us-east-1:111122223333:pipe/p",
    pipeName: "p",
    sourceARN: "arn:aws:sqs:us-east-1:111122223333:source",
    enrichmentARN: nil,
    targetARN: "arn:aws:sqs:us-east-1:111122223333:target",
    ingestionTime: "2026-11-24T00:00:00Z"
  )

  private func event(_ body: String) async throws -> PipeEvent {
    let fixture = try PipeFixture()
    let queue = try await fixture.queue("source")
    try await fixture.send([body], to: queue)
    let received = try await fixture.queues.receive(
      ReceiveRequest(),
      from: queue,
      as: .account(PipeFixture.scope.account)
    )
    return PipeEvent(try #require(received.first), at: 0, of: queue)
  }

  private static let body = #"{"k":"yes","n":1.50,"o":{"a":[1,2]},"l":[{"id":"x"},{"id":"y"}],"_a-b":true}"#

  @Test(arguments: [
    (#"{"v": <$.body.n>, "from": "<$.eventSourceARN>"}"#, #"{"v": 1.50, "from": "\#(names.sourceARN)"}"#),
    (#"{"k":<$.body.k>,"in":"say <$.body.k>"}"#, #"{"k":"yes","in":"say yes"}"#),
    (
      #"{"o":<$.body.o>,"first":<$.body.l[0].id>,"all":<$.body.l[*].id>}"#,
      #"{"o":{"a":[1,2]},"first":"x","all":["x","y"]}"#
    ),
    (#"{"m":<$.body.none>,"b":<$.body._a-b>}"#, #"{"m":"","b":true}"#),
    ("<$.body.o>", #"{"a":[1,2]}"#),
    ("<$.body.k>", #""yes""#),
    ("Hello, <$.body.k>!", "Hello, yes!"),
    (#""Hello, <$.body.k>""#, #""Hello, yes""#),
    ("just text", "just text"),
    (#"{"a":"b"}"#, #"{"a":"b"}"#),
    ("[<aws.pipes.pipe-name>,<aws.pipes.pipe-arn>]", #"["p","\#(names.pipeARN)"]"#),
    ("[<aws.pipes.source-arn>,<aws.pipes.target-arn>]", #"["\#(names.sourceARN)","\#(names.targetARN)"]"#),
    (
      #"{"at":<aws.pipes.event.ingestion-time>,"e":<aws.pipes.enrichment-arn>}"#,
      #"{"at":"2026-11-24T00:00:00Z","e":""}"#
    ),
    (#"{"a":"1 < 2 <b c> <c d>"}"#, #"{"a":"1 < 2 <b c> <c d>"}"#),
  ])
  func `A template makes the input`(template: String, expected: String) async throws {
    let payload = try StageInput(template).payload(of: try await event(Self.body), Self.names)
    #expect(String(decoding: payload, as: UTF8.self) == expected)
  }

  @Test func `The event has the body as text, and what paths see has what is in it`() async throws {
    let event = try await event(Self.body)
    let whole = try JSONValue(parsing: try StageInput(nil).payload(of: event, Self.names))
    #expect(whole["body"] == .string(Self.body))
    #expect(whole["eventSource"] == .string("aws:sqs"))
    #expect(whole["awsRegion"] == .string("us-east-1"))
    #expect(whole["attributes"]?["ApproximateReceiveCount"] == .string("1"))
    #expect(whole["messageAttributes"] == .object(JSONObject()))
    let both = try JSONValue(
      parsing: try StageInput("[<aws.pipes.event>,<aws.pipes.event.json>]").payload(of: event, Self.names)
    )
    #expect(both[0]?["body"] == .string(Self.body))
    #expect(both[1]?["body"]?["k"] == .string("yes"))
  }

  @Test(arguments: ["plain", "5", "\"quoted\"", "{broken", ""])
  func `A body that is no object or list is text`(body: String) async throws {
    guard !body.isEmpty else { return }
    let payload = try StageInput("<$.body>").payload(of: try await event(body), Self.names)
    #expect(try JSONValue(parsing: payload) == .string(body))
  }

  @Test func `What should be JSON and is not fails`() async throws {
    let event = try await event(#"{"q":"a \"quote\""}"#)
    #expect(throws: (any Error).self) { try StageInput(#"{"a":"<$.body.q>"}"#).payload(of: event, Self.names) }
  }

  @Test(arguments: ["<aws.pipes.nothing>", "{\"a\":<name>}", "<$.a[x]>"])
  func `A placeholder that means nothing is refused`(template: String) {
    #expect(throws: PipeError.self) { try StageInput(template) }
  }

  @Test(arguments: [
    (#"{"body":{"k":["yes"]}}"#, #"{"k":"yes"}"#, true),
    (#"{"body":{"k":["yes"]}}"#, #"{"k":"no"}"#, false),
    (#"{"body":{"k":["yes"]}}"#, "yes", false),
    (#"{"body":{"k":[{"exists":false}]}}"#, "text", false),
    (#"{"body":{"k":[{"exists":false}]}}"#, #"{"a":1}"#, true),
    (#"{"body":["text"]}"#, "text", true),
    (#"{"body":["text"]}"#, #"{"k":"text"}"#, false),
    (#"{"body":{"n":[{"numeric":[">",3]}]}}"#, #"{"n":4}"#, true),
    (#"{"body":[{"prefix":"te"}]}"#, "text", true),
    (#"{"eventSource":["aws:sqs"]}"#, "anything", true),
    (#"{"attributes":{"ApproximateReceiveCount":["1"]}}"#, "anything", true),
    (#"{"eventSource":["aws:kinesis"]}"#, "anything", false),
  ])
  func `A pattern sees what is in the body`(pattern: String, body: String, isTaken: Bool) async throws {
    let (taken, dropped) = try PipeFilter([pattern]).part([try await event(body)])
    #expect((taken.count, dropped.count) == (isTaken ? (1, 0) : (0, 1)))
  }

  @Test func `Any of the patterns is enough`() async throws {
    let filter = try PipeFilter([#"{"body":{"k":["a"]}}"#, #"{"body":{"k":["b"]}}"#])
    let events = [try await event(#"{"k":"a"}"#), try await event(#"{"k":"b"}"#), try await event(#"{"k":"c"}"#)]
    let (taken, dropped) = filter.part(events)
    #expect((taken.count, dropped.count) == (2, 1))
  }
}
