"""What lies in a tree of log files beside whole ones, and how files come into it: read, counted and told as
Docs/sources.md says, by `match` and by `run`.
"""

import gzip
import json
import time
import unittest
import uuid

from harness import AcceptanceTest
from logs import LogTree, layout, log_file, record

DIGEST = {
    "awsAccountId": "111122223333",
    "digestStartTime": "2026-11-01T00:00:00Z",
    "digestEndTime": "2026-11-01T01:00:00Z",
    "digestSignatureAlgorithm": "SHA256withRSA",
    "logFiles": [],
}


def ids(count):
    return [str(uuid.uuid4()) for _ in range(count)]


class SourceTest(AcceptanceTest):
    seconds = 8

    def test_what_is_no_whole_log_is_counted_and_told(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        logs = engine.folder / "logs"
        day, digests = logs / layout(), logs / layout("CloudTrail-Digest")
        for folder in (day, digests, logs / ".hidden"):
            folder.mkdir(parents=True)
        whole, large, cut = ids(6), ids(1), ids(300)
        names = (LogTree.new_name() for _ in iter(int, 1))
        put = lambda data, name=None: (day / (name or next(names))).write_bytes(data)  # noqa: E731

        put(log_file([record(event, number) for number, event in enumerate(whole)]))
        put(log_file([record(large[0], padding=66 << 10)]))
        # Without eventID: what is the same to the byte is the same event, what differs is another one.
        nameless = [record(None, 0, userAgent=agent) for agent in ("first", "first", "second")]
        for one in nameless:
            del one["eventID"]
        put(log_file(nameless))
        # An Insight record has no eventName, and nothing that our rules are about.
        insight = record(ids(1)[0], 1, eventType="AwsCloudTrailInsight", insightDetails={"state": "Start"})
        del insight["eventName"]
        put(log_file([insight]))
        # Of a file that is cut off, the records before the cut count. Random padding keeps gzip from packing it all
        # into one block.
        body = log_file([record(event, number, userAgent=" ".join(ids(20))) for number, event in enumerate(cut)])
        put(body[: len(body) // 2], "cut.json.gz")
        put(b"no log at all, but by its name\n", "text.json.gz")
        put(gzip.compress(json.dumps(DIGEST).encode()), "digest-among-logs.json.gz")
        (digests / next(names).replace("_CloudTrail_", "_CloudTrail-Digest_")).write_bytes(b"not even looked at")
        put(b"CloudTrail validation message.", "validation.json.gz")
        put(log_file([]), "none.json.gz")
        put(b"", "empty.json.gz")
        put(b"half a", "half.json.gz.partial")
        put(b"what is this", "README.txt")
        (logs / ".hidden" / "log.json").write_text("{}")
        skipped = (
            "8 files skipped (2 digests, 1 validation message, 2 without records, 1 unfinished, "
            "2 hidden or of other names)"
        )

        match = engine.run("match", "--rules", str(engine.rules), "--format", "json", str(logs))
        self.assertEqual(match.returncode, 4, match.stderr)
        counts = json.loads(match.stdout.splitlines()[-1])
        self.assertIn(skipped, match.stderr)
        self.assertIn("2 files failed", match.stderr)
        self.assertRegex(match.stderr, r"text\.json\.gz:1: .*no CloudTrail log")
        self.assertRegex(match.stderr, r"cut\.json\.gz:1: .*truncated")

        self.assertEqual(engine.drain(), 4, engine.tail())
        found, _ = self.receiver.deliveries("/ok")
        before_the_cut = [event for event in cut if event in found]
        self.assertGreater(len(before_the_cut), 20)
        self.assertEqual(before_the_cut, cut[::3][: len(before_the_cut)], "not all the records before the cut")
        expected = whole[::3] + large + before_the_cut
        self.assertLessEqual(set(expected), set(found))
        # A record without eventID has none to show.
        nameless_ids = found.pop("", set()) | found.pop(None, set())
        self.assertEqual(len(nameless_ids), 2, engine.tail())
        self.assertEqual(set(found), set(expected))
        self.assertIn(skipped, engine.tail(1))
        self.assertIn("2 values or rests of files rejected", engine.tail(1))
        self.assertRegex(engine.text(), r"warning +\S*text\.json\.gz")
        self.assertRegex(engine.text(), r"warning +\S*cut\.json\.gz")
        # `match` counts every record, `run` drops the one that came twice.
        report = engine.tail(1)
        events = int(report.split(" event")[0].replace(",", ""))
        self.assertEqual(counts["events"], events + 1, report)
        self.assertIn("1 duplicate dropped", report)
        self.assertEqual(counts["matches"], len(expected) + 3)
        self.assertEqual(counts["rules"], {"to-plain": counts["matches"]})

        # What was read to its end is not read again.
        self.assertEqual(engine.drain(), 0, engine.tail())
        self.assertTrue(engine.tail(1).startswith("0 events, 0 deliveries decided"), engine.tail(1))

    def test_a_file_counts_when_it_is_whole(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        tree = LogTree(engine.folder / "logs")
        tree.folder.mkdir(parents=True)
        events = ids(400)
        data = log_file([record(event, number, userAgent=" ".join(ids(5))) for number, event in enumerate(events)])
        pieces = [data[start : start + len(data) // 8] for start in range(0, len(data), len(data) // 8)]
        arrived = lambda: set(self.receiver.deliveries("/ok")[0])  # noqa: E731

        # Half of it is there when the engine lists the tree: that half is read, and said to be cut off.
        early = open(tree.folder / "early.json.gz", "wb")
        early.write(b"".join(pieces[:4]))
        early.flush()
        engine.start()
        self.wait_for_start(engine)
        self.wait_for(lambda: "early.json.gz" in engine.text(), 20, "the warning", engine)
        first = arrived()
        early.write(b"".join(pieces[4:]))
        early.close()
        tree.note(events)
        self.wait_for(lambda: arrived() == set(tree.matching), 20, "the whole file", engine)
        self.assertLess(len(first), len(events[::3]))

        # What grows while the engine watches is read when it is closed.
        warnings = engine.text().count("warning")
        events = ids(400)
        data = log_file([record(event, number) for number, event in enumerate(events)])
        with open(tree.folder / "slow.json.gz", "wb") as slow:
            for start in range(0, len(data), len(data) // 5):
                slow.write(data[start : start + len(data) // 5])
                slow.flush()
                time.sleep(0.1)
            self.assertEqual(arrived(), set(tree.matching), "read before it was whole")
        tree.note(events)
        self.wait_for(lambda: arrived() == set(tree.matching), 20, "the slow file", engine)

        # By a rename from a name that is not read, from another folder, and into a folder that is new.
        for name, target in [
            (".whole.json.gz.partial", tree.folder / "whole.json.gz"),
            ("other.json.gz.tmp", tree.folder / "other.json.gz"),
            ("../elsewhere.json.gz", tree.folder / "elsewhere.json.gz"),
            ("../moved.json.gz", tree.folder.parent / "02" / "moved.json.gz"),
        ]:
            events = ids(30)
            origin = tree.root / ".." / name[3:] if name.startswith("../") else tree.folder / name
            origin.write_bytes(log_file([record(event, number) for number, event in enumerate(events)]))
            target.parent.mkdir(exist_ok=True)
            origin.rename(target)
            tree.note(events)
            self.wait_for(lambda: arrived() == set(tree.matching), 20, str(target), engine)
        # A whole folder at once.
        events = ids(30)
        month = engine.folder / "12"
        month.mkdir()
        (month / "log.json.gz").write_bytes(log_file([record(event, number) for number, event in enumerate(events)]))
        month.rename(tree.folder.parent.parent / "12")
        tree.note(events)
        self.wait_for(lambda: arrived() == set(tree.matching), 20, "a folder that was moved in", engine)
        self.assertEqual(engine.text().count("warning"), warnings, engine.tail())

        # JSON lines that grow: what is new counts, what was there is recognised.
        lines = tree.folder / "grows.jsonl"
        for number in range(3):
            events = ids(9)
            with open(lines, "a") as file:
                file.writelines(json.dumps(record(event, number)) + "\n" for number, event in enumerate(events))
            tree.note(events)
            self.wait_for(lambda: arrived() == set(tree.matching), 20, f"addition {number}", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())
        self.assertEqual(self.check_deliveries("/ok", tree, engine), 0, "something was delivered twice")

    def test_bad_records_do_not_hide_good_ones(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        good = ids(4)
        lines = [
            json.dumps(record(good[0])),
            '{"eventName": "StopLogging", "eventSource": ',
            json.dumps({"hello": "world"}),
            json.dumps(record(good[1])),
            "[" * 100_000,
            json.dumps(record(good[2])),
            '{"Records": [{"s3": {}, "eventSource": "aws:s3"}]}',
            json.dumps(record(good[3])),
        ]
        logs = engine.folder / "logs" / "mixed.jsonl"
        logs.write_text("\n".join(lines) + "\n")
        match = engine.run("match", "--rules", str(engine.rules), "--format", "json", str(logs))
        self.assertEqual(match.returncode, 4, match.stderr)
        self.assertEqual(json.loads(match.stdout.splitlines()[-1])["matches"], 4)
        for line in (2, 3, 5):
            self.assertIn(f"mixed.jsonl:{line}: ", match.stderr)
        self.assertEqual(engine.drain(), 4, engine.tail())
        self.assertEqual(set(self.receiver.deliveries("/ok")[0]), set(good))
        for line in (2, 3, 5, 7):
            self.assertIn(f"mixed.jsonl:{line}: ", engine.text())
        self.assertIn("4 values or rests of files rejected", engine.tail(1))


if __name__ == "__main__":
    unittest.main()
