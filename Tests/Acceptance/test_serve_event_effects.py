"""EventBridge where it used to say yes and do something else: what is refused, what is shown, and what becomes visible."""

import json
import re
import subprocess
import time
import unittest
import urllib.request
from pathlib import Path

from harness import binary, rule
from receiver import Answer
from serving import ServeTest
from test_serve_events import POLICY

ROLE = "arn:aws:iam::000000000000:role/r"
LOOSE = {"parameter_validation": False}


class EventEffectsTest(ServeTest):
    seconds = 20

    def queue(self, server, name, policy=POLICY):
        attributes = {"Policy": json.dumps(policy)} if policy else {}
        url = server.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def receive(self, server, url, wait=1):
        answer = server.client("sqs").receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=wait,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        found = answer.get("Messages", [])
        for message in found:
            server.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def drain(self, server, url, most=40):
        """Receives until the queue is empty; fails if it never is."""
        found = []
        for _ in range(most):
            messages = self.receive(server, url)
            if not messages:
                return found
            found += messages
        self.fail(f"the queue is not empty after {most} receives and {len(found)} messages")

    def connect(self, server, name, **more):
        return server.client("events").create_connection(
            Name=name,
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "k"}, **more},
        )["ConnectionArn"]

    def metrics(self, server):
        with urllib.request.urlopen(f"{server.endpoint}/metrics") as answer:
            return answer.read().decode()

    # Records of calls

    def test_a_queue_that_is_told_of_everything_drains(self):
        server = self.serve()
        events = server.client("events")
        url, arn = self.queue(server, "all")
        events.put_rule(Name="all", EventPattern='{"source":[{"prefix":""}]}')
        events.put_targets(Rule="all", Targets=[{"Id": "t", "Arn": arn}])
        events.put_events(Entries=[{"Source": "app", "DetailType": "D", "Detail": "{}"}])
        server.client("sqs").send_message(QueueUrl=self.queue(server, "other")[0], MessageBody="x")
        found = [json.loads(message["Body"]) for message in self.drain(server, url)]
        names = [each["detail"].get("eventName") for each in found]
        self.assertIn("app", [each["source"] for each in found])
        self.assertIn("PutTargets", names)
        self.assertEqual({"ReceiveMessage", "SendMessage", "DeleteMessage", "PutEvents"} & set(names), set())
        # They are in the journal all the same.
        end = time.monotonic() + 10
        while "SendMessage" not in {record.get("eventName") for record in server.calls()}:
            self.assertLess(time.monotonic(), end, "the record of a call that moves data is nowhere")
            time.sleep(0.05)

    def test_a_trace_goes_on_in_the_messages_of_queues(self):
        server = self.serve()
        events = server.client("events")
        url, arn = self.queue(server, "traced")
        events.put_rule(Name="app", EventPattern='{"source":["app"]}')
        events.put_targets(Rule="app", Targets=[{"Id": "t", "Arn": arn}])
        header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=3995c3f42cd8ad8;Sampled=1"
        events.put_events(
            Entries=[
                {"Source": "app", "DetailType": "traced", "Detail": "{}", "TraceHeader": header},
                {"Source": "app", "DetailType": "plain", "Detail": "{}"},
            ]
        )
        traces = {
            json.loads(message["Body"])["detail-type"]: message["Attributes"].get("AWSTraceHeader")
            for message in self.drain(server, url)
        }
        self.assertEqual(traces, {"traced": header, "plain": None})

    def test_calls_that_move_data_are_events_where_the_settings_say_so(self):
        settings = Path(self.folder) / "signalbox.yaml"
        settings.write_text("serve: {data-events: true, quotas: {targets-per-rule: 6}}\n")
        server = self.serve("--config", settings)
        events = server.client("events")
        url, arn = self.queue(server, "sends")
        pattern = {"source": ["aws.sqs"], "detail": {"eventName": ["SendMessage"]}}
        events.put_rule(Name="sends", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="sends", Targets=[{"Id": str(number), "Arn": arn} for number in range(6)])
        server.client("sqs").send_message(QueueUrl=self.queue(server, "other")[0], MessageBody="x")
        self.assertEqual(len(self.drain(server, url)), 6)

    def test_rules_of_files_see_calls_that_move_data_but_not_in_their_own_queues(self):
        when = {"source": ["aws.sqs"], "detail": {"eventName": ["ReceiveMessage"]}}
        server = self.serve(
            rules=[
                rule("watch", {"id": "keep", "send": "kept"}, {"id": "tell", "send": "hook"}, when=when),
                {"kind": "Target", "id": "kept", "type": "queue"},
                {"kind": "Target", "id": "hook", "type": "webhook", "network": "any", "url": self.url("/ok")},
            ]
        )
        url = server.client("sqs").get_queue_url(QueueName="kept")["QueueUrl"]
        self.assertEqual(self.drain(server, url), [])
        end = time.monotonic() + 20
        while not self.receiver.requests("/ok"):
            self.assertLess(time.monotonic(), end, "the rule has not seen the call")
            time.sleep(0.05)
        self.assertEqual(self.drain(server, url), [])

    def test_only_reads_are_withheld_from_rules_that_are_simply_enabled(self):
        server = self.serve()
        events, sts, iam = server.client("events"), server.client("sts"), server.client("iam")
        url, arn = self.queue(server, "calls")
        events.put_rule(Name="calls", EventPattern='{"source":["aws.sts","aws.iam"]}')
        events.put_targets(Rule="calls", Targets=[{"Id": "t", "Arn": arn}])
        sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/any", RoleSessionName="session")
        sts.get_session_token()
        sts.get_caller_identity()
        iam.list_users()
        time.sleep(0.5)
        names = {json.loads(message["Body"])["detail"]["eventName"] for message in self.drain(server, url)}
        self.assertEqual(names, {"AssumeRole", "GetSessionToken"})

    # Failures

    def test_what_a_queue_refuses_is_in_the_log_the_metrics_and_the_status(self):
        server = self.serve()
        events = server.client("events")
        _, closed = self.queue(server, "closed", policy=None)
        letters, letters_arn = self.queue(server, "letters")
        arn = events.put_rule(Name="r", EventPattern='{"source":["app"]}')["RuleArn"]
        missing = closed.replace("closed", "missing")
        targets = [
            {"Id": "closed", "Arn": closed, "DeadLetterConfig": {"Arn": letters_arn}},
            {"Id": "missing", "Arn": missing},
            {"Id": "topic", "Arn": "arn:aws:sns:us-east-1:000000000000:missing"},
            {"Id": "template", "Arn": letters_arn, "InputPath": "$.detail.none"},
            {"Id": "later", "Arn": "arn:aws:lambda:us-east-1:000000000000:function:none"},
        ]
        events.put_targets(Rule="r", Targets=targets)
        entry = {"Source": "app", "DetailType": "D", "Detail": "{}"}
        event = events.put_events(Entries=[entry])["Entries"][0]["EventId"]
        end = time.monotonic() + 20
        while "signalbox_failed_deliveries_total 5\n" not in self.metrics(server):
            self.assertLess(time.monotonic(), end, server.tail())
            time.sleep(0.05)
        lines = [line for line in server.log_path.read_text().splitlines() if "given up a delivery" in line]
        self.assertEqual(len(lines), 5, lines)
        for line in lines:
            for field in (f"event={event}", f"rule={arn}", "delivery=dlv-", "target=arn:aws:", "attempt="):
                self.assertIn(field, line)
        codes = sorted(re.search(r"code=(\w+)", line)[1] for line in lines)
        self.assertEqual(codes, ["INVALID_JSON", "NO_PERMISSIONS", "NO_RESOURCE", "NO_RESOURCE", "NO_RESOURCE"])
        run = subprocess.run(
            [str(binary()), "status", "--data", str(server.data), "--format", "json"], capture_output=True, text=True
        )
        failures = json.loads(run.stdout)["lastFailures"]
        self.assertEqual(sorted(failure["code"] for failure in failures), codes)
        self.assertEqual({failure["rule"] for failure in failures}, {arn})
        letter = self.drain(server, letters)[0]
        self.assertEqual(letter["MessageAttributes"]["ERROR_CODE"]["StringValue"], "NO_PERMISSIONS")
        self.assertRegex(letter["Attributes"]["SenderId"], "^AIDA[A-Z0-9]{17}$")

    # Connections and destinations

    def test_a_connection_shows_what_is_no_secret_and_takes_what_is_of_its_kind(self):
        server = self.serve()
        events = server.client("events")
        parameters = {
            "HeaderParameters": [
                {"Key": "open", "Value": "seen"}, {"Key": "closed", "Value": "hidden-value", "IsValueSecret": True}
            ],
            "QueryStringParameters": [{"Key": "q", "Value": "1", "IsValueSecret": False}],
            "BodyParameters": [{"Key": "b", "Value": "2"}],
        }
        self.connect(server, "c", InvocationHttpParameters=parameters)
        shown = events.describe_connection(Name="c")
        self.assertNotIn("hidden-value", json.dumps(shown, default=str))
        http = shown["AuthParameters"]["InvocationHttpParameters"]
        self.assertEqual(http["HeaderParameters"][0], {"Key": "open", "Value": "seen", "IsValueSecret": False})
        self.assertEqual(http["HeaderParameters"][1], {"Key": "closed", "IsValueSecret": True})
        self.assertEqual(http["QueryStringParameters"][0]["Value"], "1")
        self.assertEqual(http["BodyParameters"][0]["Value"], "2")
        basic = {"BasicAuthParameters": {"Username": "u", "Password": "p"}}
        key = {"ApiKeyAuthParameters": {"ApiKeyName": "n", "ApiKeyValue": "v"}}
        create = events.create_connection
        refused = lambda call, **more: self.assertRefused("ValidationException", call, **more)  # noqa: E731
        refused(create, Name="d", AuthorizationType="BASIC", AuthParameters=key)
        refused(create, Name="d", AuthorizationType="BASIC", AuthParameters={**basic, **key})
        refused(events.update_connection, Name="c", AuthParameters=basic)
        refused(events.update_connection, Name="c", AuthorizationType="BASIC")
        refused(events.update_connection, Name="c", AuthorizationType="BASIC", AuthParameters=key)
        self.assertEqual(events.describe_connection(Name="c")["AuthorizationType"], "API_KEY")
        events.update_connection(Name="c", AuthorizationType="BASIC", AuthParameters=basic)
        self.assertEqual(events.describe_connection(Name="c")["AuthorizationType"], "BASIC")

    def test_a_request_to_a_destination_has_the_headers_of_aws(self):
        server = self.serve()
        # Who takes the event has taken it, whatever else he says.
        self.receiver.on("/hook", lambda _: Answer(200, {"Content-Encoding": "gzip"}, b"this is no gzip"))
        events = server.client("events")
        destination = events.create_api_destination(
            Name="d",
            ConnectionArn=self.connect(server, "c"),
            InvocationEndpoint=self.url("/hook"),
            HttpMethod="POST",
        )["ApiDestinationArn"]
        events.put_rule(Name="r", EventPattern='{"source":["app"]}')
        events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": destination, "RoleArn": ROLE}])
        events.put_events(Entries=[{"Source": "app", "DetailType": "D", "Detail": "{}"}])
        end = time.monotonic() + 20
        while not self.receiver.requests("/hook"):
            self.assertLess(time.monotonic(), end, server.tail())
            time.sleep(0.05)
        headers = self.receiver.requests("/hook")[0].headers
        self.assertEqual(headers.pop("x-key"), "k")
        self.assertTrue(headers.pop("host") and headers.pop("content-length"))
        self.assertEqual(
            headers,
            {
                "user-agent": "Amazon/EventBridge/ApiDestinations",
                "range": "bytes=0-1048575",
                "accept-encoding": "gzip,deflate",
                "connection": "close",
                "content-type": "application/json; charset=utf-8",
            },
        )
        time.sleep(1.5)
        self.assertEqual(self.receiver.count("/hook"), 1)

    # Refusals

    def test_parameters_of_targets_are_as_the_model_has_them(self):
        server = self.serve()
        events = server.client("events", **LOOSE)
        events.put_rule(Name="r", EventPattern='{"source":["app"]}')
        _, queue = self.queue(server, "q")
        stream, function = "arn:aws:kinesis:us-east-1:000000000000:stream/s", queue
        place = "at 'targets.1.member."
        cases = [
            ({"KinesisParameters": {}}, f"Value null {place}kinesisParameters.partitionKeyPath' failed to satisfy "
             "constraint: Member must not be null"),
            ({"KinesisParameters": {"PartitionKeyPath": "x" * 257}}, "length less than or equal to 256"),
            ({"EcsParameters": {"TaskDefinitionArn": "a", "TaskCount": 0}}, f"Value '0' {place}ecsParameters.taskCount' "
             "failed to satisfy constraint: Member must have value greater than or equal to 1"),
            ({"EcsParameters": {"TaskDefinitionArn": "a", "LaunchType": "X"}}, "[EC2, FARGATE, EXTERNAL]"),
            ({"BatchParameters": {"JobName": "x"}}, f"{place}batchParameters.jobDefinition'"),
            ({"RunCommandParameters": {"RunCommandTargets": []}}, "length greater than or equal to 1"),
            ({"RedshiftDataParameters": {"Database": ""}}, f"{place}redshiftDataParameters.database'"),
            ({"SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "-", "Value": "v"}]}},
             "pipelineParameterList.1.member.name'"),
            ({"AppSyncParameters": {"GraphQLOperation": ""}}, f"{place}appSyncParameters.graphQLOperation'"),
            ({"HttpParameters": {"HeaderParameters": {"a b": "x"}}}, "regular expression pattern"),
            ({"HttpParameters": {"HeaderParameters": {"a": "x\r\ny: z"}}}, "regular expression pattern"),
            ({"HttpParameters": {"PathParameterValues": [" "]}}, "regular expression pattern"),
            ({"InputTransformer": {"InputPathsMap": {"a b": "$.x"}, "InputTemplate": '"<x>"'}}, "[A-Za-z0-9\\_\\-]+"),
            ({"InputTransformer": {"InputPathsMap": {f"a{n}": "$.x" for n in range(101)}, "InputTemplate": '"x"'}},
             "length less than or equal to 100"),
        ]
        for parameters, text in cases:
            arn = stream if "KinesisParameters" in parameters else function
            with self.subTest(**parameters):
                error = self.assertRefused(
                    "ValidationException", events.put_targets, Rule="r", Targets=[{"Id": "t", "Arn": arn, **parameters}]
                )
                self.assertIn("1 validation error detected: ", error["Message"])
                self.assertIn(text, error["Message"])
        task = {"TaskDefinitionArn": "arn:aws:ecs:::task-definition/t", "TaskCount": 2, "Tags": [{"Key": "a", "Value": "b"}],
                "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s"], "AssignPublicIp": "ENABLED"}}}
        cluster = "arn:aws:ecs:us-east-1:000000000000:cluster/c"
        events.put_targets(Rule="r", Targets=[{"Id": "ecs", "Arn": cluster, "RoleArn": ROLE, "EcsParameters": task}])
        shown = events.list_targets_by_rule(Rule="r")["Targets"]
        self.assertEqual([each["EcsParameters"] for each in shown if each["Id"] == "ecs"], [task])

    def test_what_would_be_kept_without_effect_is_refused(self):
        server = self.serve(rules=[rule("filed", {"send": {"type": "stdout"}}, when={"source": ["app"]})])
        events = server.client("events", **LOOSE)
        events.create_event_bus(Name="other")
        events.put_rule(Name="r", EventPattern='{"source":["app"]}')
        bus = "arn:aws:events:us-east-1:000000000000:event-bus/"
        _, queue = self.queue(server, "q")
        put = lambda **target: (events.put_targets, {"Rule": "r", "Targets": [{"Id": "t", **target}]})  # noqa: E731
        connection = self.connect(server, "c")
        destination = events.create_api_destination(
            Name="starred", ConnectionArn=connection, InvocationEndpoint="https://example.com/*", HttpMethod="POST"
        )["ApiDestinationArn"]
        make = {"Name": "d", "ConnectionArn": connection, "HttpMethod": "POST"}
        archive = events.create_archive(ArchiveName="a", EventSourceArn=f"{bus}default")["ArchiveArn"]
        replay = {"ReplayName": "x", "EventSourceArn": archive, "EventStartTime": 0, "EventEndTime": 60}
        whole = {"id": "1", "detail-type": "d", "source": "app", "account": "1", "time": "t", "region": "r"}
        twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
        cases = [
            put(Arn=f"{bus}other", InputPath="$.detail"),
            put(Arn=f"{bus}other", Input="{}"),
            put(Arn=f"{bus}default"),
            put(Arn=queue, RoleArn="foo"),
            put(Arn=destination),
            put(Arn=destination, HttpParameters={"PathParameterValues": ["a", "b"]}),
            (events.create_api_destination, {**make, "InvocationEndpoint": "foo"}),
            (events.start_replay, {**replay, "Destination": {"Arn": f"{bus}default", "FilterArns": ["foo"]}}),
            (events.put_permission, {"Action": "events:Nope", "Principal": "*", "StatementId": "s"}),
            (events.tag_resource, {"ResourceARN": f"{bus}other", "Tags": twice}),
            (events.create_event_bus, {"Name": "tagged", "Tags": twice}),
            *[
                (events.test_event_pattern, {
                    "EventPattern": '{"source":["app"]}',
                    "Event": json.dumps({name: value for name, value in whole.items() if name != left}),
                })
                for left in whole
            ],
        ]
        for call, parameters in cases:
            with self.subTest(call=call.__name__, **parameters):
                self.assertRefused("ValidationException", call, **parameters)
        self.assertTrue(events.test_event_pattern(EventPattern='{"source":["app"]}', Event=json.dumps(whole))["Result"])
        long = json.dumps({"source": ["x" * 2048]})
        many = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
        for call, parameters in [
            (events.put_rule, {"Name": "long", "EventPattern": long}),
            (events.tag_resource, {"ResourceARN": f"{bus}other", "Tags": many}),
            (events.put_targets, {"Rule": "r", "Targets": [{"Id": str(n), "Arn": queue} for n in range(6)]}),
        ]:
            self.assertRefused("LimitExceededException", call, **parameters)
        filed = "arn:aws:events:us-east-1:000000000000:rule/filed"
        for call, parameters in [
            (events.tag_resource, {"ResourceARN": filed, "Tags": twice[:1]}),
            (events.untag_resource, {"ResourceARN": filed, "TagKeys": ["a"]}),
            (events.put_rule, {"Name": "filed", "EventPattern": '{"source":["app"]}'}),
        ]:
            self.assertRefused("ManagedRuleException", call, **parameters)
        self.assertEqual(events.list_tags_for_resource(ResourceARN=filed)["Tags"], [])

    def test_a_rule_of_a_file_that_has_the_name_of_one_of_the_api_is_told_of(self):
        server = self.serve()
        arn = server.client("events").put_rule(Name="twin", EventPattern='{"source":["app"]}')["RuleArn"]
        server.write_rules(rule("twin", {"send": {"type": "stdout"}}, when={"source": ["app"]}))
        end = time.monotonic() + 20
        while f"rule={arn}" not in server.log_path.read_text():
            self.assertLess(time.monotonic(), end, server.tail())
            time.sleep(0.1)
        self.assertIn("of the same name in a rule file", server.tail())


if __name__ == "__main__":
    unittest.main()
