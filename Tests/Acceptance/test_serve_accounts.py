"""Two accounts on one server: the second one tries every operation on what the first one has, by name, ARN and URL."""

import json
import subprocess
import unittest
from pathlib import Path

from harness import binary
from serving import ROOT_KEY, ROOT_SECRET, ServeTest

MINE, THEIRS = "222222222222", "111111111111"
SECOND = {"key": "AKIASECOND", "secret": "of the second"}
ALICE = {"key": "AKIAALICE", "secret": "of alice"}
SETTINGS = f"""
account: "{THEIRS}"
accounts:
  - id: "{MINE}"
    access-keys: [{{id: AKIASECOND, secret: {{env: SECOND_SECRET}}}}]
    users: [{{name: alice, access-keys: [{{id: AKIAALICE, secret: {{env: ALICE_SECRET}}}}]}}]
    roles: [{{name: worker}}]
"""
# Whatever the first account has says this somewhere, and nothing that the second one hears may.
MARK = "for-the-first-only"
ARN = f"arn:aws:{{}}:us-east-1:{THEIRS}:{{}}"
SERVICES = ("events", "sqs", "sns", "scheduler", "schemas")
# What the second account may do with the same words: they are about what is its own then, or about nothing.
OWN = {
    "events": {
        "CreateConnection", "CreateEventBus", "CreatePartnerEventSource", "DeauthorizeConnection", "DeleteConnection",
        "DeleteEventBus", "DeletePartnerEventSource", "ListApiDestinations", "ListArchives", "ListConnections",
        "ListEndpoints", "ListEventBuses", "ListEventSources", "ListPartnerEventSources", "ListReplays",
        "PutPartnerEvents", "TestEventPattern",
    },
    "sqs": {"CreateQueue", "ListQueues"},
    "sns": {"CreateTopic", "ListSubscriptions", "ListTopics"},
    "scheduler": {"CreateScheduleGroup", "DeleteScheduleGroup", "ListScheduleGroups", "ListSchedules"},
    "schemas": {"CreateRegistry", "DeleteRegistry", "GetDiscoveredSchema", "ListDiscoverers", "ListRegistries"},
}  # fmt: skip


def offered():
    """The operations that the binary says it has, by service."""
    run = subprocess.run([str(binary()), "schema", "--aws-api"], capture_output=True, text=True, check=True)
    services = json.loads(run.stdout)
    return {name: sorted(services[name]["operations"]) for name in SERVICES}


