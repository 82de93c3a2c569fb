"""The engine as a service: signals, a second engine on the same data, standard input."""

import json
import signal
import subprocess
import time
import unittest
from pathlib import Path

from harness import AcceptanceTest
from logs import LogTree, record


class SignalTest(AcceptanceTest):
    seconds = 6

    def test_hangups_during_the_start_do_not_end_the_engine(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        LogTree(engine.folder / "logs").write(30)
        for number in range(1, 6):
            process = engine.start()
            self.wait_for(lambda: self.heeds(process, signal.SIGHUP), 20, "the very start", engine)
            in_force = lambda: engine.text().count("rules in force") == number  # noqa: E731
            while not in_force():
                process.send_signal(signal.SIGHUP)
                time.sleep(0.01 * number)
                self.assertIsNone(process.poll(), f"ended by a SIGHUP\n{engine.tail()}")
            # Right after the first line of the log, too.
            process.send_signal(signal.SIGHUP)
            self.assertEqual(engine.stop(), 0, engine.tail())
        self.assertEqual(engine.drain(), 0, engine.tail())
        self.assertEqual(engine.states(), {"delivered": 10})

    @staticmethod
    def heeds(process, number):
        """Whether a process ignores or handles a signal; while the loader is at work, for 50 ms or so, none does."""
        status = Path(f"/proc/{process.pid}/status").read_text()
        masks = (line.split()[1] for line in status.splitlines() if line.startswith(("SigIgn:", "SigCgt:")))
        return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)

    def test_a_stop_in_the_first_moments_is_obeyed(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        for delay in [0, 0.03, 0.06, 0.12, 0.25]:
            process = engine.start()
            time.sleep(delay)
            # Before it listens, the signal's own effect ends it; afterwards it ends by itself.
            self.assertIn(engine.stop(timeout=20), (0, -signal.SIGTERM), engine.tail())
            self.assertIsNotNone(process.returncode)
        self.assertEqual(engine.drain(), 0, engine.tail())

    def test_a_second_engine_on_the_same_data_is_refused(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        engine.start()
        self.wait_for_start(engine)
        second = engine.run("run", "--config", str(engine.settings), "--once")
        self.assertEqual(second.returncode, 3)
        self.assertIn(f"in use by process {engine.process.pid}", second.stderr)
        self.assertEqual(engine.stop(), 0, engine.tail())

    def test_a_second_signal_cuts_attempts_short(self):
        targets = {"hanging": {"url": self.url("/hang"), "limits": {"timeout": "120s"}}}
        engine = self.engine(targets, grace="100s")
        tree = LogTree(engine.folder / "logs")
        tree.write(3)
        process = engine.start()
        self.wait_for(lambda: self.receiver.deliveries("/hang")[1] > 0, 20, "an attempt", engine)
        process.send_signal(signal.SIGINT)
        self.wait_for(lambda: "told to stop" in engine.tail(), 10, "the stop", engine)
        self.assertIsNone(process.poll(), "the grace time was not given")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(15), 0, engine.tail())
        self.assertIn("waiting for the next start", engine.tail())

    def test_standard_input_is_a_source(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}}, sources="  - stdin: records")
        text = "".join(json.dumps(record(f"event-{number}", number)) + "\n" for number in range(9))
        for _ in range(2):
            run = subprocess.run(
                engine.command("run", "--config", str(engine.settings)),
                input=text,
                capture_output=True,
                text=True,
                timeout=60,
            )
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(run.stdout, "", "standard output is for results")
        found, requests = self.receiver.deliveries("/ok")
        self.assertEqual(set(found), {"event-0", "event-3", "event-6"})
        self.assertEqual(requests, 3, "the second run brought nothing new")


if __name__ == "__main__":
    unittest.main()
