"""Programs that do not want to end: the process group is gone after the deadline, whatever is in it."""

import os
import time
import unittest
from pathlib import Path

from harness import AcceptanceTest, rule
from logs import LogTree

# Three children, one of which has a child itself; all turn a deaf ear to the signals that can be ignored.
STUBBORN = """
trap '' TERM INT HUP
note() { echo "$1" >> "$PIDS"; }
sleep 600 & note $!
(trap '' TERM INT HUP; sleep 600 & note $!; while :; do sleep 1; done) & note $!
(exec </dev/null >/dev/null 2>&1; while :; do sleep 1; done) & note $!
note $$
echo started
while :; do sleep 1; done
"""
# Ends at once and leaves something behind.
FORGETFUL = """
trap '' TERM
sleep 600 & echo $! >> "$PIDS"
echo $$ >> "$PIDS"
"""


def is_alive(pid):
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


class ProcessTest(AcceptanceTest):
    seconds = 15

    def stubborn_engine(self, program, timeout):
        (Path(self.folder) / "rules").mkdir()
        (Path(self.folder) / "rules" / "program.sh").write_text(program)
        self.pids_file = Path(self.folder) / "pids.txt"
        action = {
            "kind": "Action",
            "id": "program",
            "type": "script",
            "file": "program.sh",
            "interpreter": ["/bin/sh"],
            "timeout": timeout,
            "env": {"PIDS": str(self.pids_file)},
        }
        engine = self.engine(documents=[action, rule("run-it", {"run": "program"}, stage="enforce")])
        self.addCleanup(self.end_all)
        LogTree(engine.folder / "logs").write(1)
        return engine

    def pids(self):
        return [int(line) for line in self.pids_file.read_text().split()] if self.pids_file.exists() else []

    def end_all(self):
        for pid in self.pids():
            if is_alive(pid):
                os.kill(pid, 9)

    def check_that_all_are_gone(self, engine):
        # Nobody can see the very moment of a SIGKILL's effect.
        self.wait_for(lambda: not any(map(is_alive, self.pids())), 5, "the end of the whole group", engine)

    def test_a_group_that_ignores_sigterm_is_killed_after_the_deadline(self):
        engine = self.stubborn_engine(STUBBORN, "2s")
        started = time.monotonic()
        self.assertEqual(engine.drain(timeout=60), 0, engine.tail())
        self.assertGreater(time.monotonic() - started, 2)
        self.assertEqual(len(self.pids()), 5)
        self.check_that_all_are_gone(engine)
        [delivery] = engine.ask("deliveries", "list")
        self.assertEqual(delivery["state"], "dead-lettered", delivery)
        [letter] = engine.ask("dlq", "show", "dead-letters")
        self.assertEqual(letter["attributes"]["ERROR_CODE"], "TIMEOUT")
        # What it had printed is in the record.
        record = engine.run("deliveries", "show", delivery["deliveryID"], "--config", str(engine.settings))
        self.assertIn("started", record.stdout)

    def test_what_a_program_leaves_behind_is_killed(self):
        engine = self.stubborn_engine(FORGETFUL, "60s")
        self.assertEqual(engine.drain(timeout=30), 0, engine.tail())
        self.assertEqual(len(self.pids()), 2)
        self.check_that_all_are_gone(engine)
        self.assertEqual(engine.states(), {"delivered": 1})

    def test_a_stop_ends_the_group_and_the_run_is_made_again(self):
        engine = self.stubborn_engine(STUBBORN, "600s")
        engine.start()
        self.wait_for(lambda: len(self.pids()) == 5, 20, "the start of the program", engine)
        # 2 s of grace, then SIGTERM for the group, and SIGKILL five seconds later.
        self.assertEqual(engine.stop(timeout=30), 0, engine.tail())
        self.check_that_all_are_gone(engine)
        self.assertEqual(engine.states(), {"pending": 1})
        (engine.rules.parent / "program.sh").write_text("exit 0")
        self.assertEqual(engine.drain(timeout=30), 0, engine.tail())
        self.assertEqual(engine.states(), {"delivered": 1})


if __name__ == "__main__":
    unittest.main()
