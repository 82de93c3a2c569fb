"""What the tests of forwarding have in common: keys, a server that forwards, and who looks at what came."""

import json
import re
import time
from pathlib import Path

from receiver import Answer
from serving import ROOT_KEY, ROOT_SECRET, Server, ServeTest

KEY, SECRET, TOKEN = "ASIAFORWARDEXAMPLE", "9Kz/forward+secret/EXAMPLE", "the-token-of-a-session=="
ENVIRONMENT = {
    "SIGNALBOX_ROOT_ACCESS_KEY_ID": ROOT_KEY,
    "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET,
    "FORWARD_ID": KEY,
    "FORWARD_SECRET": SECRET,
    "FORWARD_TOKEN": TOKEN,
}
CREDENTIALS = {
    "access-key-id": {"env": "FORWARD_ID"},
    "secret-access-key": {"env": "FORWARD_SECRET"},
    "session-token": {"env": "FORWARD_TOKEN"},
}


def is_signed(request, service, region="us-east-1"):
    """Whether botocore makes the same signature of what came."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    fields = dict(re.findall(r"(Credential|SignedHeaders|Signature)=([^,\s]+)", request.headers["authorization"]))
    date = request.headers["x-amz-date"]
    if fields["Credential"] != f"{KEY}/{date[:8]}/{region}/{service}/aws4_request":
        return False
    again = AWSRequest(
        method="POST",
        url=f"http://{request.headers['host']}{request.path}",
        headers={name: request.headers[name] for name in fields["SignedHeaders"].split(";")},
        data=request.body,
    )
    again.context["timestamp"] = date
    signer = SigV4Auth(Credentials(KEY, SECRET, TOKEN), service, region)
    signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    return signature == fields["Signature"] and "x-amz-security-token" in fields["SignedHeaders"]


class ForwardingTest(ServeTest):
    """A test with servers that forward."""

    def front(self, *entries, **settings):
        """A server that forwards what the entries say, to the receiver unless they name another endpoint."""
        file = Path(self.folder) / "signalbox.yaml"
        forward = [
            {"endpoint": f"http://127.0.0.1:{self.receiver.port}", "credentials": CREDENTIALS, **entry} for entry in entries
        ]
        file.write_text(json.dumps({"forward": forward, **settings} if forward else settings))
        return self.serve("--config", file, environment=ENVIRONMENT)

    def other(self):
        """A second server, whose root key is the one that the first signs with."""
        folder = Path(self.folder) / "other"
        folder.mkdir()
        server = Server(
            folder,
            environment={"SIGNALBOX_ROOT_ACCESS_KEY_ID": KEY, "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": SECRET},
        )
        self.addCleanup(server.close)
        server.start()
        client = server.client
        server.client = lambda service, **more: client(service, key=KEY, secret=SECRET, **more)
        return server

    def to(self, server, *entries):
        plain = {name: value for name, value in CREDENTIALS.items() if name != "session-token"}
        return [{"endpoint": server.endpoint, "credentials": plain, **entry} for entry in entries]

    def queue(self, server, name, open_to="events.amazonaws.com", **attributes):
        policy = {"Statement": [{"Effect": "Allow", "Principal": {"Service": open_to}, "Action": "sqs:*", "Resource": "*"}]}
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy), **attributes})["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def messages(self, server, url, count=1, seconds=20):
        sqs, found, end = server.client("sqs"), [], time.monotonic() + seconds
        while len(found) < count and time.monotonic() < end:
            answer = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                found.append(message)
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        self.assertEqual(len(found), count, server.tail())
        return found

    def letters(self, server, url, count=1):
        """ERROR_CODE by TARGET_ARN of the dead letters in a queue."""
        found = [message["MessageAttributes"] for message in self.messages(server, url, count)]
        return {each["TARGET_ARN"]["StringValue"]: each["ERROR_CODE"]["StringValue"] for each in found}

    def rule(self, server, *targets, dead_letters=None):
        events = server.client("events")
        events.put_rule(Name="r", EventPattern='{"source":["shop"]}')
        answer = events.put_targets(
            Rule="r",
            Targets=[
                {
                    "Id": str(number),
                    **({"DeadLetterConfig": {"Arn": dead_letters}} if dead_letters else {}),
                    **({"Arn": target} if isinstance(target, str) else target),
                }
                for number, target in enumerate(targets)
            ],
        )
        self.assertEqual(answer["FailedEntryCount"], 0, answer)

    def put(self, server, **detail):
        entry = {"Source": "shop", "DetailType": "Order", "Detail": json.dumps(detail)}
        self.assertEqual(server.client("events").put_events(Entries=[entry])["FailedEntryCount"], 0)

    def requests(self, count, path="/", seconds=20):
        end = time.monotonic() + seconds
        while self.receiver.count(path) < count and time.monotonic() < end:
            time.sleep(0.05)
        found = self.receiver.requests(path)
        self.assertEqual(len(found), count)
        return found

    def answers(self, **answers):
        """Has the receiver answer by operation; a list is worked off."""

        def answer(request):
            operation = request.headers.get("x-amz-target", "").split(".")[-1]
            given = answers.get(operation, Answer(200, {}, b"{}"))
            return given.pop(0) if isinstance(given, list) else given

        self.receiver.on("/", answer)

    def arn(self, service, resource):
        return f"arn:aws:{service}:us-east-1:000000000000:{resource}"
