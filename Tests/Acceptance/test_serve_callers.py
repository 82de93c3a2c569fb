"""Who may call `signalbox serve`: signatures, keys, sessions, and that all of it outlives a crash."""

import datetime
import json
import stat
import unittest
import urllib.error
import urllib.request

from serving import ROOT_KEY, ROOT_SECRET, ServeTest

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


class CallersTest(ServeTest):
    seconds = 20

    def test_the_command_line_client_says_who_it_is(self):
        server = self.serve()
        who = server.aws("sts", "get-caller-identity")
        self.assertEqual(who["Arn"], f"arn:aws:iam::{who['Account']}:root")
        server.aws("iam", "create-user", "--user-name", "alice")
        key = server.aws("iam", "create-access-key", "--user-name", "alice")["AccessKey"]
        who = server.aws("sts", "get-caller-identity", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
        self.assertTrue(who["Arn"].endswith(":user/alice"), who)
        self.assertTrue(who["UserId"].startswith("AIDA"), who)

    def test_sessions_are_believed_and_end_with_their_role(self):
        server = self.serve()
        sts = server.client("sts")
        account = sts.get_caller_identity()["Account"]
        role = server.client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        taken = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="one", DurationSeconds=900)
        self.assertEqual(taken["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{account}:assumed-role/worker/one")
        left = taken["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 900, delta=60)
        session = self.session(server, taken["Credentials"])
        self.assertEqual(session.get_caller_identity()["Arn"], taken["AssumedRoleUser"]["Arn"])
        again = self.session(server, sts.get_session_token()["Credentials"])
        self.assertEqual(again.get_caller_identity()["Arn"], f"arn:aws:iam::{account}:root")
        self.assertRefused("AccessDenied", again.get_session_token)
        federated = self.session(server, sts.get_federation_token(Name="bob")["Credentials"])
        self.assertTrue(federated.get_caller_identity()["Arn"].endswith(":federated-user/bob"))

        # A token of another key, a changed token, and none at all.
        credentials = dict(taken["Credentials"])
        other = sts.get_session_token()["Credentials"]
        mixed = {**credentials, "SessionToken": other["SessionToken"]}
        self.assertRefused("InvalidClientTokenId", self.session(server, mixed).get_caller_identity)
        broken = {**credentials, "SessionToken": credentials["SessionToken"][:-8] + "AAAAAAA="}
        self.assertRefused("InvalidClientTokenId", self.session(server, broken).get_caller_identity)
        bare = server.client("sts", credentials["AccessKeyId"], credentials["SecretAccessKey"])
        self.assertRefused("InvalidClientTokenId", bare.get_caller_identity)

    def test_users_take_only_roles_that_trust_them(self):
        server = self.serve()
        iam = server.client("iam")
        account = server.client("sts").get_caller_identity()["Account"]
        iam.create_user(UserName="alice")
        key = iam.create_access_key(UserName="alice")["AccessKey"]
        sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
        closed = iam.create_role(RoleName="closed", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        self.assertRefused("AccessDenied", sts.assume_role, RoleArn=closed, RoleSessionName="session")
        nowhere = f"arn:aws:iam::{account}:role/nowhere"
        self.assertRefused("AccessDenied", sts.assume_role, RoleArn=nowhere, RoleSessionName="session")
        trust = json.loads(json.dumps(TRUST))
        trust["Statement"][0]["Principal"] = {"AWS": f"arn:aws:iam::{account}:user/alice"}
        trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "secret"}}
        open_role = iam.create_role(RoleName="open", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        self.assertRefused("AccessDenied", sts.assume_role, RoleArn=open_role, RoleSessionName="session")
        taken = sts.assume_role(RoleArn=open_role, RoleSessionName="session", ExternalId="secret")
        self.assertTrue(taken["AssumedRoleUser"]["Arn"].endswith("assumed-role/open/session"))

    def test_callers_that_cannot_be_believed_are_told_why(self):
        server = self.serve()
        self.assertRefused("SignatureDoesNotMatch", server.client("sts", secret="wrong").get_caller_identity)
        self.assertRefused("InvalidClientTokenId", server.client("sts", key="AKIAUNKNOWN").get_caller_identity)
        with self.assertRaises(urllib.error.HTTPError) as context:
            urllib.request.urlopen(f"{server.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15", timeout=10)
        with context.exception as answer:
            self.assertEqual(answer.code, 403)
            self.assertIn(b"<Code>MissingAuthenticationToken</Code>", answer.read())

    def test_a_clock_that_is_wrong_is_told(self):
        from unittest import mock

        import botocore.auth

        server = self.serve()
        for minutes, word in ((-20, "Signature expired"), (20, "Signature not yet current")):
            wrong = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
            with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_: wrong.replace(tzinfo=None)):
                error = self.assertRefused("SignatureDoesNotMatch", server.client("sts").get_caller_identity)
            self.assertIn(word, error["Message"])

    def test_presigned_links_hold_as_they_are_and_not_otherwise(self):
        server = self.serve()
        link = server.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        with urllib.request.urlopen(link, timeout=10) as answer:
            self.assertIn(b":root</Arn>", answer.read())
        for changed in (link.replace("GetCallerIdentity", "GetSessionToken"), link.replace("Expires=60", "Expires=61")):
            self.assertNotEqual(changed, link)
            with self.assertRaises(urllib.error.HTTPError) as context:
                urllib.request.urlopen(changed, timeout=10)
            with context.exception as answer:
                self.assertIn(b"<Code>SignatureDoesNotMatch</Code>", answer.read())

    def test_keys_users_and_sessions_outlive_a_crash(self):
        server = self.serve()
        iam = server.client("iam")
        iam.create_user(UserName="alice", Tags=[{"Key": "team", "Value": "red"}])
        key = iam.create_access_key(UserName="alice")["AccessKey"]
        session = server.client("sts").get_session_token()["Credentials"]
        server.kill()
        server.start()
        alice = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
        self.assertTrue(alice.get_caller_identity()["Arn"].endswith(":user/alice"))
        self.assertTrue(self.session(server, session).get_caller_identity()["Arn"].endswith(":root"))
        iam = server.client("iam")
        self.assertEqual(iam.get_user(UserName="alice")["User"]["Tags"], [{"Key": "team", "Value": "red"}])
        iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Inactive")
        self.assertRefused("InvalidClientTokenId", alice_again(server, key).get_caller_identity)

    def test_the_first_start_makes_a_root_key_that_stays(self):
        server = self.serve(environment={})
        file = server.data / "keys" / "root-access-key"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE((server.data / "keys" / "master.key").stat().st_mode), 0o600)
        lines = dict(line.removeprefix("export ").split("=", 1) for line in file.read_text().splitlines())
        self.assertIn(f"export AWS_SECRET_ACCESS_KEY={lines['AWS_SECRET_ACCESS_KEY']}", server.tail())
        self.assertIn("export AWS_DEFAULT_REGION=us-east-1", server.tail())
        server.client("sts", lines["AWS_ACCESS_KEY_ID"], lines["AWS_SECRET_ACCESS_KEY"]).get_caller_identity()
        self.assertEqual(server.stop(), 0)
        server.log_path.write_text("")
        server.start()
        server.client("sts", lines["AWS_ACCESS_KEY_ID"], lines["AWS_SECRET_ACCESS_KEY"]).get_caller_identity()
        self.assertNotIn(lines["AWS_SECRET_ACCESS_KEY"], server.tail(1000))

    def test_the_settings_say_who_may_call(self):
        from pathlib import Path

        folder = Path(self.folder)
        (folder / "alice.secret").write_text("alice's own secret\n")
        (folder / "signalbox.yaml").write_text(
            """
            account: "111111111111"
            accounts:
              - id: "222222222222"
                access-keys: [{id: AKIASECOND, secret: {env: SECOND_SECRET}}]
                users: [{name: alice, access-keys: [{id: AKIAALICE, secret: {file: alice.secret}}]}]
                roles: [{name: worker}]
            """
        )
        settings = str(folder / "signalbox.yaml")
        root = {"SIGNALBOX_ROOT_ACCESS_KEY_ID": ROOT_KEY, "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET}
        server = self.serve("--config", settings, environment={**root, "SECOND_SECRET": "of the second"})
        self.assertEqual(server.client("sts").get_caller_identity()["Account"], "111111111111")
        second = server.client("sts", "AKIASECOND", "of the second")
        self.assertEqual(second.get_caller_identity()["Arn"], "arn:aws:iam::222222222222:root")
        alice = server.client("sts", "AKIAALICE", "alice's own secret")
        self.assertEqual(alice.get_caller_identity()["Arn"], "arn:aws:iam::222222222222:user/alice")
        role = "arn:aws:iam::222222222222:role/worker"
        self.assertTrue(alice.assume_role(RoleArn=role, RoleSessionName="one")["Credentials"])
        stranger = server.client("sts")
        self.assertRefused("AccessDenied", stranger.assume_role, RoleArn=role, RoleSessionName="one")
        iam = server.client("iam", "AKIASECOND", "of the second")
        self.assertRefused("UnmodifiableEntity", iam.tag_user, UserName="alice", Tags=[{"Key": "a", "Value": "b"}])
        run = self.command("serve", "--config", settings, "--port", "0")
        self.assertEqual(run.returncode, 3)
        self.assertIn("the environment variable SECOND_SECRET is not set", run.stderr)

    def test_signatures_can_be_switched_off_on_this_machine_only(self):
        server = self.serve("--no-signature-check")
        self.assertIn("signatures are not checked", server.tail())
        who = server.client("sts", key="anybody", secret="anything").get_caller_identity()
        self.assertTrue(who["Arn"].endswith(":root"))
        self.assertEqual(server.stop(), 0)
        for arguments in (["--no-signature-check", "--host", "0.0.0.0"], ["--host", "0.0.0.0"], ["--host", "::"]):
            run = self.command("serve", "--data", str(server.data), "--port", "0", *arguments)
            self.assertEqual(run.returncode, 3, run.stderr)
            self.assertIn("can be reached from other machines", run.stderr)

    @staticmethod
    def session(server, credentials):
        return server.client(
            "sts", credentials["AccessKeyId"], credentials["SecretAccessKey"], token=credentials["SessionToken"]
        )

    @staticmethod
    def command(*arguments):
        import subprocess

        from harness import binary

        return subprocess.run([str(binary()), *arguments], capture_output=True, text=True, timeout=60)


def alice_again(server, key):
    return server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])


if __name__ == "__main__":
    unittest.main()
