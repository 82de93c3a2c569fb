"""What the acceptance tests share: a webhook receiver, a tree of log files, and the engine as a real process."""

import collections
import gzip
import http.server
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ACCOUNT = "111122223333"
REGION = "eu-central-1"


def binary():
    """The built binary: SIGNALBOX_BINARY, or the newest of the usual places."""
    named = os.environ.get("SIGNALBOX_BINARY")
    if named:
        return Path(named).resolve()
    places = [REPOSITORY / ".build" / kind / "signalbox" for kind in ("release", "debug")]
    built = [place for place in places if place.exists()]
    if not built:
        raise unittest.SkipTest("there is no binary; run `swift build`, or set SIGNALBOX_BINARY")
    return max(built, key=lambda place: place.stat().st_mtime)


class Receiver:
    """A webhook endpoint that keeps what it gets.

    What it does with a request depends on the path: /ok answers 200, /slow after a moment, /flaky sometimes 503,
    /hang never. A delivery counts as received when the whole body is there, whatever is answered.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.received = collections.defaultdict(list)  # path -> [(webhook-id, body)]
        self.refused = set()  # paths that answer 404
        self.closing = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer in one packet; in two, Nagle's algorithm makes each request wait 40 ms.
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self):
                try:
                    body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                    receiver.note(self.path, self.headers.get("webhook-id"), body)
                    if self.path == "/hang":
                        receiver.closing.wait()
                        return
                    if self.path == "/slow":
                        time.sleep(0.02)
                    status = 503 if self.path == "/flaky" and random.random() < 0.2 else 200
                    if self.path in receiver.refused:
                        status = 404
                    self.send_response(status)
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"ok")
                except (ConnectionError, BrokenPipeError):
                    pass

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, path, delivery, body):
        with self.lock:
            self.received[path].append((delivery, body))

    def deliveries(self, path):
        """event id -> {delivery ids}, and how many requests came in all."""
        found = collections.defaultdict(set)
        with self.lock:
            requests = list(self.received[path])
        for delivery, body in requests:
            found[json.loads(body)["event"]].add(delivery)
        return found, len(requests)

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


class LogTree:
    """Log files in CloudTrail's layout, put in place as finished files. Every third event matches the test's rules."""

    def __init__(self, root):
        self.root = Path(root)
        self.events = []  # the ids of all events
        self.matching = []  # the ids of those that the rules are about
        self.lock = threading.Lock()

    def write(self, count, padding=0):
        folder = self.root / "AWSLogs" / ACCOUNT / "CloudTrail" / REGION / "2026" / "11" / "01"
        folder.mkdir(parents=True, exist_ok=True)
        ids = [str(uuid.uuid4()) for _ in range(count)]
        records = [self.record(event, number, padding) for number, event in enumerate(ids)]
        name = f"{ACCOUNT}_CloudTrail_{REGION}_20261101T0000Z_{uuid.uuid4().hex[:16]}.json.gz"
        partial = folder / f".{name}.partial"
        partial.write_bytes(gzip.compress(json.dumps({"Records": records}).encode(), 1))
        with self.lock:
            self.events += ids
            self.matching += [event for number, event in enumerate(ids) if number % 3 == 0]
        partial.rename(folder / name)

    @staticmethod
    def record(event, number, padding):
        return {
            "eventVersion": "1.11",
            "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT, "userName": "alice"},
            "eventTime": "2026-11-01T00:00:00Z",
            "eventSource": "cloudtrail.amazonaws.com",
            "eventName": "StopLogging" if number % 3 == 0 else "DescribeTrails",
            "awsRegion": REGION,
            "sourceIPAddress": "192.0.2.7",
            "userAgent": "x" * padding,
            "requestParameters": {"name": f"trail-{number}"},
            "responseElements": None,
            "eventID": event,
            "eventType": "AwsApiCall",
            "recipientAccountId": ACCOUNT,
        }


class Engine:
    """The built binary on a folder of its own."""

    def __init__(self, folder, targets, data="data"):
        self.folder = Path(folder)
        self.process = None
        self.log = open(self.folder / "engine.log", "ab")
        (self.folder / "rules").mkdir(exist_ok=True)
        (self.folder / "logs").mkdir(exist_ok=True)
        (self.folder / "signalbox.yaml").write_text(
            f"data-directory: {data}\nrules: rules\nsources:\n  - log-files: logs\nshutdown: {{grace: 2s}}\n"
        )
        documents = []
        for name, target in targets.items():
            documents.append({"kind": "Target", "id": name, "type": "webhook", "network": "any", **target})
            documents.append(
                {
                    "kind": "Rule",
                    "id": f"to-{name}",
                    "when": {"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging"]}},
                    "then": [
                        {
                            "id": "tell",
                            "send": name,
                            "input": {"event": "<detail.eventID>", "rule": "<rule.id>", "delivery": "<delivery.id>"},
                        }
                    ],
                }
            )
        # JSON is YAML.
        text = "".join(f"---\n{json.dumps(document)}\n" for document in documents)
        (self.folder / "rules" / "rules.yaml").write_text(text)

    def command(self, *arguments):
        return [str(binary()), *arguments]

    def start(self, *arguments):
        self.process = subprocess.Popen(
            self.command("run", "--config", str(self.folder / "signalbox.yaml"), *arguments),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        return self.process

    def kill(self):
        """SIGKILL: no handler runs, nothing is flushed."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout=30):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def drain(self, *arguments, timeout=300):
        """Reads everything and delivers it; the exit code."""
        return self.start("--once", *arguments).wait(timeout)

    def ask(self, *arguments):
        """What a command prints that looks into the engine's data."""
        config = ["--config", str(self.folder / "signalbox.yaml")]
        run = subprocess.run(self.command(*arguments, *config), capture_output=True, text=True, timeout=60)
        if run.returncode != 0:
            raise AssertionError(f"{arguments}: exit {run.returncode}\n{run.stderr}")
        return run.stdout

    def tail(self, lines=30):
        return "\n".join((self.folder / "engine.log").read_text(errors="replace").splitlines()[-lines:])

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self.log.close()


class AcceptanceTest(unittest.TestCase):
    """A test with a folder and a receiver of its own."""

    def setUp(self):
        binary()
        self.folder = tempfile.mkdtemp(prefix="signalbox-acceptance-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    def engine(self, targets, data="data"):
        engine = Engine(self.folder, targets, data)
        self.addCleanup(engine.close)
        return engine

    def url(self, path):
        return f"http://127.0.0.1:{self.receiver.port}{path}"

    def wait_for(self, condition, timeout, what, engine=None):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.05)
        self.fail(f"{what} did not happen in {timeout} s" + (f"\n{engine.tail()}" if engine else ""))

    def check_deliveries(self, path, tree, engine):
        """Every matching event is at the receiver, and what came twice has the same delivery id."""
        found, requests = self.receiver.deliveries(path)
        missing = set(tree.matching) - set(found)
        self.assertFalse(missing, f"{len(missing)} of {len(tree.matching)} events never came to {path}\n{engine.tail()}")
        self.assertFalse(set(found) - set(tree.matching), "events came that no rule is about")
        split = {event: ids for event, ids in found.items() if len(ids) != 1 or None in ids}
        self.assertFalse(split, f"events with more than one delivery id: {list(split.items())[:3]}")
        ids = [next(iter(ids)) for ids in found.values()]
        self.assertEqual(len(ids), len(set(ids)), "two events shared a delivery id")
        return requests - len(found)


def progress(text):
    print(text, file=sys.stderr, flush=True)
