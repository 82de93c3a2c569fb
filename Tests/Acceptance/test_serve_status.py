"""`signalbox status` and `signalbox doctor` beside a server."""

import json
import subprocess
import time
import unittest
from pathlib import Path

from harness import binary, rule
from serving import ServeTest


def command(*arguments):
    """A verb's exit code, and what it says as JSON."""
    line = [str(part) for part in (binary(), *arguments, "--format", "json")]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60)
    return run.returncode, json.loads(run.stdout)


class StatusTest(ServeTest):
    seconds = 15

    def status(self, server):
        return command("status", "--data", server.data)

    def wait(self, server, what):
        end = time.monotonic() + 20
        while not what(found := self.status(server)):
            if time.monotonic() > end:
                self.fail(f"{found}\n{server.tail()}")
            time.sleep(0.1)
        return found[1]

    def test_a_server_says_how_it_does(self):
        documents = [
            rule("tell", {"send": "out"}, when={"source": ["app"]}),
            {"kind": "Target", "id": "out", "type": "queue"},
        ]
        server = self.serve(rules=documents)
        events = server.client("events")
        events.put_rule(Name="mine", EventPattern='{"source":["app"]}')
        events.put_events(Entries=[{"Source": "app", "DetailType": "D", "Detail": "{}"}])
        code, found = self.status(server)
        self.assertEqual(code, 0, found)
        self.assertEqual((found["running"], found["processID"]), (True, server.process.pid))
        self.assertEqual(found["endpoint"], server.endpoint)
        self.assertEqual((found["rules"]["count"], found["rulesOfBuses"]), (1, 1))
        self.assertGreaterEqual(found["deliveries"], 1)
        # Rules that are refused do not come into force, and that is a finding.
        server.write_rules(rule("tell", {"send": "nobody"}, when={"source": ["app"]}))
        refused = self.wait(server, lambda found: found[0] == 1 and "refusedRules" in found[1])
        self.assertEqual(refused["rules"]["hash"], found["rules"]["hash"])
        self.assertIn("rules.yaml", "\n".join(refused["refusedRules"]["reasons"]))
        server.write_rules(*documents)
        self.wait(server, lambda found: found[0] == 0)
        server.kill()
        code, found = self.status(server)
        self.assertEqual((code, found["running"]), (1, False))
        self.assertNotIn("endpoint", found)
        server.start()
        self.assertEqual(server.stop(), 0)
        self.assertFalse((server.data / "engine.json").exists())

    def test_doctor_sees_the_server_and_its_keys(self):
        server = self.serve()
        port = server.endpoint.rsplit(":", 1)[1]
        settings = Path(self.folder) / "signalbox.yaml"
        settings.write_text(f"data-directory: {server.data}\nrules: [{server.rules}]\nserve: {{port: {port}}}\n")

        def doctor():
            return {each["subject"]: each for each in command("doctor", "--config", settings)[1]}

        self.assertIn(f"process {server.process.pid}", doctor()["port"]["detail"])
        self.assertEqual(doctor()["keys"]["verdict"], "fine")
        (server.data / "keys" / "master.key").chmod(0o644)
        self.assertEqual(doctor()["keys"]["verdict"], "problem")
        (server.data / "keys" / "master.key").chmod(0o600)
        found = {each["subject"]: each for each in command("doctor", "--data", server.data)[1]}
        self.assertIn(server.endpoint, found["port"]["detail"])
        self.assertIn("no rule files are named", found["rules"]["detail"])
        self.assertEqual(found["keys"]["verdict"], "fine")
        server.stop()
        self.assertEqual(doctor()["port"]["verdict"], "fine")


if __name__ == "__main__":
    unittest.main()
