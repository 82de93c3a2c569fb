import EventPatterns
import Testing
import TrailEvents

@testable import Schemas

@Suite struct RegistryTests {
  private let scope = SchemasFixture.scope

  @Test func aRegistryIsMadeChangedAndRemoved() async throws {
    let fixture = try SchemasFixture()
    let registries = fixture.registries
    let made = try await registries.createRegistry(
      Registry(name: "mine", description: "d", tags: ["a": "b"]),
      in: scope
    )
    #expect(made.arn(in: scope) == "arn:aws:schemas:us-east-1:111122223333:registry/mine")
    await expectRefusal("ConflictException") { _ = try await fixture.registry() }
    #expect(try await registries.updateRegistry("mine", description: "e", in: scope).description == "e")
    #expect(try await registries.registry("mine", in: scope).tags == ["a": "b"])
    try await fixture.schema()
    try await registries.deleteRegistry("mine", in: scope)
    await expectRefusal("NotFoundException") { _ = try await registries.registry("mine", in: scope) }
    _ = try await fixture.registry()
    #expect(try await registries.schemas(of: "mine", in: scope).isEmpty, "its schemas went with it")
  }

  @Test func nobodyChangesWhatIsManaged() async throws {
    let fixture = try SchemasFixture()
    let registries = fixture.registries
    for name in ["aws.events", "aws.mine", "discovered-schemas"] {
      await expectRefusal("ForbiddenException") { _ = try await fixture.registry(name) }
    }
    await expectRefusal("ForbiddenException") { try await registries.deleteRegistry("aws.events", in: scope) }
    await expectRefusal("ForbiddenException") { try await registries.deleteSchema("s", of: "aws.events", in: scope) }
    _ = try await fixture.discoverer()
    await expectRefusal("ForbiddenException") { try await registries.deleteRegistry("discovered-schemas", in: scope) }
    await expectRefusal("ForbiddenException") {
      _ = try await registries.updateSchema("s", of: "discovered-schemas", SchemaChange(description: ""), in: scope)
    }
  }

  @Test func accountsAndRegionsAreApart() async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.registry()
    for other in [
      Scope(account: "444455556666", region: "us-east-1"), Scope(account: scope.account, region: "eu-west-1"),
    ] {
      await expectRefusal("NotFoundException") { _ = try await fixture.registries.registry("mine", in: other) }
      #expect(try await fixture.registries.registries(in: other).map(\.name) == ["aws.events"])
    }
  }

  @Test func limitsHold() async throws {
    var limits = SchemaLimits()
    (limits.registries, limits.schemas, limits.versions, limits.discoverers) = (1, 1, 2, 1)
    let fixture = try SchemasFixture(limits: limits)
    _ = try await fixture.discoverer()
    _ = try await fixture.registry()
    await expectRefusal("ForbiddenException") { _ = try await fixture.registry("more") }
    try await fixture.schema()
    await expectRefusal("ForbiddenException") { try await fixture.schema("more") }
    let change = { SchemaChange(content: SchemasFixture.content($0)) }
    _ = try await fixture.registries.updateSchema("s", of: "mine", change("B"), in: scope)
    await expectRefusal("ForbiddenException") {
      _ = try await fixture.registries.updateSchema("s", of: "mine", change("C"), in: scope)
    }
    await expectRefusal("ForbiddenException") {
      _ = try await fixture.discoverer(ofBus: "arn:aws:events:us-east-1:111122223333:event-bus/other")
    }
  }

  @Test func policiesHaveRevisions() async throws {
    let fixture = try SchemasFixture()
    let registries = fixture.registries
    _ = try await fixture.registry()
    let policy =
      #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"schemas:*","Resource":"*"}]}"#
    await expectRefusal("NotFoundException") { _ = try await registries.policy(of: "mine", in: scope) }
    await expectRefusal("BadRequestException") { _ = try await registries.policy(of: nil, in: scope) }
    await expectRefusal("BadRequestException") {
      _ = try await registries.putPolicy("{}", of: "mine", revision: nil, in: scope)
    }
    let first = try await registries.putPolicy(policy, of: "mine", revision: nil, in: scope)
    let second = try await registries.putPolicy(policy, of: "mine", revision: first.revision, in: scope)
    #expect(first.revision != second.revision)
    await expectRefusal("PreconditionFailedException") {
      _ = try await registries.putPolicy(policy, of: "mine", revision: first.revision, in: scope)
    }
    #expect(try await registries.policy(of: "mine", in: scope) == second)
    try await registries.deletePolicy(of: "mine", in: scope)
    await expectRefusal("NotFoundException") { try await registries.deletePolicy(of: "mine", in: scope) }
  }

  @Test func everythingHasTags() async throws {
    let fixture = try SchemasFixture()
    let registries = fixture.registries
    let arns = [
      try await fixture.registry().arn(in: scope), try await fixture.schema().schema.arn(in: scope),
      try await fixture.discoverer().arn(in: scope),
    ]
    for arn in arns {
      try await registries.tag(arn, ["a": "1", "b": "2"], in: scope)
      try await registries.untag(arn, ["a", "none"], in: scope)
      #expect(try await registries.tags(of: arn, in: scope) == ["b": "2"])
      await expectRefusal("BadRequestException") { try await registries.tag(arn, ["aws:x": "1"], in: scope) }
      await expectRefusal("NotFoundException") { _ = try await registries.tags(of: arn + "x", in: scope) }
    }
    await expectRefusal("BadRequestException") { _ = try await registries.tags(of: "mine", in: scope) }
  }
}

