"""Runs the scripts of Rules/remediation with the real AWS CLI against a local stand-in for AWS (moto), and looks at what
has changed there. Scripts/test-remediation-effects.sh installs what it needs and starts it.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import unittest

import boto3

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "Rules" / "remediation" / "scripts"
ACCOUNT, REGION = "123456789012", "eu-central-1"


def setUpModule():
    global server, environment
    environment = {
        "PATH": f"{pathlib.Path(sys.executable).parent}:/usr/bin:/bin",
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "PARAM_ACCOUNT": ACCOUNT, "PARAM_REGION": REGION,
    }
    server = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            environment["AWS_ENDPOINT_URL"] = found[0]
            # Read on, so that the server never waits for room in the pipe.
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return
    raise RuntimeError("moto did not start")


def tearDownModule():
    server.terminate()
    server.wait()


def aws(service):
    return boto3.client(service, region_name=REGION, endpoint_url=environment["AWS_ENDPOINT_URL"],
                        aws_access_key_id="testing", aws_secret_access_key="testing")


def run(script, event=None, **params):
    """Runs a script as a script action does: values in PARAM_…, the event on standard input."""
    values = {("" if name.isupper() else "PARAM_") + name.upper(): value for name, value in params.items()}
    return subprocess.run(["bash", SCRIPTS / script], env=environment | values, text=True, capture_output=True,
                          input=json.dumps(event or {}), timeout=60)


class Effects(unittest.TestCase):
    def succeeds(self, *arguments, twice=True, **params):
        """Runs a script twice, as deliveries may come twice."""
        for _ in range(2 if twice else 1):
            result = run(*arguments, **params)
            self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_a_public_bucket_is_closed(self):
        s3 = aws("s3")
        s3.create_bucket(Bucket="example-reports", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_acl(Bucket="example-reports", ACL="public-read")
        self.succeeds("block-public-access.sh", bucket="example-reports")
        self.assertEqual(s3.get_public_access_block(Bucket="example-reports")["PublicAccessBlockConfiguration"],
                         dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                                        "RestrictPublicBuckets"), True))

    def test_a_bucket_that_is_gone_needs_no_closing(self):
        self.assertIn("does not exist any more", self.succeeds("block-public-access.sh", bucket="example-gone"))

    def test_only_the_world_s_admin_rules_are_revoked(self):
        ec2 = aws("ec2")
        group = ec2.create_security_group(GroupName="web", Description="web servers")["GroupId"]

        def permission(port, **ranges):
            return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **ranges}

        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
            permission(22, IpRanges=[{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "203.0.113.0/24"}]),
            permission(3389, Ipv6Ranges=[{"CidrIpv6": "::/0"}]),
            permission(443, IpRanges=[{"CidrIp": "0.0.0.0/0"}], Ipv6Ranges=[{"CidrIpv6": "::/0"}])])

        def ingress():
            answer = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
            return [rule for rule in answer["SecurityGroupRules"] if not rule["IsEgress"]]

        # CloudTrail writes what a call answered with small first letters, and its lists as `items`.
        rules = [{name[0].lower() + name[1:]: value for name, value in rule.items()} for rule in ingress()]
        event = {"detail": {"responseElements": {"securityGroupRuleSet": {"items": rules}}}}
        self.succeeds("revoke-world-ingress.sh", event, group=group)
        left = sorted((rule["FromPort"], rule.get("CidrIpv4") or rule["CidrIpv6"]) for rule in ingress())
        self.assertEqual(left, [(22, "203.0.113.0/24"), (443, "0.0.0.0/0"), (443, "::/0")])

    def test_a_stopped_trail_is_started(self):
        aws("s3").create_bucket(Bucket="example-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
        cloudtrail = aws("cloudtrail")
        arn = cloudtrail.create_trail(Name="organization-trail", S3BucketName="example-logs")["TrailARN"]
        for name in ("organization-trail", arn):
            cloudtrail.stop_logging(Name=name)
            self.succeeds("start-trail.sh", trail=name)
            self.assertTrue(cloudtrail.get_trail_status(Name=name)["IsLogging"])

    def test_a_trail_that_does_not_exist_is_a_failure(self):
        result = run("start-trail.sh", trail="no-such-trail")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("TrailNotFoundException", result.stderr)

    def test_a_public_ebs_snapshot_is_unshared_and_stays_shared_with_the_partner(self):
        ec2 = aws("ec2")
        volume = ec2.create_volume(AvailabilityZone=REGION + "a", Size=1)["VolumeId"]
        snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
        ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add",
                                      GroupNames=["all"], UserIds=["444455556666"])
        self.succeeds("unshare-snapshot.sh", kind="ebs", snapshot=snapshot)
        left = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
        self.assertEqual(left["CreateVolumePermissions"], [{"UserId": "444455556666"}])

    def test_a_public_rds_snapshot_is_unshared_and_stays_shared_with_the_partner(self):
        rds = aws("rds")
        rds.create_db_instance(DBInstanceIdentifier="orders", DBInstanceClass="db.t3.micro", Engine="postgres",
                               AllocatedStorage=20, MasterUsername="root", MasterUserPassword="not-a-secret")
        rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="orders-monday")
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="orders-monday", AttributeName="restore",
                                         ValuesToAdd=["all", "444455556666"])
        self.succeeds("unshare-snapshot.sh", kind="rds", snapshot="orders-monday")
        left = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="orders-monday")
        self.assertEqual(left["DBSnapshotAttributesResult"]["DBSnapshotAttributes"],
                         [{"AttributeName": "restore", "AttributeValues": ["444455556666"]}])

    def test_a_public_cluster_snapshot_is_unshared(self):
        rds = aws("rds")
        rds.create_db_cluster(DBClusterIdentifier="orders", Engine="aurora-postgresql", MasterUsername="root",
                              MasterUserPassword="not-a-secret")
        rds.create_db_cluster_snapshot(DBClusterIdentifier="orders", DBClusterSnapshotIdentifier="cluster-monday")
        rds.modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier="cluster-monday", AttributeName="restore",
                                                 ValuesToAdd=["all"])
        self.succeeds("unshare-snapshot.sh", kind="rds-cluster", snapshot="cluster-monday")
        left = rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier="cluster-monday")
        self.assertEqual([attribute["AttributeValues"] for attribute in
                          left["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]], [[]])

    def test_a_snapshot_that_is_gone_needs_no_unsharing(self):
        for kind, snapshot in (("ebs", "snap-0a9b8c7d6e5f40312"), ("rds", "gone"), ("rds-cluster", "gone")):
            with self.subTest(kind=kind):
                self.assertIn("does not exist any more",
                              self.succeeds("unshare-snapshot.sh", kind=kind, snapshot=snapshot))

    def test_a_root_key_is_deleted(self):
        iam = aws("iam")
        iam.create_user(UserName="root")
        key = iam.create_access_key(UserName="root")["AccessKey"]["AccessKeyId"]
        # moto has no AssumeRoot and fails: a stand-in for the CLI answers what the CLI has sent without complaint.
        with tempfile.TemporaryDirectory() as folder:
            stand_in = pathlib.Path(folder) / "aws"
            stand_in.write_text(f"""#!/bin/bash
                if [[ "$1 $2" != "sts assume-root" ]]; then exec {pathlib.Path(sys.executable).parent}/aws "$@"; fi
                output=$({pathlib.Path(sys.executable).parent}/aws "$@" 2>&1)
                if [[ "$output" != *"Unable to parse response"* ]]; then echo "$output" >&2; exit 1; fi
                printf 'ASIAROOT\\tsecret\\ttoken\\n'
                """)
            stand_in.chmod(0o755)
            self.succeeds("delete-root-access-key.sh", key=key, PATH=f"{folder}:{environment['PATH']}")
        self.assertEqual(iam.list_access_keys(UserName="root")["AccessKeyMetadata"], [])

    def test_a_role_is_assumed_in_the_event_s_account(self):
        self.succeeds("unshare-snapshot.sh", account="444455556666", REMEDIATION_ROLE="signalbox", kind="ebs",
                      snapshot="snap-0a9b8c7d6e5f40312")

    def test_credentials_of_another_account_change_nothing(self):
        aws("s3").create_bucket(Bucket="example-other", CreateBucketConfiguration={"LocationConstraint": REGION})
        result = run("block-public-access.sh", account="444455556666", bucket="example-other")
        self.assertEqual(result.returncode, 1)
        self.assertIn("nothing was changed", result.stderr)
        with self.assertRaisesRegex(Exception, "NoSuchPublicAccessBlockConfiguration"):
            aws("s3").get_public_access_block(Bucket="example-other")


if __name__ == "__main__":
    unittest.main()
