"""EventBridge as its clients see it: each test looks at what happened, not at what was answered."""

import datetime
import json
import time
import unittest
from pathlib import Path

from harness import rule
from serving import ServeTest

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
    ],
}


class EventsTest(ServeTest):
    seconds = 10

    def queue(self, server, name, policy=POLICY):
        attributes = {"Policy": json.dumps(policy)} if policy else {}
        url = server.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def messages(self, server, url, count=1, seconds=10):
        """Receives and deletes until there are so many messages."""
        sqs, found, end = server.client("sqs"), [], time.monotonic() + seconds
        while len(found) < count and time.monotonic() < end:
            answer = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                found.append(message)
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def rule(self, server, name, pattern, bus=None, **target):
        where = {"EventBusName": bus} if bus else {}
        arn = server.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern), **where)["RuleArn"]
        server.client("events").put_targets(Rule=name, Targets=[{"Id": "t", **target}], **where)
        return arn

    def put(self, server, detail, source="app", bus=None):
        entry = {"Source": source, "DetailType": "Order", "Detail": json.dumps(detail)}
        if bus:
            entry["EventBusName"] = bus
        answer = server.client("events").put_events(Entries=[entry])
        self.assertEqual(answer["FailedEntryCount"], 0, answer)
        return answer["Entries"][0]["EventId"]

    def test_an_event_reaches_the_queue_in_the_shape_that_the_target_asks_for(self):
        server = self.serve()
        url, arn = self.queue(server, "orders")
        self.rule(
            server,
            "orders",
            {"source": ["app"], "detail": {"total": [{"numeric": [">", 100]}]}},
            Arn=arn,
            InputTransformer={
                "InputPathsMap": {"who": "$.detail.who", "total": "$.detail.total"},
                "InputTemplate": '{"text": "<who> ordered", "total": <total>, "rule": <aws.events.rule-name>}',
            },
        )
        self.put(server, {"who": "ann", "total": 50})
        self.put(server, {"who": "ben", "total": 150})
        found = self.messages(server, url)
        self.assertEqual(
            [json.loads(message["Body"]) for message in found],
            [{"text": "ben ordered", "total": 150, "rule": "orders"}],
        )

    def test_the_command_line_client_makes_a_rule_that_works(self):
        server = self.serve()
        url, arn = self.queue(server, "orders")
        server.aws("events", "create-event-bus", "--name", "shop")
        pattern = json.dumps({"source": [{"prefix": "app."}]})
        server.aws("events", "put-rule", "--name", "r", "--event-bus-name", "shop", "--event-pattern", pattern)
        server.aws("events", "put-targets", "--rule", "r", "--event-bus-name", "shop", "--targets", f"Id=t,Arn={arn}")
        entry = [{"Source": "app.a", "DetailType": "D", "Detail": "{}", "EventBusName": "shop"}]
        answer = server.aws("events", "put-events", "--entries", json.dumps(entry))
        body = json.loads(self.messages(server, url)[0]["Body"])
        self.assertEqual(body["id"], answer["Entries"][0]["EventId"])
        rules = server.aws("events", "list-rules", "--event-bus-name", "shop")["Rules"]
        self.assertEqual([rule["Name"] for rule in rules], ["r"])

    def test_what_a_target_does_not_take_is_in_its_dead_letter_queue(self):
        server = self.serve()
        closed, closed_arn = self.queue(server, "closed", policy=None)
        letters, letters_arn = self.queue(server, "letters")
        arn = self.rule(server, "r", {"source": ["app"]}, Arn=closed_arn, DeadLetterConfig={"Arn": letters_arn})
        server.client("events").put_targets(
            Rule="r",
            Targets=[
                {
                    "Id": "function",
                    "Arn": "arn:aws:lambda:us-east-1:000000000000:function:nobody",
                    "DeadLetterConfig": {"Arn": letters_arn},
                }
            ],
        )
        event = self.put(server, {"n": 1})
        found = self.messages(server, letters, count=2)
        codes = {message["MessageAttributes"]["ERROR_CODE"]["StringValue"] for message in found}
        self.assertEqual(codes, {"NO_PERMISSIONS", "NO_RESOURCE"})
        for message in found:
            self.assertEqual(message["MessageAttributes"]["RULE_ARN"]["StringValue"], arn)
            self.assertEqual(json.loads(message["Body"])["id"], event)
        self.assertEqual(self.messages(server, closed, seconds=1), [])

    def test_nothing_that_was_acknowledged_is_lost_by_a_crash(self):
        server = self.serve()
        url, arn = self.queue(server, "orders")
        events = server.client("events")
        bus = events.create_event_bus(Name="shop")["EventBusArn"]
        self.rule(server, "r", {"source": ["app"]}, bus="shop", Arn=arn)
        archive = events.create_archive(ArchiveName="all", EventSourceArn=bus)["ArchiveArn"]
        sent = {self.put(server, {"n": number}, bus="shop") for number in range(25)}
        server.kill()
        server.start()
        found = self.messages(server, url, count=25)
        self.assertEqual({json.loads(message["Body"])["id"] for message in found}, sent)
        events = server.client("events")
        self.assertEqual(events.describe_archive(ArchiveName="all")["EventCount"], 25)
        sent.add(self.put(server, {"n": 25}, bus="shop"))
        self.assertEqual(len(self.messages(server, url)), 1)

        now = datetime.datetime.now(datetime.timezone.utc)
        minutes = datetime.timedelta(minutes=5)
        events.start_replay(
            ReplayName="again",
            EventSourceArn=archive,
            EventStartTime=now - minutes,
            EventEndTime=now + minutes,
            Destination={"Arn": bus},
        )
        replayed = [json.loads(message["Body"]) for message in self.messages(server, url, count=26)]
        self.assertEqual({event["id"] for event in replayed}, sent)
        self.assertEqual({event["replay-name"] for event in replayed}, {"again"})

    def test_accounts_are_apart_until_a_policy_says_otherwise(self):
        server = self.serve()
        events = server.client("events")
        account = server.client("sts").get_caller_identity()["Account"]
        other = "arn:aws:events:us-east-1:999988887777:event-bus/default"
        entry = {"Source": "app", "DetailType": "D", "Detail": "{}", "EventBusName": other}
        answer = events.put_events(Entries=[entry])
        self.assertEqual(answer["Entries"][0]["ErrorCode"], "AccessDeniedException")
        self.assertRefused(
            "AccessDeniedException", events.put_rule, Name="r", EventPattern='{"source":["a"]}', EventBusName=other
        )
        events.put_permission(Action="events:PutEvents", Principal="999988887777", StatementId="them")
        policy = json.loads(events.describe_event_bus()["Policy"])
        self.assertEqual(policy["Statement"][0]["Resource"], f"arn:aws:events:us-east-1:{account}:event-bus/default")

    def test_rules_of_files_show_and_are_not_to_be_changed(self):
        server = self.serve(
            rules=[
                rule("from-file", {"send": "out", "input": {"id": "<id>"}}, when={"source": ["app"]}),
                {"kind": "Target", "id": "out", "type": "queue"},
            ]
        )
        events = server.client("events")
        shown = events.describe_rule(Name="from-file")
        self.assertEqual(shown["ManagedBy"], "signalbox")
        self.assertEqual(json.loads(shown["EventPattern"]), {"source": ["app"]})
        self.assertRefused("ManagedRuleException", events.delete_rule, Name="from-file", Force=True)
        self.assertRefused("ManagedRuleException", events.disable_rule, Name="from-file")
        event = self.put(server, {"n": 1})
        url = server.client("sqs").get_queue_url(QueueName="out")["QueueUrl"]
        found = self.messages(server, url)
        self.assertEqual([json.loads(message["Body"])["id"] for message in found], [event])

    def test_a_function_is_what_the_settings_say_that_it_stands_for(self):
        folder = Path(self.folder)
        out = folder / "out"
        settings = folder / "signalbox.yaml"
        settings.write_text("functions:\n  - {arn: 'arn:aws:lambda:*:*:function:note', run: note}\n")
        action = {
            "kind": "Action",
            "id": "note",
            "type": "command",
            "argv": ["/bin/sh", "-c", f"cat > {out}"],
        }
        server = self.serve("--config", settings, rules=[action])
        self.rule(
            server,
            "r",
            {"source": ["app"]},
            Arn="arn:aws:lambda:us-east-1:000000000000:function:note:live",
            InputPath="$.detail",
        )
        self.put(server, {"n": 7})
        end = time.monotonic() + 10
        while time.monotonic() < end and not (out.exists() and out.read_text()):
            time.sleep(0.05)
        self.assertEqual(json.loads(out.read_text()), {"n": 7})

    def test_lists_come_in_pages(self):
        server = self.serve()
        events = server.client("events")
        names = [f"r{number:02}" for number in range(7)]
        for name in names:
            events.put_rule(Name=name, EventPattern='{"source":["a"]}')
        found, token = [], {}
        while True:
            page = events.list_rules(Limit=3, **token)
            self.assertLessEqual(len(page["Rules"]), 3)
            found += [rule["Name"] for rule in page["Rules"]]
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        self.assertEqual(found, names)


if __name__ == "__main__":
    unittest.main()
