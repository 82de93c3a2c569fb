"""The engine is killed with SIGKILL at random points under load, and loses nothing.

SIGNALBOX_KILLS sets how often (20; 200 for the long run), SIGNALBOX_SEED repeats a run's random points.
"""

import os
import random
import threading
import time
import unittest

from harness import AcceptanceTest, LogTree, progress


class CrashTest(AcceptanceTest):
    def test_nothing_is_lost_when_the_engine_is_killed(self):
        kills = int(os.environ.get("SIGNALBOX_KILLS", "20"))
        seed = int(os.environ.get("SIGNALBOX_SEED", str(random.randrange(1 << 32))))
        chance = random.Random(seed)
        progress(f"{kills} kills, SIGNALBOX_SEED={seed}")
        engine = self.engine(
            {
                "plain": {"url": self.url("/ok")},
                "flaky": {"url": self.url("/flaky"), "retry": {"backoff": "1s..2s"}},
            }
        )
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
                process = engine.start()
                # Some points fall into the start, most into the work.
                time.sleep(chance.choice([chance.uniform(0.01, 0.2), chance.uniform(0.1, 1.2)]))
                self.assertIsNone(process.poll(), f"the engine ended by itself before kill {number}\n{engine.tail()}")
                engine.kill()
        finally:
            done.set()
            writer.join()

        status = engine.drain("--retry-wait", "60s")
        self.assertEqual(status, 0, engine.tail())
        repeated = self.check_deliveries("/ok", tree, engine)
        self.check_deliveries("/flaky", tree, engine)
        progress(f"{len(tree.events)} events, {len(tree.matching)} matched, {repeated} deliveries came twice, none lost")

        # There is nothing left to do: another run delivers nothing.
        before = self.receiver.deliveries("/ok")[1]
        self.assertEqual(engine.drain(), 0, engine.tail())
        self.assertEqual(self.receiver.deliveries("/ok")[1], before)

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
