import AWSProtocols
import AWSServices
import Testing

/// Policies of AWS's own, and tags.
@Suite struct ManagedPolicyTests {
  private static let known = "PolicyArn=arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
  private static let unknown = "PolicyArn=arn:aws:iam::aws:policy/job-function/SomethingElse"

  @Test func aWellKnownPolicyIsThere() async throws {
    let fixture = try Fixture()
    let policy = await fixture.call("iam", "Action=GetPolicy&\(Self.known)")
    #expect(policy["PolicyName"] == "AWSLambdaBasicExecutionRole")
    #expect(policy["Path"] == "/service-role/")
    #expect(policy["Arn"] == "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    #expect(policy["AttachmentCount"] == "0")
    let version = try #require(policy["DefaultVersionId"])
    let document = await fixture.call("iam", "Action=GetPolicyVersion&VersionId=\(version)&\(Self.known)")
    #expect(document["Document"]?.contains("logs%3APutLogEvents") == true)
  }

  @Test func anotherPolicyIsThereWhenItIsAttached() async throws {
    let fixture = try Fixture()
    #expect(await fixture.call("iam", "Action=GetPolicy&\(Self.unknown)")["Code"] == "NoSuchEntity")
    _ = await fixture.call("iam", "Action=CreateUser&UserName=bob")
    #expect(await fixture.call("iam", "Action=AttachUserPolicy&UserName=bob&\(Self.unknown)").status == 200)
    let policy = await fixture.call("iam", "Action=GetPolicy&\(Self.unknown)")
    #expect(policy["PolicyName"] == "SomethingElse")
    #expect(policy["Path"] == "/job-function/")
    #expect(policy["AttachmentCount"] == "1")
    let version = await fixture.call("iam", "Action=GetPolicyVersion&VersionId=v1&\(Self.unknown)")
    #expect(version["Code"] == "NoSuchEntity")
    #expect(version["Message"]?.contains("is not known here") == true)
    let listed = await fixture.call("iam", "Action=ListPolicies&Scope=AWS&OnlyAttached=true")
    #expect(listed["PolicyName"] == "SomethingElse")
    #expect(listed.text.split(separator: "<PolicyName>").count == 2)
    let local = await fixture.call("iam", "Action=ListPolicies&Scope=Local")
    #expect(local["PolicyName"] == nil)
  }

  @Test(arguments: ["CreateUser&UserName=bob", "TagUser&UserName=alice", "TagRole&RoleName=worker"])
  func aKeyComesOnce(_ action: String) async throws {
    let tags = "Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=A&Tags.member.2.Value=c"
    let response = try await Fixture().call("iam", "Action=\(action)&\(tags)")
    #expect(response["Code"] == "InvalidInput")
    #expect(response["Message"] == "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
  }

  @Test func fiftyTagsAreAll() async throws {
    func tags(_ numbers: Range<Int>) -> String {
      numbers.enumerated().map { "Tags.member.\($0 + 1).Key=k\($1)&Tags.member.\($0 + 1).Value=" }.joined(
        separator: "&"
      )
    }
    let fixture = try Fixture()
    #expect(await fixture.call("iam", "Action=CreateUser&UserName=bob&\(tags(0..<51))")["Code"] == "ValidationError")
    #expect(await fixture.call("iam", "Action=CreateUser&UserName=bob&\(tags(0..<50))").status == 200)
    #expect(await fixture.call("iam", "Action=TagUser&UserName=bob&\(tags(49..<50))").status == 200)
    #expect(await fixture.call("iam", "Action=TagUser&UserName=bob&\(tags(50..<51))")["Code"] == "LimitExceeded")
    // Spelled otherwise it is the same key.
    let again = await fixture.call("iam", "Action=TagUser&UserName=bob&Tags.member.1.Key=K7&Tags.member.1.Value=x")
    #expect(again.status == 200)
  }
}
