"""IAM as far as clients call it around the other services."""

import json
import unittest

from serving import ServeTest
from test_serve_callers import TRUST

ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


class IAMTest(ServeTest):
    seconds = 12

    def test_a_role_and_what_belongs_to_it(self):
        server = self.serve()
        iam = server.client("iam")
        role = iam.create_role(
            RoleName="worker",
            Path="/team/",
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Description="works",
            Tags=[{"Key": "a", "Value": "b"}],
        )["Role"]
        self.assertTrue(role["Arn"].endswith(":role/team/worker"))
        self.assertEqual(role["AssumeRolePolicyDocument"], TRUST)
        self.assertRefused("EntityAlreadyExists", iam.create_role, RoleName="Worker", AssumeRolePolicyDocument=ALL)
        self.assertRefused("MalformedPolicyDocument", iam.create_role, RoleName="x", AssumeRolePolicyDocument="{")
        iam.put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=ALL)
        inline = iam.get_role_policy(RoleName="worker", PolicyName="all")
        self.assertEqual(inline["PolicyDocument"], json.loads(ALL))
        self.assertEqual(inline["RoleName"], "worker")
        self.assertEqual(iam.list_role_policies(RoleName="worker")["PolicyNames"], ["all"])
        policy = iam.create_policy(PolicyName="mine", PolicyDocument=ALL)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="worker", PolicyArn=policy)
        iam.attach_role_policy(RoleName="worker", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        attached = iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]
        self.assertEqual([each["PolicyName"] for each in attached], ["mine", "ReadOnlyAccess"])
        self.assertEqual(iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"], 1)
        read_only = iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")["Policy"]
        self.assertEqual((read_only["PolicyName"], read_only["AttachmentCount"]), ("ReadOnlyAccess", 1))
        administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
        version = iam.get_policy(PolicyArn=administrator)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=administrator, VersionId=version)["PolicyVersion"]["Document"]
        self.assertEqual(document["Statement"], [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
        self.assertRefused("NoSuchEntity", iam.get_policy, PolicyArn="arn:aws:iam::aws:policy/NoSuchThing")
        self.assertEqual(
            [each["RoleName"] for each in iam.list_entities_for_policy(PolicyArn=policy)["PolicyRoles"]], ["worker"]
        )
        self.assertRefused("DeleteConflict", iam.delete_role, RoleName="worker")
        self.assertRefused("DeleteConflict", iam.delete_policy, PolicyArn=policy)
        iam.delete_role_policy(RoleName="worker", PolicyName="all")
        for each in attached:
            iam.detach_role_policy(RoleName="worker", PolicyArn=each["PolicyArn"])
        iam.tag_role(RoleName="worker", Tags=[{"Key": "c", "Value": "d"}])
        iam.untag_role(RoleName="worker", TagKeys=["a"])
        self.assertEqual(iam.list_role_tags(RoleName="worker")["Tags"], [{"Key": "c", "Value": "d"}])
        twice = [{"Key": "e", "Value": "1"}, {"Key": "E", "Value": "2"}]
        self.assertRefused("InvalidInput", iam.tag_role, RoleName="worker", Tags=twice)
        many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
        self.assertRefused("LimitExceeded", iam.tag_role, RoleName="worker", Tags=many)
        self.assertEqual(len(iam.list_role_tags(RoleName="worker")["Tags"]), 1)
        iam.update_role(RoleName="worker", MaxSessionDuration=7200)
        self.assertEqual(iam.get_role(RoleName="worker")["Role"]["MaxSessionDuration"], 7200)
        iam.delete_role(RoleName="worker")
        self.assertRefused("NoSuchEntity", iam.get_role, RoleName="worker")
        iam.delete_policy(PolicyArn=policy)

    def test_lists_come_in_pages(self):
        server = self.serve()
        iam = server.client("iam")
        names = [f"user{number:02}" for number in range(12)]
        for name in names:
            iam.create_user(UserName=name)
        pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 5})
        self.assertEqual([user["UserName"] for page in pages for user in page["Users"]], names)
        self.assertRefused("ValidationError", iam.list_users, Marker="user05")
        free = server.client("iam", parameter_validation=False)
        self.assertRefused("ValidationError", free.list_users, MaxItems=0)

    def test_groups_hold_users_and_policies(self):
        server = self.serve()
        iam = server.client("iam")
        group = iam.create_group(GroupName="team", Path="/a/")["Group"]
        self.assertTrue(group["Arn"].endswith(":group/a/team"))
        self.assertRefused("EntityAlreadyExists", iam.create_group, GroupName="Team")
        self.assertRefused("NoSuchEntity", iam.add_user_to_group, GroupName="team", UserName="alice")
        for name in ("alice", "bob"):
            iam.create_user(UserName=name)
            iam.add_user_to_group(GroupName="team", UserName=name)
        iam.put_group_policy(GroupName="team", PolicyName="all", PolicyDocument=ALL)
        iam.attach_group_policy(GroupName="team", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        server.kill()
        server.start()
        iam = server.client("iam")
        pages = iam.get_paginator("get_group").paginate(GroupName="team", PaginationConfig={"PageSize": 1})
        self.assertEqual([user["UserName"] for page in pages for user in page["Users"]], ["alice", "bob"])
        self.assertEqual([each["GroupName"] for each in iam.list_groups_for_user(UserName="bob")["Groups"]], ["team"])
        self.assertEqual(iam.get_group_policy(GroupName="team", PolicyName="all")["PolicyDocument"], json.loads(ALL))
        attached = iam.list_attached_group_policies(GroupName="team")["AttachedPolicies"]
        self.assertEqual([each["PolicyName"] for each in attached], ["AdministratorAccess"])
        self.assertRefused("DeleteConflict", iam.delete_group, GroupName="team")
        self.assertRefused("DeleteConflict", iam.delete_user, UserName="bob")
        iam.update_group(GroupName="team", NewGroupName="crew")
        self.assertRefused("NoSuchEntity", iam.get_group, GroupName="team")
        for name in ("alice", "bob"):
            iam.remove_user_from_group(GroupName="crew", UserName=name)
        iam.detach_group_policy(GroupName="crew", PolicyArn=attached[0]["PolicyArn"])
        self.assertEqual(iam.list_group_policies(GroupName="crew")["PolicyNames"], ["all"])
        iam.delete_group_policy(GroupName="crew", PolicyName="all")
        iam.delete_group(GroupName="crew")
        iam.delete_user(UserName="bob")
        self.assertEqual(iam.list_groups()["Groups"], [])

    def test_versions_of_a_policy(self):
        server = self.serve()
        iam = server.client("iam")
        arn = iam.create_policy(PolicyName="p", PolicyDocument=ALL)["Policy"]["Arn"]
        for _ in range(4):
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALL, SetAsDefault=True)
        self.assertRefused("LimitExceeded", iam.create_policy_version, PolicyArn=arn, PolicyDocument=ALL)
        self.assertRefused("DeleteConflict", iam.delete_policy_version, PolicyArn=arn, VersionId="v5")
        iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
        iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        self.assertEqual({each["VersionId"] for each in versions}, {"v1", "v2", "v3", "v4"})
        self.assertEqual(iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"], json.loads(ALL))

    def test_keys_of_a_user(self):
        server = self.serve()
        iam = server.client("iam")
        iam.create_user(UserName="alice")
        keys = [iam.create_access_key(UserName="alice")["AccessKey"] for _ in range(2)]
        self.assertRefused("LimitExceeded", iam.create_access_key, UserName="alice")
        listed = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
        self.assertEqual({each["AccessKeyId"] for each in listed}, {each["AccessKeyId"] for each in keys})
        self.assertRefused("DeleteConflict", iam.delete_user, UserName="alice")
        for key in keys:
            iam.delete_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName="alice")
        self.assertRefused("NoSuchEntity", iam.create_access_key, UserName="alice")


if __name__ == "__main__":
    unittest.main()
