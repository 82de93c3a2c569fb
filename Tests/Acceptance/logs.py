"""Log files in CloudTrail's layout, made by the tests."""

import gzip
import json
import threading
import uuid
from pathlib import Path

ACCOUNT = "111122223333"
REGION = "eu-central-1"


def record(event, number=0, padding=0, **more):
    """A record; every third one is what the tests' rules are about, and `more` replaces members."""
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
        **more,
    }


def log_file(records):
    """The bytes of a log file as CloudTrail delivers it."""
    return gzip.compress(json.dumps({"Records": records}).encode(), 1)


def layout(kind="CloudTrail"):
    """The folder of a day, from the root of a tree."""
    return Path("AWSLogs") / ACCOUNT / kind / REGION / "2026" / "11" / "01"


class LogTree:
    """A tree to which finished files are added. Every third event matches the tests' rules, every thirtieth is marked:
    the name of its trail ends in 0.
    """

    def __init__(self, root):
        self.root = Path(root)
        self.folder = self.root / layout()
        self.events = []  # the ids of all events
        self.matching = []  # the ids of those that the rules are about
        self.marked = []  # the ids of those that are marked, too
        self.lock = threading.Lock()

    @staticmethod
    def new_name():
        return f"{ACCOUNT}_CloudTrail_{REGION}_20261101T0000Z_{uuid.uuid4().hex[:16]}.json.gz"

    def write(self, count, padding=0):
        self.folder.mkdir(parents=True, exist_ok=True)
        ids = [str(uuid.uuid4()) for _ in range(count)]
        name = self.new_name()
        partial = self.folder / f".{name}.partial"
        partial.write_bytes(log_file([record(event, number, padding) for number, event in enumerate(ids)]))
        self.note(ids)
        partial.rename(self.folder / name)

    def note(self, ids):
        """Remembers the events of a file."""
        with self.lock:
            self.events += ids
            self.matching += ids[::3]
            self.marked += ids[::30]
