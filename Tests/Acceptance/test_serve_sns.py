"""SNS for unmodified clients: each test asserts what subscribers get."""

import json
import unittest
import urllib.request

from topics import Endpoint, TopicTest


class SNSTest(TopicTest):
    seconds = 15

    def test_queues_get_the_envelope_or_the_message_alone(self):
        server = self.serve()
        sns = server.client("sns")
        topic = sns.create_topic(Name="t", Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
        (wrapped, wrapped_arn), (raw, raw_arn) = self.queue(server, "wrapped"), self.queue(server, "raw")
        first = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=wrapped_arn)["SubscriptionArn"]
        self.assertEqual(
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=wrapped_arn)["SubscriptionArn"], first
        )
        sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=raw_arn, Attributes={"RawMessageDelivery": "true"}
        )
        attributes = {
            "k": {"DataType": "String", "StringValue": "v"},
            "b": {"DataType": "Binary", "BinaryValue": b"\1\2"},
        }
        sent = sns.publish(TopicArn=topic, Message="hé", Subject="s", MessageAttributes=attributes)
        envelope = json.loads(self.messages(server, wrapped)[0]["Body"])
        self.assertEqual((envelope["Message"], envelope["Subject"]), ("hé", "s"))
        self.assertEqual((envelope["MessageId"], envelope["TopicArn"]), (sent["MessageId"], topic))
        self.assertEqual(envelope["MessageAttributes"]["b"], {"Type": "Binary", "Value": "AQI="})
        self.check_signature(envelope, ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"])
        alone = self.messages(server, raw)[0]
        self.assertEqual((alone["Body"], alone["MessageAttributes"]["b"]["BinaryValue"]), ("hé", b"\1\2"))
        self.assertIn(first, envelope["UnsubscribeURL"])
        sns.unsubscribe(SubscriptionArn=first)
        listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        self.assertEqual([each["Endpoint"] for each in listed], [raw_arn])
        self.assertEqual(sns.list_tags_for_resource(ResourceArn=topic)["Tags"], [{"Key": "a", "Value": "b"}])

    def test_an_endpoint_confirms_and_gets_signed_messages(self):
        server = self.serve()
        sns = server.client("sns")
        endpoint = Endpoint()
        self.addCleanup(endpoint.close)
        topic = sns.create_topic(Name="t", Attributes={"SignatureVersion": "2"})["TopicArn"]
        answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
        self.assertEqual(answer["SubscriptionArn"], "pending confirmation")
        headers, body = endpoint.wait(1)[0]
        self.assertEqual(headers["x-amz-sns-message-type"], "SubscriptionConfirmation")
        request = json.loads(body)
        self.check_signature(
            request, ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        )
        self.assertEqual(sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"], "PendingConfirmation")
        urllib.request.urlopen(request["SubscribeURL"]).read()
        sns.publish(TopicArn=topic, Message="m")
        headers, body = endpoint.wait(2)[1]
        self.assertEqual(headers["x-amz-sns-message-type"], "Notification")
        notification = json.loads(body)
        self.assertEqual((notification["Message"], notification["SignatureVersion"]), ("m", "2"))
        self.check_signature(notification, ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"])

    def test_what_an_endpoint_refuses_is_a_dead_letter(self):
        server = self.serve()
        sns = server.client("sns")
        endpoint = Endpoint(status=400)
        self.addCleanup(endpoint.close)
        letters, letters_arn = self.queue(server, "dlq")
        topic = sns.create_topic(Name="t")["TopicArn"]
        subscription = sns.subscribe(
            TopicArn=topic,
            Protocol="http",
            Endpoint=endpoint.url,
            Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": letters_arn})},
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        token = json.loads(endpoint.wait(1)[0][1])["Token"]
        self.messages(server, letters)
        sns.confirm_subscription(TopicArn=topic, Token=token)
        self.assertEqual(
            sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["PendingConfirmation"], "false"
        )
        sns.publish(TopicArn=topic, Message="unwanted")
        found = [json.loads(message["Body"]) for message in self.messages(server, letters, wait=10)]
        self.assertIn("unwanted", [message.get("Message") for message in found])

    def test_filter_policies(self):
        server = self.serve()
        sns = server.client("sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        url, arn = self.queue(server, "q")
        subscription = sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"n": [{"numeric": [">", 5]}]})},
        )["SubscriptionArn"]
        for number in ("4", "6"):
            sns.publish(
                TopicArn=topic,
                Message=number,
                MessageAttributes={"n": {"DataType": "Number", "StringValue": number}},
            )
        self.assertEqual([message["Body"] for message in self.messages(server, url)], ["6"])
        change = sns.set_subscription_attributes
        change(SubscriptionArn=subscription, AttributeName="FilterPolicyScope", AttributeValue="MessageBody")
        change(SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue='{"a":{"b":["x"]}}')
        for body in ('{"a":{"b":"y"}}', '{"a":{"b":"x"}}', "no JSON"):
            sns.publish(TopicArn=topic, Message=body)
        self.assertEqual([message["Body"] for message in self.messages(server, url)], ['{"a":{"b":"x"}}'])
        self.assertRefused(
            "InvalidParameter", change, SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue="["
        )

    def test_fifo_topics(self):
        server = self.serve()
        sns = server.client("sns")
        topic = sns.create_topic(
            Name="t.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"}
        )["TopicArn"]
        url, arn = self.queue(server, "q.fifo", FifoQueue="true")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        answer = sns.publish_batch(
            TopicArn=topic,
            PublishBatchRequestEntries=[
                {"Id": str(number), "Message": text, "MessageGroupId": "g"}
                for number, text in enumerate(["a", "b", "a", "c"])
            ],
        )
        self.assertEqual(len(answer["Successful"]), 4)
        self.assertEqual([message["Body"] for message in self.messages(server, url)], ["a", "b", "c"])
        self.assertRefused("InvalidParameter", sns.publish, TopicArn=topic, Message="x")

    def test_errors_have_the_codes_that_sdks_know(self):
        server = self.serve()
        sns = server.client("sns")
        topic = sns.create_topic(Name="t")["TopicArn"]
        json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])["Statement"]
        missing = topic + "-missing"
        self.assertRefused("NotFound", sns.get_topic_attributes, TopicArn=missing)
        self.assertRefused("NotFound", sns.publish, TopicArn=missing, Message="x")
        self.assertRefused("InvalidParameter", sns.publish, TopicArn="x", Message="x")
        self.assertRefused("InvalidParameter", sns.publish, TopicArn=topic, Message="")
        self.assertRefused("InvalidParameter", sns.publish, PhoneNumber="+15550100", Message="x")
        self.assertRefused("InvalidParameter", sns.create_topic, Name="a b")
        self.assertRefused("InvalidParameter", sns.subscribe, TopicArn=topic, Protocol="pigeon", Endpoint="x")
        self.assertRefused("NotFound", sns.get_subscription_attributes, SubscriptionArn=topic + ":none")
        sns.delete_topic(TopicArn=topic)
        sns.delete_topic(TopicArn=topic)
        self.assertEqual(sns.list_topics()["Topics"], [])


if __name__ == "__main__":
    unittest.main()
