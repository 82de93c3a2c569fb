"""`signalbox serve` as a real process, and unmodified AWS clients that talk to it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from harness import AcceptanceTest, binary

ROOT_KEY = "AKIAIOSFODNN7EXAMPLE"
ROOT_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "us-east-1"


def boto3():
    """boto3, or the test is skipped."""
    try:
        import boto3 as module
    except ImportError:
        raise unittest.SkipTest("boto3 is not installed; Scripts/setup.sh installs it")
    return module


class Server:
    """A server on a folder of its own, on a port of the system's choice."""

    def __init__(self, folder, *arguments, environment=None, rules=()):
        self.folder = Path(folder)
        self.arguments = list(arguments)
        self.data = self.folder / "data"
        self.log_path = self.folder / "serve.log"
        self.rules = self.folder / "rules"
        self.rules.mkdir(exist_ok=True)
        self.write_rules(*rules)
        self.environment = {"SIGNALBOX_ROOT_ACCESS_KEY_ID": ROOT_KEY, "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET}
        if environment is not None:
            self.environment = environment
        self.process = None
        self.endpoint = None

    def write_rules(self, *documents):
        (self.rules / "rules.yaml").write_text("".join(f"---\n{json.dumps(document)}\n" for document in documents))

    def start(self, timeout=60):
        """Starts and waits until requests are taken."""
        self.log_path.touch()
        before = self.log_path.stat().st_size
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SIGNALBOX_ROOT"))}
        command = [binary(), "serve", "--data", self.data, "--rules", self.rules, *self.arguments]
        if "--port" not in self.arguments:
            command += ["--port", "0"]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**inherited, **self.environment},
            )
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            text = self.log_path.read_text(errors="replace")[before:]
            found = re.search(r"serves AWS's APIs at (https?://\S+)", text)
            if found:
                self.endpoint = found.group(1)
                return self
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}\n{text}")
            time.sleep(0.02)
        raise AssertionError(f"the server does not take requests\n{self.tail()}")

    def stop(self, timeout=30):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def tail(self, lines=30):
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    # Clients

    def client(self, service, key=ROOT_KEY, secret=ROOT_SECRET, token=None, region=REGION, **config):
        """A boto3 client as it ships; it tries once, so that every error is seen."""
        from botocore.config import Config

        session = boto3().session.Session(
            aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, region_name=region
        )
        settings = {"retries": {"max_attempts": 0}, "connect_timeout": 5, "read_timeout": 60, **config}
        return session.client(service, endpoint_url=self.endpoint, config=Config(**settings))

    def aws(self, *arguments, key=ROOT_KEY, secret=ROOT_SECRET, region=REGION):
        """Runs the AWS CLI; what it says as JSON, or nothing."""
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_PAGER": "",
        }
        for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "awscli", *arguments]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
        if run.returncode != 0:
            raise AssertionError(f"aws {' '.join(arguments)}: exit {run.returncode}\n{run.stderr}{self.tail(5)}")
        return json.loads(run.stdout) if run.stdout.strip() else None

    def calls(self):
        """The CloudTrail records of all calls so far, oldest first."""
        import sqlite3

        database = sqlite3.connect(f"file:{self.data}/signalbox.db?mode=ro", uri=True)
        try:
            rows = database.execute("SELECT envelope FROM journal ORDER BY sequence").fetchall()
        finally:
            database.close()
        return [json.loads(row[0])["detail"] for row in rows]


class ServeTest(AcceptanceTest):
    """A test with a server of its own, made by `serve`."""

    def serve(self, *arguments, **settings):
        boto3()
        server = Server(self.folder, *arguments, **settings)
        self.addCleanup(server.close)
        return server.start()

    def assertRefused(self, code, call, *arguments, **parameters):
        """A call that is answered with an error code; the error's part of the answer."""
        from botocore.exceptions import ClientError

        with self.assertRaises(ClientError) as context:
            call(*arguments, **parameters)
        error = context.exception.response["Error"]
        self.assertEqual(error["Code"], code, error)
        return error
