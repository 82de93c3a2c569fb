"""Targets that are not there or never answer delay nobody else."""

import socket
import time
import unittest

from harness import AcceptanceTest
from logs import LogTree


def closed_port():
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class BadTargetTest(AcceptanceTest):
    seconds = 8

    def test_an_unreachable_target_delays_nobody(self):
        dead = f"http://127.0.0.1:{closed_port()}/"
        engine = self.engine({"plain": {"url": self.url("/ok")}, "dead": {"url": dead}})
        tree = LogTree(engine.folder / "logs")
        tree.write(600)
        started = time.monotonic()
        engine.start()
        expected = len(tree.matching)
        self.wait_for(lambda: len(self.receiver.deliveries("/ok")[0]) == expected, 60, "all deliveries", engine)
        tree.write(300)
        expected = len(tree.matching)
        self.wait_for(lambda: len(self.receiver.deliveries("/ok")[0]) == expected, 30, "the later deliveries", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())
        self.assertLess(time.monotonic() - started, 90)
        # What could not be delivered is not lost: it waits, and the exit code says so.
        self.assertEqual(engine.drain("--retry-wait", "1s"), 4, engine.tail())

    def test_a_receiver_that_hangs_delays_nobody(self):
        engine = self.engine(
            {
                "plain": {"url": self.url("/ok")},
                "hanging": {"url": self.url("/hang"), "limits": {"timeout": "60s", "concurrency": 3}},
            }
        )
        tree = LogTree(engine.folder / "logs")
        tree.write(600)
        engine.start()
        expected = len(tree.matching)
        self.wait_for(lambda: len(self.receiver.deliveries("/ok")[0]) == expected, 60, "all deliveries", engine)
        self.wait_for(lambda: self.receiver.deliveries("/hang")[1] > 0, 10, "an attempt at the hanging one", engine)
        self.assertLessEqual(self.receiver.deliveries("/hang")[1], 3, "more attempts at once than `concurrency` allows")
        started = time.monotonic()
        self.assertEqual(engine.stop(), 0, engine.tail())
        self.assertLess(time.monotonic() - started, 15, "the stop waited for a receiver that hangs")
        self.check_deliveries("/ok", tree, engine)

    def test_what_is_dead_for_too_long_is_given_up(self):
        dead = f"http://127.0.0.1:{closed_port()}/"
        engine = self.engine({"dead": {"url": dead, "retry": {"attempts": 2, "backoff": "1s..1s"}}})
        tree = LogTree(engine.folder / "logs")
        tree.write(9)
        self.assertEqual(engine.drain("--retry-wait", "30s"), 0, engine.tail())
        self.assertEqual(engine.states(), {"dead-lettered": 3}, engine.tail())


if __name__ == "__main__":
    unittest.main()
