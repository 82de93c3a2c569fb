"""The engine as a service: SIGHUP reloads the rules, a second engine is refused, standard input ends the run."""

import json
import signal
import subprocess
import unittest

from harness import AcceptanceTest, LogTree


class SignalTest(AcceptanceTest):
    def test_a_hangup_reloads_all_or_nothing(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        tree = LogTree(engine.folder / "logs")
        process = engine.start()
        self.wait_for(lambda: "rules in force" in engine.tail(), 20, "the start", engine)
        process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "rules reloaded" in engine.tail(), 20, "the reload", engine)

        rules = engine.folder / "rules" / "rules.yaml"
        rules.write_text(rules.read_text().replace('"send": "plain"', '"send": "plian"'))
        process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "the old ones stay in force" in engine.tail(), 20, "the refusal", engine)
        self.assertRegex(engine.tail(), r"rules\.yaml:\d+:\d+: error SB202: .*did you mean 'plain'")
        tree.write(30)
        expected = len(tree.matching)
        self.wait_for(lambda: len(self.receiver.deliveries("/ok")[0]) == expected, 30, "deliveries", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())

    def test_a_second_engine_on_the_same_data_is_refused(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        engine.start()
        self.wait_for(lambda: "rules in force" in engine.tail(), 20, "the start", engine)
        second = subprocess.run(
            engine.command("run", "--config", str(engine.folder / "signalbox.yaml"), "--once"),
            capture_output=True,
            text=True,
            timeout=30,
        )
        self.assertEqual(second.returncode, 3)
        self.assertIn(f"in use by process {engine.process.pid}", second.stderr)
        self.assertEqual(engine.stop(), 0, engine.tail())

    def test_a_second_signal_cuts_attempts_short(self):
        engine = self.engine({"hanging": {"url": self.url("/hang"), "limits": {"timeout": "120s"}}})
        settings = engine.folder / "signalbox.yaml"
        settings.write_text(settings.read_text().replace("grace: 2s", "grace: 100s"))
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
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        settings = engine.folder / "signalbox.yaml"
        settings.write_text(settings.read_text().replace("log-files: logs", "stdin: records"))
        records = [LogTree.record(f"event-{number}", number, 0) for number in range(9)]
        text = "".join(json.dumps(record) + "\n" for record in records)
        for _ in range(2):
            run = subprocess.run(
                engine.command("run", "--config", str(settings)),
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
