"""EventBridge Pipes as its clients see it: each test looks at what came out of a pipe, not at what was answered."""

import gzip
import json
import time
import unittest
import urllib.request
from pathlib import Path

from receiver import Answer
from serving import ServeTest

ANYBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]},
                "Action": "sqs:SendMessage",
                "Resource": "*",
            }
        ],
    }
)


class PipesTest(ServeTest):
    seconds = 20

    def queue(self, server, name, **attributes):
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def send(self, server, url, *bodies, **more):
        for body in bodies:
            server.client("sqs").send_message(QueueUrl=url, MessageBody=body, **more)

    def messages(self, server, url, count=1, seconds=15):
        """Receives and deletes until there are so many messages."""
        sqs, found, end = server.client("sqs"), [], time.monotonic() + seconds
        while len(found) < count and time.monotonic() < end:
            answer = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                found.append(message)
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def bodies(self, server, url, count=1, seconds=15):
        return [message["Body"] for message in self.messages(server, url, count, seconds)]

    def left(self, server, url):
        """How many messages a queue has, hidden ones too."""
        answer = server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(value) for name, value in answer.items() if name.startswith("ApproximateNumberOfMessages"))

    def role(self, server):
        account = server.client("sts").get_caller_identity()["Account"]
        return f"arn:aws:iam::{account}:role/pipes"

    def eventually(self, what, seconds=15):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "it does not become true")
            time.sleep(0.1)

    def becomes(self, server, name, state, seconds=15):
        self.eventually(lambda: server.client("pipes").describe_pipe(Name=name)["CurrentState"] == state, seconds)

    def pipe(self, server, source, target, name="p", **more):
        """Makes a pipe and waits until it runs."""
        made = server.client("pipes").create_pipe(
            Name=name, Source=source, Target=target, RoleArn=self.role(server), **more
        )
        self.assertEqual((made["DesiredState"], made["CurrentState"]), ("RUNNING", "CREATING"))
        self.becomes(server, name, "RUNNING")
        return made["Arn"]

    def destination(self, server, receiver, path):
        events = server.client("events")
        connection = events.create_connection(
            Name=path.strip("/"),
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "k"}},
        )["ConnectionArn"]
        return events.create_api_destination(
            Name=path.strip("/"),
            ConnectionArn=connection,
            InvocationEndpoint=f"http://127.0.0.1:{receiver.port}{path}",
            HttpMethod="POST",
        )["ApiDestinationArn"]

    def test_what_no_filter_takes_is_deleted_and_the_rest_is_transformed(self):
        server = self.serve()
        source_url, source = self.queue(server, "source")
        target_url, target = self.queue(server, "target")
        self.pipe(
            server,
            source,
            target,
            SourceParameters={
                "FilterCriteria": {
                    "Filters": [{"Pattern": '{"body":{"k":["yes"]}}'}, {"Pattern": '{"body":[{"prefix":"plain"}]}'}]
                }
            },
            TargetParameters={"InputTemplate": '{"body": <$.body>, "from": "<$.eventSourceARN>", "by": <aws.pipes.pipe-name>}'},
        )
        self.send(server, source_url, '{"k":"no"}', '{"k":"yes","v":2}', "plain text", "other text", "[1]")
        found = [json.loads(body) for body in self.bodies(server, target_url, 2)]
        self.assertCountEqual(
            found,
            [
                {"body": {"k": "yes", "v": 2}, "from": source, "by": "p"},
                {"body": "plain text", "from": source, "by": "p"},
            ],
        )
        self.eventually(lambda: self.left(server, source_url) == 0)
        self.assertEqual(self.left(server, target_url), 0)

    def test_an_api_destination_enriches_and_its_answer_goes_on(self):
        server = self.serve()
        receiver = self.receiver
        receiver.on(
            "/enrich",
            lambda request: Answer(
                headers={"Content-Encoding": "gzip"},
                body=gzip.compress(
                    json.dumps(
                        [{"double": item["n"] * 2} for item in json.loads(request.body) if item["n"] > 0]
                    ).encode()
                ),
            ),
        )
        source_url, source = self.queue(server, "source")
        target_url, target = self.queue(server, "target")
        self.pipe(
            server,
            source,
            target,
            Enrichment=self.destination(server, receiver, "/enrich"),
            EnrichmentParameters={"InputTemplate": '{"n": <$.body.n>}'},
            TargetParameters={"InputTemplate": "<$.double>"},
        )
        self.send(server, source_url, '{"n":21}')
        self.assertEqual(self.bodies(server, target_url), ["42"])
        # An empty answer is the end of it.
        self.send(server, source_url, '{"n":0}')
        self.eventually(lambda: receiver.count("/enrich") == 2 and self.left(server, source_url) == 0)
        self.assertEqual(self.left(server, target_url), 0)

    def test_what_a_target_refuses_ends_in_the_dead_letter_queue_of_the_source(self):
        server = self.serve()
        receiver = self.receiver
        receiver.on("/take", lambda request: Answer(500 if b"bad" in request.body else 200))
        letters_url, letters = self.queue(server, "letters")
        source_url, source = self.queue(
            server,
            "source",
            VisibilityTimeout="1",
            RedrivePolicy=json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 2}),
        )
        self.pipe(
            server,
            source,
            self.destination(server, receiver, "/take"),
            TargetParameters={"InputTemplate": "<$.body>"},
        )
        self.send(server, source_url, "good", "bad")
        self.assertEqual(self.bodies(server, letters_url), ["bad"])
        bodies = [request.body for request in receiver.requests("/take")]
        self.assertEqual((bodies.count(b'"good"'), bodies.count(b'"bad"')), (1, 2))
        self.assertEqual(self.left(server, source_url), 0)
        self.assertIn("pipe p: 1 of", server.tail(100))
        with urllib.request.urlopen(f"{server.endpoint}/metrics") as answer:
            metrics = answer.read().decode()
        arn = f'arn:aws:pipes:us-east-1:{source.split(":")[4]}:pipe/p'
        self.assertIn(f'signalbox_pipe_failed_events_total{{pipe="{arn}"}} 2\n', metrics)
        self.assertIn(f'signalbox_pipe_stage_failures_total{{pipe="{arn}",stage="target"}} 2\n', metrics)
        self.assertIn(f'signalbox_pipe_stage_seconds_count{{pipe="{arn}",stage="target"}}', metrics)

    def test_a_function_says_which_messages_failed(self):
        folder = Path(self.folder)
        settings = folder / "signalbox.yaml"
        settings.write_text("functions:\n  - {arn: 'arn:aws:lambda:*:*:function:pick', run: pick}\n")
        script = folder / "pick.py"
        script.write_text(
            "import json, sys\n"
            "failed = [e['messageId'] for e in json.load(sys.stdin) if e['body'] == 'bad']\n"
            "print(json.dumps({'batchItemFailures': [{'itemIdentifier': id} for id in failed]}))\n"
        )
        action = {"kind": "Action", "id": "pick", "type": "command", "argv": ["/usr/bin/env", "python3", str(script)]}
        server = self.serve("--config", settings, rules=[action])
        letters_url, letters = self.queue(server, "letters")
        source_url, source = self.queue(
            server,
            "source",
            VisibilityTimeout="1",
            RedrivePolicy=json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 1}),
        )
        account = self.role(server).split(":")[4]
        self.pipe(server, source, f"arn:aws:lambda:us-east-1:{account}:function:pick")
        self.send(server, source_url, "good", "bad", "fine")
        self.assertEqual(self.bodies(server, letters_url), ["bad"])
        self.eventually(lambda: self.left(server, source_url) == 0)
        self.assertEqual(self.left(server, letters_url), 0)

    def test_a_kill_loses_nothing(self):
        server = self.serve()
        sqs = server.client("sqs")
        source_url, source = self.queue(server, "source", VisibilityTimeout="2")
        target_url, target = self.queue(server, "target")
        self.pipe(server, source, target, TargetParameters={"InputTemplate": "<$.body>"})
        sent = 0
        for _ in range(3):
            for start in range(sent, sent + 100, 10):
                entries = [{"Id": str(n), "MessageBody": f'{{"n":{n}}}'} for n in range(start, start + 10)]
                sqs.send_message_batch(QueueUrl=source_url, Entries=entries)
            sent += 100
            server.kill()
            server.start()
            sqs = server.client("sqs")
        found = [json.loads(body)["n"] for body in self.bodies(server, target_url, sent, 60)]
        # A message leaves one queue with the transaction that puts it into the other: none is lost, and none comes twice.
        self.assertEqual(sorted(found), list(range(sent)))
        self.eventually(lambda: self.left(server, source_url) == 0)
        self.assertEqual(self.left(server, target_url), 0)

    def hanging_pipe(self, server, **attributes):
        """A pipe whose enrichment answers nothing to its first request; the URLs of source and target."""
        receiver = self.receiver
        hang = receiver.answers["/hang"]
        receiver.on(
            "/enrich", lambda request: hang(request) if receiver.count("/enrich") == 1 else Answer(body=b'[{"n":1}]')
        )
        source_url, source = self.queue(server, "source", **attributes)
        target_url, target = self.queue(server, "target")
        self.pipe(server, source, target, Enrichment=self.destination(server, receiver, "/enrich"))
        self.send(server, source_url, "one")
        self.eventually(lambda: receiver.count("/enrich") == 1)
        return source_url, target_url

    def test_what_a_kill_cuts_short_is_done_again(self):
        server = self.serve()
        source_url, target_url = self.hanging_pipe(server, VisibilityTimeout="2")
        server.kill()
        server.start()
        self.assertEqual(self.bodies(server, target_url), ['{"n":1}'])
        self.eventually(lambda: self.left(server, source_url) == 0)

    def test_what_a_stop_cuts_short_does_not_wait_for_its_visibility_timeout(self):
        server = self.serve()
        source_url, target_url = self.hanging_pipe(server, VisibilityTimeout="3600")
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(self.bodies(server, target_url), ['{"n":1}'])
        self.eventually(lambda: self.left(server, source_url) == 0)

    def test_groups_of_a_fifo_queue_stay_in_order(self):
        server = self.serve()
        fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        source_url, source = self.queue(server, "source.fifo", **fifo)
        target_url, target = self.queue(server, "target.fifo", **fifo)
        self.pipe(
            server,
            source,
            target,
            TargetParameters={
                "InputTemplate": '{"g":"<$.attributes.MessageGroupId>","n":<$.body.n>}',
                "SqsQueueParameters": {"MessageGroupId": "$.attributes.MessageGroupId"},
            },
        )
        for n in range(30):
            self.send(server, source_url, json.dumps({"n": n}), MessageGroupId=f"g{n % 3}")
        found = [json.loads(body) for body in self.bodies(server, target_url, 30)]
        for group in range(3):
            numbers = [item["n"] for item in found if item["g"] == f"g{group}"]
            self.assertEqual(numbers, list(range(group, 30, 3)))

    def test_topics_and_buses(self):
        server = self.serve()
        events, sns = server.client("events"), server.client("sns")
        out_url, out = self.queue(server, "out", Policy=ANYBODY)
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=out, Attributes={"RawMessageDelivery": "true"})
        bus = events.create_event_bus(Name="b")["EventBusArn"]
        events.put_rule(Name="r", EventBusName="b", EventPattern=json.dumps({"source": ["orders"]}))
        events.put_targets(Rule="r", EventBusName="b", Targets=[{"Id": "t", "Arn": out}])
        one_url, one = self.queue(server, "one")
        two_url, two = self.queue(server, "two")
        self.pipe(server, one, topic, "to-topic", TargetParameters={"InputTemplate": "hello <$.body>"})
        self.pipe(
            server,
            two,
            bus,
            "to-bus",
            TargetParameters={
                "InputTemplate": "<$.body>",
                "EventBridgeEventBusParameters": {
                    "Source": "orders",
                    "DetailType": "$.body.kind",
                    "Resources": ["$.eventSourceARN"],
                    "Time": "$.body.at",
                },
            },
        )
        self.send(server, one_url, "world")
        self.assertEqual(self.bodies(server, out_url), ["hello world"])
        self.send(server, two_url, '{"kind":"New","at":"2026-05-06T07:08:09Z"}')
        event = json.loads(self.bodies(server, out_url)[0])
        self.assertEqual(
            (event["source"], event["detail-type"], event["resources"], event["time"], event["detail"]["kind"]),
            ("orders", "New", [two], "2026-05-06T07:08:09Z", "New"),
        )

    def test_a_stopped_pipe_takes_nothing_and_goes_on_after_a_restart(self):
        server = self.serve()
        pipes = server.client("pipes")
        source_url, source = self.queue(server, "source")
        target_url, target = self.queue(server, "target")
        self.pipe(server, source, target)
        self.assertEqual(pipes.stop_pipe(Name="p")["DesiredState"], "STOPPED")
        self.becomes(server, "p", "STOPPED")
        self.send(server, source_url, "one")
        self.assertEqual(self.bodies(server, target_url, 1, 2), [])
        self.assertEqual(server.stop(), 0)
        server.start()
        pipes = server.client("pipes")
        self.assertEqual(pipes.describe_pipe(Name="p")["CurrentState"], "STOPPED")
        pipes.start_pipe(Name="p")
        self.assertEqual(json.loads(self.bodies(server, target_url)[0])["body"], "one")
        self.becomes(server, "p", "RUNNING")
        self.assertEqual(server.stop(), 0)
        server.start()
        self.send(server, source_url, "two")
        self.assertEqual(json.loads(self.bodies(server, target_url)[0])["body"], "two")
        server.client("pipes").delete_pipe(Name="p")
        self.eventually(lambda: server.client("pipes").list_pipes()["Pipes"] == [])
        self.send(server, source_url, "three")
        self.assertEqual(self.bodies(server, target_url, 1, 2), [])

    def test_what_was_said_is_shown_and_changed(self):
        server = self.serve()
        pipes = server.client("pipes")
        _, source = self.queue(server, "source")
        _, target = self.queue(server, "target")
        given = {
            "Description": "d",
            "Source": source,
            "SourceParameters": {
                "FilterCriteria": {"Filters": [{"Pattern": '{"body":["a"]}'}]},
                "SqsQueueParameters": {"BatchSize": 5, "MaximumBatchingWindowInSeconds": 2},
            },
            "Target": target,
            "TargetParameters": {"InputTemplate": "<$.body>", "SqsQueueParameters": {"MessageGroupId": "g"}},
            "RoleArn": self.role(server),
            "Tags": {"a": "1"},
            "LogConfiguration": {"Level": "OFF"},
        }
        made = pipes.create_pipe(Name="p", DesiredState="STOPPED", **given)
        self.becomes(server, "p", "STOPPED")
        shown = pipes.describe_pipe(Name="p")
        self.assertEqual({name: shown[name] for name in given}, given)
        self.assertEqual((shown["Arn"], shown["DesiredState"]), (made["Arn"], "STOPPED"))
        self.assertRefused("ConflictException", pipes.create_pipe, Name="p", **given)
        pipes.update_pipe(
            Name="p",
            RoleArn=self.role(server),
            Description="",
            SourceParameters={"SqsQueueParameters": {"BatchSize": 7}},
            TargetParameters={"InputTemplate": ""},
        )
        self.becomes(server, "p", "STOPPED")
        shown = pipes.describe_pipe(Name="p")
        self.assertNotIn("Description", shown)
        self.assertEqual(
            shown["SourceParameters"],
            {**given["SourceParameters"], "SqsQueueParameters": {"BatchSize": 7}},
        )
        self.assertEqual(shown["TargetParameters"], {"SqsQueueParameters": {"MessageGroupId": "g"}})
        pipes.tag_resource(resourceArn=made["Arn"], tags={"b": "2"})
        pipes.untag_resource(resourceArn=made["Arn"], tagKeys=["a"])
        self.assertEqual(pipes.list_tags_for_resource(resourceArn=made["Arn"])["tags"], {"b": "2"})
        for number in range(4):
            pipes.create_pipe(Name=f"x{number}", **{**given, "Tags": {"t": ""}})
        pages = pipes.get_paginator("list_pipes").paginate(PaginationConfig={"PageSize": 2}, NamePrefix="x")
        self.assertEqual([[each["Name"] for each in page["Pipes"]] for page in pages], [["x0", "x1"], ["x2", "x3"]])
        self.assertEqual(server.client("pipes", region="eu-west-1").list_pipes()["Pipes"], [])

    def test_what_can_never_work_is_refused_and_what_is_missing_is_said(self):
        server = self.serve()
        pipes = server.client("pipes")
        account = self.role(server).split(":")[4]
        _, source = self.queue(server, "source")
        _, target = self.queue(server, "target")

        def create(**more):
            settings = {"Name": "p", "Source": source, "Target": target, "RoleArn": self.role(server), **more}
            return pipes.create_pipe(**settings)

        for name, more in {
            "SQS queues": {"Source": f"arn:aws:kinesis:us-east-1:{account}:stream/s"},
            "Event pattern is not valid": {
                "SourceParameters": {"FilterCriteria": {"Filters": [{"Pattern": '{"body":1}'}]}}
            },
            "less than or equal to 10": {
                "SourceParameters": {"SqsQueueParameters": {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1}}
            },
            "<nothing>": {"TargetParameters": {"InputTemplate": "<nothing>"}},
            "1 validation error detected": {"Name": "no blanks"},
        }.items():
            self.assertIn(name, self.assertRefused("ValidationException", create, **more)["Message"])
        self.assertRefused("AccessDeniedException", create, RoleArn="arn:aws:iam::999999999999:role/r")
        for call in [pipes.describe_pipe, pipes.start_pipe, pipes.stop_pipe, pipes.delete_pipe]:
            self.assertRefused("NotFoundException", call, Name="none")
        create(Source=f"arn:aws:sqs:us-east-1:{account}:none")
        self.becomes(server, "p", "CREATE_FAILED")
        self.assertIn("does not exist", pipes.describe_pipe(Name="p")["StateReason"])

    def test_the_aws_command_line(self):
        server = self.serve()
        source_url, source = self.queue(server, "source")
        target_url, target = self.queue(server, "target")
        command = ["--name", "p", "--source", source, "--target", target, "--role-arn", self.role(server)]
        server.aws("pipes", "create-pipe", *command)
        self.send(server, source_url, "hello")
        self.assertEqual(json.loads(self.bodies(server, target_url)[0])["body"], "hello")
        self.assertEqual([pipe["Name"] for pipe in server.aws("pipes", "list-pipes")["Pipes"]], ["p"])


if __name__ == "__main__":
    unittest.main()
