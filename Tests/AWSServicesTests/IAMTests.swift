import AWSProtocols
import AWSServices
import Foundation
import Storage
import Testing
import TrailEvents

@Suite struct IAMTests {
  static let trust = WireRequest.percentEncoded(
    #"{"Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
  )

  @Test func accountsDoNotSeeEachOther() async throws {
    let fixture = try Fixture()
    let form = "Action=CreateRole&RoleName=mine&AssumeRolePolicyDocument=\(Self.trust)"
    #expect(await fixture.call("iam", form).status == 200)
    #expect(await fixture.call("iam", "Action=GetRole&RoleName=mine", key: Fixture.other)["Code"] == "NoSuchEntity")
    #expect(await fixture.call("iam", form, key: Fixture.other).status == 200)
    #expect(await fixture.call("iam", "Action=GetRole&RoleName=MINE").status == 200)
  }

  @Test func whatTheSettingsSayIsReadAndNotChanged() async throws {
    let fixture = try Fixture()
    #expect(await fixture.call("iam", "Action=GetRole&RoleName=worker").status == 200)
    let changed = await fixture.call("iam", "Action=UpdateRole&RoleName=worker&Description=x")
    #expect(changed["Code"] == "UnmodifiableEntity")
    let removed = await fixture.call("iam", "Action=DeleteRole&RoleName=worker")
    #expect(removed["Code"] == "UnmodifiableEntity")
  }

  @Test(arguments: [
    ("Action=CreateUser", "1 validation error detected: Value null at 'userName'"),
    ("Action=CreateUser&UserName=a%20b", "1 validation error detected: Value 'a b' at 'userName' failed"),
    ("Action=ListUsers&MaxItems=1001", "1 validation error detected: Value '1001' at 'maxItems' failed"),
  ])
  func inputIsChecked(_ form: String, message: String) async throws {
    let response = try await Fixture().call("iam", form)
    #expect(response["Code"] == "ValidationError")
    #expect(response["Message"]?.replacing("&quot;", with: "\"").hasPrefix(message) == true)
  }

  @Test func aMarkerIsTheListsOwn() async throws {
    let fixture = try Fixture()
    for name in ["u1", "u2", "u3"] { _ = await fixture.call("iam", "Action=CreateUser&UserName=\(name)") }
    let first = await fixture.call("iam", "Action=ListUsers&MaxItems=2")
    let marker = try #require(first["Marker"])
    let second = await fixture.call("iam", "Action=ListUsers&Marker=\(WireRequest.percentEncoded(marker))")
    #expect(second.text.split(separator: "<UserName>").count == 3)
    for form in ["ListUsers&Marker=u1", "ListUsers&Marker=A\(marker)", "ListRoles&Marker=\(marker)"] {
      #expect(await fixture.call("iam", "Action=\(form)")["Code"] == "ValidationError")
    }
  }

  @Test func changesAreOnTheDisk() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signalbox-iam-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let keyRing = KeyRing(master: [UInt8](repeating: 7, count: 32))
    func identities(_ database: EmbeddedDatabase) throws -> BoundService {
      IAM.service.serving(
        try Identities(database: database, keyRing: keyRing, defaultAccount: Fixture.account, accounts: [])
      )
    }
    func perform(_ service: BoundService, _ form: String) async throws -> Value {
      let request = WireRequest("GET", "/?\(form)")
      let exchange = try service.exchange(for: request)
      let call = Call(
        input: try exchange.input(of: request),
        scope: .init(account: Fixture.account, region: "us-east-1"),
        caller: .root(of: Fixture.account, accessKeyID: "A"),
        requestID: "r",
        time: Fixture.now
      )
      return try await exchange.operation.perform(call)
    }
    var database = try EmbeddedDatabase(directory: folder)
    var service = try identities(database)
    _ = try await perform(service, "Action=CreateUser&UserName=bob&Path=/team/")
    _ = try await perform(service, "Action=CreateAccessKey&UserName=bob")
    _ = try await perform(service, "Action=CreateGroup&GroupName=team")
    _ = try await perform(service, "Action=AddUserToGroup&GroupName=team&UserName=bob")
    _ = try await perform(service, "Action=CreateUser&UserName=gone")
    _ = try await perform(service, "Action=DeleteUser&UserName=gone")
    try database.close()
    database = try EmbeddedDatabase(directory: folder)
    service = try identities(database)
    let users = try await perform(service, "Action=ListUsers")
    let keys = try await perform(service, "Action=ListAccessKeys&UserName=bob")
    guard case .fields(let userFields) = users, case .list(let found) = userFields["Users"],
      case .fields(let keyFields) = keys, case .list(let foundKeys) = keyFields["AccessKeyMetadata"]
    else {
      Issue.record("the answers are no lists")
      return
    }
    #expect(found.count == 1)
    #expect(foundKeys.count == 1)
    let groups = try await perform(service, "Action=ListGroupsForUser&UserName=bob")
    guard case .fields(let groupFields) = groups, case .list(let foundGroups) = groupFields["Groups"] else {
      Issue.record("the answer is no list")
      return
    }
    #expect(foundGroups.count == 1)
    try database.close()
  }
}
