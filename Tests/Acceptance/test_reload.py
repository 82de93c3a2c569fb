"""Rules that change while the engine runs: all or nothing."""

import json
import signal
import unittest

from harness import AcceptanceTest, rule, webhook
from logs import LogTree


class ReloadTest(AcceptanceTest):
    seconds = 8

    def start(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        engine.start()
        self.wait_for_start(engine)
        return engine, LogTree(engine.folder / "logs")

    def wait_for_refusal(self, engine, number, place):
        """The log has the n-th refusal, and names the place."""
        self.wait_for(lambda: engine.text().count("the old ones stay in force") == number, 20, "the refusal", engine)
        self.assertRegex(engine.tail(), place)

    def check_that_old_rules_decide(self, engine, tree):
        tree.write(9)
        self.wait_for(lambda: set(self.receiver.deliveries("/ok")[0]) == set(tree.matching), 20, "deliveries", engine)
        self.assertIsNone(engine.process.poll(), engine.tail())

    def test_a_hangup_reloads(self):
        engine, tree = self.start()
        engine.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "rules reloaded" in engine.tail(), 20, "the reload", engine)
        rules = engine.rules.read_text()
        engine.rules.write_text(rules.replace('"send": "plain"', '"send": "plian"'))
        engine.process.send_signal(signal.SIGHUP)
        self.wait_for_refusal(engine, 1, r"rules\.yaml:\d+:\d+: error SB202: .*did you mean 'plain'")
        self.check_that_old_rules_decide(engine, tree)
        self.assertEqual(engine.stop(), 0, engine.tail())

    def test_a_broken_file_keeps_all_the_old_rules_until_it_is_mended(self):
        engine, tree = self.start()
        broken = engine.rules.parent / "more.yaml"
        refusals = [
            ("kind: Rule\nid: more\n\twhen: {}\n", r"more\.yaml:3:\d+: error SB1\d\d"),  # no YAML
            ("kind: Rule\nid: more\nwhne: {}\n", r"more\.yaml:3:1: error SB1\d\d: .*'when'"),  # an unknown key
            ("kind: Rule\nid: more\nwhen: {source: [{prefx: a}]}\nthen: []\n", r"more\.yaml:3:\d+: error SB3\d\d"),
            ("kind: Rule\nid: more\nwhen: {source: [a]}\nthen: [{send: nobody}]\n", r"more\.yaml:4:\d+: error SB202"),
            ("kind: Target\nid: plain\ntype: stdout\n", r"error SB201: .*more\.yaml:2:5"),  # the id is taken
        ]
        rules = engine.rules.read_text()
        for number, (text, place) in enumerate(refusals, 1):
            broken.write_text(text)
            self.wait_for_refusal(engine, number, place)
            self.check_that_old_rules_decide(engine, tree)

        # A good change beside a bad one is not taken either…
        engine.write_rules(*map(json.loads, rules.replace("/ok", "/elsewhere").split("---\n")[1:]))
        self.wait_for_refusal(engine, len(refusals) + 1, r"more\.yaml")
        self.check_that_old_rules_decide(engine, tree)
        # …until the bad one is mended: then both are.
        broken.write_text(f"---\n{json.dumps(rule('more', {'send': 'plain'}))}\n")
        self.wait_for(lambda: "rules reloaded" in engine.tail(3), 20, "the reload", engine)
        before = len(self.receiver.requests("/ok"))
        later = LogTree(engine.folder / "logs")
        later.write(9)
        self.wait_for(lambda: len(self.receiver.requests("/elsewhere")) == 6, 20, "the new rules' deliveries", engine)
        self.assertEqual(len(self.receiver.requests("/ok")), before, "an old rule was still in force")
        self.assertEqual(engine.stop(), 0, engine.tail())

    def test_a_rule_file_that_is_gone_and_comes_back(self):
        engine, tree = self.start()
        away = engine.folder / "away.yaml"
        second = engine.rules.parent / "second.yaml"
        documents = [webhook("second", url=self.url("/second")), rule("to-second", {"send": "second"})]
        temporary = engine.folder / "second.yaml"
        temporary.write_text("".join(f"---\n{json.dumps(document)}\n" for document in documents))
        temporary.rename(second)
        self.wait_for(lambda: engine.text().count("rules reloaded") == 1, 20, "the reload", engine)
        tree.write(9)
        self.wait_for(lambda: len(self.receiver.requests("/second")) == 3, 20, "deliveries", engine)
        second.rename(away)
        self.wait_for(lambda: engine.text().count("rules reloaded") == 2, 20, "the reload", engine)
        tree.write(9)
        self.wait_for(lambda: len(self.receiver.requests("/ok")) == 6, 20, "deliveries", engine)
        away.rename(second)
        self.wait_for(lambda: engine.text().count("rules reloaded") == 3, 20, "the reload", engine)
        tree.write(9)
        self.wait_for(lambda: len(self.receiver.requests("/second")) == 6, 20, "deliveries", engine)
        self.wait_for(lambda: len(self.receiver.requests("/ok")) == 9, 20, "deliveries", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())

    def test_rules_that_are_broken_at_the_start_start_nothing(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}})
        LogTree(engine.folder / "logs").write(9)
        rules = engine.rules.read_text()
        engine.rules.write_text(rules.replace('"send": "plain"', '"send": "plian"'))
        self.assertEqual(engine.drain(), 2, engine.tail())
        self.assertEqual(self.receiver.requests("/ok"), [])
        engine.rules.write_text(rules)
        self.assertEqual(engine.drain(), 0, engine.tail())
        self.assertEqual(len(self.receiver.requests("/ok")), 3)


if __name__ == "__main__":
    unittest.main()
