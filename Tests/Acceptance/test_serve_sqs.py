"""SQS for unmodified clients: each test asserts what became of the messages."""

import functools
import hashlib
import json
import re
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from serving import ROOT_KEY, ROOT_SECRET, ServeTest

ACCOUNT = "000000000000"
OPERATIONS = {
    "AddPermission", "CancelMessageMoveTask", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "CreateQueue",
    "DeleteMessage", "DeleteMessageBatch", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl",
    "ListDeadLetterSourceQueues", "ListMessageMoveTasks", "ListQueues", "ListQueueTags", "PurgeQueue",
    "ReceiveMessage", "RemovePermission", "SendMessage", "SendMessageBatch", "SetQueueAttributes",
    "StartMessageMoveTask", "TagQueue", "UntagQueue",
}


class SQSTest(ServeTest):
    seconds = 15

    def bodies(self, sqs, url, **more):
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **more).get("Messages", [])
        return [message["Body"] for message in received]

    def test_messages_come_over_whole(self):
        sqs = self.serve().client("sqs")
        url = sqs.create_queue(QueueName="q", tags={"team": "a"})["QueueUrl"]
        self.assertEqual(sqs.get_queue_url(QueueName="q")["QueueUrl"], url)
        self.assertTrue(url.endswith(f"/{ACCOUNT}/q"))
        # boto3 itself checks the digests of what it sends and receives.
        sent = sqs.send_message(
            QueueUrl=url,
            MessageBody="hé\U0001f600",
            MessageAttributes={
                "s": {"DataType": "String.label", "StringValue": "v"},
                "n": {"DataType": "Number", "StringValue": "1.5"},
                "b": {"DataType": "Binary", "BinaryValue": b"\0\1\2"},
            },
            MessageSystemAttributes={
                "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}
            },
        )
        self.assertEqual(sent["MD5OfMessageBody"], hashlib.md5("hé\U0001f600".encode()).hexdigest())
        self.assertIn("MD5OfMessageSystemAttributes", sent)
        message = sqs.receive_message(
            QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["s", "b.*", "nothing"]
        )["Messages"][0]
        self.assertEqual(message["Body"], "hé\U0001f600")
        self.assertEqual(message["MessageAttributes"]["b"]["BinaryValue"], b"\0\1\2")
        self.assertEqual(message["MessageAttributes"]["s"], {"DataType": "String.label", "StringValue": "v"})
        self.assertNotIn("n", message["MessageAttributes"])
        attributes = message["Attributes"]
        self.assertEqual(attributes["ApproximateReceiveCount"], "1")
        self.assertEqual(attributes["SenderId"], ACCOUNT)
        self.assertTrue(attributes["AWSTraceHeader"].startswith("Root=1-"))
        self.assertLess(abs(int(attributes["SentTimestamp"]) / 1000 - time.time()), 60)
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(counts["ApproximateNumberOfMessages"], "0")
        self.assertEqual(counts["ApproximateNumberOfMessagesNotVisible"], "0")
        self.assertEqual(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "a"})

    def test_calls_are_on_record_without_what_messages_say(self):
        server = self.serve()
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="confidential")
        sqs.receive_message(QueueUrl=url)
        wanted = {"SendMessage", "ReceiveMessage"}
        self.wait_for(lambda: wanted <= {call["eventName"] for call in server.calls()}, 15, "the records of the calls")
        calls = {call["eventName"]: call for call in server.calls()}
        self.assertNotIn("confidential", json.dumps(calls))
        self.assertEqual(calls["SendMessage"]["requestParameters"]["queueUrl"], url)
        self.assertEqual(calls["SendMessage"]["eventCategory"], "Data")
        self.assertEqual((calls["ReceiveMessage"]["readOnly"], calls["CreateQueue"]["readOnly"]), (True, False))

    def test_a_batch_fails_entry_by_entry(self):
        sqs = self.serve().client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        answer = sqs.send_message_batch(
            QueueUrl=url,
            Entries=[{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "\x01"}, {"Id": "c", "MessageBody": "2"}],
        )
        self.assertEqual([entry["Id"] for entry in answer["Successful"]], ["a", "c"])
        failed = answer["Failed"][0]
        self.assertEqual((failed["Id"], failed["SenderFault"], failed["Code"]), ("b", True, "InvalidMessageContents"))
        self.assertEqual(self.bodies(sqs, url), ["1", "2"])
        send = sqs.send_message_batch
        for code, entries in [
            ("EmptyBatchRequest", []),
            ("TooManyEntriesInBatchRequest", [{"Id": str(n), "MessageBody": "x"} for n in range(11)]),
            ("BatchEntryIdsNotDistinct", [{"Id": "a", "MessageBody": "x"}] * 2),
            ("InvalidBatchEntryId", [{"Id": "a b", "MessageBody": "x"}]),
            ("BatchRequestTooLong", [{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)]),
        ]:
            with self.subTest(code):
                self.assertRefused(f"AWS.SimpleQueueService.{code}", send, QueueUrl=url, Entries=entries)

    def test_errors_have_the_codes_that_sdks_know(self):
        sqs = self.serve().client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        missing = url.replace("/q", "/missing")
        self.assertRefused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="missing")
        self.assertRefused("AWS.SimpleQueueService.NonExistentQueue", sqs.delete_queue, QueueUrl=missing)
        self.assertRefused(
            "QueueAlreadyExists", sqs.create_queue, QueueName="q", Attributes={"VisibilityTimeout": "31"}
        )
        self.assertRefused("InvalidAttributeName", sqs.create_queue, QueueName="p", Attributes={"Nonsense": "1"})
        self.assertRefused("InvalidParameterValue", sqs.create_queue, QueueName="a b")
        self.assertRefused("InvalidParameterValue", sqs.send_message, QueueUrl=url, MessageBody="x", DelaySeconds=901)
        self.assertRefused("InvalidParameterValue", sqs.send_message, QueueUrl=url, MessageBody="x" * 1_048_577)
        self.assertRefused("InvalidParameterValue", sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)
        self.assertRefused("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="x")
        sqs.purge_queue(QueueUrl=url)
        self.assertRefused("AWS.SimpleQueueService.PurgeQueueInProgress", sqs.purge_queue, QueueUrl=url)
        sqs.delete_queue(QueueUrl=url)
        self.assertRefused("AWS.SimpleQueueService.QueueDeletedRecently", sqs.create_queue, QueueName="q")

    def test_old_clients_call_the_url_of_the_queue(self):
        """The query protocol, as SDKs spoke it before 2023: the queue is in the path."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        server = self.serve()
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="old")["QueueUrl"]

        def call(method, target, form=None):
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
            request = AWSRequest(method, target, data=form, headers=headers)
            SigV4Auth(Credentials(ROOT_KEY, ROOT_SECRET), "sqs", "us-east-1").add_auth(request)
            ready = urllib.request.Request(target, form, dict(request.headers), method=method)
            try:
                with urllib.request.urlopen(ready, timeout=20) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()

        version = "Version=2012-11-05"
        status, text = call("POST", url, f"Action=SendMessage&MessageBody=one&{version}".encode())
        self.assertEqual((status, "<MessageId>" in text), (200, True), text)
        status, text = call("GET", f"{url}?Action=SendMessage&MessageBody=two&{version}")
        self.assertEqual((status, "<MessageId>" in text), (200, True), text)
        status, text = call("POST", url, f"Action=GetQueueAttributes&AttributeName.1=QueueArn&{version}".encode())
        self.assertIn(":old</Value>", text)
        status, text = call("POST", url, f"Action=ReceiveMessage&MaxNumberOfMessages=10&WaitTimeSeconds=1&{version}".encode())
        self.assertEqual(sorted(re.findall("<Body>(.*?)</Body>", text)), ["one", "two"])
        # What is said is what holds.
        other = sqs.create_queue(QueueName="other")["QueueUrl"]
        form = urllib.parse.urlencode({"Action": "SendMessage", "MessageBody": "three", "QueueUrl": other})
        self.assertEqual(call("POST", url, form.encode())[0], 200)
        self.assertEqual(len(sqs.receive_message(QueueUrl=other, WaitTimeSeconds=1)["Messages"]), 1)
        status, text = call("POST", url + "x", f"Action=SendMessage&MessageBody=x&{version}".encode())
        self.assertEqual((status, "AWS.SimpleQueueService.NonExistentQueue" in text), (400, True), text)
        status, text = call("POST", server.endpoint + "/", f"Action=SendMessage&MessageBody=x&{version}".encode())
        self.assertEqual((status, "MissingParameter" in text), (400, True), text)

    def test_a_waiting_receiver_is_woken(self):
        server = self.serve()
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        got = []

        def wait():
            got.extend(self.bodies(server.client("sqs"), url, WaitTimeSeconds=20))
            got.append(time.monotonic())

        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(1.5)  # the receiver waits by then
        sent = time.monotonic()
        sqs.send_message(QueueUrl=url, MessageBody="m")
        thread.join(15)
        self.assertEqual(got[0], "m")
        self.assertLess(got[1] - sent, 1.0)
        begin = time.monotonic()
        self.assertEqual(self.bodies(sqs, url, WaitTimeSeconds=1), [])
        self.assertGreaterEqual(time.monotonic() - begin, 1.0)

    def test_visibility_and_delay(self):
        sqs = self.serve().client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=1)
        self.assertEqual(self.bodies(sqs, url), [])
        self.assertEqual(self.bodies(sqs, url, WaitTimeSeconds=5, VisibilityTimeout=1), ["late"])
        begin = time.monotonic()
        message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, AttributeNames=["All"])["Messages"][0]
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], "2")
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        again = sqs.receive_message(QueueUrl=url)["Messages"][0]
        entries = [
            {"Id": "a", "ReceiptHandle": again["ReceiptHandle"], "VisibilityTimeout": 0},
            {"Id": "b", "ReceiptHandle": "nonsense", "VisibilityTimeout": 0},
        ]
        answer = sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
        self.assertEqual([entry["Id"] for entry in answer["Successful"]], ["a"])
        self.assertEqual([entry["Code"] for entry in answer["Failed"]], ["ReceiptHandleIsInvalid"])

    def test_fifo(self):
        sqs = self.serve().client("sqs")
        url = sqs.create_queue(
            QueueName="q.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        )["QueueUrl"]
        numbers = []
        for body, group in [("a1", "a"), ("b1", "b"), ("a2", "a"), ("a1", "a")]:
            sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group)
            numbers.append(sent["SequenceNumber"])
        self.assertEqual(numbers[0], numbers[3])
        self.assertEqual(numbers[:3], sorted(numbers[:3]))
        first = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"][0]
        self.assertEqual((first["Body"], first["Attributes"]["MessageGroupId"]), ("a1", "a"))
        self.assertEqual(self.bodies(sqs, url), ["b1"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
        self.assertEqual(self.bodies(sqs, url), ["a2"])
        self.assertRefused("MissingParameter", sqs.send_message, QueueUrl=url, MessageBody="x")

    def test_dead_letters_go_and_come_back(self):
        sqs = self.serve().client("sqs")
        letters = sqs.create_queue(QueueName="dlq")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
        url = sqs.create_queue(
            QueueName="q", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"}
        )["QueueUrl"]
        self.assertEqual(sqs.list_dead_letter_source_queues(QueueUrl=letters)["queueUrls"], [url])
        sqs.send_message(QueueUrl=url, MessageBody="poison")
        self.assertEqual(self.bodies(sqs, url), ["poison"])
        self.assertEqual(self.bodies(sqs, url), [])
        message = sqs.receive_message(QueueUrl=letters, VisibilityTimeout=0, AttributeNames=["All"])["Messages"][0]
        self.assertEqual(message["Attributes"]["DeadLetterQueueSourceArn"], arn.replace("dlq", "q"))
        sqs.start_message_move_task(SourceArn=arn)
        self.assertEqual(self.bodies(sqs, url, WaitTimeSeconds=10, VisibilityTimeout=60), ["poison"])
        task = sqs.list_message_move_tasks(SourceArn=arn)["Results"][0]
        self.assertEqual((task["Status"], task["ApproximateNumberOfMessagesMoved"]), ("COMPLETED", 1))

    def test_other_accounts_see_nothing_unless_a_policy_says_so(self):
        server = self.serve()
        sqs, elsewhere = server.client("sqs"), server.client("sqs", region="eu-west-1")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        self.assertEqual(elsewhere.list_queues().get("QueueUrls", []), [])
        self.assertRefused("AWS.SimpleQueueService.NonExistentQueue", elsewhere.get_queue_url, QueueName="q")
        names = [f"p{number}" for number in range(5)]
        for name in names:
            sqs.create_queue(QueueName=name)
        pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="p", PaginationConfig={"PageSize": 2})
        listed = [each.rsplit("/", 1)[1] for page in pages for each in page.get("QueueUrls", [])]
        self.assertEqual(listed, names)
        sqs.add_permission(QueueUrl=url, Label="them", AWSAccountIds=["444455556666"], Actions=["SendMessage"])
        policy = json.loads(
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        )
        self.assertEqual(policy["Statement"][0]["Principal"], {"AWS": "arn:aws:iam::444455556666:root"})
        sqs.remove_permission(QueueUrl=url, Label="them")
        self.assertNotIn("Attributes", sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]))

    def test_the_cli_sends_and_receives(self):
        server = self.serve()
        # The CLI asks AWS for SQS's endpoint in us-east-1 whatever AWS_ENDPOINT_URL says; the option it believes.
        aws = functools.partial(server.aws, "--endpoint-url", server.endpoint, "sqs")
        url = aws("create-queue", "--queue-name", "q")["QueueUrl"]
        aws("send-message", "--queue-url", url, "--message-body", "hello")
        self.assertEqual(aws("receive-message", "--queue-url", url)["Messages"][0]["Body"], "hello")

    def test_what_was_acknowledged_survives_a_kill(self):
        server = self.serve()
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        acknowledged = []
        stopping = threading.Event()

        def send(sender):
            client = server.client("sqs")
            number = 0
            while not stopping.is_set():
                body = f"{sender}-{number}"
                try:
                    client.send_message(QueueUrl=url, MessageBody=body)
                except Exception:
                    return
                acknowledged.append(body)
                number += 1

        threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        server.kill()
        stopping.set()
        for thread in threads:
            thread.join()
        server.start()
        sqs = server.client("sqs")
        url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
        found = set()
        while True:
            bodies = self.bodies(sqs, url)
            if not bodies:
                break
            found.update(bodies)
        self.assertGreater(len(acknowledged), 20)
        self.assertLessEqual(set(acknowledged), found)

    def test_every_operation_of_the_model_is_there(self):
        sqs = self.serve().client("sqs")
        self.assertEqual(set(sqs.meta.service_model.operation_names), OPERATIONS)


if __name__ == "__main__":
    unittest.main()
