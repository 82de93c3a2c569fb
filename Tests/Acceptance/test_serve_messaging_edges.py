"""What stands at the edges of queues and topics: calls without a signature, forms at the URL of a queue, traces, pieces of
bodies that are signed one by one, and what is said when a message cannot be delivered."""

import hashlib
import hmac
import http.client
import json
import subprocess
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from harness import binary
from serving import REGION, ROOT_KEY, ROOT_SECRET
from topics import Endpoint, TopicTest

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"


class EdgesTest(TopicTest):
    seconds = 12

    def subscribed(self, server, endpoint, **confirmation):
        """An HTTP endpoint that is subscribed and has confirmed; its topic and subscription."""
        sns = server.client("sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
        request = json.loads(endpoint.wait(1)[0][1])
        if confirmation:
            arn = sns.confirm_subscription(TopicArn=topic, Token=request["Token"], **confirmation)["SubscriptionArn"]
        else:
            urllib.request.urlopen(request["SubscribeURL"]).read()
            arn = sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"]
        return topic, arn

    def unsubscribe_unsigned(self, server, arn):
        link = f"{server.endpoint}/?Action=Unsubscribe&SubscriptionArn={arn}"
        try:
            return urllib.request.urlopen(link).status, b""
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def arns(self, server):
        return [each["SubscriptionArn"] for each in server.client("sns").list_subscriptions()["Subscriptions"]]

    def signed(self, server, method, path, body=b"", service="sqs", **headers):
        """Sends a request as old SDKs do; the status and the body of the answer."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest(method, server.endpoint + path, data=body, headers=headers)
        SigV4Auth(Credentials(ROOT_KEY, ROOT_SECRET), service, REGION).add_auth(request)
        return self.send(server, method, path, body, dict(request.headers))

    def send(self, server, method, path, body, headers):
        connection = http.client.HTTPConnection(server.endpoint.removeprefix("http://"), timeout=15)
        self.addCleanup(connection.close)
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    # Who may end a subscription

    def test_a_link_ends_a_subscription_and_another_brings_it_back(self):
        server = self.serve()
        endpoint = Endpoint()
        self.addCleanup(endpoint.close)
        topic, arn = self.subscribed(server, endpoint)
        attributes = server.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        self.assertEqual(attributes["ConfirmationWasAuthenticated"], "false")
        self.assertEqual(self.unsubscribe_unsigned(server, arn)[0], 200)
        self.assertEqual(self.arns(server), [])
        headers, body = endpoint.wait(2)[1]
        self.assertEqual(headers["x-amz-sns-message-type"], "UnsubscribeConfirmation")
        self.assertEqual(headers["x-amz-sns-subscription-arn"], arn)
        message = json.loads(body)
        self.assertEqual((message["Type"], message["TopicArn"]), ("UnsubscribeConfirmation", topic))
        self.assertIn(f"deactivate subscription {arn}", message["Message"])
        self.check_signature(
            message, ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        )
        urllib.request.urlopen(message["SubscribeURL"]).read()
        self.assertEqual(self.arns(server), [arn])
        server.client("sns").publish(TopicArn=topic, Message="again")
        self.assertEqual(json.loads(endpoint.wait(3)[2][1])["Message"], "again")
        # Its owner need not be told what he does.
        server.client("sns").unsubscribe(SubscriptionArn=arn)
        time.sleep(1)
        self.assertEqual(len(endpoint.requests), 3)

    def test_a_subscription_may_ask_for_signatures_to_be_ended(self):
        server = self.serve()
        endpoint = Endpoint()
        self.addCleanup(endpoint.close)
        _, arn = self.subscribed(server, endpoint, AuthenticateOnUnsubscribe="true")
        attributes = server.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        self.assertEqual(attributes["ConfirmationWasAuthenticated"], "true")
        status, text = self.unsubscribe_unsigned(server, arn)
        self.assertEqual(status, 403)
        self.assertIn(b"<Code>AuthorizationError</Code>", text)
        self.assertEqual(self.arns(server), [arn])
        server.client("sns").unsubscribe(SubscriptionArn=arn)
        self.assertEqual(self.arns(server), [])

    def test_nobody_without_a_signature_ends_what_a_queue_gets(self):
        server = self.serve()
        sns = server.client("sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        url, queue = self.queue(server, "q")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        sns.publish(TopicArn=topic, Message="m")
        link = json.loads(self.messages(server, url)[0]["Body"])["UnsubscribeURL"]
        with self.assertRaises(urllib.error.HTTPError) as context:
            urllib.request.urlopen(link)
        self.assertEqual(context.exception.code, 403)
        context.exception.close()
        sns.publish(TopicArn=topic, Message="still")
        self.assertEqual(json.loads(self.messages(server, url)[0]["Body"])["Message"], "still")

    # What cannot be delivered

    def test_what_a_queue_refuses_is_said(self):
        server = self.serve()
        sns = server.client("sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        letters, letters_arn = self.queue(server, "dlq")
        closed = server.client("sqs").create_queue(QueueName="closed")["QueueUrl"]
        arn = letters_arn.replace(":dlq", ":closed")
        subscription = sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn,
            Attributes={
                "RawMessageDelivery": "true",
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": letters_arn}),
            },
        )["SubscriptionArn"]
        attributes = {"k": {"DataType": "Number", "StringValue": "1"}}
        first = sns.publish(TopicArn=topic, Message="m1", MessageAttributes=attributes)["MessageId"]
        letter = self.messages(server, letters)[0]
        self.assertEqual((letter["Body"], letter["MessageAttributes"]), ("m1", attributes))
        sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="RedrivePolicy", AttributeValue="")
        server.client("sqs").delete_queue(QueueUrl=closed)
        second = sns.publish(TopicArn=topic, Message="m2")["MessageId"]
        log = server.log_path.read_text()
        for message, code in ((first, "NO_PERMISSIONS"), (second, "NO_RESOURCE")):
            line = next(line for line in log.splitlines() if message in line)
            for part in (topic, subscription, arn, code):
                self.assertIn(part, line)
        metrics = urllib.request.urlopen(server.endpoint + "/metrics").read().decode()
        self.assertIn("signalbox_failed_notifications_total 2", metrics)
        self.assertIn("signalbox_redriven_notifications_total 1", metrics)
        run = subprocess.run(
            [binary(), "status", "--data", str(server.data), "--format", "json"], capture_output=True, text=True, timeout=30
        )
        failures = json.loads(run.stdout)["lastFailures"]
        self.assertEqual([each["code"] for each in failures], ["NO_RESOURCE", "NO_PERMISSIONS"], run.stdout)
        self.assertEqual({each["rule"] for each in failures}, {topic})

    def test_dead_letters_of_endpoints_are_the_messages_themselves(self):
        server = self.serve()
        sns = server.client("sns")
        endpoint = Endpoint(status=400)
        self.addCleanup(endpoint.close)
        letters, letters_arn = self.queue(server, "dlq")
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(
            TopicArn=topic,
            Protocol="http",
            Endpoint=endpoint.url,
            Attributes={
                "RawMessageDelivery": "true",
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": letters_arn}),
            },
        )
        token = json.loads(endpoint.wait(1)[0][1])["Token"]
        self.assertNotIn("MessageAttributes", self.messages(server, letters, wait=10)[0])
        sns.confirm_subscription(TopicArn=topic, Token=token)
        attributes = {"k": {"DataType": "String", "StringValue": "v"}}
        sns.publish(TopicArn=topic, Message="m", MessageAttributes=attributes)
        letter = self.messages(server, letters, wait=10)[0]
        self.assertEqual((letter["Body"], letter["MessageAttributes"]), ("m", attributes))
        self.assertNotIn("message-attributes", endpoint.requests[1][0])

    # Forms, traces, pieces

    def test_a_form_goes_to_the_url_of_its_queue(self):
        server = self.serve()
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        path = urllib.parse.urlparse(url).path
        form = b"Action=SendMessage&Version=2012-11-05&MessageBody=posted"
        status, text = self.signed(
            server, "POST", path, form, **{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        )
        self.assertEqual(status, 200, text)
        self.assertIn(b"<SendMessageResult>", text)
        query = "?Action=SendMessage&MessageBody=got&Version=2012-11-05"
        status, text = self.signed(server, "GET", path + query)
        self.assertEqual(status, 200, text)
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual([each["Body"] for each in received], ["posted", "got"])
        status, text = self.signed(server, "GET", path + "-none" + query)
        self.assertEqual(status, 400, text)
        self.assertIn(b"AWS.SimpleQueueService.NonExistentQueue", text)
        sent = [call for call in server.calls() if call["eventName"] == "SendMessage"]
        self.assertEqual(sent[0]["requestParameters"]["queueUrl"], url)

    def test_traces_go_on_into_queues(self):
        server = self.serve()
        sns, sqs = server.client("sns"), server.client("sqs")
        url, arn = self.queue(server, "q")
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

        def trace():
            received = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["AWSTraceHeader"], WaitTimeSeconds=2)
            message = received["Messages"][0]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return message.get("Attributes", {}).get("AWSTraceHeader")

        for client in (sns, sqs):
            client.meta.events.register(
                "before-sign", lambda request, **_: request.headers.__setitem__("X-Amzn-Trace-Id", TRACE)
            )
        sns.publish(TopicArn=topic, Message="m")
        self.assertEqual(trace(), TRACE)
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "m"}])
        self.assertEqual(trace(), TRACE)
        sqs.send_message(QueueUrl=url, MessageBody="m")
        self.assertEqual(trace(), TRACE)
        own = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=own"}}
        sqs.send_message(QueueUrl=url, MessageBody="m", MessageSystemAttributes=own)
        self.assertEqual(trace(), "Root=own")

    def test_pieces_of_a_body_are_signed_one_by_one(self):
        server = self.serve()
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        body = json.dumps({"QueueUrl": url, "MessageBody": "in pieces"}).encode()
        status, text = self.send(server, "POST", "/", *self.chunked(server, body))
        self.assertEqual(status, 200, text)
        packed, headers = self.chunked(server, body)
        status, text = self.send(server, "POST", "/", packed.replace(b"in pieces", b"in pieceS"), headers)
        self.assertEqual(status, 400, text)
        self.assertIn(b"InvalidSignatureException", text)
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual([each["Body"] for each in received], ["in pieces"])

    def chunked(self, server, body):
        """A body in two pieces and an empty one, as STREAMING-AWS4-HMAC-SHA256-PAYLOAD signs them, and its headers."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"

        class Streaming(SigV4Auth):
            def payload(self, request):
                return kind

        headers = {
            "X-Amz-Target": "AmazonSQS.SendMessage",
            "Content-Type": "application/x-amz-json-1.0",
            "Content-Encoding": "aws-chunked",
            "X-Amz-Content-SHA256": kind,
            "X-Amz-Decoded-Content-Length": str(len(body)),
        }
        request = AWSRequest("POST", server.endpoint + "/", headers=headers)
        Streaming(Credentials(ROOT_KEY, ROOT_SECRET), "sqs", REGION).add_auth(request)
        headers = dict(request.headers)
        date = headers["X-Amz-Date"]
        scope = f"{date[:8]}/{REGION}/sqs/aws4_request"
        key = ("AWS4" + ROOT_SECRET).encode()
        for part in (date[:8], REGION, "sqs", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = headers["Authorization"].split("Signature=")[1]
        packed = b""
        for piece in (body[:20], body[20:], b""):
            text = "\n".join(
                [
                    "AWS4-HMAC-SHA256-PAYLOAD",
                    date,
                    scope,
                    signature,
                    hashlib.sha256(b"").hexdigest(),
                    hashlib.sha256(piece).hexdigest(),
                ]
            )
            signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
            packed += f"{len(piece):x};chunk-signature={signature}\r\n".encode() + piece + b"\r\n"
        return packed, headers

    # What would have no effect

    def test_what_would_have_no_effect_is_refused(self):
        server = self.serve()
        sns, sqs = server.client("sns"), server.client("sqs")
        topic = sns.create_topic(Name="t")["TopicArn"]
        url, arn = self.queue(server, "q")

        def refused(call, text, code="InvalidParameter", **parameters):
            self.assertIn(text, self.assertRefused(code, call, **parameters)["Message"])

        archive = {"AttributeName": "ArchivePolicy", "AttributeValue": '{"MessageRetentionPeriod":"10"}'}
        refused(sns.set_topic_attributes, "ArchivePolicy", TopicArn=topic, **archive)
        rate = {"AttributeName": "HTTPSuccessFeedbackSampleRate", "AttributeValue": "101"}
        refused(sns.set_topic_attributes, "SampleRate", TopicArn=topic, **rate)
        replay = {"ReplayPolicy": '{"PointType":"Timestamp"}'}
        refused(sns.subscribe, "ReplayPolicy", TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=replay)
        permission = {"Label": "l", "AWSAccountId": ["111111111111"], "ActionName": ["Nope"]}
        refused(sns.add_permission, "out of service scope", TopicArn=topic, **permission)
        twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
        duplicated = "Duplicated keys are not allowed."
        refused(sns.create_topic, duplicated, Name="u", Tags=twice)
        refused(sns.tag_resource, duplicated, ResourceArn=topic, Tags=twice)
        many = [{"Key": f"k{number}", "Value": "v"} for number in range(51)]
        refused(sns.tag_resource, "tag quota", code="TagLimitExceeded", ResourceArn=topic, Tags=many)
        nested = json.dumps({"a": {"b": ["c"]}})
        refused(
            sns.subscribe,
            "Filter policy scope MessageAttributes does not support nested filter policy",
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"FilterPolicy": nested},
        )
        value = "InvalidParameterValue"
        permission = {"Label": "l", "AWSAccountIds": ["111111111111"], "Actions": ["Nope"]}
        refused(sqs.add_permission, "SQS:Nope", code=value, QueueUrl=url, **permission)
        tags = {each["Key"]: each["Value"] for each in many}
        refused(sqs.tag_queue, "Too many tags added for queue q", code=value, QueueUrl=url, Tags=tags)
        dead = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
        sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": dead})
        refused(
            sqs.start_message_move_task,
            "for the DestinationArn parameter",
            code="ResourceNotFoundException",
            SourceArn=arn,
            DestinationArn=arn + "-none",
        )


if __name__ == "__main__":
    unittest.main()
