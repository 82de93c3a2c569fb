"""What `signalbox serve` keeps secret is in no file of the data directory; and a database that has a limit."""

import json
import re
import unittest
from pathlib import Path

from serving import ServeTest

SECRET = "for-nobody-but-the-endpoint"


class SecretsTest(ServeTest):
    seconds = 15

    def connect(self, server, name="c"):
        server.client("events").create_connection(
            Name=name,
            AuthorizationType="BASIC",
            AuthParameters={"BasicAuthParameters": {"Username": "u", "Password": SECRET}},
        )

    def is_on_disk(self, server, text):
        return [
            str(path) for path in Path(server.data).rglob("*") if path.is_file() and text.encode() in path.read_bytes()
        ]

    def test_secrets_are_in_no_file(self):
        server = self.serve()
        self.connect(server)
        sns = server.client("sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:1/")
        self.assertEqual(self.is_on_disk(server, SECRET), [])
        self.assertEqual(self.is_on_disk(server, "PRIVATE KEY"), [])
        server.kill()
        self.assertEqual(self.is_on_disk(server, SECRET), [])
        server.start()
        server.client("events").describe_connection(Name="c")

    def test_a_lost_or_wrong_key_is_told(self):
        server = self.serve()
        self.connect(server)
        self.assertEqual(server.stop(), 0)
        key = server.data / "keys" / "master.key"
        right = key.read_text()
        for text, words in (
            (None, "the file is missing"),
            ("B" * 43 + "=\n", "this is not the key"),
            ("nonsense", "this is no key"),
        ):
            with self.subTest(words=words):
                key.unlink()
                if text is not None:
                    key.write_text(text)
                with self.assertRaises(AssertionError) as context:
                    server.start()
                self.assertIn("keys/master.key: " + words, str(context.exception))
                self.assertNotRegex(str(context.exception), re.compile("fatal|crash", re.IGNORECASE))
                if text is None:
                    self.assertFalse(key.exists())
                    key.write_text(right)
        key.write_text(right)
        server.start()
        server.client("events").describe_connection(Name="c")

    def test_what_an_earlier_version_left_is_sealed_at_the_start(self):
        import sqlite3

        server = self.serve()
        self.connect(server)
        self.assertEqual(server.stop(), 0)
        clear = json.dumps({"authorization": "BASIC", "username": "u", "password": SECRET})
        database = sqlite3.connect(server.data / "signalbox.db")
        with database:
            database.execute("UPDATE bus_resources SET document = ? WHERE kind = 'connection-secret'", [clear.encode()])
            database.execute("DELETE FROM secret_checks")
        database.close()
        self.assertNotEqual(self.is_on_disk(server, SECRET), [])
        server.start()
        self.assertIn("are sealed now", server.tail())
        self.assertEqual(self.is_on_disk(server, SECRET), [])


class LimitTest(ServeTest):
    seconds = 15

    def test_a_full_database_takes_nothing_and_gives_everything(self):
        import urllib.request

        settings = Path(self.folder) / "signalbox.yaml"
        settings.write_text("serve: {largest-database: 4MB}\n")
        server = self.serve("--config", str(settings))
        sqs, sns, events = server.client("sqs"), server.client("sns"), server.client("events")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        topic = sns.create_topic(Name="t")["TopicArn"]
        body = "x" * 200_000

        def send():
            from botocore.exceptions import ClientError

            try:
                sqs.send_message(QueueUrl=url, MessageBody=body)
                return None
            except ClientError as error:
                self.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 503)
                return error.response["Error"]

        refusal = next(filter(None, (send() for _ in range(5000))))
        self.assertIn("largest-database", refusal["Message"])
        self.assertLess((server.data / "signalbox.db").stat().st_size, 200 << 20)
        self.assertRefused("ServiceUnavailable", sns.publish, TopicArn=topic, Message="m")
        self.assertRefused(
            "ServiceUnavailable", events.put_events, Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}]
        )
        self.assertEqual(sns.list_topics()["Topics"], [{"TopicArn": topic}])
        message = sqs.receive_message(QueueUrl=url)["Messages"][0]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        with urllib.request.urlopen(f"{server.endpoint}/metrics", timeout=10) as answer:
            self.assertIn(b"signalbox_database_limit_bytes 4194304", answer.read())
        sqs.purge_queue(QueueUrl=url)
        self.assertIn(None, (send() for _ in range(5000)))


if __name__ == "__main__":
    unittest.main()