@Suite struct SchemaTests {
  private let scope = SchemasFixture.scope

  @Test func versionsAreNumberedAndKept() async throws {
    let fixture = try SchemasFixture()
    let registries = fixture.registries
    _ = try await fixture.registry()
    try await fixture.schema()
    await expectRefusal("ConflictException") { try await fixture.schema() }
    let same = try await registries.updateSchema(
      "s",
      of: "mine",
      SchemaChange(description: "d", content: SchemasFixture.content("A")),
      in: scope
    )
    #expect(same.version.number == 1, "the same document is no new version")
    #expect(same.schema.description == "d")
    let change = SchemaChange(content: SchemasFixture.content("B"), token: "t")
    for _ in 0..<2 {
      #expect(try await registries.updateSchema("s", of: "mine", change, in: scope).version.number == 2)
    }
    #expect(try await registries.schema("s", of: "mine", version: "1", in: scope).version.content.contains(#""A""#))
    #expect(try await registries.schema("s", of: "mine", in: scope).version.content.contains(#""B""#))
    try await registries.deleteVersion("2", of: "s", of: "mine", in: scope)
    await expectRefusal("NotFoundException") { try await registries.deleteVersion("2", of: "s", of: "mine", in: scope) }
    await expectRefusal("BadRequestException") {
      try await registries.deleteVersion("1", of: "s", of: "mine", in: scope)
    }
    let third = try await registries.updateSchema(
      "s",
      of: "mine",
      SchemaChange(type: .jsonSchemaDraft4, content: "{}"),
      in: scope
    )
    #expect(third.version.number == 3, "a number is not used again")
    #expect(try await registries.versions(of: "s", of: "mine", in: scope).versions.map(\.number) == [1, 3])
    #expect(fixture.news.map(\.version) == [1, 2, 3])
    #expect(fixture.news.map(\.isNewSchema) == [true, false, false])
  }

  @Test(arguments: [("s", "{}"), ("", "x"), ("a b", "x"), (String(repeating: "n", count: 386), "x")])
  func whatIsNotValidIsRefused(_ name: String, _ content: String) async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.registry()
    await expectRefusal("BadRequestException") { try await fixture.schema(name, content: content) }
  }

  @Test func wordsAreFoundInNamesAndDocuments() async throws {
    let fixture = try SchemasFixture()
    _ = try await fixture.registry()
    try await fixture.schema("orders@Placed", content: SchemasFixture.content("Blue"))
    try await fixture.schema("orders@Shipped", content: SchemasFixture.content("Green"))
    let search = { (words: String) in
      try await fixture.registries.search("mine", for: words, in: scope).map(\.schema.name)
    }
    #expect(try await search("ORDERS") == ["orders@Placed", "orders@Shipped"])
    #expect(try await search("orders green") == ["orders@Shipped"])
    #expect(try await search("green placed").isEmpty)
    await expectRefusal("BadRequestException") { _ = try await search(" ") }
    #expect(try await !fixture.registries.search("aws.events", for: "sessionIssuer", in: scope).isEmpty)
  }

  @Test func whatComesWithSignalboxIsValid() throws {
    for schema in BuiltInSchemas.all {
      let document = try SchemaContent.check(schema.version.content, as: .openAPI3)
      _ = try SchemaContent.check(try DraftFourExport.schema(of: document).text, as: .jsonSchemaDraft4)
    }
    #expect(Set(BuiltInSchemas.all.map(\.schema.name)).count == BuiltInSchemas.all.count)
  }

  @Test func onlyOpenAPIIsExported() async throws {
    let fixture = try SchemasFixture()
    let registries = fixture.registries
    _ = try await fixture.registry()
    try await fixture.schema()
    let exported = try await registries.export("s", of: "mine", version: nil, in: scope)
    #expect(exported.version.content.contains("draft-04"))
    _ = try await registries.updateSchema(
      "s",
      of: "mine",
      SchemaChange(type: .jsonSchemaDraft4, content: exported.version.content),
      in: scope
    )
    await expectRefusal("BadRequestException") {
      _ = try await registries.export("s", of: "mine", version: nil, in: scope)
    }
  }
}
