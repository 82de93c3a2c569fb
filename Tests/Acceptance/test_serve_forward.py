"""What `signalbox serve` hands to services elsewhere, as those see it: endpoints of the test's own, which check each
signature with botocore, and a second server, which checks them itself."""

import base64
import datetime
import json
import subprocess
import unittest
from pathlib import Path

from forwarding import CREDENTIALS, ENVIRONMENT, KEY, SECRET, TOKEN, ForwardingTest, is_signed
from harness import binary
from receiver import Answer

OFF = {"Mode": "OFF"}


class ForwardTest(ForwardingTest):
    seconds = 30

    # Endpoints that record

    def test_rules_call_services_with_their_parameters_and_a_good_signature(self):
        self.answers()
        # An endpoint that the settings name is reached, though callers may have nothing sent to this machine.
        server = self.front({"services": ["states", "kinesis", "firehose", "ecs"]}, serve={"network": "public"})
        machine, stream = self.arn("states", "stateMachine:m"), self.arn("kinesis", "stream/s")
        delivery, cluster = self.arn("firehose", "deliverystream/d"), self.arn("ecs", "cluster/c")
        self.rule(
            server,
            {"Arn": machine, "RoleArn": "arn:aws:iam::000000000000:role/r", "InputPath": "$.detail"},
            {"Arn": stream, "KinesisParameters": {"PartitionKeyPath": "$.detail.customer"}},
            {"Arn": delivery, "Input": '{"constant":true}'},
            {
                "Arn": cluster,
                "EcsParameters": {
                    "TaskDefinitionArn": self.arn("ecs", "task-definition/t:1"),
                    "TaskCount": 2,
                    "LaunchType": "FARGATE",
                    "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-1"]}},
                },
            },
        )
        self.put(server, customer="é 1")
        calls = {request.headers["x-amz-target"]: request for request in self.requests(4)}
        signers = {"states": "AWSStepFunctions.StartExecution", "kinesis": "Kinesis_20131202.PutRecord",
                   "firehose": "Firehose_20150804.PutRecord", "ecs": "AmazonEC2ContainerServiceV20141113.RunTask"}  # fmt: skip
        self.assertCountEqual(calls, signers.values())
        for service, operation in signers.items():
            self.assertTrue(is_signed(calls[operation], service), operation)
            self.assertEqual(calls[operation].headers["x-amz-security-token"], TOKEN)
        body = {service: json.loads(calls[operation].body) for service, operation in signers.items()}
        self.assertEqual(body["states"]["stateMachineArn"], machine)
        self.assertEqual(json.loads(body["states"]["input"]), {"customer": "é 1"})
        self.assertEqual((body["kinesis"]["StreamARN"], body["kinesis"]["PartitionKey"]), (stream, "é 1"))
        self.assertEqual(json.loads(base64.b64decode(body["kinesis"]["Data"]))["detail"], {"customer": "é 1"})
        self.assertEqual(body["firehose"]["DeliveryStreamName"], "d")
        self.assertEqual(base64.b64decode(body["firehose"]["Record"]["Data"]), b'{"constant":true}')
        self.assertEqual((body["ecs"]["cluster"], body["ecs"]["count"], body["ecs"]["launchType"]), (cluster, 2, "FARGATE"))
        self.assertEqual(body["ecs"]["networkConfiguration"], {"awsvpcConfiguration": {"subnets": ["subnet-1"]}})
        # Where secrets must not be.
        self.assertNotIn(SECRET, server.tail(1000))
        self.assertNotIn(TOKEN, server.tail(1000))
        server.stop()
        for file in server.data.rglob("*"):
            if file.is_file():
                self.assertNotIn(SECRET.encode(), file.read_bytes(), file)
                self.assertNotIn(TOKEN.encode(), file.read_bytes(), file)

    def test_every_service_gets_what_its_model_in_botocore_wants(self):
        """Operation, version, address, signer and each parameter's name and type."""
        import botocore.session
        from botocore.validate import ParamValidator

        self.answers()
        self.receiver.on("/v1/submitjob", lambda _: Answer(200, {}, b"{}"))
        pairs = [{"Key": "tag:a", "Values": ["b"]}]
        targets = {
            "stepfunctions.StartExecution": ("states", "stateMachine:m", {}),
            "kinesis.PutRecord": ("kinesis", "stream/s", {}),
            "firehose.PutRecord": ("firehose", "deliverystream/d", {}),
            "ecs.RunTask": (
                "ecs",
                "cluster/c",
                {
                    "EcsParameters": {
                        "TaskDefinitionArn": "td",
                        "TaskCount": 1,
                        "LaunchType": "EC2",
                        "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s"], "SecurityGroups": ["g"]}},
                        "CapacityProviderStrategy": [{"capacityProvider": "p", "weight": 1, "base": 0}],
                        "EnableECSManagedTags": True,
                        "EnableExecuteCommand": False,
                        "PlacementConstraints": [{"type": "memberOf", "expression": "e"}],
                        "PlacementStrategy": [{"type": "random"}],
                        "PropagateTags": "TASK_DEFINITION",
                        "ReferenceId": "r",
                        "Tags": [{"Key": "k", "Value": "v"}],
                    },
                    "Input": json.dumps({"containerOverrides": [{"name": "n", "command": ["c"]}], "cpu": "1"}),
                },
            ),
            "batch.SubmitJob": (
                "batch",
                "job-queue/q",
                {
                    "BatchParameters": {
                        "JobName": "j",
                        "JobDefinition": "d",
                        "ArrayProperties": {"Size": 2},
                        "RetryStrategy": {"Attempts": 2},
                    },
                    "Input": json.dumps({"Parameters": {"A": "b"}, "ContainerOverrides": {"Command": ["c"], "Vcpus": 1}}),
                },
            ),
            "codebuild.StartBuild": ("codebuild", "project/p", {"Input": json.dumps({"imageOverride": "i"})}),
            "codepipeline.StartPipelineExecution": ("codepipeline", "p", {}),
            "ssm.SendCommand": (
                "ssm",
                "document/D",
                {"RunCommandParameters": {"RunCommandTargets": pairs}, "Input": json.dumps({"commands": ["ls"]})},
            ),
            "ssm.StartAutomationExecution": ("ssm", "automation-definition/D:1", {}),
            "sagemaker.StartPipelineExecution": (
                "sagemaker",
                "pipeline/p",
                {"SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "n", "Value": "v"}]}},
            ),
            "redshift-data.ExecuteStatement": (
                "redshift",
                "cluster:c",
                {"RedshiftDataParameters": {"Database": "d", "DbUser": "u", "Sql": "s", "WithEvent": True}},
            ),
            "redshift-data.BatchExecuteStatement": (
                "redshift-serverless",
                "workgroup/w",
                {"RedshiftDataParameters": {"Database": "d", "SecretManagerArn": self.arn("secretsmanager", "secret:s"), "Sqls": ["s"]}},
            ),
            "glue.StartWorkflowRun": ("glue", "workflow/w", {}),
            "inspector.StartAssessmentRun": ("inspector", "target/0-a/template/0-b", {}),
            "logs.PutLogEvents": ("logs", "log-group:g", {}),
            "sqs.SendMessage": ("sqs", "q.fifo", {"SqsParameters": {"MessageGroupId": "g"}}),
            "events.PutEvents": ("events", "event-bus/b", {}),
        }
        server = self.front({"arns": ["arn:aws:*"]})
        events = server.client("events")
        for number, (service, resource, more) in enumerate(targets.values()):
            events.put_rule(Name=f"r{number}", EventPattern='{"source":["shop"]}')
            answer = events.put_targets(
                Rule=f"r{number}", Targets=[{"Id": "t", "Arn": self.arn(service, resource), **more}]
            )
            self.assertEqual(answer["FailedEntryCount"], 0, answer)
        self.put(server, n=1)
        came = self.requests(len(targets) - 1) + self.requests(1, "/v1/submitjob")
        loader = botocore.session.get_session()
        seen = set()
        for request in came:
            prefix, _, operation = request.headers.get("x-amz-target", ".SubmitJob").rpartition(".")
            (name,) = [
                name
                for name in targets
                if name.endswith(f".{operation}")
                and loader.get_service_model(name.split(".")[0]).metadata.get("targetPrefix", "") == prefix
            ]
            seen.add(name)
            model = loader.get_service_model(name.split(".")[0])
            # In JSON blobs are base64, which passes as text, and times are numbers.
            report = ParamValidator().validate(json.loads(request.body), model.operation_model(operation).input_shape)
            self.assertFalse(report.has_errors(), f"{name}: {report.generate_report()}")
            self.assertTrue(is_signed(request, model.signing_name), name)
            version = model.metadata.get("jsonVersion")
            expected = f"application/x-amz-json-{version}" if prefix else "application/json"
            self.assertEqual(request.headers["content-type"], expected, name)
        self.assertEqual(seen, set(targets))

    def test_what_is_busy_is_tried_again_and_gets_one_delivery(self):
        busy = Answer(503, {}, b"")
        self.answers(StartExecution=[busy, busy, Answer(200, {}, b'{"executionArn":"e","startDate":1}')])
        server = self.front({"services": ["states"]})
        letters_url, letters = self.queue(server, "letters")
        self.rule(server, self.arn("states", "stateMachine:m"), dead_letters=letters)
        self.put(server)
        bodies = [json.loads(request.body) for request in self.requests(3, seconds=60)]
        self.assertEqual(len({body["name"] for body in bodies}), 1)
        answer = server.client("sqs").receive_message(QueueUrl=letters_url, WaitTimeSeconds=2)
        self.assertEqual(answer.get("Messages", []), [])
        self.assertEqual(self.receiver.count("/"), 3)

    def test_what_fails_is_a_dead_letter_with_the_reason(self):
        json_error = lambda code: Answer(400, {}, json.dumps({"__type": code, "message": "no"}).encode())
        self.answers(
            StartExecution=json_error("com.amazonaws.sfn#StateMachineDoesNotExist"),
            PutRecord=json_error("AccessDeniedException"),
            RunTask=Answer(200, {}, b'{"tasks":[],"failures":[{"arn":"a","reason":"MISSING"}]}'),
        )
        server = self.front({"services": ["states", "kinesis", "ecs"]})
        letters_url, letters = self.queue(server, "letters")
        machine, stream = self.arn("states", "stateMachine:m"), self.arn("kinesis", "stream/s")
        cluster, function = self.arn("ecs", "cluster/c"), self.arn("lambda", "function:f")
        self.rule(
            server,
            machine,
            stream,
            {"Arn": cluster, "EcsParameters": {"TaskDefinitionArn": self.arn("ecs", "task-definition/t")}},
            function,
            dead_letters=letters,
        )
        self.put(server)
        expected = {machine: "NO_RESOURCE", stream: "NO_PERMISSIONS", cluster: "NO_RESOURCE", function: "NO_RESOURCE"}
        self.assertEqual(self.letters(server, letters_url, 4), expected)

    def test_a_rule_does_not_say_which_host_a_signature_goes_to(self):
        keys = {"services": ["states"], "credentials": CREDENTIALS}
        file = Path(self.folder) / "signalbox.yaml"
        file.write_text(json.dumps({"forward": [keys]}))
        server = self.serve("--config", file, environment=ENVIRONMENT)
        letters_url, letters = self.queue(server, "letters")
        # As a URL it were https://states.@127.0.0.1/.amazonaws.com, and so this machine.
        machine = "arn:aws:states:@127.0.0.1/:000000000000:stateMachine:m"
        self.rule(server, machine, dead_letters=letters)
        self.put(server)
        message = self.messages(server, letters_url)[0]["MessageAttributes"]
        self.assertEqual(message["ERROR_CODE"]["StringValue"], "INVALID_PARAMETER")
        self.assertIn("'@127.0.0.1/' is not a Region", message["ERROR_MESSAGE"]["StringValue"])

    def test_schedules_call_services_by_template_and_by_operation(self):
        self.answers()
        server = self.front({"services": ["kinesis", "states"]})
        scheduler = server.client("scheduler")
        role = "arn:aws:iam::000000000000:role/scheduler"
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        expression = soon.strftime("at(%Y-%m-%dT%H:%M:%S)")
        scheduler.create_schedule(
            Name="template",
            ScheduleExpression=expression,
            FlexibleTimeWindow=OFF,
            Target={
                "Arn": self.arn("kinesis", "stream/s"),
                "RoleArn": role,
                "Input": "hello",
                "KinesisParameters": {"PartitionKey": "p"},
            },
        )
        scheduler.create_schedule(
            Name="universal",
            ScheduleExpression=expression,
            FlexibleTimeWindow=OFF,
            Target={
                "Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
                "RoleArn": role,
                "Input": json.dumps({"StateMachineArn": "m", "Input": '{"A":1}'}),
            },
        )
        calls = {request.headers["x-amz-target"]: request for request in self.requests(2)}
        record, execution = calls["Kinesis_20131202.PutRecord"], calls["AWSStepFunctions.StartExecution"]
        self.assertTrue(is_signed(record, "kinesis") and is_signed(execution, "states"))
        self.assertEqual(json.loads(record.body)["PartitionKey"], "p")
        self.assertEqual(base64.b64decode(json.loads(record.body)["Data"]), b"hello")
        self.assertEqual(json.loads(execution.body), {"stateMachineArn": "m", "input": '{"A":1}'})

    def test_a_pipe_is_enriched_by_a_function_and_fills_a_stream(self):
        function = self.arn("lambda", "function:f")
        path = f"/2015-03-31/functions/{function.replace(':', '%3A')}/invocations"

        def enrich(request):
            body = json.loads(json.loads(request.body)[0]["body"])
            if body.get("fails"):
                return Answer(200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorMessage":"boom"}')
            return Answer(200, {}, json.dumps([{"who": body["who"].upper()}]).encode())

        self.receiver.on(path, enrich)
        self.answers()
        server = self.front({"services": ["lambda", "kinesis"]})
        source_url, source = self.queue(server, "source")
        pipes = server.client("pipes")
        pipes.create_pipe(
            Name="p",
            Source=source,
            RoleArn="arn:aws:iam::000000000000:role/pipes",
            SourceParameters={"SqsQueueParameters": {"BatchSize": 1}},
            Enrichment=function,
            Target=self.arn("kinesis", "stream/s"),
            TargetParameters={"KinesisStreamParameters": {"PartitionKey": "$.who"}},
        )
        sqs = server.client("sqs")
        sqs.send_message(QueueUrl=source_url, MessageBody='{"fails":true}')
        sqs.send_message(QueueUrl=source_url, MessageBody='{"who":"alice"}')
        record = self.requests(1)[0]
        self.assertTrue(is_signed(record, "kinesis"))
        self.assertEqual(json.loads(record.body)["PartitionKey"], "ALICE")
        self.assertEqual(json.loads(base64.b64decode(json.loads(record.body)["Data"])), {"who": "ALICE"})
        asked = self.requests(2, path)
        self.assertTrue(all(is_signed(request, "lambda") for request in asked))
        self.assertEqual({request.headers["x-amz-invocation-type"] for request in asked}, {"RequestResponse"})
        # The one that failed is still there.
        answer = sqs.get_queue_attributes(QueueUrl=source_url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(answer["ApproximateNumberOfMessagesNotVisible"], "1", server.tail())

    # A second server

    def test_queues_topics_and_buses_of_another_server(self):
        other = self.other()
        other_url, _ = self.queue(other, "out")
        fifo_url, _ = self.queue(other, "out.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        topic_url, topic_queue = self.queue(other, "from-topic", "sns.amazonaws.com")
        topic = other.client("sns").create_topic(Name="out")["TopicArn"]
        other.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=topic_queue, Attributes={"RawMessageDelivery": "true"}
        )
        bus = other.client("events").create_event_bus(Name="out")["EventBusArn"]
        bus_url, bus_queue = self.queue(other, "from-bus")
        other.client("events").put_rule(Name="all", EventBusName="out", EventPattern='{"source":["shop"]}')
        other.client("events").put_targets(Rule="all", EventBusName="out", Targets=[{"Id": "q", "Arn": bus_queue}])

        server = self.front(*self.to(other, {"arns": ["arn:aws:*:us-east-1:000000000000:*out*"]}))
        here_url, here = self.queue(server, "here")
        self.rule(
            server,
            here,
            self.arn("sqs", "out"),
            {"Arn": self.arn("sqs", "out.fifo"), "SqsParameters": {"MessageGroupId": "g"}},
            {"Arn": topic, "InputPath": "$.detail"},
            bus,
        )
        self.put(server, n=1)
        for at, url in [(server, here_url), (other, other_url), (other, fifo_url)]:
            self.assertEqual(json.loads(self.messages(at, url)[0]["Body"])["detail"], {"n": 1})
        self.assertEqual(json.loads(self.messages(other, topic_url)[0]["Body"]), {"n": 1})
        event = json.loads(self.messages(other, bus_url)[0]["Body"])
        self.assertEqual((event["source"], event["detail-type"], event["detail"]), ("shop", "Order", {"n": 1}))

    def test_operations_of_another_server_by_schedules(self):
        other = self.other()
        url, _ = self.queue(other, "q")
        topic = other.client("sns").create_topic(Name="t")["TopicArn"]
        other.client("sns").subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=self.queue(other, "from-topic", "sns.amazonaws.com")[1],
            Attributes={"RawMessageDelivery": "true"},
        )
        topic_url = other.client("sqs").get_queue_url(QueueName="from-topic")["QueueUrl"]
        server = self.front(*self.to(other, {"services": ["sqs", "sns"]}))
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        for name, parameters in [
            ("sqs:sendMessage", {"QueueUrl": url, "MessageBody": "one"}),
            ("sns:publish", {"TopicArn": topic, "Message": "two"}),
        ]:
            server.client("scheduler").create_schedule(
                Name=name.split(":")[0],
                ScheduleExpression=soon.strftime("at(%Y-%m-%dT%H:%M:%S)"),
                FlexibleTimeWindow=OFF,
                Target={
                    "Arn": f"arn:aws:scheduler:::aws-sdk:{name}",
                    "RoleArn": "arn:aws:iam::000000000000:role/scheduler",
                    "Input": json.dumps(parameters),
                },
            )
        self.assertEqual(self.messages(other, url)[0]["Body"], "one")
        self.assertEqual(self.messages(other, topic_url)[0]["Body"], "two")

    def test_keys_that_another_server_does_not_know_are_no_permissions(self):
        other = self.other()
        self.queue(other, "out")
        secret = Path(self.folder) / "secret"
        secret.write_text("not the secret\n")
        entry = {"arns": ["arn:aws:sqs:*:*:out"], "endpoint": other.endpoint}
        entry["credentials"] = {"access-key-id": {"env": "FORWARD_ID"}, "secret-access-key": {"file": "secret"}}
        server = self.front(entry)
        letters_url, letters = self.queue(server, "letters")
        self.rule(server, self.arn("sqs", "out"), self.arn("states", "stateMachine:m"), dead_letters=letters)
        self.put(server)
        self.assertEqual(
            self.letters(server, letters_url, 2),
            {self.arn("sqs", "out"): "NO_PERMISSIONS", self.arn("states", "stateMachine:m"): "NO_RESOURCE"},
        )
        # The file is read for each request.
        secret.write_text(f"{SECRET}\n")
        self.put(server, n=2)
        out_url = other.client("sqs").get_queue_url(QueueName="out")["QueueUrl"]
        self.assertEqual(json.loads(self.messages(other, out_url)[0]["Body"])["detail"], {"n": 2})

    def test_the_keys_are_not_for_other_accounts(self):
        self.answers()
        settings = Path(self.folder) / "signalbox.yaml"
        endpoint = f"http://127.0.0.1:{self.receiver.port}"
        forward = {"services": ["states", "sqs"], "endpoint": endpoint, "credentials": CREDENTIALS}
        keys = {"id": "222222222222", "access-keys": [{"id": "AKIASECOND", "secret": {"env": "FORWARD_SECRET"}}]}
        settings.write_text(json.dumps({"forward": [forward], "accounts": [keys]}))
        server = self.serve("--config", settings, environment=ENVIRONMENT)
        client = server.client
        server.client = lambda service: client(service, key="AKIASECOND", secret=SECRET)
        letters_url, letters = self.queue(server, "letters")
        machine = self.arn("states", "stateMachine:m")
        self.rule(server, machine, dead_letters=letters)
        self.put(server)
        self.assertEqual(self.letters(server, letters_url), {machine: "NO_PERMISSIONS"})
        self.assertEqual(self.receiver.count("/"), 0)

    # Rule files

    def test_a_rule_file_sends_to_another_server(self):
        other = self.other()
        url, arn = self.queue(other, "out.fifo", FifoQueue="true")
        target = {"kind": "Target", "id": "out", "type": "aws", "arn": arn, "endpoint": other.endpoint, "network": "any"}
        target["credentials"] = {"access-key-id": {"env": "FORWARD_ID"}, "secret-access-key": {"env": "FORWARD_SECRET"}}
        when = {"source": ["shop"]}
        step = {"id": "tell", "send": "out", "input": {"n": "<detail.n>"}}
        rule = {"kind": "Rule", "id": "orders", "when": when, "then": [step]}
        server = self.serve(environment=ENVIRONMENT, rules=[target, rule])
        self.put(server, n=7)
        message = self.messages(other, url)[0]
        self.assertEqual(json.loads(message["Body"]), {"n": 7})
        self.assertEqual(message["MessageAttributes"]["signalbox.rule"]["StringValue"], "orders")

    # Settings

    def test_settings_that_are_wrong_are_told_with_their_place(self):
        settings = Path(self.folder) / "signalbox.yaml"

        def told(text):
            settings.write_text(text)
            run = subprocess.run(
                [binary(), "serve", "--config", settings, "--data", Path(self.folder) / "data", "--port", "0"],
                capture_output=True,
                text=True,
                env={"FORWARD_ID": KEY},
                timeout=60,
            )
            self.assertEqual(run.returncode, 3, run.stderr)
            return run.stdout + run.stderr

        # First the form, then what is in it.
        said = told(
            "forward:\n"
            "  - services: [stats]\n"
            f"    credentials: {{access-key-id: {{env: FORWARD_ID}}, secret-access-key: {SECRET}}}\n"
        )
        self.assertIn("signalbox.yaml:2:16: error SB106: 'stats' is not a value of 'services' (did you mean 'states'?", said)
        self.assertIn("signalbox.yaml:3:72: error SB403", said)
        self.assertNotIn(SECRET, said)
        said = told(
            "forward:\n"
            "  - arns: ['arn:aws:sqss:*:*:*']\n"
            "    endpoint: http://sqs.example.com\n"
            "    credentials: {access-key-id: {env: FORWARD_ID}, secret-access-key: {env: NOWHERE}}\n"
        )
        self.assertRegex(said, r"signalbox.yaml:2:12: .*'sqss' \(did you mean 'sqs'\?")
        self.assertRegex(said, "signalbox.yaml:3:15: .*without TLS an endpoint has to be on this machine")
        self.assertRegex(said, "signalbox.yaml:4:72: .*NOWHERE is not set")

    def test_doctor_says_what_is_forwarded(self):
        settings = Path(self.folder) / "signalbox.yaml"
        settings.write_text(json.dumps({"forward": [{"services": ["states"], "credentials": CREDENTIALS}]}))
        run = subprocess.run(
            [binary(), "doctor", "--config", settings],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            timeout=60,
        )
        self.assertIn("1 endpoint, with their keys", run.stdout + run.stderr)
        self.assertNotIn(SECRET, run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
