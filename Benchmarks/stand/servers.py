"""Servers to be loaded: each on a free port of the loopback address, with a queue, a rule and a target."""

import datetime
import hashlib
import hmac
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import urllib.request

KEY, SECRET = "AKIDBENCHMARK0000001", "benchmark-secret-key-of-no-account-at-all"
REGION, ACCOUNT = "us-east-1", "123456789012"
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A server process that answers AWS's JSON protocols."""

    def __init__(self, name, command, folder, putters, receivers, port=None, environment=None):
        self.name = name
        self.putters, self.receivers = putters, receivers
        self.log_path = pathlib.Path(folder) / f"{name}.log"
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, **(environment or {})},
        )
        self.port = port or self._announced()
        self._wait()

    def _announced(self):
        def port():
            found = re.search(r"serves AWS's APIs at http://[^:]+:(\d+)", self.log_path.read_text(errors="replace"))
            return found and int(found[1])

        return self._soon(port)

    def _wait(self):
        def answers():
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", self.port)) == 0

        self._soon(answers)

    def _soon(self, condition):
        for _ in range(600):
            if result := condition():
                return result
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not start:\n{self.log_path.read_text(errors='replace')[-2000:]}")

    def prepare(self):
        """Makes queue, rule and target; the queue's URL."""
        url = self.call("sqs", "AmazonSQS.CreateQueue", {"QueueName": "load"})["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:load"
        statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.call("sqs", "AmazonSQS.SetQueueAttributes", {"QueueUrl": url, "Attributes": {"Policy": policy}})
        self.call("events", "AWSEvents.PutRule", {"Name": "load", "EventPattern": json.dumps({"source": ["benchmark.load"]})})
        self.call("events", "AWSEvents.PutTargets", {"Rule": "load", "Targets": [{"Id": "queue", "Arn": arn}]})
        return url

    def call(self, service, target, parameters):
        body = json.dumps(parameters).encode()
        version = "1.0" if service == "sqs" else "1.1"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", body, self._signed(service, target, version, body))
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "{}")

    def _signed(self, service, target, version, body):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = {
            "content-type": f"application/x-amz-json-{version}", "host": f"127.0.0.1:{self.port}", "x-amz-date": now,
            "x-amz-target": target,
        }
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{now[:8]}/{REGION}/{service}/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{SECRET}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
        credential = f"Credential={KEY}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**headers, "authorization": f"AWS4-HMAC-SHA256 {credential}"}

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_megabytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def signalbox(binary, folder):
    """`signalbox serve` as it comes, on an empty data directory: signatures checked, calls captured, commits synced."""
    rules = pathlib.Path(folder) / "rules"
    rules.mkdir(exist_ok=True)
    configuration = pathlib.Path(folder) / "signalbox.yaml"
    configuration.write_text(f'account: "{ACCOUNT}"\nregion: {REGION}\n')
    command = [binary, "serve", "--port", "0", "--data", pathlib.Path(folder) / "data", "--rules", rules, "--config", configuration]
    root = {"SIGNALBOX_ROOT_ACCESS_KEY_ID": KEY, "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": SECRET}
    return Server("signalbox", command, folder, 16, 8, environment=root)


def moto(python, folder):
    """A moto server as it comes: everything in memory, no signatures checked. More connections only slow it down."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    return Server("moto", [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", port], folder, 1, 1, port)
