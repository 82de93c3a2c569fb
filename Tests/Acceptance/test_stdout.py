"""Standard output whose reader stalls or goes away: the engine can still be stopped, and nothing is lost."""

import fcntl
import json
import os
import struct
import termios
import time
import unittest

from harness import AcceptanceTest, rule
from logs import LogTree

PRINTED = [{"kind": "Target", "id": "printed", "type": "stdout"}, rule("print", {"send": "printed"})]


class StandardOutputTest(AcceptanceTest):
    seconds = 12

    @staticmethod
    def filling(pipe):
        """How many bytes wait in a pipe."""
        return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0"))[0]

    def lines(self, data, wanted):
        """event -> {delivery ids} from lines of JSON, the last of which may be cut off."""
        found = {}
        lines = data.split(b"\n")
        for line in lines[:-1]:
            line = json.loads(line)
            found.setdefault(line["event"], set()).add(line["delivery"])
        self.assertLessEqual(set(found), set(wanted))
        return found

    def test_a_reader_that_stalls_does_not_keep_the_engine_from_ending(self):
        engine = self.engine(documents=PRINTED)
        tree = LogTree(engine.folder / "logs")
        tree.write(6000)  # 2000 lines of more than 100 bytes, and a pipe holds 64 KiB
        ours, theirs = os.pipe()
        self.addCleanup(os.close, ours)
        engine.start(stdout=theirs)
        os.close(theirs)
        full = []

        def is_stalled():
            full.append(self.filling(ours))
            return len(full) > 10 and full[-1] > 32768 and len(set(full[-10:])) == 1

        self.wait_for(is_stalled, 60, "a full pipe", engine)
        started = time.monotonic()
        self.assertEqual(engine.stop(timeout=20), 0, engine.tail())
        self.assertLess(time.monotonic() - started, 12, "2 s of grace, and more")

        # The other half comes at the next start, with the ids that the first one would have had.
        os.set_blocking(ours, False)
        first = b""
        while chunk := os.read(ours, 1 << 20):
            first += chunk
        with open(engine.folder / "rest.jsonl", "wb") as rest:
            self.assertEqual(engine.drain(stdout=rest), 0, engine.tail())
        found = self.lines(first, tree.matching)
        self.assertLess(len(found), len(tree.matching))
        for event, ids in self.lines((engine.folder / "rest.jsonl").read_bytes(), tree.matching).items():
            found[event] = found.get(event, set()) | ids
        self.check_ids("standard output", found, tree.matching, engine)

    def test_a_reader_that_goes_away_loses_nothing(self):
        engine = self.engine(documents=PRINTED)
        tree = LogTree(engine.folder / "logs")
        tree.write(30)
        ours, theirs = os.pipe()
        os.close(ours)
        engine.start(stdout=theirs)
        os.close(theirs)
        self.wait_for_start(engine)
        self.wait_for(lambda: engine.states() == {"pending": 10}, 20, "the decisions", engine)
        time.sleep(0.5)
        self.assertIsNone(engine.process.poll(), f"the engine ended with its reader\n{engine.tail()}")
        self.assertEqual(engine.stop(), 0, engine.tail())
        with open(engine.folder / "rest.jsonl", "wb") as rest:
            self.assertEqual(engine.drain(stdout=rest), 0, engine.tail())
        found = self.lines((engine.folder / "rest.jsonl").read_bytes(), tree.matching)
        self.check_ids("standard output", found, tree.matching, engine)


if __name__ == "__main__":
    unittest.main()
