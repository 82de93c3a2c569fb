"""The engine is killed with SIGKILL at random points under load, and loses nothing: not with any kind of target.

SIGNALBOX_KILLS sets how often (20; 200 for the long run), SIGNALBOX_SEED repeats a run's random points.
"""

import collections
import json
import os
import random
import threading
import time
import unittest

from harness import AcceptanceTest, progress, rule, webhook
from logs import LogTree

# One line for each run of a program: the delivery, the event, and which step it was. Short appended lines stay whole.
NOTE = 'echo "$SIGNALBOX_DELIVERY_ID $PARAM_EVENT" >> '


class CrashTest(AcceptanceTest):
    seconds = 60

    def test_nothing_is_lost_when_the_engine_is_killed(self):
        kills = int(os.environ.get("SIGNALBOX_KILLS", "20"))
        seed = int(os.environ.get("SIGNALBOX_SEED", str(random.randrange(1 << 32))))
        chance = random.Random(seed)
        progress(f"{kills} kills, SIGNALBOX_SEED={seed}")
        engine = self.engine(
            {
                "plain": {"url": self.url("/ok")},
                "flaky": {"url": self.url("/flaky"), "retry": {"backoff": "1s..2s"}},
            },
            documents=self.all_kinds(),
        )
        (engine.rules.parent / "note.sh").write_text(NOTE + f"'{engine.folder}/script.txt'\n")
        tree = LogTree(engine.folder / "logs")
        tree.write(3000)

        done = threading.Event()

        def keep_writing():
            while not done.is_set():
                tree.write(150)
                done.wait(0.15)

        writer = threading.Thread(target=keep_writing)
        writer.start()
        try:
            for number in range(kills):
                with self.output(engine, number) as output:
                    process = engine.start(stdout=output)
                # Some points fall into the start, most into the work, however slow the machine is.
                if chance.random() < 0.7:
                    self.wait_for_work(process, chance.randint(1, 300))
                time.sleep(chance.uniform(0, 0.3))
                self.assertIsNone(process.poll(), f"the engine ended by itself before kill {number}\n{engine.tail()}")
                engine.kill()
        finally:
            done.set()
            writer.join()

        self.assertTrue(self.receiver.requests("/ok"), "no kill fell into the work")
        with self.output(engine, kills) as output:
            status = engine.drain("--retry-wait", "60s", stdout=output)
        self.assertEqual(status, 0, engine.tail())
        repeated = {path: self.check_deliveries(path, tree, engine) for path in ("/ok", "/flaky")}
        repeated |= self.check_all_kinds(engine, tree, kills)
        self.assertTrue(tree.marked)
        counts = ", ".join(f"{place} {count}" for place, count in repeated.items())
        progress(
            f"{len(tree.events)} events, {len(tree.matching)} matched, {len(tree.marked)} went everywhere, none lost; "
            f"twice with the same id: {counts}"
        )

        # There is nothing left to do: another run delivers nothing.
        before = self.receiver.deliveries("/ok")[1]
        with self.output(engine, kills + 1) as output:
            self.assertEqual(engine.drain(stdout=output), 0, engine.tail())
            self.assertEqual(os.fstat(output.fileno()).st_size, 0)
        self.assertEqual(self.receiver.deliveries("/ok")[1], before)

    def wait_for_work(self, process, requests):
        """Returns when the engine has made so many more requests, or has none to make."""
        deadline = time.monotonic() + 5
        wanted = self.receiver.count("/ok") + requests
        while self.receiver.count("/ok") < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)

    def all_kinds(self):
        """A rule about the marked events with a step for every kind of target, and what it names."""
        values = {"event": "<detail.eventID>"}
        parameters = {"event": {"type": "string", "match": "[0-9a-f-]{36}"}}
        steps = [
            {"send": "findings"},
            {"send": "everybody"},
            {"send": "lines"},
            {"send": "printed"},
            {"run": "noted-by-command", "with": values},
            {"run": "noted-by-script", "with": values},
        ]
        pattern = {"detail": {"eventName": ["StopLogging"], "requestParameters": {"name": [{"suffix": "0"}]}}}
        command = ["/bin/sh", "-c", NOTE + f"'{self.folder}/command.txt'"]
        action = {"kind": "Action", "params": parameters, "idempotent": True}
        return [
            rule("everywhere", *steps, when=pattern, stage="enforce"),
            {"kind": "Target", "id": "findings", "type": "queue"},
            {"kind": "Target", "id": "copies", "type": "queue"},
            webhook("subscriber", url=self.url("/subscriber")),
            {"kind": "Target", "id": "everybody", "type": "topic", "subscriptions": ["copies", "subscriber"]},
            {"kind": "Target", "id": "lines", "type": "file", "path": "lines.jsonl"},
            {"kind": "Target", "id": "printed", "type": "stdout"},
            {**action, "id": "noted-by-command", "type": "command", "argv": command},
            {**action, "id": "noted-by-script", "type": "script", "file": "note.sh", "interpreter": ["/bin/sh"]},
        ]

    @staticmethod
    def output(engine, number):
        """A file for the standard output of one run: what a kill cut off must not run into the next one's lines."""
        return open(engine.folder / f"stdout-{number:03}.jsonl", "ab")

    def check_all_kinds(self, engine, tree, kills):
        """Every marked event is everywhere, with one delivery id; how many came twice, by place."""
        repeated = {}

        def check(place, pairs):
            found = collections.defaultdict(set)
            for event, delivery in pairs:
                found[event].add(delivery)
            self.check_ids(place, found, tree.marked, engine)
            repeated[place] = len(pairs) - len(found)
            return found

        topic_ids = {}
        for queue in ("findings", "copies"):
            messages = engine.ask("queue", "show", queue, "--limit", "1000000")
            pairs = [(message["body"]["event"], message["attributes"]["signalbox.delivery"]) for message in messages]
            check(f"queue {queue}", pairs)
            self.assertEqual(repeated[f"queue {queue}"], 0, "a queue takes each delivery once")
            topic_ids[queue] = {message["body"]["event"]: message["body"]["delivery"] for message in messages}

        # A topic gives each subscriber a delivery of its own; `<delivery.id>` is the topic's for all of them.
        requests = self.receiver.requests("/subscriber")
        check("topic's webhook", [(request.event, request.delivery) for request in requests])
        for request in requests:
            self.assertEqual(json.loads(request.body)["delivery"], topic_ids["copies"][request.event])

        # Killed in the middle of a line, the engine ends it at the next start, and writes the record again.
        lines, torn = self.lines([engine.folder / "data" / "lines.jsonl"])
        check("file", [(line["event"], line["delivery"]) for line in lines])
        self.assertLessEqual(torn, kills)
        lines, torn = self.lines(sorted(engine.folder.glob("stdout-*.jsonl")))
        check("stdout", [(line["event"], line["delivery"]) for line in lines])
        self.assertLessEqual(torn, kills)

        for program in ("command", "script"):
            noted = (engine.folder / f"{program}.txt").read_text().split("\n")[:-1]
            check(program, [tuple(reversed(line.split(" "))) for line in noted])
        return repeated

    @staticmethod
    def lines(files):
        """The lines of files of JSON lines that are whole, and how many are not."""
        whole, torn = [], 0
        for file in files:
            for line in file.read_text().splitlines():
                try:
                    whole.append(json.loads(line))
                except ValueError:
                    torn += 1
        return whole, torn

    def test_a_stop_leaves_nothing_half_done(self):
        engine = self.engine({"plain": {"url": self.url("/slow")}})
        tree = LogTree(engine.folder / "logs")
        tree.write(1500)
        engine.start()
        self.wait_for(lambda: self.receiver.deliveries("/slow")[1] > 20, 30, "the first delivery", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())
        self.assertEqual(engine.drain(), 0, engine.tail())
        repeated = self.check_deliveries("/slow", tree, engine)
        self.assertEqual(repeated, 0, "a graceful stop waits for attempts under way, so nothing is sent twice")


if __name__ == "__main__":
    unittest.main()
