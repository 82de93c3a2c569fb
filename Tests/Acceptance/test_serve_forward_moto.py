"""What `signalbox serve` hands to services elsewhere, as moto has it afterwards: a stand-in for AWS that others wrote. Skipped
where moto is not installed; `test_serve_forward.py` looks at the requests themselves."""

import json
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

from forwarding import ForwardingTest
from serving import boto3

ROLE = "arn:aws:iam::000000000000:role/r"


class MotoTest(ForwardingTest):
    seconds = 60

    def setUp(self):
        super().setUp()
        try:
            import moto.server  # noqa: F401
        except ImportError:
            raise unittest.SkipTest("moto[server] is not installed")
        log = Path(self.folder) / "moto.log"
        environment = {**os.environ, "MOTO_ACCOUNT_ID": "000000000000", "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        with open(log, "wb") as file:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        end = time.monotonic() + 60
        while not (found := re.search(r"Running on (http://127.0.0.1:\d+)", log.read_text())):
            self.assertTrue(process.poll() is None and time.monotonic() < end, log.read_text())
            time.sleep(0.1)
        self.moto = found[1]

    def there(self, service):
        return boto3().client(
            service, endpoint_url=self.moto, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )

    def until(self, look, seconds=30):
        """What `look` finds, once it does."""
        end = time.monotonic() + seconds
        while not (found := look()) and time.monotonic() < end:
            time.sleep(0.2)
        return found

    def test_services_have_afterwards_what_rules_sent(self):
        machines, streams, groups, clusters = (self.there(name) for name in ("stepfunctions", "kinesis", "logs", "ecs"))
        machine = machines.create_state_machine(name="m", definition='{"StartAt":"P","States":{}}', roleArn=ROLE)
        streams.create_stream(StreamName="s", ShardCount=1)
        groups.create_log_group(logGroupName="/aws/events/g")
        cluster = clusters.create_cluster(clusterName="c")["cluster"]["clusterArn"]
        task = clusters.register_task_definition(
            family="t",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "n", "image": "i", "cpu": 1, "memory": 4}],
        )["taskDefinition"]["taskDefinitionArn"]
        subnet = self.there("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        group = self.there("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]
        self.there("s3").create_bucket(Bucket="bucket")
        self.there("firehose").create_delivery_stream(
            DeliveryStreamName="d", S3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::bucket"}
        )
        queue = self.there("sqs").create_queue(QueueName="q")["QueueUrl"]
        topic = self.there("sns").create_topic(Name="t")["TopicArn"]
        self.there("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.arn("sqs", "q"))

        server = self.front(
            {"services": ["states", "kinesis", "logs", "ecs", "firehose", "sns"], "endpoint": self.moto}
        )
        letters_url, letters = self.queue(server, "letters")
        events = server.client("events")
        targets = [
            {"Arn": machine["stateMachineArn"], "RoleArn": ROLE},
            {"Arn": self.arn("kinesis", "stream/s"), "KinesisParameters": {"PartitionKeyPath": "$.detail.who"}},
            {"Arn": self.arn("logs", "log-group:/aws/events/g")},
            {
                "Arn": cluster,
                "EcsParameters": {
                    "TaskDefinitionArn": task,
                    "LaunchType": "FARGATE",
                    "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": [subnet], "SecurityGroups": [group]}},
                },
                "Input": json.dumps({"containerOverrides": [{"name": "n", "command": ["c"]}]}),
            },
            {"Arn": self.arn("firehose", "deliverystream/d")},
            {"Arn": topic, "InputPath": "$.detail.who"},
            {"Arn": self.arn("states", "stateMachine:gone"), "RoleArn": ROLE},
        ]
        for number, target in enumerate(targets):
            events.put_rule(Name=f"r{number}", EventPattern='{"source":["shop"]}')
            target = {"Id": "t", "DeadLetterConfig": {"Arn": letters}, **target}
            self.assertEqual(events.put_targets(Rule=f"r{number}", Targets=[target])["FailedEntryCount"], 0)
        self.put(server, who="alice")

        # There is no state machine of that name in moto; all else arrives.
        self.assertEqual(self.letters(server, letters_url), {targets[-1]["Arn"]: "NO_RESOURCE"})
        execution = self.until(lambda: machines.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"])[0]
        sent = json.loads(machines.describe_execution(executionArn=execution["executionArn"])["input"])
        self.assertEqual(sent["detail"], {"who": "alice"})
        shard = streams.describe_stream(StreamName="s")["StreamDescription"]["Shards"][0]["ShardId"]
        start = streams.get_shard_iterator(StreamName="s", ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        record = self.until(lambda: streams.get_records(ShardIterator=start)["Records"])[0]
        self.assertEqual((record["PartitionKey"], json.loads(record["Data"])), ("alice", sent))
        logged = self.until(lambda: groups.filter_log_events(logGroupName="/aws/events/g")["events"])[0]
        self.assertEqual(json.loads(logged["message"]), sent)
        tasks = self.until(lambda: clusters.list_tasks(cluster="c")["taskArns"])
        (task_there,) = clusters.describe_tasks(cluster="c", tasks=tasks)["tasks"]
        self.assertEqual(task_there["overrides"]["containerOverrides"], [{"name": "n", "command": ["c"]}])
        s3 = self.there("s3")
        key = self.until(lambda: s3.list_objects_v2(Bucket="bucket").get("Contents"))[0]["Key"]
        self.assertEqual(json.loads(s3.get_object(Bucket="bucket", Key=key)["Body"].read()), sent)
        message = self.until(lambda: self.there("sqs").receive_message(QueueUrl=queue).get("Messages"))[0]
        self.assertEqual(json.loads(message["Body"])["Message"], '"alice"')


if __name__ == "__main__":
    unittest.main()