class AccountsTest(ServeTest):
    seconds = 60

    def two_accounts(self):
        settings = Path(self.folder) / "signalbox.yaml"
        settings.write_text(SETTINGS)
        secrets = {"SECOND_SECRET": SECOND["secret"], "ALICE_SECRET": ALICE["secret"]}
        root = {"SIGNALBOX_ROOT_ACCESS_KEY_ID": ROOT_KEY, "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET}
        return self.serve("--config", str(settings), environment={**root, **secrets})

    # What the first account has

    def furnish(self, server):
        """Makes one of everything; what the second account may call it by."""
        sqs, sns, events = server.client("sqs"), server.client("sns"), server.client("events")
        scheduler, schemas = server.client("scheduler"), server.client("schemas")
        queue = sqs.create_queue(QueueName="theirs", tags={"mark": MARK})["QueueUrl"]
        letters = sqs.create_queue(QueueName="letters")["QueueUrl"]
        redrive = {"deadLetterTargetArn": ARN.format("sqs", "letters"), "maxReceiveCount": 3}
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps(redrive)})
        sqs.send_message(QueueUrl=queue, MessageBody=MARK)
        sqs.send_message(QueueUrl=queue, MessageBody=MARK)
        receipt = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=43200)["Messages"][0]["ReceiptHandle"]
        sqs.send_message(QueueUrl=letters, MessageBody=MARK)
        task = sqs.start_message_move_task(SourceArn=ARN.format("sqs", "letters"))["TaskHandle"]
        while sqs.list_message_move_tasks(SourceArn=ARN.format("sqs", "letters"))["Results"][0]["Status"] == "RUNNING":
            pass
        topic = sns.create_topic(Name="theirs", Attributes={"DisplayName": MARK}, Tags=[{"Key": "mark", "Value": MARK}])
        topic = topic["TopicArn"]
        subscription = sns.subscribe(
            TopicArn=topic, Protocol="email", Endpoint=f"{MARK}@example.com", ReturnSubscriptionArn=True
        )
        events.create_event_bus(Name="theirs", Description=MARK, Tags=[{"Key": "mark", "Value": MARK}])
        for bus in ("theirs", "default"):
            events.put_rule(Name="theirs", EventBusName=bus, EventPattern='{"source":["s"]}', Description=MARK)
            events.put_targets(
                Rule="theirs",
                EventBusName=bus,
                Targets=[{"Id": "t", "Arn": ARN.format("sqs", "theirs"), "Input": f'"{MARK}"'}],
            )
        events.create_archive(
            ArchiveName="theirs", EventSourceArn=ARN.format("events", "event-bus/theirs"), Description=MARK
        )
        connection = events.create_connection(
            Name="theirs",
            Description=MARK,
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": MARK}},
        )["ConnectionArn"]
        events.create_api_destination(
            Name="theirs",
            Description=MARK,
            ConnectionArn=connection,
            InvocationEndpoint="http://127.0.0.1:1/",
            HttpMethod="POST",
        )
        routing = {
            "FailoverConfig": {
                "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/h"},
                "Secondary": {"Route": "us-west-2"},
            }
        }
        buses = [
            {"EventBusArn": ARN.format("events", "event-bus/theirs")},
            {"EventBusArn": ARN.format("events", "event-bus/theirs").replace("us-east-1", "us-west-2")},
        ]
        events.create_endpoint(
            Name="theirs",
            Description=MARK,
            RoutingConfig=routing,
            EventBuses=buses,
            ReplicationConfig={"State": "DISABLED"},
        )
        target = {"Arn": ARN.format("sqs", "theirs"), "RoleArn": f"arn:aws:iam::{THEIRS}:role/r", "Input": MARK}
        scheduler.create_schedule_group(Name="theirs", Tags=[{"Key": "mark", "Value": MARK}])
        for group in ("theirs", "default"):
            scheduler.create_schedule(
                Name="theirs",
                GroupName=group,
                ScheduleExpression="at(2099-01-01T00:00:00)",
                Description=MARK,
                Target=target,
                FlexibleTimeWindow={"Mode": "OFF"},
            )
        schemas.create_registry(RegistryName="theirs", Description=MARK, Tags={"mark": MARK})
        content = json.dumps(
            {
                "openapi": "3.0.0",
                "info": {"title": MARK, "version": "1"},
                "paths": {},
                "components": {"schemas": {"A": {"type": "object"}}},
            }
        )
        schemas.create_schema(
            RegistryName="theirs", SchemaName="theirs", Type="OpenApi3", Content=content, Description=MARK
        )
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "s",
                    "Effect": "Allow",
                    "Principal": {"AWS": THEIRS},
                    "Action": "schemas:*",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:userid": MARK}},
                }
            ],
        }
        schemas.put_resource_policy(RegistryName="theirs", Policy=json.dumps(policy))
        discoverer = schemas.create_discoverer(SourceArn=ARN.format("events", "event-bus/theirs"), Description=MARK)[
            "DiscovererId"
        ]
        return {
            "queue": queue,
            "receipt": receipt,
            "task": task,
            "subscription": subscription["SubscriptionArn"],
            "connection": connection,
            "discoverer": discoverer,
        }

    def picture(self, clients):
        """All that the first account sees of what it has."""
        sqs, sns, events, scheduler, schemas = (
            clients[name] for name in ("sqs", "sns", "events", "scheduler", "schemas")
        )
        endpoint = sqs.meta.endpoint_url
        seen = []
        for call, parameters in (
            (sqs.list_queues, {}),
            (sns.list_topics, {}),
            (sns.list_subscriptions, {}),
            (events.list_event_buses, {}),
            (events.list_rules, {}),
            (events.list_rules, {"EventBusName": "theirs"}),
            (events.list_archives, {}),
            (events.list_replays, {}),
            (events.list_connections, {}),
            (events.list_api_destinations, {}),
            (events.list_endpoints, {}),
            (events.describe_event_bus, {"Name": "theirs"}),
            (events.describe_archive, {"ArchiveName": "theirs"}),
            (events.describe_connection, {"Name": "theirs"}),
            (events.describe_api_destination, {"Name": "theirs"}),
            (events.list_targets_by_rule, {"Rule": "theirs", "EventBusName": "theirs"}),
            (events.list_targets_by_rule, {"Rule": "theirs"}),
            (events.list_tags_for_resource, {"ResourceARN": ARN.format("events", "event-bus/theirs")}),
            (scheduler.list_schedules, {}),
            (scheduler.list_schedule_groups, {}),
            (scheduler.get_schedule, {"Name": "theirs"}),
            (scheduler.list_tags_for_resource, {"ResourceArn": ARN.format("scheduler", "schedule-group/theirs")}),
            (schemas.list_registries, {}),
            (schemas.list_discoverers, {}),
            (schemas.describe_registry, {"RegistryName": "theirs"}),
            (schemas.describe_schema, {"RegistryName": "theirs", "SchemaName": "theirs"}),
            (schemas.get_resource_policy, {"RegistryName": "theirs"}),
            (sns.get_topic_attributes, {"TopicArn": ARN.format("sns", "theirs")}),
            (sns.list_tags_for_resource, {"ResourceArn": ARN.format("sns", "theirs")}),
            (sqs.list_queue_tags, {"QueueUrl": f"{endpoint}/{THEIRS}/theirs"}),
            (sqs.get_queue_attributes, {"QueueUrl": f"{endpoint}/{THEIRS}/theirs", "AttributeNames": ["All"]}),
        ):
            answer = call(**parameters)
            del answer["ResponseMetadata"]
            seen.append(json.dumps(answer, default=str, sort_keys=True))
        return seen

    # What the second account says

    def words(self, known):
        """What stands for a member of an input: by `service.Operation.Member`, by `service.Member`, by `Member`."""
        bus, rule = ARN.format("events", "event-bus/theirs"), ARN.format("events", "rule/theirs/theirs")
        policy = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
            }
        )
        auth = {"BasicAuthParameters": {"Username": "u", "Password": "p"}}
        return {
            "QueueUrl": known["queue"],
            "QueueName": "theirs",
            "QueueOwnerAWSAccountId": THEIRS,
            "ReceiptHandle": known["receipt"],
            "sqs.SourceArn": ARN.format("sqs", "letters"),
            "DestinationArn": ARN.format("sqs", "theirs"),
            "TaskHandle": known["task"],
            "sqs.Attributes": {"VisibilityTimeout": "1"},
            "sqs.CreateQueue.Attributes": {},
            "AttributeNames": ["All"],
            "Label": "l",
            "AWSAccountIds": [MINE],
            "AWSAccountId": [MINE],
            "Actions": ["SendMessage"],
            "ActionName": ["Publish"],
            "MessageBody": "m",
            "VisibilityTimeout": 1,
            "sqs.TagKeys": ["mark"],
            "sqs.SendMessageBatch.Entries": [{"Id": "a", "MessageBody": "m"}],
            "sqs.DeleteMessageBatch.Entries": [{"Id": "a", "ReceiptHandle": known["receipt"]}],
            "sqs.ChangeMessageVisibilityBatch.Entries": [
                {"Id": "a", "ReceiptHandle": known["receipt"], "VisibilityTimeout": 1}
            ],
            "TopicArn": ARN.format("sns", "theirs"),
            "TargetArn": ARN.format("sns", "theirs"),
            "sns.ResourceArn": ARN.format("sns", "theirs"),
            "SubscriptionArn": known["subscription"],
            "Message": "m",
            "sns.AttributeName": "DisplayName",
            "AttributeValue": "x",
            "sns.SetSubscriptionAttributes.AttributeName": "RawMessageDelivery",
            "Protocol": "sqs",
            "Endpoint": ARN.format("sqs", "theirs"),
            "Token": "t",
            "PublishBatchRequestEntries": [{"Id": "a", "Message": "m"}],
            "sns.Name": "theirs",
            "sns.Attributes": {},
            "events.EventBusName": bus,
            "events.Rule": "theirs",
            "events.DescribeEventBus.Name": bus,
            "EventPattern": '{"source":["s"]}',
            "ScheduleExpression": "at(2099-01-01T00:00:00)",
            "events.ScheduleExpression": "rate(1 day)",
            "State": "ENABLED",
            "events.Arn": ARN.format("sqs", "theirs"),
            "events.TargetArn": ARN.format("sqs", "theirs"),
            "Targets": [{"Id": "t", "Arn": ARN.format("sqs", "theirs")}],
            "Ids": ["t"],
            "events.ResourceARN": rule,
            "events.EventSourceArn": bus,
            "events.Destination": {"Arn": bus},
            "events.StartReplay.EventSourceArn": ARN.format("events", "archive/theirs"),
            "EventStartTime": 0,
            "EventEndTime": 1,
            "ArchiveName": "theirs",
            "ReplayName": "theirs",
            "ConnectionArn": known["connection"],
            "InvocationEndpoint": "http://127.0.0.1:1/",
            "HttpMethod": "POST",
            "AuthorizationType": "BASIC",
            "AuthParameters": auth,
            "events.PutEvents.Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}", "EventBusName": bus}],
            "events.PutPartnerEvents.Entries": [{"Source": "aws.partner/p/a", "DetailType": "d", "Detail": "{}"}],
            "events.CreatePartnerEventSource.Name": "aws.partner/p/a",
            "events.DeletePartnerEventSource.Name": "aws.partner/p/a",
            "EventSourceName": "aws.partner/p/a",
            "events.CreateEventBus.EventSourceName": None,
            "Account": THEIRS,
            "NamePrefix": "theirs",
            "events.Action": "events:PutEvents",
            "events.ListPartnerEventSources.NamePrefix": "aws.partner/p",
            "events.DescribePartnerEventSource.Name": "aws.partner/p/a",
            "Principal": "*",
            "StatementId": "s",
            "RemoveAllPermissions": True,
            "Policy": policy,
            "Event": "{}",
            "RoutingConfig": {
                "FailoverConfig": {
                    "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/h"},
                    "Secondary": {"Route": "us-west-2"},
                }
            },
            "EventBuses": [{"EventBusArn": bus}, {"EventBusArn": bus.replace("us-east-1", "us-west-2")}],
            "scheduler.GroupName": "theirs",
            "scheduler.Target": {"Arn": ARN.format("sqs", "theirs"), "RoleArn": f"arn:aws:iam::{THEIRS}:role/r"},
            "scheduler.ResourceArn": ARN.format("scheduler", "schedule-group/theirs"),
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "RegistryName": "theirs",
            "SchemaName": "theirs",
            "schemas.SourceArn": bus,
            "DiscovererId": known["discoverer"],
            "schemas.ResourceArn": ARN.format("schemas", "registry/theirs"),
            "Language": "Python36",
            "Keywords": "theirs",
            "Content": "{}",
            "Type": "OpenApi3",
            "SchemaVersion": "1",
            "schemas.ExportSchema.Type": "JSONSchemaDraft4",
            "schemas.Events": ["{}"],
            "schemas.Tags": {"mark": "m"},
            "sqs.Tags": {"mark": "m"},
            "sns.Tags": [{"Key": "mark", "Value": "m"}],
            "events.Tags": [{"Key": "mark", "Value": "m"}],
            "scheduler.Tags": [{"Key": "mark", "Value": "m"}],
            "TagKeys": ["mark"],
            "Name": "theirs",
            "schemas.Policy": policy,
            "ListDiscoverers.SourceArnPrefix": "arn",
            "PhoneNumber": None,
            "Force": None,
            "NextToken": None,
            "EventId": None,
            "EndpointId": None,
            "schemas.RevisionId": None,
            "Limit": None,
        }

    # Optional members that reach for something.
    OPTIONAL = {
        "EventBusName",
        "QueueOwnerAWSAccountId",
        "TopicArn",
        "DestinationArn",
        "GroupName",
        "RegistryName",
        "Name",
        "EventPattern",
        "Attributes",
        "Endpoint",
        "Targets",
        "Action",
        "Principal",
        "StatementId",
        "AttributeValue",
        "AttributeNames",
        "EventSourceArn",
        "ConnectionArn",
        "SourceArnPrefix",
        "AuthParameters",
        "VisibilityTimeout",
    }

    def inputs(self, service, operation, client, words):
        """The input by ARNs, and the one by names alone."""
        shape = client.meta.service_model.operation_model(operation).input_shape
        members = {} if shape is None else shape.members
        wanted = [name for name in members if name in shape.required_members or name in self.OPTIONAL]
        given = {}
        for name in wanted:
            keys = [f"{service}.{operation}.{name}", f"{service}.{name}", name]
            found = next((words[key] for key in keys if key in words), None)
            if found is None:
                self.assertNotIn(name, shape.required_members, f"there is no word for {service}.{operation}.{name}")
                continue
            given[name] = found
        if operation == "Publish":
            given.pop("TargetArn", None)
        named = json.loads(
            json.dumps(given).replace(ARN.format("events", "event-bus/theirs"), "theirs").replace(THEIRS, MINE)
        )
        return [given] if named == given else [given, named]

    def test_no_operation_reaches_what_another_account_has(self):
        server = self.two_accounts()
        words = self.words(self.furnish(server))
        first = {service: server.client(service) for service in SERVICES}
        before = self.picture(first)
        tried = 0
        for service, operations in offered().items():
            client = server.client(service, **SECOND)
            for operation in operations:
                tried += 1
                for number, given in enumerate(self.inputs(service, operation, client, words)):
                    with self.subTest(operation=f"{service}:{operation}", by="name" if number else "ARN"):
                        self.attempt(client, service, operation, given, is_by_name=number > 0)
                with self.subTest(operation=f"{service}:{operation}"):
                    self.assertEqual(self.picture(first), before)
        self.assertGreaterEqual(tried, 57 + 23 + 19 + 12 + 31)

    def attempt(self, client, service, operation, given, is_by_name):
        from botocore.exceptions import ClientError, ParamValidationError

        method = next(name for name, its in client.meta.method_to_api_mapping.items() if its == operation)
        try:
            answer = getattr(client, method)(**given)
        except ParamValidationError:
            return  # too short without the ARN
        except ClientError as error:
            self.assertLess(error.response["ResponseMetadata"]["HTTPStatusCode"], 500, error.response)
            self.assertNotRegex(error.response["Error"]["Code"], "UnknownOperation|InvalidAction")
            self.assertNotIn(MARK, json.dumps(error.response, default=str))
            return
        self.assertNotIn(MARK, json.dumps(answer, default=str))
        if is_by_name:
            return
        if operation == "PutEvents":
            self.assertEqual(answer["Entries"][0]["ErrorCode"], "AccessDeniedException")
        else:
            self.assertIn(operation, OWN[service], answer)

    # Policies

    def test_a_queue_opens_what_can_be_given_and_no_more(self):
        server = self.two_accounts()
        owner, second = server.client("sqs"), server.client("sqs", **SECOND)
        policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": MINE}, "Action": "sqs:*", "Resource": "*"}]}
        url = owner.create_queue(QueueName="q", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
        second.send_message(QueueUrl=url, MessageBody="m")
        self.assertEqual(second.receive_message(QueueUrl=url)["Messages"][0]["Body"], "m")
        self.assertEqual(second.get_queue_url(QueueName="q", QueueOwnerAWSAccountId=THEIRS)["QueueUrl"], url)
        for call, parameters in (
            (second.delete_queue, {}),
            (second.tag_queue, {"Tags": {"a": "b"}}),
            (second.list_queue_tags, {}),
            (second.set_queue_attributes, {"Attributes": {"DelaySeconds": "1"}}),
            (second.remove_permission, {"Label": "l"}),
            (second.add_permission, {"Label": "l", "AWSAccountIds": [MINE], "Actions": ["*"]}),
        ):
            error = self.assertRefused("AccessDenied", call, QueueUrl=url, **parameters)
            self.assertIn("because no resource-based policy allows", error["Message"])

    def test_what_is_known_of_a_caller(self):
        server = self.two_accounts()
        owner = server.client("sqs")
        role = server.client("sts", **ALICE).assume_role(
            RoleArn=f"arn:aws:iam::{MINE}:role/worker", RoleSessionName="one"
        )["Credentials"]
        session = {"key": role["AccessKeyId"], "secret": role["SecretAccessKey"], "token": role["SessionToken"]}
        table = [
            ({"StringEquals": {"aws:PrincipalAccount": MINE}}, SECOND, True),
            ({"StringEquals": {"aws:PrincipalAccount": THEIRS}}, SECOND, False),
            ({"StringEquals": {"aws:username": "alice"}}, ALICE, True),
            ({"StringEquals": {"aws:username": "alice"}}, SECOND, False),
            ({"StringLike": {"aws:userid": "AIDA*"}}, ALICE, True),
            ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, session, True),
            ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{MINE}:role/*"}}, session, True),
            ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{MINE}:role/*"}}, ALICE, False),
            ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, SECOND, True),
            ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, SECOND, False),
            ({"Bool": {"aws:SecureTransport": "false"}}, SECOND, True),
            ({"Bool": {"aws:SecureTransport": "true"}}, SECOND, False),
            ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, SECOND, True),
            ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, SECOND, False),
            ({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, SECOND, True),
            ({"StringLike": {"aws:UserAgent": "*Boto3*"}}, SECOND, True),
            ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, SECOND, True),
            ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, SECOND, False),
            ({"Null": {"aws:TokenIssueTime": "false"}}, session, True),
            ({"Null": {"aws:TokenIssueTime": "false"}}, ALICE, False),
        ]
        for number, (condition, caller, is_open) in enumerate(table):
            with self.subTest(condition=condition, caller=caller["key"]):
                policy = {
                    "Statement": [
                        {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Condition": condition}
                    ]
                }
                url = owner.create_queue(QueueName=f"q{number}", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
                sqs = server.client("sqs", **caller)
                if is_open:
                    sqs.send_message(QueueUrl=url, MessageBody="m")
                else:
                    self.assertRefused("AccessDenied", sqs.send_message, QueueUrl=url, MessageBody="m")

    def test_an_unknown_operator_is_refused_when_it_is_set(self):
        server = self.two_accounts()
        statement = {
            "Sid": "s",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringSounds": {"a": "b"}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs, sns, events, iam = (server.client(name) for name in ("sqs", "sns", "events", "iam"))
        topic = sns.create_topic(Name="t")["TopicArn"]
        self.assertRefused("InvalidAttributeValue", sqs.create_queue, QueueName="q", Attributes={"Policy": policy})
        self.assertRefused(
            "InvalidParameter", sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=policy
        )
        self.assertRefused("ValidationException", events.put_permission, Policy=policy)
        self.assertRefused("MalformedPolicyDocument", iam.create_policy, PolicyName="p", PolicyDocument=policy)
        self.assertRefused("MalformedPolicyDocument", iam.create_role, RoleName="r", AssumeRolePolicyDocument=policy)

    def test_a_bus_opens_its_rules_to_whom_it_says(self):
        server = self.two_accounts()
        owner, second = server.client("events"), server.client("events", **SECOND)
        owner.create_event_bus(Name="shared")
        bus = ARN.format("events", "event-bus/shared")
        rules = [
            "PutRule",
            "DescribeRule",
            "DeleteRule",
            "PutTargets",
            "RemoveTargets",
            "TagResource",
            "ListTagsForResource",
        ]
        mine = {"StringEqualsIfExists": {"events:creatorAccount": "${aws:PrincipalAccount}"}}
        statements = [
            {
                "Effect": "Allow",
                "Principal": {"AWS": MINE},
                "Action": [f"events:{name}" for name in rules],
                "Resource": ARN.format("events", "rule/shared/*"),
                "Condition": mine,
            },
            {
                "Effect": "Allow",
                "Principal": {"AWS": MINE},
                "Action": "events:PutEvents",
                "Resource": bus,
                "Condition": {"StringEquals": {"events:source": "shop"}},
            },
        ]
        owner.put_permission(
            EventBusName="shared", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements})
        )
        pattern = '{"source":["shop"]}'
        owner.put_rule(Name="theirs", EventBusName="shared", EventPattern=pattern)
        arn = second.put_rule(Name="mine", EventBusName=bus, EventPattern=pattern)["RuleArn"]
        self.assertEqual(arn, ARN.format("events", "rule/shared/mine"))
        self.assertEqual(second.describe_rule(Name="mine", EventBusName=bus)["CreatedBy"], MINE)
        second.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "b"}])
        self.assertEqual(owner.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "a", "Value": "b"}])
        self.assertRefused("AccessDeniedException", second.describe_rule, Name="theirs", EventBusName=bus)
        self.assertRefused(
            "AccessDeniedException", second.put_rule, Name="theirs", EventBusName=bus, EventPattern=pattern
        )
        self.assertRefused("AccessDeniedException", second.list_rules, EventBusName=bus)
        error = self.assertRefused("AccessDeniedException", second.describe_event_bus, Name=bus)
        self.assertIn(f"is not authorized to perform: events:DescribeEventBus on resource: {bus}", error["Message"])
        entries = [
            {"Source": source, "DetailType": "d", "Detail": "{}", "EventBusName": bus} for source in ("shop", "other")
        ]
        answer = second.put_events(Entries=entries)["Entries"]
        self.assertEqual([each.get("ErrorCode") for each in answer], [None, "AccessDeniedException"])

        # What the second account's rule sends comes from the second account, and goes where that may send.
        sqs = server.client("sqs", **SECOND)
        policy = {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Condition": {"ArnEquals": {"aws:SourceArn": arn}},
                }
            ]
        }
        queue = sqs.create_queue(QueueName="q", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
        owner.create_event_bus(Name="private")
        owner.put_rule(Name="r", EventBusName="private", EventPattern=pattern)
        targets = [
            {"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:{MINE}:q"},
            {"Id": "b", "Arn": ARN.format("events", "event-bus/private")},
        ]
        second.put_targets(Rule="mine", EventBusName=bus, Targets=targets)
        letters = server.client("sqs").create_queue(QueueName="private")["QueueUrl"]
        owner.put_targets(Rule="r", EventBusName="private", Targets=[{"Id": "q", "Arn": ARN.format("sqs", "private")}])
        owner.put_events(Entries=entries[:1])
        self.assertEqual(
            json.loads(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"][0]["Body"])["source"], "shop"
        )
        counts = server.client("sqs").get_queue_attributes(
            QueueUrl=letters, AttributeNames=["ApproximateNumberOfMessages"]
        )
        self.assertEqual(counts["Attributes"]["ApproximateNumberOfMessages"], "0")


if __name__ == "__main__":
    unittest.main()
