import AWSProtocols
import AWSServices
import Testing

@Suite struct SessionTests {
  private func take(
    _ fixture: Fixture,
    _ role: String = "arn:aws:iam::111111111111:role/worker",
    key: RootKey = Fixture.root,
    seconds: Int = 900
  ) async -> WireResponse {
    await fixture.call(
      "sts",
      "Action=AssumeRole&RoleArn=\(role)&RoleSessionName=one&DurationSeconds=\(seconds)",
      key: key
    )
  }

  private func key(_ response: WireResponse) throws -> (RootKey, String) {
    let key = RootKey(
      accessKeyID: try #require(response["AccessKeyId"]),
      secret: try #require(response["SecretAccessKey"])
    )
    return (key, try #require(response["SessionToken"]))
  }

  @Test func aSessionHoldsForItsTime() async throws {
    let fixture = try Fixture()
    let (key, token) = try key(await take(fixture))
    let response = await fixture.call("sts", APIFrontTests.whoAmI, key: key, token: token)
    #expect(response["Arn"] == "arn:aws:sts::111111111111:assumed-role/worker/one")
    let caller = fixture.outcomes.last?.caller
    #expect(caller?.kind == .assumedRole)
    #expect(caller?.issuerARN == "arn:aws:iam::111111111111:role/worker")
    #expect(caller?.sessionStart == Fixture.now)
    fixture.advance(seconds: 901)
    let later = await fixture.call("sts", APIFrontTests.whoAmI, key: key, token: token)
    #expect(later["Code"] == "ExpiredToken")
  }

  @Test func aSessionNeedsItsToken() async throws {
    let fixture = try Fixture()
    let (key, token) = try key(await take(fixture))
    #expect(await fixture.call("sts", APIFrontTests.whoAmI, key: key)["Code"] == "InvalidClientTokenId")
    let (second, _) = try self.key(await take(fixture))
    let mixed = await fixture.call("sts", APIFrontTests.whoAmI, key: second, token: token)
    #expect(mixed["Code"] == "InvalidClientTokenId")
  }

  @Test func tokensOfAnotherInstallationAreNotBelieved() async throws {
    let fixture = try Fixture()
    let (key, token) = try key(await take(fixture))
    let other = try Identities(
      database: nil,
      keyRing: KeyRing(master: [UInt8](repeating: 8, count: 32)),
      defaultAccount: Fixture.account,
      accounts: []
    )
    var request = WireRequest("POST", "/", headers: ["Host": "h"])
    request = request.signed(
      with: SigningCredentials(accessKeyID: key.accessKeyID, secret: key.secret, sessionToken: token),
      region: "r",
      service: "sts",
      at: Fixture.now
    )
    let claim = try #require(try SignatureClaim(request))
    #expect(throws: SignatureFailure.unknownKey) { try other.owner(of: claim, now: Fixture.now) }
  }

  @Test(arguments: [
    ("arn:aws:iam::111111111111:role/worker", Fixture.alice, 200),
    ("arn:aws:iam::111111111111:role/elsewhere", Fixture.root, 200),
    ("arn:aws:iam::111111111111:role/elsewhere", Fixture.alice, 403),
    ("arn:aws:iam::111111111111:role/worker", Fixture.other, 403),
    ("arn:aws:iam::222222222222:role/elsewhere", Fixture.root, 403),
    ("arn:aws:iam::111111111111:user/alice", Fixture.root, 400),
    ("not an arn, though long", Fixture.root, 400),
  ])
  func rolesAreTakenByWhomTheyTrust(_ role: String, key: RootKey, status: Int) async throws {
    #expect(await take(try Fixture(), WireRequest.percentEncoded(role), key: key).status == status)
  }

  @Test func aRoleSaysHowLongASessionMayBe() async throws {
    let response = await take(try Fixture(), seconds: 3601)
    #expect(response["Code"] == "ValidationError")
    #expect(response["Message"] == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
  }

  @Test func sessionsMakeNoSessionTokens() async throws {
    let fixture = try Fixture()
    let (key, token) = try key(await take(fixture))
    let response = await fixture.call("sts", "Action=GetSessionToken", key: key, token: token)
    #expect(response["Code"] == "AccessDenied")
  }
}
