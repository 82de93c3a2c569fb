"""`serve` is killed with SIGKILL while clients put events, send, publish and change rules at once; what they were told is
true afterwards.

A killed process loses what it had not given to the system, so this finds answers that come too early. That commits
reach the disk itself is a setting of the database, which Swift tests check.
"""

import json
import os
import random
import sqlite3
import threading
import time

from serving import REGION, ServeTest


class DurabilityTest(ServeTest):
    seconds = 60

    def test_nothing_acknowledged_is_lost_when_the_server_is_killed_under_load(self):
        kills = max(3, int(os.environ.get("SIGNALBOX_KILLS", "20")) // 5)
        chance = random.Random(os.environ.get("SIGNALBOX_SEED") or time.time_ns())
        told = {kind: set() for kind in ("events", "messages", "published", "rules", "queues")}
        server = self.serve()
        self.prepare(server)
        for number in range(kills):
            if number:
                server.start()
            self.load(server, number, told, chance)
        server.start()

        for kind in ("events", "messages", "published"):
            self.assertTrue(told[kind], f"nothing was told of {kind}")
            received = self.received(server, kind)
            self.assertEqual(told[kind] - set(received), set(), f"acknowledged and lost: {kind}")
            self.assertEqual(len(received), len(set(received)), f"twice: {kind}")
        events = server.client("events")
        rules = {rule["Name"] for page in events.get_paginator("list_rules").paginate() for rule in page["Rules"]}
        self.assertEqual(told["rules"] - rules, set())
        pages = server.client("sqs").get_paginator("list_queues").paginate(QueueNamePrefix="q-")
        queues = {url.rpartition("/")[2] for page in pages for url in page["QueueUrls"]}
        self.assertEqual(told["queues"] - queues, set())
        self.check_journal(server, told)

    def prepare(self, server):
        """A queue for each kind of message; the first behind a rule, the last behind a topic."""
        sqs, sns, events = server.client("sqs"), server.client("sns"), server.client("events")
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        for kind in ("events", "messages", "published"):
            sqs.create_queue(QueueName=kind, Attributes={"Policy": policy, "VisibilityTimeout": "600"})
        account = server.client("sts").get_caller_identity()["Account"]
        arn = f"arn:aws:sqs:{REGION}:{account}:"
        events.put_rule(Name="load", EventPattern=json.dumps({"source": ["load"]}))
        events.put_targets(Rule="load", Targets=[{"Id": "queue", "Arn": arn + "events"}])
        self.topic = sns.create_topic(Name="load")["TopicArn"]
        sns.subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint=arn + "published", Attributes={"RawMessageDelivery": "true"}
        )

    def load(self, server, number, told, chance):
        """Clients of every kind at once, until the server is killed at a random moment."""
        lock = threading.Lock()
        failures = []

        def until_killed(service, body):
            client = server.client(service)
            count = 0
            try:
                while True:
                    kind, names = body(client, f"{number}-{count}")
                    count += 1
                    with lock:
                        told[kind].update(names)
            except Exception as error:  # the end of the connection, in one of boto's many words
                failures.append(error)

        urls = {kind: server.client("sqs").get_queue_url(QueueName=kind)["QueueUrl"] for kind in ("messages", "published")}

        def put_events(client, name):
            entries = [{"Source": "load", "DetailType": "d", "Detail": json.dumps({"n": f"{name}-{i}"})} for i in range(10)]
            return "events", [entry["EventId"] for entry in client.put_events(Entries=entries)["Entries"]]

        def send(client, name):
            entries = [{"Id": str(i), "MessageBody": f"{name}-{i}"} for i in range(10)]
            answer = client.send_message_batch(QueueUrl=urls["messages"], Entries=entries)
            return "messages", [entry["MessageId"] for entry in answer["Successful"]]

        def publish(client, name):
            text = f"{name}-{threading.get_ident()}"
            client.publish(TopicArn=self.topic, Message=text)
            return "published", [text]

        def put_rule(client, name):
            rule = "r-" + name[:-1] + "0"  # there may be 300 on a bus
            client.put_rule(Name=rule, EventPattern=json.dumps({"source": [name]}))
            return "rules", [rule]

        def create_queue(client, name):
            client.create_queue(QueueName=f"q-{name}")
            return "queues", [f"q-{name}"]

        jobs = [("events", put_events)] * 3 + [("sqs", send)] * 2 + [("sns", publish)] * 2
        jobs += [("events", put_rule), ("sqs", create_queue)]
        threads = [threading.Thread(target=until_killed, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        time.sleep(0.8 + chance.random())
        self.assertEqual(failures, [], "calls failed before the kill")
        server.kill()
        for thread in threads:
            thread.join(60)

    def received(self, server, kind):
        """All that lies in a queue: events by their ids, messages by theirs, publications by their text."""
        sqs = server.client("sqs")
        url = sqs.get_queue_url(QueueName=kind)["QueueUrl"]
        found = []
        while True:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            if not messages:
                return found
            for message in messages:
                if kind == "events":
                    found.append(json.loads(message["Body"])["id"])
                else:
                    found.append(message["MessageId"] if kind == "messages" else message["Body"])

    def check_journal(self, server, told):
        """Every event is in the journal with its delivery, and every change of the control plane with its record."""
        database = sqlite3.connect(f"file:{server.data}/signalbox.db?mode=ro", uri=True)
        try:
            journal = {row[0] for row in database.execute("SELECT event_id FROM journal")}
            delivered = {row[0] for row in database.execute("SELECT event_id FROM deliveries WHERE state = 'delivered'")}
        finally:
            database.close()
        self.assertEqual(told["events"] - journal, set())
        self.assertEqual(told["events"] - delivered, set())
        recorded = {
            (call.get("requestParameters") or {}).get({"PutRule": "name", "CreateQueue": "queueName"}[call["eventName"]])
            for call in server.calls()
            if call.get("eventName") in ("PutRule", "CreateQueue")
        }
        self.assertEqual((told["rules"] | told["queues"]) - recorded, set(), "changes without a record")
