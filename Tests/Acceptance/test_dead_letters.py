"""Whatever is given up is a dead letter with EventBridge's attributes, and can be redriven."""

import re
import unittest

from harness import AcceptanceTest, rule, webhook
from logs import ACCOUNT, REGION, LogTree
from receiver import Answer
from test_bad_targets import closed_port

ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:"
# EventBridge's; EXHAUSTED_RETRY_CONDITION is there if one was exhausted. The last is ours.
ATTRIBUTES = {"RULE_ARN", "TARGET_ARN", "ERROR_CODE", "ERROR_MESSAGE", "RETRY_ATTEMPTS", "SIGNALBOX_DELIVERY_ID"}


class DeadLetterTest(AcceptanceTest):
    seconds = 8

    def test_attributes_are_those_of_eventbridge(self):
        quick = {"backoff": "1s..1s"}
        for status in (400, 403, 404, 429, 500, 503):
            self.receiver.on(f"/{status}", lambda _, status=status: Answer(status))
        answers = lambda status, **retry: {"url": self.url(f"/{status}"), "retry": {**quick, **retry}}  # noqa: E731
        attempts, age = "MaximumRetryAttempts", "MaximumEventAgeInSeconds"
        # target: its keys, then what its dead letter says: code, exhausted condition, how many retries
        webhooks = {
            "refuses": (answers(400), "INVALID_PARAMETER", None, 0),
            "forbids": (answers(403), "NO_PERMISSIONS", None, 0),
            "is-gone": (answers(404), "NO_RESOURCE", None, 0),
            "throttles": (answers(429, attempts=2), "THROTTLING", attempts, 1),
            "breaks": (answers(500, attempts=3), "ERROR_FROM_TARGET", attempts, 2),
            "is-broken-for-long": (answers(500, **{"for": "2s"}), "ERROR_FROM_TARGET", age, None),
            "is-not-worth-it": (answers(503, on=[429]), "ERROR_FROM_TARGET", None, 0),
            "hangs": (
                {"url": self.url("/hang"), "limits": {"timeout": "1s"}, "retry": {"attempts": 1}},
                "TIMEOUT", attempts, 0,
            ),
            "is-closed": (
                {"url": f"http://127.0.0.1:{closed_port()}/", "retry": {"attempts": 2, **quick}},
                "CONNECTION_FAILURE", attempts, 1,
            ),
            "is-inside": ({"url": self.url("/ok"), "network": "public"}, "NO_PERMISSIONS", None, 0),
        }  # fmt: skip
        shell = lambda program, **keys: {"type": "command", "argv": ["/bin/sh", "-c", program], **keys}  # noqa: E731
        actions = {
            "fails": (shell("exit 3"), "ERROR_FROM_TARGET", None, 0),
            "fails-twice": (shell("exit 75", retry={"attempts": 2, **quick}), "ERROR_FROM_TARGET", attempts, 1),
            "is-missing": ({"type": "command", "argv": ["/no/such/program"]}, "NO_RESOURCE", None, 0),
        }
        documents = [webhook(name, **keys) for name, (keys, *_) in webhooks.items()]
        documents += [rule(f"to-{name}", {"send": name}) for name in webhooks]
        documents += [{"kind": "Action", "id": name, **keys} for name, (keys, *_) in actions.items()]
        documents += [rule(f"to-{name}", {"run": name}, stage="enforce") for name in actions]
        documents.append({"kind": "Target", "id": "letters-of-its-own", "type": "queue"})
        for document in documents:
            if document["id"] == "is-gone":
                document["dead-letter"] = "letters-of-its-own"
        engine = self.engine(documents=documents)
        tree = LogTree(engine.folder / "logs")
        tree.write(1)
        self.assertEqual(engine.drain("--retry-wait", "60s"), 0, engine.tail())

        letters = engine.ask("dlq", "show", "dead-letters")
        own = engine.ask("dlq", "show", "letters-of-its-own")
        self.assertEqual([letter["attributes"]["TARGET_ARN"] for letter in own], [f"{ARN}target/is-gone"])
        found = {letter["attributes"]["TARGET_ARN"].removeprefix(ARN): letter for letter in letters + own}
        wanted = {f"target/{name}": case for name, case in webhooks.items()}
        wanted |= {f"action/{name}": case for name, case in actions.items()}
        self.assertEqual(set(found), set(wanted))
        for target, (_, code, condition, retries) in wanted.items():
            with self.subTest(target):
                attributes = found[target]["attributes"]
                exhausted = {"EXHAUSTED_RETRY_CONDITION"} if condition else set()
                self.assertEqual(set(attributes), ATTRIBUTES | exhausted)
                self.assertEqual(attributes["ERROR_CODE"], code, attributes)
                self.assertEqual(attributes.get("EXHAUSTED_RETRY_CONDITION"), condition, attributes)
                self.assertEqual(attributes["RULE_ARN"], f"{ARN}rule/to-{target.split('/')[1]}")
                self.assertRegex(attributes["SIGNALBOX_DELIVERY_ID"], r"^dlv-[0-9a-f]{32}$")
                self.assertTrue(attributes["ERROR_MESSAGE"])
                if retries is None:
                    self.assertRegex(attributes["RETRY_ATTEMPTS"], r"^[1-9][0-9]*$")
                else:
                    self.assertEqual(attributes["RETRY_ATTEMPTS"], str(retries))
                # The letter is the event, not what was made of it.
                body = found[target]["body"]
                self.assertEqual(body["detail-type"], "AWS API Call via CloudTrail")
                self.assertEqual(body["detail"]["eventID"], tree.events[0])
        # As many requests came as the letters say.
        for status, count in {400: 1, 403: 1, 404: 1, 429: 2, 503: 1}.items():
            self.assertEqual(len(self.receiver.requests(f"/{status}")), count, status)

    def test_what_is_given_up_can_be_redriven(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        self.receiver.refused.add("/ok")
        tree = LogTree(engine.folder / "logs")
        tree.write(9)
        self.assertEqual(engine.drain(), 0, engine.tail())
        self.assertEqual(len(engine.ask("dlq", "show", "dead-letters")), len(tree.matching))

        # The receiver is repaired, and the letters are redriven beside a running engine.
        self.receiver.refused.clear()
        engine.start()
        self.wait_for_start(engine)
        redrive = engine.run("dlq", "redrive", "dead-letters", "--config", str(engine.settings))
        self.assertEqual(redrive.returncode, 0, redrive.stderr)
        self.wait_for(lambda: engine.states() == {"delivered": 3}, 20, "the redriven deliveries", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())
        self.check_deliveries("/ok", tree, engine)  # the same delivery ids as at first
        self.assertEqual(engine.ask("dlq", "show", "dead-letters"), [])

    def test_what_is_dropped_is_noted(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        self.receiver.refused.add("/ok")
        LogTree(engine.folder / "logs").write(9)
        self.assertEqual(engine.drain(), 0, engine.tail())
        first = engine.ask("dlq", "show", "dead-letters")[0]["messageID"]
        for arguments, dropped in [((first,), 1), (("--all",), 2)]:
            drop = engine.run("dlq", "drop", "dead-letters", *arguments, "--config", str(engine.settings))
            self.assertEqual(drop.returncode, 0, drop.stderr)
            self.assertTrue(re.match(rf"{dropped} messages? dropped", drop.stderr), drop.stderr)
        self.assertEqual(engine.ask("dlq", "show", "dead-letters"), [])
        self.assertEqual(engine.states(), {"dead-lettered": 3})


if __name__ == "__main__":
    unittest.main()
