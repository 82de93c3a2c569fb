"""The engine as a service: signals, a second engine on the same data, standard input."""

import json
import signal
import subprocess
import time
import unittest

from harness import AcceptanceTest
from logs import LogTree, record


class SignalTest(AcceptanceTest):
    seconds = 6

    def test_a_hangup_in_the_first_moments_does_not_end_the_engine(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        LogTree(engine.folder / "logs").write(30)
        for number, delay in enumerate([0.03, 0.06, 0.12, 0.25, None]):
            lines = engine.text().count("\n")
            process = engine.start()
            if delay is None:
                self.wait_for(lambda: engine.text().count("\n") > lines, 20, "the first line of the log", engine)
            else:
                time.sleep(delay)
            process.send_signal(signal.SIGHUP)
            in_force = lambda: engine.text().count("rules in force") == number + 1  # noqa: E731
            self.wait_for(lambda: in_force() or process.poll() is not None, 20, "the start", engine)
            self.assertIsNone(process.poll(), f"ended by a SIGHUP {delay} s after its start\n{engine.tail()}")
            self.assertEqual(engine.stop(), 0, engine.tail())
        self.assertEqual(engine.drain(), 0, engine.tail())
        self.assertEqual(engine.states(), {"delivered": 10})

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
