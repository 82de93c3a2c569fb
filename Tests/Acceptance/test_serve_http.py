"""What `signalbox serve` takes and refuses as an HTTP server, whatever a client sends."""

import gzip
import http.client
import json
import random
import re
import shutil
import socket
import struct
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
        self.assertIn('signalbox_api_request_seconds_bucket{service="sts",operation="GetCallerIdentity",le="+Inf"} 1', text.decode())

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

    def test_chunks_are_checked_by_their_signatures(self):
        """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html; botocore's signer signs the head."""
        import hashlib
        import hmac

        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        server = self.serve()
        parts = [b"Action=GetCallerIdentity", b"&Version=2011-06-15", b""]

        def head(kind, length):
            request = AWSRequest(
                "POST",
                server.endpoint + "/",
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Content-Encoding": "aws-chunked",
                    "X-Amz-Content-SHA256": kind,
                    "X-Amz-Decoded-Content-Length": str(length),
                },
            )
            signer = SigV4Auth(Credentials(ROOT_KEY, ROOT_SECRET), "sts", "us-east-1")
            signer.payload = lambda request: kind
            signer.add_auth(request)
            return dict(request.headers), request.context["timestamp"]

        def sign(previous, kind, text, time):
            key = f"AWS4{ROOT_SECRET}".encode()
            scope = [time[:8], "us-east-1", "sts", "aws4_request"]
            for part in scope:
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", time, "/".join(scope), previous, text])
            return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

        def call(trailer=None, change=lambda body: body, length=sum(map(len, parts))):
            kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailer else "")
            headers, time = head(kind, length)
            last = headers["Authorization"].rsplit("=", 1)[1]
            body = b""
            for part in parts:
                hashes = f"{hashlib.sha256(b'').hexdigest()}\n{hashlib.sha256(part).hexdigest()}"
                last = sign(last, "PAYLOAD", hashes, time)
                body += b"%x;chunk-signature=%s\r\n" % (len(part), last.encode()) + (part + b"\r\n" if part else b"")
            if trailer:
                last = sign(last, "TRAILER", hashlib.sha256(trailer + b"\n").hexdigest(), time)
                body += trailer + b"\r\nx-amz-trailer-signature:" + last.encode() + b"\r\n"
            return self.post(server, change(body + b"\r\n"), headers)

        self.assertEqual(call()[0], 200)
        self.assertEqual(call(b"x-amz-checksum-crc32:AAAAAA==")[0], 200)
        for change in (
            lambda body: body.replace(b"Identity", b"IdentitY"),
            lambda body: body.replace(b"2011-06-15", b"2011-06-16"),
            lambda body: body.replace(b"0;chunk-signature=", b"0;chunk-signature=0"),
        ):
            status, text = call(change=change)
            self.assertEqual(status, 403, text)
            self.assertIn(b"SignatureDoesNotMatch", text)
        status, text = call(b"x-amz-checksum-crc32:AAAAAA==", lambda body: body.replace(b"AAAAAA", b"BAAAAA"))
        self.assertIn(b"SignatureDoesNotMatch", text)
        status, text = call(change=lambda body: body[: body.index(b"0;chunk-signature")])
        self.assertEqual((status, b"MalformedRequest" in text), (400, True), text)
        self.assertEqual(call(length=7)[0], 400)
        headers, _ = head("STREAMING-UNSIGNED-PAYLOAD-TRAILER", 43)
        status, text = self.post(server, b"2b\r\n" + b"".join(parts) + b"\r\n0\r\n\r\n", headers)
        self.assertEqual((status, b"XAmzContentSHA256Mismatch" in text), (403, True), text)

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
            connection.request("GET", "/healthz", headers={f"x-{number}": "y" for number in range(300)})
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.headers["x-amzn-errortype"]), (400, "RequestHeaderSectionTooLarge"))
            self.assertIn("200 headers", json.loads(answer.read())["message"])
        with self.connection(server) as connection:
            connection.request("GET", "/healthz", headers={"x": "y" * 200_000})
            self.assertIn(self.status(connection), (400, 431, None))
        self.assertEqual(self.get(server, "/healthz")[0], 200)

    def test_a_client_that_waits_for_100_is_told_to_go_on(self):
        server = self.serve("--no-signature-check")
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        with socket.create_connection(self.address(server), timeout=10) as client:
            head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            client.sendall(f"{head}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            self.assertTrue(client.recv(1024).startswith(b"HTTP/1.1 100 "))
            client.sendall(body)
            answer = client.recv(65536)
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)

    def test_malformed_requests_leave_the_server_well(self):
        server = self.serve("--no-signature-check")
        chance = random.Random(4)
        seeds = [
            b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 2\r\n\r\n{}",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSEvents.PutEvents\r\nContent-Length: 14\r\n\r\n"
            b'{"Entries":[]}',
            b"GET /?Action=ListTopics HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /schedules/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ]
        for number in range(300):
            request = bytearray(chance.choice(seeds))
            for _ in range(chance.randrange(1, 6)):
                place = chance.randrange(len(request))
                request[place : place + chance.randrange(3)] = bytes([chance.randrange(256)])
            answer = self.exchange(server, bytes(request))
            # Whatever it is, it is answered: as an HTTP answer with its length, and not as a fault of ours.
            found = re.match(rb"HTTP/1\.1 ([234])\d\d .*?\r\n\r\n", answer, re.DOTALL)
            self.assertTrue(found, (number, bytes(request), answer))
            length = re.search(rb"(?i)content-length: (\d+)", found.group(0))
            self.assertTrue(length, (number, bytes(request), answer))
            if found.group(1) == b"4" and int(length.group(1)) and not request.startswith(b"HEAD"):
                body = answer[found.end() : found.end() + int(length.group(1))]
                self.assertRegex(body, rb'"message":|<Code>', (number, bytes(request)))
        self.assertEqual(self.get(server, "/healthz")[0], 200)

    def test_what_is_no_http_is_told_so(self):
        server = self.serve("--no-signature-check")
        for request in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
            b"GET /healthz\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost:1\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ):
            answer = self.exchange(server, request)
            self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), (request, answer))
            self.assertRegex(answer, rb'(?is)x-amzn-errortype: Malformed\w+.*"message":', (request, answer))
        good = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        self.assertRegex(self.exchange(server, good + b"\x00\r\n\r\n"), rb"(?s)^HTTP/1.1 200 .*HTTP/1.1 400 .*message")

    def test_a_slow_client_does_not_hold_others(self):
        server = self.serve("--no-signature-check")
        slow = []
        try:
            for _ in range(200):
                client = socket.create_connection(self.address(server), timeout=10)
                client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nA")
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
        server = self.serve("--no-signature-check", "--config", settings)
        with socket.create_connection(self.address(server), timeout=10) as client:
            started = time.monotonic()
            client.sendall(b"GET /healthz HTTP/1.1\r\nx: ")
            with self.assertRaises(OSError):
                while time.monotonic() - started < 30:
                    client.sendall(b"y")
                    time.sleep(0.2)
            self.assertGreater(time.monotonic() - started, 2)
        with socket.create_connection(self.address(server), timeout=10) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
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
            head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
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
        self.assertNotRegex(str(context.exception), "CancellationError|fault of Signalbox|trying again")
        self.assertEqual(second.process.returncode, 3)

    # Whoever is slow, gone, or nobody

    def test_a_stop_does_not_wait_for_a_client_that_does_not_end(self):
        settings = self.folder + "/signalbox.yaml"
        with open(settings, "w") as file:
            file.write("shutdown: {grace: 2s}\n")
        server = self.serve("--no-signature-check", "--config", settings)
        clients = []
        for request in (
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc",
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n",
            b"",
        ):
            client = socket.create_connection(self.address(server), timeout=10)
            self.addCleanup(client.close)
            client.sendall(request)
            clients.append(client)
        time.sleep(0.3)
        started = time.monotonic()
        self.assertEqual(server.stop(), 0, server.tail())
        self.assertLess(time.monotonic() - started, 8)

    def test_a_stop_ends_long_polls(self):
        server = self.serve()
        sqs = server.client("sqs")
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        answers = []
        poll = threading.Thread(target=lambda: answers.append(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)))
        poll.start()
        time.sleep(1)
        started = time.monotonic()
        self.assertEqual(server.stop(), 0, server.tail())
        self.assertLess(time.monotonic() - started, 8)
        poll.join()
        self.assertEqual([answer.get("Messages") for answer in answers], [None])

    def test_a_body_that_nobody_wants_does_not_hold_the_connection(self):
        settings = self.folder + "/signalbox.yaml"
        with open(settings, "w") as file:
            file.write("serve: {largest-body: 64KB, request-timeout: 2s}\n")
        server = self.serve("--config", settings)
        target = b"X-Amz-Target: AmazonSQS.SendMessage\r\n"
        for size, part, pause in ((900_000_000, b"y" * 65_536, 0), (1_000_000, b"y", 0.1), (60_000, b"y", 0.1)):
            with socket.create_connection(self.address(server), timeout=10) as client:
                head = b"POST / HTTP/1.1\r\nHost: localhost\r\n" + target
                client.sendall(head + b"Content-Length: %d\r\n\r\n" % size)
                self.assertTrue(client.recv(4096).startswith(b"HTTP/1.1 400 "))
                started, sent = time.monotonic(), 0
                with self.assertRaises(OSError):
                    while time.monotonic() - started < 20:
                        client.sendall(part)
                        sent += len(part)
                        time.sleep(pause)
                self.assertLess(sent, 64 << 20)

    def test_strangers_are_refused_before_their_bodies_come(self):
        server = self.serve()
        target = "X-Amz-Target: AmazonSQS.SendMessage\r\n"
        form = "Content-Type: application/x-www-form-urlencoded\r\n"
        claim = (
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIANOBODY/20260101/us-east-1/sqs/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=00\r\nX-Amz-Date: 20260101T000000Z\r\n"
        )
        for headers, status in ((target, 400), (form, 403), (target + claim, 400), (form + claim, 403), ("", 403)):
            with socket.create_connection(self.address(server), timeout=10) as client:
                head = f"POST / HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: 8000000\r\n\r\n"
                client.sendall(head.encode())
                answer = client.recv(4096).decode()
                self.assertTrue(answer.startswith(f"HTTP/1.1 {status} "), (headers, answer))
                self.assertIn("Authentication" if headers in (target, form, "") else "security token", answer)

    def test_a_form_of_a_stranger_costs_little(self):
        server = self.serve()
        body = b"Action=ListQueues&Version=2012-11-05" + b"&a=" * 20_000
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        started = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.post(server, body, kind)[0], 403)
        self.assertLess(time.monotonic() - started, 10)

    def test_all_bodies_together_have_a_limit(self):
        settings = self.folder + "/signalbox.yaml"
        with open(settings, "w") as file:
            file.write("serve: {body-memory: 1MB, request-timeout: 10s}\n")
        server = self.serve("--no-signature-check", "--config", settings)
        headers = {"X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.0"}
        held = socket.create_connection(self.address(server), timeout=10)
        self.addCleanup(held.close)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        held.sendall(f"POST / HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: 1000000\r\n\r\n".encode())
        held.sendall(b"{" + b" " * 950_000)
        taken = re.compile(rb"(?m)^signalbox_request_body_bytes 950001$")
        self.wait_for(lambda: taken.search(self.get(server, "/metrics")[1]), 10, "the first body to be in memory")
        large = b"{" + b" " * 200_000 + b"}"

        status, text = self.post(server, large, headers)
        self.assertEqual((status, json.loads(text)["__type"]), (503, "ServiceUnavailable"))
        self.assertEqual(self.post(server, b"{}", headers)[0], 200)
        held.close()
        self.wait_for(lambda: self.post(server, large, headers)[0] == 200, 10, "the memory to be free again")

    def test_who_is_gone_takes_no_message(self):
        server = self.serve("--no-signature-check")
        sqs = server.client("sqs")
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        body = json.dumps({"QueueUrl": queue, "WaitTimeSeconds": 15, "VisibilityTimeout": 600}).encode()
        head = (
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        for number, linger in enumerate((None, struct.pack("ii", 1, 0))):
            client = socket.create_connection(self.address(server), timeout=10)
            client.sendall(head.encode() + body)
            time.sleep(1)
            if linger:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            client.close()
            time.sleep(0.5)
            sqs.send_message(QueueUrl=queue, MessageBody=str(number))
            received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)
            self.assertEqual([message["Body"] for message in received.get("Messages", [])], [str(number)])

    def test_web_pages_are_not_believed(self):
        server = self.serve("--no-signature-check")
        path = "/?Action=CreateUser&Version=2010-05-08&UserName=bob"
        for headers in (
            {"Host": "rebind.evil"},
            {"Host": "127.0.0.1.evil.example"},
            {"Host": "localhost", "Origin": "https://evil.example"},
            {"Host": "localhost", "Origin": "null"},
            {"Host": "localhost", "Sec-Fetch-Site": "cross-site"},
        ):
            with self.connection(server) as connection:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                self.assertEqual((answer.status, b"AccessDenied" in answer.read()), (403, True), headers)
        with self.connection(server) as connection:
            connection.request("GET", path, headers={"Host": "localhost:1", "Origin": "http://127.0.0.1:3000"})
            self.assertEqual(connection.getresponse().status, 200)

    # Plain HTTP

    def exchange(self, server, request):
        """What comes back for these bytes, until the server closes."""
        answer = b""
        with socket.create_connection(self.address(server), timeout=20) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            try:
                while part := client.recv(65536):
                    answer += part
            except ConnectionResetError:
                pass
        return answer

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
