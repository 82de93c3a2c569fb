import Delivery
import Storage
import Testing
import TrailEvents

@testable import Schedules

@Suite("Operations on schedules and groups") struct ScheduleOperationTests {
  private typealias Fixture = ScheduleFixture

  private func refusal(_ code: String, _ body: () async throws -> Void) async {
    let error = await #expect(throws: ScheduleError.self) { try await body() }
    #expect(error?.code == code, "\(error?.message ?? "")")
  }

  @Test func `A name is taken once; the same request again is the same request`() async throws {
    let fixture = try Fixture()
    let definition = Fixture.definition("rate(1 hour)")
    let arn = try await fixture.create(definition, token: "a")
    #expect(try await fixture.create(definition, token: "a") == arn)
    await refusal("ConflictException") { try await fixture.create(definition, token: "b") }
    var other = definition
    other.description = "other"
    await refusal("ConflictException") { [other] in try await fixture.create(other, token: "a") }
  }

  @Test func `A deletion that is asked for again was done; another one finds nothing`() async throws {
    let fixture = try Fixture()
    try await fixture.create(Fixture.definition("rate(1 hour)"))
    try await fixture.engine.delete("s", of: "default", token: "t", in: Fixture.scope)
    try await fixture.engine.delete("s", of: "default", token: "t", in: Fixture.scope)
    await refusal("ResourceNotFoundException") {
      try await fixture.engine.delete("s", of: "default", token: "u", in: Fixture.scope)
    }
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code = "ValidationException"
    var change: @Sendable (inout ScheduleDefinition) -> Void
  }

  @Test(arguments: [
    Bad(testDescription: "expression") { $0.expression = "cron(0 1 * * * *)" },
    Bad(testDescription: "time zone") { $0.timeZone = "Europe/Nowhere" },
    Bad(testDescription: "window without a length") { $0.isFlexible = true },
    Bad(testDescription: "start long ago") { $0.start = 1_795_000_000_000 },
    Bad(testDescription: "end before start") {
      $0.start = 1_795_479_000_000
      $0.end = 1_795_478_900_000
    },
    Bad(testDescription: "no ARN") { $0.target.arn = "q" },
    Bad(testDescription: "another account's role", code: "AccessDeniedException") {
      $0.target.roleARN = "arn:aws:iam::444455556666:role/r"
    },
    Bad(testDescription: "FIFO queue without a group") { $0.target.arn += ".fifo" },
    Bad(testDescription: "group for a standard queue") { $0.target.messageGroupID = "g" },
    Bad(testDescription: "bus without parameters") {
      $0.target.arn = "arn:aws:events:us-east-1:111122223333:event-bus/b"
    },
    Bad(testDescription: "dead letters elsewhere") { $0.target.deadLetterARN = "arn:aws:sqs:us-east-1:444455556666:q" },
    Bad(testDescription: "a call without parameters") {
      $0.target.arn = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"
      $0.target.input = nil
    },
    Bad(testDescription: "a function's input that is no JSON") {
      $0.target.arn = "arn:aws:lambda:us-east-1:111122223333:function:f"
      $0.target.input = "{"
    },
    Bad(testDescription: "no such group", code: "ResourceNotFoundException") { $0.group = "none" },
  ])
  func `What cannot be is refused`(bad: Bad) async throws {
    let fixture = try Fixture()
    let definition = Fixture.definition("rate(1 hour)", change: bad.change)
    await refusal(bad.code) { try await fixture.create(definition) }
    #expect(try await fixture.engine.schedules(ScheduleQuery(), in: Fixture.scope).isEmpty)
  }

  @Test func `Lists go by group and name, page by page`() async throws {
    let fixture = try Fixture()
    for group in ["b", "a"] { _ = try await fixture.engine.createGroup(group, tags: [], token: nil, in: Fixture.scope) }
    for (group, name) in [("b", "x1"), ("a", "y"), ("a", "x2"), ("default", "x3")] {
      try await fixture.create(
        Fixture.definition(name, "rate(1 hour)") {
          $0.group = group
          $0.state = name == "y" ? .disabled : .enabled
        }
      )
    }
    func names(_ query: ScheduleQuery) async throws -> [String] {
      try await fixture.engine.schedules(query, in: Fixture.scope).map(\.definition.name)
    }
    #expect(try await names(ScheduleQuery()) == ["x2", "y", "x1", "x3"])
    #expect(try await names(ScheduleQuery(after: ("a", "y"), limit: 1)) == ["x1"])
    #expect(try await names(ScheduleQuery(prefix: "x")) == ["x2", "x1", "x3"])
    #expect(try await names(ScheduleQuery(group: "a", state: .enabled)) == ["x2"])
    await refusal("ResourceNotFoundException") { _ = try await names(ScheduleQuery(group: "c")) }
    let elsewhere = Scope(account: "444455556666", region: "us-east-1")
    #expect(try await fixture.engine.schedules(ScheduleQuery(), in: elsewhere).isEmpty)
  }

  @Test func `A group goes with its schedules, and the default one stays`() async throws {
    let fixture = try Fixture()
    let scope = Fixture.scope
    _ = try await fixture.engine.createGroup("g", tags: [], token: nil, in: scope)
    try await fixture.create(Fixture.definition("s", "rate(1 hour)") { $0.group = "g" })
    try await fixture.create(Fixture.definition("s", "rate(1 hour)"))
    try await fixture.engine.deleteGroup("g", token: nil, in: scope)
    #expect(try await fixture.engine.schedules(ScheduleQuery(), in: scope).map(\.definition.group) == ["default"])
    #expect(try await fixture.engine.groups(in: scope).map(\.name) == ["default"])
    await refusal("ValidationException") { try await fixture.engine.deleteGroup("default", token: nil, in: scope) }
    await refusal("ResourceNotFoundException") { try await fixture.engine.deleteGroup("g", token: nil, in: scope) }
  }

  @Test func `Tags are of groups`() async throws {
    let fixture = try Fixture()
    let scope = Fixture.scope
    let tags = [ScheduleGroup.Tag(key: "a", value: "1")]
    let arn = try await fixture.engine.createGroup("g", tags: tags, token: nil, in: scope).description
    try await fixture.engine.tag(arn, [.init(key: "b", value: "2"), .init(key: "a", value: "3")], in: scope)
    #expect(try await fixture.engine.tags(of: arn, in: scope).map(\.value) == ["3", "2"])
    try await fixture.engine.untag(arn, ["a", "z"], in: scope)
    #expect(try await fixture.engine.tags(of: arn, in: scope).map(\.key) == ["b"])
    await refusal("ValidationException") {
      try await fixture.engine.tag(arn, [.init(key: "aws:x", value: "1")], in: scope)
    }
    let other = arn.replacing("111122223333", with: "444455556666")
    await refusal("ResourceNotFoundException") { _ = try await fixture.engine.tags(of: other, in: scope) }
  }

  @Test func `There are as many as there may be`() async throws {
    var limits = ScheduleLimits()
    (limits.schedules, limits.groups) = (2, 2)
    let fixture = try Fixture(limits: limits)
    for name in ["a", "b"] { try await fixture.create(Fixture.definition(name, "rate(1 hour)")) }
    await refusal("ServiceQuotaExceededException") { try await fixture.create(Fixture.definition("c", "rate(1 hour)")) }
    _ = try await fixture.engine.createGroup("g", tags: [], token: nil, in: Fixture.scope)
    await refusal("ServiceQuotaExceededException") {
      _ = try await fixture.engine.createGroup("h", tags: [], token: nil, in: Fixture.scope)
    }
  }
}
