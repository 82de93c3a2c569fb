"""Every API call is a CloudTrail record, and rules match it like any other event."""

import json
import time
import unittest

from harness import rule, webhook
from serving import ROOT_KEY, ServeTest
from test_serve_callers import TRUST


class CaptureTest(ServeTest):
    seconds = 8

    def test_a_call_is_a_whole_record(self):
        server = self.serve()
        iam = server.client("iam", region="eu-central-1", user_agent_extra="our-tests/1")
        answer = iam.create_role(
            RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST), Tags=[{"Key": "a", "Value": "b"}]
        )
        record = self.one(server, "CreateRole")
        account = server.client("sts").get_caller_identity()["Account"]
        self.assertEqual(
            record["userIdentity"],
            {
                "type": "Root",
                "principalId": account,
                "arn": f"arn:aws:iam::{account}:root",
                "accountId": account,
                "accessKeyId": ROOT_KEY,
            },
        )
        self.assertEqual(record["eventSource"], "iam.amazonaws.com")
        self.assertEqual(record["requestID"], answer["ResponseMetadata"]["RequestId"])
        self.assertEqual(record["recipientAccountId"], account)
        self.assertEqual(record["sourceIPAddress"], "127.0.0.1")
        self.assertIn("our-tests/1", record["userAgent"])
        self.assertIn("Botocore", record["userAgent"])
        self.assertEqual(record["requestParameters"]["roleName"], "worker")
        self.assertEqual(record["requestParameters"]["tags"], [{"key": "a", "value": "b"}])
        self.assertEqual(record["responseElements"]["role"]["arn"], answer["Role"]["Arn"])
        self.assertEqual(
            (record["readOnly"], record["managementEvent"], record["eventCategory"], record["eventType"]),
            (False, True, "Management", "AwsApiCall"),
        )
        self.assertNotIn("errorCode", record)

    def test_failed_calls_and_reads_are_recorded_without_an_answer(self):
        server = self.serve()
        iam = server.client("iam")
        error = self.assertRefused("NoSuchEntity", iam.get_role, RoleName="nobody")
        self.assertRefused("SignatureDoesNotMatch", server.client("iam", secret="wrong").list_roles)
        record = self.one(server, "GetRole")
        self.assertEqual(record["errorCode"], "NoSuchEntity")
        self.assertEqual(record["errorMessage"], error["Message"])
        self.assertEqual(record["requestParameters"], {"roleName": "nobody"})
        self.assertIsNone(record["responseElements"])
        self.assertTrue(record["readOnly"])
        record = self.one(server, "ListRoles")
        self.assertEqual(record["errorCode"], "SignatureDoesNotMatch")
        self.assertEqual(record["userIdentity"], {"type": "Unknown", "accessKeyId": ROOT_KEY})

    def test_secrets_are_left_out(self):
        server = self.serve()
        iam = server.client("iam")
        iam.create_user(UserName="alice")
        key = iam.create_access_key(UserName="alice")["AccessKey"]
        session = server.client("sts").get_session_token()["Credentials"]
        record = self.one(server, "CreateAccessKey")
        self.assertEqual(record["responseElements"]["accessKey"]["accessKeyId"], key["AccessKeyId"])
        self.assertNotIn("secretAccessKey", record["responseElements"]["accessKey"])
        record = self.one(server, "GetSessionToken")
        self.assertEqual(
            {name: value for name, value in record["responseElements"]["credentials"].items() if name != "expiration"},
            {"accessKeyId": session["AccessKeyId"], "sessionToken": session["SessionToken"]},
        )
        self.assertEqual(server.stop(), 0)
        # The token of a session is in its record, as in CloudTrail's; without the secret it opens nothing.
        secrets = [key["SecretAccessKey"], session["SecretAccessKey"]]
        for file in server.data.rglob("*"):
            if file.is_file() and file.parent.name != "keys":
                content = file.read_bytes()
                for secret in secrets:
                    self.assertNotIn(secret.encode(), content, file)

    def test_the_session_says_whose_it_is(self):
        server = self.serve()
        role = server.client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        credentials = server.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="one")["Credentials"]
        record = self.one(server, "AssumeRole")
        self.assertEqual(record["responseElements"]["assumedRoleUser"]["assumedRoleId"], f"{role['RoleId']}:one")
        self.assertEqual(record["responseElements"]["credentials"]["accessKeyId"], credentials["AccessKeyId"])
        account = role["Arn"].split(":")[4]
        self.assertEqual(
            record["resources"], [{"ARN": role["Arn"], "accountId": account, "type": "AWS::IAM::Role"}]
        )
        worker = server.client(
            "iam", credentials["AccessKeyId"], credentials["SecretAccessKey"], token=credentials["SessionToken"]
        )
        worker.create_user(UserName="alice")
        identity = self.one(server, "CreateUser")["userIdentity"]
        self.assertEqual(identity["type"], "AssumedRole")
        self.assertTrue(identity["arn"].endswith(":assumed-role/worker/one"))
        self.assertEqual(identity["principalId"], f"{role['RoleId']}:one")
        issuer = identity["sessionContext"]["sessionIssuer"]
        self.assertEqual((issuer["type"], issuer["arn"], issuer["userName"]), ("Role", role["Arn"], "worker"))
        self.assertEqual(issuer["principalId"], role["RoleId"])

    def test_rules_from_files_match_calls(self):
        pattern = {"source": ["aws.iam"], "detail": {"eventName": ["CreateAccessKey"]}}
        server = self.serve(
            rules=[
                webhook("hook", url=self.url("/ok")),
                rule("new-keys", {"id": "tell", "send": "hook"}, when=pattern),
            ]
        )
        iam = server.client("iam")
        iam.create_user(UserName="alice")
        iam.create_access_key(UserName="alice")
        end = time.monotonic() + 20
        while not self.receiver.requests("/ok") and time.monotonic() < end:
            time.sleep(0.05)
        record = self.one(server, "CreateAccessKey")
        sent = [json.loads(request.body) for request in self.receiver.requests("/ok")]
        self.assertEqual([each["event"] for each in sent], [record["eventID"]])

    def one(self, server, name):
        """The one record of a name, also if it is on its way still."""
        end = time.monotonic() + 10
        while True:
            found = [record for record in server.calls() if record["eventName"] == name]
            if found or time.monotonic() > end:
                self.assertEqual(len(found), 1, name)
                return found[0]
            time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
