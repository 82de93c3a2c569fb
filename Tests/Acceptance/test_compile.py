"""`compile` on ten thousand rules: a picture that Graphviz takes and a person can look at, and counts that are right."""

import gzip
import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import binary

CALLS, ACCOUNTS = 60, 40


def pattern(index):
    """Every rule has a call and an account; every hundredth has neither, and is tried on every event."""
    if index % 100 == 0:
        return {"detail": {"errorCode": [{"anything-but": f"E\"{index}\\&amp;\n"}]}}
    return {
        "source": [f"aws.s{index % 10}"],
        "account": [f"{index * 7 % ACCOUNTS:012}"],
        "detail": {"eventName": [f"Call{index % CALLS}"], "userAgent": [{"anything-but": {"prefix": f"agent-{index}"}}]},
    }


def record(index):
    return {
        "eventVersion": "1.11",
        "eventTime": "2026-03-04T13:10:31Z",
        "eventID": f"00000000-0000-4000-8000-{index:012}",
        "eventSource": f"s{index % 10}.amazonaws.com",
        "eventName": f"Call{index % CALLS}",
        "recipientAccountId": f"{index % ACCOUNTS:012}",
        "userAgent": f"agent-{index}",
    }


class CompileTest(unittest.TestCase):
    seconds = 30

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="signalbox-compile-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.rules = self.folder / "rules.jsonl"
        lines = (json.dumps({"name": f"r{index}", "pattern": pattern(index)}) for index in range(10_000))
        self.rules.write_text("\n".join(lines))

    def compile(self, *arguments, **options):
        done = subprocess.run([str(binary()), "compile", str(self.rules), *arguments], capture_output=True, **options)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def test_a_graph_that_graphviz_takes(self):
        for arguments in [[], ["--depth", "2"], ["--rule", "r77", "--rule", "r1200"]]:
            graph = self.compile("--format", "dot", *arguments)
            self.assertLess(graph.count(b"\n"), 1000, arguments)
            self.assertIn(b" rules\"", graph)
            if not shutil.which("dot"):
                continue
            drawn = subprocess.run(["dot", "-Tsvg"], input=graph, capture_output=True, timeout=120)
            self.assertEqual((drawn.returncode, drawn.stderr), (0, b""), arguments)

    def test_tries_are_counted(self):
        records = json.dumps({"Records": [record(index) for index in range(600)]}).encode()
        for as_stream in (False, True):
            if as_stream:
                logs, options = "-", {"input": records}
            else:
                log = self.folder / "log.json.gz"
                log.write_bytes(gzip.compress(records))
                logs, options = str(log), {}
            report = json.loads(self.compile("--stats", "--events", logs, "--format", "json", **options))
            self.assertEqual((report["patterns"], report["events"]), (10_000, 600))
            rules = report["rules"]
            self.assertEqual(len(rules), 10_000)
            # Those without a key first, and each tried every time; no event has an error.
            for place, rule in enumerate(rules[:100]):
                self.assertEqual((rule["rule"], rule["tried"], rule["matched"]), (f"r{place * 100}", 600, 0))
                self.assertEqual((rule["key"], rule["place"]), ([], f"{self.rules}:{place * 100 + 1}"))
                self.assertIn("add an eventName", rule["advice"])
            self.assertGreater(min(len(rule["key"]) for rule in rules[100:]), 0)
            tried = [rule["tried"] for rule in rules[100:]]
            self.assertEqual(tried, sorted(tried, reverse=True))
            for rule in rules:
                self.assertLessEqual(rule["matched"], rule["tried"])
            # What matches, reckoned here.
            index = 1230
            wanted = sum(
                event["eventName"] == f"Call{index % CALLS}"
                and event["eventSource"] == f"s{index % 10}.amazonaws.com"
                and event["recipientAccountId"] == f"{index * 7 % ACCOUNTS:012}"
                and not event["userAgent"].startswith(f"agent-{index}")
                for event in map(record, range(600))
            )
            self.assertGreater(wanted, 0)
            self.assertEqual(next(rule["matched"] for rule in rules if rule["rule"] == f"r{index}"), wanted)

    def test_a_reader_that_has_seen_enough(self):
        command = f"set -o pipefail; '{binary()}' compile '{self.rules}' --limit 9000 | head -1"
        done = subprocess.run(["bash", "-c", command], capture_output=True)
        self.assertEqual(done.stdout.count(b"\n"), 1)
        self.assertNotIn(b"error", done.stderr)


if __name__ == "__main__":
    unittest.main()
