"""Every operation in every protocol with inputs that are nearly right: no fault of the server's, an error that its clients
know, and a server that is well afterwards. SIGNALBOX_FUZZ_SECONDS=600 makes it a long run, SIGNALBOX_SEED repeats one."""

import json
import os
import random
import subprocess
import time
import urllib.parse

from api_fuzzer import Fuzzer, Generator, operations
from harness import binary
from serving import ServeTest

ACCOUNT = "000000000000"


class FuzzTest(ServeTest):
    seconds = 60
    queues = 0

    def test_nearly_right_calls_are_the_senders_fault(self):
        server = self.serve("--no-signature-check")  # or the test is skipped, without the AWS clients
        import botocore.session

        run = subprocess.run([str(binary()), "schema", "--aws-api"], capture_output=True, text=True, check=True)
        offered = list(operations(json.loads(run.stdout), botocore.session.get_session()))
        seed = int(os.environ.get("SIGNALBOX_SEED", "4"))
        end = time.monotonic() + float(os.environ.get("SIGNALBOX_FUZZ_SECONDS", "0"))
        chance = random.Random(seed)
        parts = urllib.parse.urlsplit(server.endpoint)
        fuzzer = Fuzzer((parts.hostname, parts.port), chance)
        fuzzer.all_codes = set().union(*(operation.codes for operation in offered))
        while True:
            generator = Generator(chance, self.things(server))
            for number, operation in enumerate(chance.sample(offered, len(offered))):
                if number % 40 == 39:
                    generator.known = self.things(server)  # calls have deleted some
                with self.subTest(seed=seed, sent=fuzzer.sent):
                    fuzzer.work(operation, generator, mutations=6)
            if time.monotonic() >= end:
                break
        # A run in which everything is refused at the door would show little.
        self.assertGreater(fuzzer.good, fuzzer.sent // 20, fuzzer.codes)
        self.assertNotIn("failed inside", server.log_path.read_text(errors="replace"))
        self.check_well(server)

    def things(self, server):
        """Makes what calls can be about, as far as it is not there; values of members that name it."""
        sqs, sns, iam = server.client("sqs"), server.client("sns"), server.client("iam")
        events = server.client("events")
        self.queues += 1  # a queue that was deleted may not be made again for a minute
        name = f"fuzz{self.queues}"
        queue = sqs.create_queue(QueueName=name)["QueueUrl"]
        topic = sns.create_topic(Name="fuzz")["TopicArn"]
        queue_arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        rule_arn = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/fuzz"
        pattern = json.dumps({"source": ["fuzz"], "detail": {"a": [{"prefix": "x"}]}})
        events.put_rule(Name="fuzz", EventPattern=pattern)
        policy = json.dumps({"Version": "2012-10-17", "Statement": []})
        for make, parameters in (
            (events.create_event_bus, {"Name": "fuzz"}),
            (iam.create_user, {"UserName": "fuzz"}),
            (iam.create_role, {"RoleName": "fuzz", "AssumeRolePolicyDocument": policy}),
            (iam.create_policy, {"PolicyName": "fuzz", "PolicyDocument": policy}),
        ):
            try:
                make(**parameters)
            except Exception as error:
                self.assertIn("AlreadyExists", str(error))
        message = json.dumps({"source": "fuzz", "detail-type": "t", "detail": {}, "id": "1", "account": ACCOUNT})
        return {
            "QueueUrl": queue, "QueueName": name, "WaitTimeSeconds": 0, "VisibilityTimeout": 0, "MessageBody": "hello",
            "ReceiptHandle": "AQEB", "TopicArn": topic, "TargetArn": topic, "Endpoint": queue_arn, "Protocol": "sqs",
            "sqs:CreateQueue.Attributes": {"DelaySeconds": "0"}, "sqs:SetQueueAttributes.Attributes": {"DelaySeconds": "0"},
            "sqs:SourceArn": queue_arn, "Rule": "fuzz", "events:PutRule.Name": "fuzz", "events:DescribeRule.Name": "fuzz",
            "events:DeleteRule.Name": "other", "events:CreateEventBus.Name": "fuzz2", "EventBusName": "default",
            "EventPattern": pattern, "Event": message, "Detail": "{}", "Source": "fuzz", "DetailType": "t",
            "events:Arn": queue_arn, "events:ResourceARN": rule_arn, "sns:ResourceArn": topic, "ScheduleExpression": "rate(5 minutes)",
            "EventSourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default", "UserName": "fuzz", "RoleName": "fuzz",
            "PolicyDocument": policy, "AssumeRolePolicyDocument": policy, "PolicyName": "fuzz",
            "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/fuzz", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/fuzz",
            "RoleSessionName": "fuzz", "NextToken": "1", "Message": "hello", "Policy": policy,
        }  # fmt: skip

    def check_well(self, server):
        sqs, events = server.client("sqs"), server.client("events")
        queue = sqs.create_queue(QueueName="well")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [policy]})})
        events.put_rule(Name="well", EventPattern='{"source": ["well"]}')
        events.put_targets(Rule="well", Targets=[{"Id": "1", "Arn": arn}])
        events.put_events(Entries=[{"Source": "well", "DetailType": "t", "Detail": "{}"}])
        received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        self.assertEqual(json.loads(received[0]["Body"])["source"], "well")


if __name__ == "__main__":
    import unittest

    unittest.main()
