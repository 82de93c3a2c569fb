"""Rate, burst, concurrency and Retry-After, as the receiver sees them.

What is asserted about time holds however slow the machine is: with one request at a time, a request's permission was
given after the one before had come.
"""

import email.utils
import threading
import time
import unittest

from harness import AcceptanceTest
from logs import LogTree
from receiver import Answer


class LimitsTest(AcceptanceTest):
    seconds = 10

    def test_rate_and_burst_hold_for_one_target_only(self):
        rate, burst, matching = 4, 16, 28
        limits = {"rate": f"{rate}/1s", "burst": burst, "concurrency": 1}
        targets = {"limited": {"url": self.url("/limited"), "limits": limits}, "free": {"url": self.url("/ok")}}
        engine = self.engine(targets)
        tree = LogTree(engine.folder / "logs")
        tree.write(3 * matching)
        started = time.monotonic()
        engine.start()
        for path in ("/ok", "/limited"):
            self.wait_for(lambda: len(self.receiver.requests(path)) == matching, 60, f"all requests to {path}", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())

        times = [started] + [request.at for request in self.receiver.requests("/limited")]
        for first in range(1, len(times)):
            for last in range(first, len(times)):
                # In this time at least; it began with the request before `first` being there, or later.
                allowed = burst + rate * (times[last] - times[first - 1]) + 1
                self.assertLessEqual(last - first + 1, allowed, f"requests {first} to {last} came too quickly")
        quickest = times[burst] - times[1]
        self.assertLess(quickest, (burst - 1) / rate, "the burst came no quicker than the rate alone allows")
        free = [request.at for request in self.receiver.requests("/ok")]
        self.assertLess(free[-1], times[-1], "a target without limits waited for the one that has some")

    def test_concurrency_is_used_and_not_exceeded(self):
        tickets = threading.Semaphore(0)
        self.receiver.on("/hold", lambda _: tickets.acquire() and Answer())
        targets = {
            "held": {"url": self.url("/hold"), "limits": {"concurrency": 3, "timeout": "300s"}},
            "free": {"url": self.url("/ok")},
        }
        engine = self.engine(targets)
        tree = LogTree(engine.folder / "logs")
        tree.write(60)
        engine.start()
        came = lambda: len(self.receiver.requests("/hold"))  # noqa: E731
        self.wait_for(lambda: came() == 3, 30, "three requests at once", engine)
        # Nobody waits for the target that is stuck.
        self.wait_for(lambda: len(self.receiver.deliveries("/ok")[0]) == 20, 30, "the other target's", engine)
        for more in range(4, 21):
            tickets.release()
            self.wait_for(lambda: came() == more, 30, f"request {more}", engine)
        for _ in range(3):
            tickets.release()
        self.wait_for(lambda: engine.states().get("delivered") == 40, 30, "the end of all", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())
        self.assertEqual(self.receiver.most_at_once["/hold"], 3)
        self.check_deliveries("/hold", tree, engine)

    def test_retry_after_is_honoured_by_the_whole_target(self):
        pause = 3
        answered = {}  # path -> when the answer that asked to wait went out

        def busy(status, wait):
            def answer(request):
                if request.path in answered:
                    return Answer()
                answered[request.path] = time.monotonic()
                return Answer(status, {"Retry-After": wait()})

            return answer

        # A date has whole seconds: one more, so that it is `pause` away at least.
        date = lambda: email.utils.formatdate(time.time() + pause + 1, usegmt=True)  # noqa: E731
        self.receiver.on("/seconds", busy(429, lambda: str(pause)))
        self.receiver.on("/date", busy(503, date))
        targets = {
            name: {"url": self.url(f"/{name}"), "limits": {"concurrency": 1}, "retry": {"backoff": "1s..1s"}}
            for name in ("seconds", "date")
        }
        engine = self.engine({**targets, "plain": {"url": self.url("/ok")}})
        tree = LogTree(engine.folder / "logs")
        tree.write(30)
        self.assertEqual(engine.drain("--retry-wait", "60s"), 0, engine.tail())
        for path in ("/seconds", "/date"):
            times = [request.at for request in self.receiver.requests(path)]
            self.assertEqual(len(times), 11, f"one of ten came to {path} twice")
            # The engine's clock has milliseconds.
            self.assertGreaterEqual(times[1] - answered[path], pause - 0.05, f"the target was not left alone: {path}")
            self.check_deliveries(path, tree, engine)
        self.assertLess(self.receiver.requests("/ok")[-1].at, self.receiver.requests("/seconds")[1].at)


if __name__ == "__main__":
    unittest.main()
