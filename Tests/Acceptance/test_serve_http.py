"""What `signalbox serve` takes and refuses as an HTTP server, whatever a client sends."""

import gzip
import http.client
import json
import random
import shutil
import socket
import subprocess
import threading
import time
import unittest
import urllib.parse

from serving import ROOT_KEY, ROOT_SECRET, ServeTest


class HTTPTest(ServeTest):
    seconds = 15

    def test_health_and_metrics(self):
        server = self.serve()
        server.client("sts").get_caller_identity()
        server.client("iam").create_user(UserName="alice")  # whoever changes something waits for the record of it
        self.assertEqual(self.get(server, "/healthz"), (200, b"ok\n"))
        self.assertEqual(self.get(server, "/readyz"), (200, b"ready\n"))
        status, text = self.get(server, "/metrics")
        self.assertEqual(status, 200)
        line = 'signalbox_api_requests_total{service="sts",operation="GetCallerIdentity",status="200"} 1'
        self.assertIn(line, text.decode())
        self.assertRegex(text.decode(), r"(?m)^signalbox_events_total [1-9]")
        self.assertRegex(text.decode(), r"(?m)^signalbox_dead_letters 0$")
        for sample in text.decode().splitlines():
            self.assertRegex(sample, r'^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+)$')
        self.assertIn('signalbox_api_request_seconds_bucket{service="sts",le="+Inf"} 1', text.decode())

    def test_a_body_may_be_gzip_and_must_not_be_a_bomb(self):
        server = self.serve("--no-signature-check")
        form = b"Action=GetCallerIdentity&Version=2011-06-15"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        packed = {**kind, "Content-Encoding": "gzip"}
        self.assertEqual(self.post(server, gzip.compress(form), packed)[0], 200)
        self.assertEqual(self.post(server, form, packed)[0], 400)
        self.assertEqual(self.post(server, gzip.compress(bytes(64 << 20)), packed)[0], 413)
        self.assertEqual(self.post(server, form, {**kind, "Content-Encoding": "br"})[0], 400)
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(form), form)
        self.assertEqual(self.post(server, chunked, {**kind, "Content-Encoding": "aws-chunked"})[0], 200)
        self.assertEqual(self.post(server, form, {**kind, "Content-Encoding": "aws-chunked"})[0], 400)
        self.assertEqual(self.get(server, "/healthz")[0], 200)

    def test_a_signature_covers_the_body_as_it_was_sent(self):
        """A gzip body is signed as it is; botocore's signer has the last word."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        server = self.serve()
        body = gzip.compress(b"Action=GetCallerIdentity&Version=2011-06-15")
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
        for path in ("/", "/?a=b%20c&d=%2F&a=1", "//x/../%7Ey/"):
            request = AWSRequest("POST", server.endpoint + path, data=body, headers=dict(headers))
            SigV4Auth(Credentials(ROOT_KEY, ROOT_SECRET), "sts", "us-east-1").add_auth(request)
            status, text = self.post(server, body, dict(request.headers), path)
            self.assertEqual(status, 200, (path, text))
            self.assertIn(b":root</Arn>", text)
            status, text = self.post(server, body + b"\n", dict(request.headers), path)
            self.assertEqual(status, 400 if b"Malformed" in text else 403, text)

    def test_bodies_headers_and_patience_have_limits(self):
        server = self.serve("--no-signature-check")
        self.assertEqual(self.post(server, bytes(9 << 20), {})[0], 413)
        with self.connection(server) as connection:
            connection.putrequest("POST", "/")
            connection.putheader("Content-Length", str(1 << 40))
            connection.endheaders()
            self.assertEqual(connection.getresponse().status, 413)
        with self.connection(server) as connection:
            connection.request("GET", "/healthz", headers={f"x-{number}": "y" for number in range(1000)})
            self.assertIn(self.status(connection), (400, 431, None))
        with self.connection(server) as connection:
            connection.request("GET", "/healthz", headers={"x": "y" * 200_000})
            self.assertIn(self.status(connection), (400, 431, None))
        self.assertEqual(self.get(server, "/healthz")[0], 200)

    def test_a_client_that_waits_for_100_is_told_to_go_on(self):
        server = self.serve("--no-signature-check")
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        with socket.create_connection(self.address(server), timeout=10) as client:
            head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            client.sendall(f"{head}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            self.assertTrue(client.recv(1024).startswith(b"HTTP/1.1 100 "))
            client.sendall(body)
            answer = client.recv(65536)
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)

    def test_malformed_requests_leave_the_server_well(self):
        server = self.serve("--no-signature-check")
        chance = random.Random(4)
        seeds = [
            b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 2\r\n\r\n{}",
            b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSEvents.PutEvents\r\nContent-Length: 14\r\n\r\n"
            b'{"Entries":[]}',
            b"GET /?Action=ListTopics HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /schedules/x HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ]
        for number in range(300):
            request = bytearray(chance.choice(seeds))
            for _ in range(chance.randrange(1, 6)):
                place = chance.randrange(len(request))
                request[place : place + chance.randrange(3)] = bytes([chance.randrange(256)])
            with socket.create_connection(self.address(server), timeout=10) as client:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                answer = b""
                while part := client.recv(65536):
                    answer += part
                self.assertFalse(answer.startswith(b"HTTP/1.1 5"), (number, bytes(request), answer))
        self.assertEqual(self.get(server, "/healthz")[0], 200)

    def test_bodies_that_make_no_sense_are_the_senders_fault(self):
        server = self.serve("--no-signature-check")
        chance = random.Random(5)
        targets = [
            ("AmazonSQS", ["CreateQueue", "SendMessage", "ReceiveMessage", "SetQueueAttributes", "SendMessageBatch"]),
            ("AWSEvents", ["PutEvents", "PutRule", "PutTargets", "CreateConnection", "TestEventPattern", "CreateArchive"]),
        ]

        def value(depth=0):
            kinds = [None, True, 0, -1, 1.5, 2**70, "", "x", "é\u0000", "9" * 300, "{", "arn:aws:sqs:::"]
            kinds += [[], {}] if depth > 3 else [[value(depth + 1)], {name(): value(depth + 1)}]
            return chance.choice(kinds)

        def name():
            return chance.choice(
                ["QueueUrl", "Entries", "Name", "QueueName", "Attributes", "MessageBody", "Rule", "Targets", "Id", "Arn"]
                + ["EventPattern", "Detail", "Source", "DetailType", "Event", "AuthParameters", "ScheduleExpression"]
            )

        for _ in range(400):
            prefix, operations = chance.choice(targets)
            body = json.dumps({name(): value() for _ in range(chance.randrange(5))}).encode()
            headers = {"X-Amz-Target": f"{prefix}.{chance.choice(operations)}", "Content-Type": "application/x-amz-json-1.1"}
            status, text = self.post(server, body, headers)
            self.assertLess(status, 500, (headers, body, text))
            if status >= 400:
                self.assertTrue(json.loads(text)["__type"], text)

    def test_a_slow_client_does_not_hold_others(self):
        server = self.serve("--no-signature-check")
        slow = []
        try:
            for _ in range(200):
                client = socket.create_connection(self.address(server), timeout=10)
                client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nA")
                slow.append(client)
            self.assertEqual(self.get(server, "/healthz")[0], 200)
            server.client("sts").get_caller_identity()
        finally:
            for client in slow:
                client.close()

    def test_a_head_that_comes_letter_by_letter_is_given_up(self):
        settings = self.folder + "/signalbox.yaml"
        with open(settings, "w") as file:
            file.write("serve: {idle-timeout: 2s, request-timeout: 1s}\n")
        server = self.serve("--config", settings)
        with socket.create_connection(self.address(server), timeout=10) as client:
            started = time.monotonic()
            client.sendall(b"GET /healthz HTTP/1.1\r\nx: ")
            with self.assertRaises(OSError):
                while time.monotonic() - started < 30:
                    client.sendall(b"y")
                    time.sleep(0.2)
            self.assertGreater(time.monotonic() - started, 2)
        with socket.create_connection(self.address(server), timeout=10) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            client.settimeout(0.2)
            answer, started = b"", time.monotonic()
            while not answer and time.monotonic() - started < 20:
                client.sendall(b"y")
                try:
                    answer = client.recv(4096)
                except TimeoutError:
                    pass
            self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)

    @unittest.skipUnless(shutil.which("openssl") and shutil.which("curl"), "needs openssl and curl")
    def test_tls_brings_http_2(self):
        key, certificate = self.folder + "/key.pem", self.folder + "/certificate.pem"
        subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate]
        subprocess.run(made + subject, check=True, capture_output=True)
        server = self.serve("--tls-certificate", certificate, "--tls-key", key)
        self.assertTrue(server.endpoint.startswith("https://"))
        for version, flag in (("2", "--http2"), ("1.1", "--http1.1")):
            curl = ["curl", "-sS", "--cacert", certificate, flag, "-w", "%{http_version}", server.endpoint + "/healthz"]
            run = subprocess.run(curl, capture_output=True, text=True, timeout=20)
            self.assertEqual(run.stdout, f"ok\n{version}", run.stderr)
        from botocore.config import Config
        from serving import boto3

        sts = boto3().client(
            "sts",
            endpoint_url=server.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ROOT_KEY,
            aws_secret_access_key=ROOT_SECRET,
            verify=certificate,
            config=Config(retries={"max_attempts": 0}),
        )
        self.assertTrue(sts.get_caller_identity()["Arn"].endswith(":root"))
        record = [record for record in self.wait_for_calls(server) if record["eventName"] == "GetCallerIdentity"][-1]
        self.assertIn("tlsVersion", record["tlsDetails"])

    def test_a_stop_answers_what_has_begun(self):
        server = self.serve("--no-signature-check")
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        with socket.create_connection(self.address(server), timeout=10) as client:
            head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
            time.sleep(0.3)
            stopper = threading.Thread(target=server.stop)
            stopper.start()
            time.sleep(0.3)
            client.sendall(body[5:])
            self.assertTrue(client.recv(65536).startswith(b"HTTP/1.1 200 "))
            stopper.join()
        self.assertEqual(server.process.returncode, 0, server.tail())

    def test_a_port_in_use_is_told(self):
        server = self.serve()
        port = str(self.address(server)[1])
        from serving import Server

        second = Server(self.folder, "--port", port)
        second.data = second.folder / "data2"
        self.addCleanup(second.close)
        with self.assertRaises(AssertionError) as context:
            second.start()
        self.assertIn("the port is in use", str(context.exception))
        self.assertEqual(second.process.returncode, 3)

    # Plain HTTP

    @staticmethod
    def address(server):
        parts = urllib.parse.urlsplit(server.endpoint)
        return parts.hostname, parts.port

    def connection(self, server):
        host, port = self.address(server)
        return Closing(http.client.HTTPConnection(host, port, timeout=20))

    def get(self, server, path):
        with self.connection(server) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def post(self, server, body, headers, path="/"):
        with self.connection(server) as connection:
            try:
                connection.request("POST", path, body=body, headers=headers)
            except (BrokenPipeError, ConnectionResetError):
                # It was refused before all of it was sent; the answer is there still.
                pass
            answer = connection.getresponse()
            return answer.status, answer.read()

    @staticmethod
    def status(connection):
        """The status of an answer; nothing if the connection was closed instead."""
        try:
            return connection.getresponse().status
        except (http.client.HTTPException, ConnectionError):
            return None

    @staticmethod
    def wait_for_calls(server):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            calls = server.calls()
            if calls:
                return calls
            time.sleep(0.05)
        raise AssertionError("no call was recorded")


class Closing:
    """A connection for `with`."""

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        return self.connection

    def __exit__(self, *_):
        self.connection.close()


if __name__ == "__main__":
    unittest.main()
