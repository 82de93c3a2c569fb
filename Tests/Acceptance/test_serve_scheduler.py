"""EventBridge Scheduler as its clients see it: each test looks at what was invoked, not at what was answered."""

import datetime
import json
import time
import unittest

from serving import ServeTest

OFF = {"Mode": "OFF"}


class SchedulerTest(ServeTest):
    seconds = 20

    def queue(self, server, name, **attributes):
        url = server.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def messages(self, server, url, count=1, seconds=15):
        """Receives and deletes until there are so many messages."""
        sqs, found, end = server.client("sqs"), [], time.monotonic() + seconds
        while len(found) < count and time.monotonic() < end:
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                MessageAttributeNames=["All"],
                AttributeNames=["All"],
            )
            for message in answer.get("Messages", []):
                found.append(message)
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def role(self, server):
        account = server.client("sts").get_caller_identity()["Account"]
        return f"arn:aws:iam::{account}:role/scheduler"

    def target(self, server, arn, **more):
        return {"Arn": arn, "RoleArn": self.role(server), **more}

    def at(self, seconds):
        """An expression for a time from now, in UTC, and the time as invocations see it."""
        time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        text = time.strftime("%Y-%m-%dT%H:%M:%S")
        return f"at({text})", f"{text}Z"

    def eventually(self, what, seconds=15):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "it does not become true")
            time.sleep(0.1)

    def test_a_single_time_invokes_a_queue_to_the_second_and_goes(self):
        server = self.serve()
        scheduler = server.client("scheduler")
        url, arn = self.queue(server, "q")
        expression, when = self.at(2)
        answer = scheduler.create_schedule(
            Name="once",
            ScheduleExpression=expression,
            FlexibleTimeWindow=OFF,
            ActionAfterCompletion="DELETE",
            Target=self.target(
                server,
                arn,
                Input='{"at":"<aws.scheduler.scheduled-time>","who":"<aws.scheduler.schedule-arn>",'
                '"attempt":<aws.scheduler.attempt-number>}',
            ),
        )
        message = self.messages(server, url)[0]
        self.assertEqual(
            json.loads(message["Body"]), {"at": when, "who": answer["ScheduleArn"], "attempt": 1}
        )
        due = datetime.datetime.fromisoformat(when.replace("Z", "+00:00")).timestamp() * 1000
        late = int(message["Attributes"]["SentTimestamp"]) - due
        self.assertGreaterEqual(late, 0)
        self.assertLess(late, 1000)
        self.assertRefused("ResourceNotFoundException", scheduler.get_schedule, Name="once")

    def test_a_time_is_that_of_the_zone_and_a_rate_begins_at_once(self):
        server = self.serve()
        scheduler = server.client("scheduler")
        url, arn = self.queue(server, "q")
        _, when = self.at(2)
        # Kathmandu is 5:45 ahead the year round.
        local = datetime.datetime.fromisoformat(when[:-1]) + datetime.timedelta(hours=5, minutes=45)
        scheduler.create_schedule(
            Name="there",
            ScheduleExpression=f"at({local.isoformat()})",
            ScheduleExpressionTimezone="Asia/Kathmandu",
            FlexibleTimeWindow=OFF,
            Target=self.target(server, arn, Input="<aws.scheduler.scheduled-time>"),
        )
        self.assertEqual(self.messages(server, url)[0]["Body"], when)
        scheduler.create_schedule(
            Name="pace", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF, Target=self.target(server, arn)
        )
        event = json.loads(self.messages(server, url)[0]["Body"])
        self.assertEqual((event["source"], event["detail-type"]), ("aws.scheduler", "Scheduled Event"))

    def test_a_kill_loses_no_schedule_and_no_invocation(self):
        server = self.serve()
        scheduler = server.client("scheduler")
        url, arn = self.queue(server, "q")
        target = self.target(server, arn)
        expression, when = self.at(5)
        for number in range(50):
            scheduler.create_schedule(
                Name=f"s{number}",
                ScheduleExpression=expression,
                FlexibleTimeWindow=OFF,
                Target={**target, "Input": str(number)},
            )
        server.kill()
        # Their time comes while nobody is there.
        due = datetime.datetime.fromisoformat(when.replace("Z", "+00:00")).timestamp()
        time.sleep(max(0, due + 1 - time.time()))
        server.start()
        found = self.messages(server, url, 50, 30)
        self.assertEqual(sorted(int(message["Body"]) for message in found), list(range(50)))
        self.assertEqual(self.messages(server, url, 1, 2), [])
        self.assertEqual(len(server.client("scheduler").list_schedules()["Schedules"]), 50)

    def test_buses_topics_and_fifo_queues(self):
        server = self.serve()
        scheduler, events, sns = server.client("scheduler"), server.client("events"), server.client("sns")
        account = self.role(server).split(":")[4]
        policy = {
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
        url, arn = self.queue(server, "q", Policy=json.dumps(policy))
        fifo_url, fifo = self.queue(server, "q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        bus = events.create_event_bus(Name="b")["EventBusArn"]
        events.put_rule(Name="r", EventBusName="b", EventPattern=json.dumps({"source": ["my.app"]}))
        events.put_targets(Rule="r", EventBusName="b", Targets=[{"Id": "t", "Arn": arn}])
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        expression, _ = self.at(1)
        for name, target in {
            "bus": {
                "Arn": bus,
                "Input": '{"n":1}',
                "EventBridgeParameters": {"Source": "my.app", "DetailType": "Tick"},
            },
            "topic": {"Arn": topic, "Input": "hello"},
            "fifo": {"Arn": fifo, "Input": "first", "SqsParameters": {"MessageGroupId": "g"}},
        }.items():
            scheduler.create_schedule(
                Name=name,
                ScheduleExpression=expression,
                FlexibleTimeWindow=OFF,
                Target={"RoleArn": self.role(server), **target},
            )
        bodies = sorted(message["Body"] for message in self.messages(server, url, 2))
        self.assertIn("hello", bodies)
        event = json.loads(next(body for body in bodies if body != "hello"))
        self.assertEqual(
            (event["source"], event["detail-type"], event["detail"], event["account"]),
            ("my.app", "Tick", {"n": 1}, account),
        )
        message = self.messages(server, fifo_url)[0]
        self.assertEqual((message["Body"], message["Attributes"]["MessageGroupId"]), ("first", "g"))

    def test_an_operation_of_a_service_is_called_with_the_input(self):
        server = self.serve()
        scheduler = server.client("scheduler")
        url, _ = self.queue(server, "q")
        letters_url, letters = self.queue(server, "letters")
        expression, when = self.at(1)
        for name, operation, parameters in [
            ("call", "sqs:sendMessage", {"QueueUrl": url, "MessageBody": "<aws.scheduler.scheduled-time>"}),
            ("wrong", "sqs:sendMessage", {"QueueUrl": url + "x", "MessageBody": "m"}),
            ("read", "sqs:listQueues", {}),
            ("none", "ec2:stopInstances", {"InstanceIds": ["i-1"]}),
        ]:
            scheduler.create_schedule(
                Name=name,
                ScheduleExpression=expression,
                FlexibleTimeWindow=OFF,
                Target=self.target(
                    server,
                    f"arn:aws:scheduler:::aws-sdk:{operation}",
                    Input=json.dumps(parameters),
                    DeadLetterConfig={"Arn": letters},
                ),
            )
        self.assertEqual(self.messages(server, url)[0]["Body"], when)
        found = {
            message["MessageAttributes"]["SCHEDULE_ARN"]["StringValue"].rsplit("/", 1)[1]: message
            for message in self.messages(server, letters_url, 3)
        }
        codes = {name: message["MessageAttributes"]["ERROR_CODE"]["StringValue"] for name, message in found.items()}
        self.assertEqual(codes, {"wrong": "NO_RESOURCE", "read": "INVALID_PARAMETER", "none": "NO_RESOURCE"})
        self.assertEqual(json.loads(found["none"]["Body"]), {"InstanceIds": ["i-1"]})
        # The call is recorded as any other.
        self.eventually(
            lambda: [
                call
                for call in server.calls()
                if call.get("eventName") == "SendMessage" and call["sourceIPAddress"] == "scheduler.amazonaws.com"
            ]
        )

    def test_what_was_said_is_shown_and_replaced(self):
        server = self.serve()
        scheduler = server.client("scheduler")
        _, arn = self.queue(server, "q")
        start = datetime.datetime(2099, 1, 1, tzinfo=datetime.timezone.utc)
        given = {
            "ScheduleExpression": "cron(0 9 ? * MON-FRI *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "StartDate": start,
            "EndDate": start + datetime.timedelta(days=1),
            "Description": "d",
            "State": "DISABLED",
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
            "ActionAfterCompletion": "DELETE",
            "Target": self.target(
                server,
                arn,
                Input="x",
                DeadLetterConfig={"Arn": arn},
                RetryPolicy={"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
            ),
        }
        made = scheduler.create_schedule(Name="s", **given)["ScheduleArn"]
        shown = scheduler.get_schedule(Name="s")
        self.assertEqual({name: shown[name] for name in given}, given)
        self.assertEqual((shown["Arn"], shown["GroupName"]), (made, "default"))
        scheduler.update_schedule(
            Name="s", ScheduleExpression="rate(1 day)", FlexibleTimeWindow=OFF, Target=self.target(server, arn)
        )
        shown = scheduler.get_schedule(Name="s")
        self.assertNotIn("StartDate", shown)
        self.assertEqual((shown["State"], shown["ScheduleExpressionTimezone"]), ("ENABLED", "UTC"))
        self.assertEqual(
            shown["Target"]["RetryPolicy"], {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
        )
        self.assertRefused(
            "ConflictException",
            scheduler.create_schedule,
            Name="s",
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow=OFF,
            Target=self.target(server, arn),
        )
        for expression in ["cron(0 1 * * * *)", "rate( 10 minutes )", "at(2021-12-31T23:59:59Z)"]:
            error = self.assertRefused(
                "ValidationException",
                scheduler.update_schedule,
                Name="s",
                ScheduleExpression=expression,
                FlexibleTimeWindow=OFF,
                Target=self.target(server, arn),
            )
            self.assertEqual(error["Message"], f"Invalid Schedule Expression {expression}.")
        self.assertRefused(
            "AccessDeniedException",
            scheduler.update_schedule,
            Name="s",
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow=OFF,
            Target={"Arn": arn, "RoleArn": "arn:aws:iam::999999999999:role/r"},
        )

    def test_groups_pages_and_tags(self):
        server = self.serve()
        scheduler = server.client("scheduler")
        _, arn = self.queue(server, "q")
        group = scheduler.create_schedule_group(Name="g", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
        for number in range(5):
            scheduler.create_schedule(
                Name=f"s{number}",
                GroupName="g",
                ScheduleExpression="at(2099-01-01T00:00:00)",
                FlexibleTimeWindow=OFF,
                Target=self.target(server, arn),
            )
        pages = scheduler.get_paginator("list_schedules").paginate(GroupName="g", PaginationConfig={"PageSize": 2})
        names = [[schedule["Name"] for schedule in page["Schedules"]] for page in pages]
        self.assertEqual(names, [["s0", "s1"], ["s2", "s3"], ["s4"]])
        pages = scheduler.get_paginator("list_schedule_groups").paginate(PaginationConfig={"PageSize": 1})
        self.assertEqual([each["Name"] for page in pages for each in page["ScheduleGroups"]], ["default", "g"])
        scheduler.tag_resource(ResourceArn=group, Tags=[{"Key": "b", "Value": "2"}])
        scheduler.untag_resource(ResourceArn=group, TagKeys=["a"])
        self.assertEqual(scheduler.list_tags_for_resource(ResourceArn=group)["Tags"], [{"Key": "b", "Value": "2"}])
        scheduler.delete_schedule_group(Name="g")
        self.assertEqual(scheduler.list_schedules()["Schedules"], [])
        self.assertRefused("ResourceNotFoundException", scheduler.get_schedule_group, Name="g")
        self.assertEqual(scheduler.get_schedule_group(Name="default")["State"], "ACTIVE")

    def test_accounts_and_regions_have_schedules_of_their_own(self):
        server = self.serve()
        _, arn = self.queue(server, "q")
        settings = {
            "Name": "s",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": OFF,
            "Target": self.target(server, arn),
        }
        server.client("scheduler").create_schedule(**settings)
        elsewhere = server.client("scheduler", region="eu-west-1")
        self.assertEqual(elsewhere.list_schedules()["Schedules"], [])
        self.assertRefused("ResourceNotFoundException", elsewhere.delete_schedule, Name="s")

    def test_the_aws_command_line(self):
        server = self.serve()
        url, arn = self.queue(server, "q")
        expression, _ = self.at(6)
        server.aws(
            "scheduler",
            "create-schedule",
            "--name",
            "cli",
            "--schedule-expression",
            expression,
            "--flexible-time-window",
            "Mode=OFF",
            "--target",
            json.dumps(self.target(server, arn, Input="from the command line")),
        )
        shown = server.aws("scheduler", "list-schedules", "--name-prefix", "c")
        self.assertEqual([schedule["Name"] for schedule in shown["Schedules"]], ["cli"])
        self.assertEqual(self.messages(server, url)[0]["Body"], "from the command line")


if __name__ == "__main__":
    unittest.main()
