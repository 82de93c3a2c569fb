"""What the acceptance tests share: a receiver, log files, and the engine as a real process in a folder of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from receiver import Receiver

REPOSITORY = Path(__file__).resolve().parents[2]


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


# What the tests' rules send: enough to tell which event, rule and delivery it was.
INPUT = {"event": "<detail.eventID>", "rule": "<rule.id>", "delivery": "<delivery.id>"}
STOPPED_TRAIL = {"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging"]}}


def webhook(name, **keys):
    """A target that may be on this machine."""
    return {"kind": "Target", "id": name, "type": "webhook", "network": "any", **keys}


def rule(name, *steps, when=STOPPED_TRAIL, **keys):
    """A rule; a step without an `id` is named by its place, one that sends without `input` sends ours."""
    then = [{**({"input": INPUT} if "send" in step else {}), **step} for step in steps]
    return {"kind": "Rule", "id": name, "when": when, "then": then, **keys}


class Engine:
    """The built binary on a folder of its own."""

    def __init__(self, folder, targets, documents=(), data="data", sources="  - log-files: logs", grace="2s"):
        self.folder = Path(folder)
        self.process = None
        self.log = open(self.folder / "engine.log", "ab")
        self.rules = self.folder / "rules" / "rules.yaml"
        self.settings = self.folder / "signalbox.yaml"
        self.rules.parent.mkdir(exist_ok=True)
        (self.folder / "logs").mkdir(exist_ok=True)
        self.settings.write_text(
            f"data-directory: {data}\nrules: rules\nsources:\n{sources}\nshutdown: {{grace: {grace}}}\n"
        )
        webhooks = [webhook(name, **keys) for name, keys in targets.items()]
        rules = [rule(f"to-{name}", {"id": "tell", "send": name}) for name in targets]
        self.write_rules(*webhooks, *rules, *documents)

    def write_rules(self, *documents):
        # JSON is YAML.
        self.rules.write_text("".join(f"---\n{json.dumps(document)}\n" for document in documents))

    def command(self, *arguments):
        return [str(binary()), *arguments]

    def start(self, *arguments, stdin=subprocess.DEVNULL, stdout=None):
        self.process = subprocess.Popen(
            self.command("run", "--config", str(self.settings), *arguments),
            stdin=stdin,
            stdout=stdout or self.log,
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

    def drain(self, *arguments, timeout=300, stdout=None):
        """Reads everything and delivers it; the exit code."""
        return self.start("--once", *arguments, stdout=stdout).wait(timeout)

    def run(self, *arguments):
        """Runs another command to its end."""
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60)

    def ask(self, *arguments):
        """What a command says, as JSON, that looks into the engine's data."""
        run = self.run(*arguments, "--format", "json", "--config", str(self.settings))
        if run.returncode != 0:
            raise AssertionError(f"{arguments}: exit {run.returncode}\n{run.stderr}")
        return json.loads(run.stdout)

    def states(self):
        """State -> how many deliveries."""
        counts = {}
        for delivery in self.ask("deliveries", "list", "--limit", "0"):
            counts[delivery["state"]] = counts.get(delivery["state"], 0) + 1
        return counts

    def text(self):
        """The whole log."""
        return (self.folder / "engine.log").read_text(errors="replace")

    def tail(self, lines=30):
        return "\n".join(self.text().splitlines()[-lines:])

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self.log.close()


class AcceptanceTest(unittest.TestCase):
    """A test with a folder and a receiver of its own."""

    # About how long the tests of a class take; `run.py` begins with the longest.
    seconds = 5

    def setUp(self):
        binary()
        self.folder = tempfile.mkdtemp(prefix="signalbox-acceptance-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    def engine(self, targets=None, **settings):
        engine = Engine(self.folder, targets or {}, **settings)
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

    def wait_for_start(self, engine):
        self.wait_for(lambda: "rules in force" in engine.tail(), 20, "the start", engine)

    def check_deliveries(self, path, tree, engine):
        """Every matching event is at the receiver, and what came twice has the same delivery id."""
        found, requests = self.receiver.deliveries(path)
        self.check_ids(path, found, tree.matching, engine)
        return requests - len(found)

    def check_ids(self, place, found, wanted, engine):
        """`found` (event id -> {delivery ids}) has every wanted event and no other, each with one id of its own."""
        wanted = set(wanted)
        missing = wanted - set(found)
        self.assertFalse(missing, f"{len(missing)} of {len(wanted)} events never came to {place}\n{engine.tail()}")
        self.assertFalse(set(found) - wanted, f"events came to {place} that no rule is about")
        split = {event: ids for event, ids in found.items() if len(ids) != 1}
        self.assertFalse(split, f"{place}: events with more than one delivery id: {list(split.items())[:3]}")
        ids = [next(iter(ids)) for ids in found.values()]
        for delivery in ids:
            self.assertRegex(delivery or "none", r"^dlv-[0-9a-f]{32}$", f"{place}: no delivery id")
        self.assertEqual(len(ids), len(set(ids)), f"{place}: two events shared a delivery id")


def progress(text):
    print(text, file=sys.stderr, flush=True)
