import AWSProtocols
import AWSServices
import Testing

@Suite struct GroupTests {
  /// A fixture with a group and alice in it.
  private func fixture() async throws -> Fixture {
    let fixture = try Fixture()
    #expect(await fixture.call("iam", "Action=CreateGroup&GroupName=team&Path=/a/").status == 200)
    #expect(await fixture.call("iam", "Action=AddUserToGroup&GroupName=team&UserName=alice").status == 200)
    return fixture
  }

  @Test func aGroupHasUsers() async throws {
    let fixture = try await fixture()
    #expect(await fixture.call("iam", "Action=AddUserToGroup&GroupName=TEAM&UserName=Alice").status == 200)
    let group = await fixture.call("iam", "Action=GetGroup&GroupName=team")
    #expect(group["Arn"] == "arn:aws:iam::111111111111:group/a/team")
    #expect(group["GroupId"]?.hasPrefix("AGPA") == true)
    #expect(group.text.split(separator: "<UserName>").count == 2)
    let groups = await fixture.call("iam", "Action=ListGroupsForUser&UserName=alice")
    #expect(groups["GroupName"] == "team")
    let others = await fixture.call("iam", "Action=ListGroups", key: Fixture.other)
    #expect(others["Groups"] == "" || others.text.contains("<Groups/>") || others["Groups"] == nil)
  }

  @Test(arguments: [
    ("Action=CreateGroup&GroupName=Team", 409, "EntityAlreadyExists"),
    ("Action=GetGroup&GroupName=none", 404, "NoSuchEntity"),
    ("Action=AddUserToGroup&GroupName=none&UserName=alice", 404, "NoSuchEntity"),
    ("Action=AddUserToGroup&GroupName=team&UserName=bob", 404, "NoSuchEntity"),
    ("Action=RemoveUserFromGroup&GroupName=team&UserName=bob", 404, "NoSuchEntity"),
    ("Action=DeleteGroup&GroupName=team", 409, "DeleteConflict"),
    ("Action=DeleteGroup&GroupName=none", 404, "NoSuchEntity"),
    ("Action=UpdateGroup&GroupName=none&NewGroupName=x", 404, "NoSuchEntity"),
    ("Action=ListGroupsForUser&UserName=bob", 404, "NoSuchEntity"),
    ("Action=PutGroupPolicy&GroupName=team&PolicyName=p&PolicyDocument=x", 400, "MalformedPolicyDocument"),
    ("Action=GetGroupPolicy&GroupName=team&PolicyName=p", 404, "NoSuchEntity"),
    ("Action=AttachGroupPolicy&GroupName=none&PolicyArn=arn:aws:iam::aws:policy/X", 404, "NoSuchEntity"),
    ("Action=DetachGroupPolicy&GroupName=team&PolicyArn=arn:aws:iam::aws:policy/X", 404, "NoSuchEntity"),
    ("Action=CreateGroup&GroupName=a%20b", 400, "ValidationError"),
  ])
  func whatCannotBeIsRefused(_ form: String, status: Int, code: String) async throws {
    let response = await (try await fixture()).call("iam", form)
    #expect(response.status == status)
    #expect(response["Code"] == code)
  }

  @Test func aGroupIsRemovedWhenItIsEmpty() async throws {
    let fixture = try await fixture()
    let policy = "PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess"
    for form in [
      "Action=AttachGroupPolicy&GroupName=team&\(policy)", "Action=RemoveUserFromGroup&GroupName=team&UserName=alice",
    ] {
      #expect(await fixture.call("iam", form).status == 200)
    }
    let list = await fixture.call("iam", "Action=ListEntitiesForPolicy&\(policy)")
    #expect(list["GroupName"] == "team")
    #expect(await fixture.call("iam", "Action=DeleteGroup&GroupName=team")["Code"] == "DeleteConflict")
    #expect(await fixture.call("iam", "Action=DetachGroupPolicy&GroupName=team&\(policy)").status == 200)
    #expect(await fixture.call("iam", "Action=DeleteGroup&GroupName=team").status == 200)
  }

  @Test func aGroupIsRenamed() async throws {
    let fixture = try await fixture()
    _ = await fixture.call("iam", "Action=CreateGroup&GroupName=other")
    let taken = await fixture.call("iam", "Action=UpdateGroup&GroupName=team&NewGroupName=Other")
    #expect(taken["Code"] == "EntityAlreadyExists")
    #expect(await fixture.call("iam", "Action=UpdateGroup&GroupName=team&NewGroupName=crew&NewPath=/b/").status == 200)
    #expect(await fixture.call("iam", "Action=GetGroup&GroupName=crew")["UserName"] == "alice")
    #expect(await fixture.call("iam", "Action=GetGroup&GroupName=team")["Code"] == "NoSuchEntity")
    #expect(await fixture.call("iam", "Action=UpdateGroup&GroupName=crew&NewGroupName=Crew").status == 200)
    #expect(await fixture.call("iam", "Action=GetGroup&GroupName=crew")["GroupName"] == "Crew")
  }

  @Test func aUserIsInTenGroups() async throws {
    let fixture = try Fixture()
    for number in 0..<11 {
      _ = await fixture.call("iam", "Action=CreateGroup&GroupName=g\(number)")
      let added = await fixture.call("iam", "Action=AddUserToGroup&GroupName=g\(number)&UserName=alice")
      #expect(added["Code"] == (number < 10 ? nil : "LimitExceeded"))
    }
  }

  @Test func aUserLeavesTheGroupsFirst() async throws {
    let fixture = try await fixture()
    _ = await fixture.call("iam", "Action=CreateUser&UserName=bob")
    _ = await fixture.call("iam", "Action=AddUserToGroup&GroupName=team&UserName=bob")
    #expect(await fixture.call("iam", "Action=DeleteUser&UserName=bob")["Code"] == "DeleteConflict")
    for _ in 0..<2 {
      #expect(await fixture.call("iam", "Action=RemoveUserFromGroup&GroupName=team&UserName=BOB").status == 200)
    }
    #expect(await fixture.call("iam", "Action=DeleteUser&UserName=bob").status == 200)
  }
}
