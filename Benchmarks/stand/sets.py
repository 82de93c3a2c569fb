"""The inputs: which sets there are, in which sizes, and where their files lie."""

import dataclasses
import hashlib
import json
import pathlib
import sys
from collections.abc import Callable, Iterable

from .generate import cloudtrail, kinds, shapes, unkind

# For deep nesting.
sys.setrecursionlimit(20_000)

RULE_COUNTS = (10, 100, 1_000, 10_000, 100_000)


@dataclasses.dataclass(frozen=True)
class RuleSet:
    """A set of rules and the events that it is measured with, for every size."""

    name: str
    # What a size counts.
    counts: str
    sizes: tuple[int, ...]
    rules: Callable[[int], Iterable[dict]]
    # None: the CloudTrail events that most sets share.
    events: Callable[[int], Iterable[dict]] | None = None
    about: str = ""


def by_rules(name, rules, about, sizes=RULE_COUNTS):
    return RuleSet(name, "rules", sizes, rules, about=about)


SETS = {
    entry.name: entry
    for entry in (
        by_rules("mix", lambda count: kinds.rules(count, "mix"), "every matcher"),
        by_rules("common", lambda count: kinds.rules(count, "common"), "the matchers that quamina has, too"),
        by_rules("exact", lambda count: kinds.rules(count, "exact"), "exact values only"),
        by_rules("unkind", unkind.rules, "no exact value anywhere"),
        *(RuleSet(*shape) for shape in shapes.SHAPES),
    )
}


class Inputs:
    """Files of rules and events, made when they are first asked for."""

    def __init__(self, folder, event_count):
        self.folder = pathlib.Path(folder)
        self.event_count = event_count
        # Files of an older generator are not taken.
        sources = sorted(pathlib.Path(__file__).parent.glob("generate/*.py"))
        self.version = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]

    def rules(self, name, size):
        return self._file(f"{name}-{size}-rules", lambda: SETS[name].rules(size))

    def events(self, name, size):
        events = SETS[name].events
        if events is None:
            return self._file(f"events-{self.event_count}", lambda: cloudtrail.events(self.event_count))
        return self._file(f"{name}-{size}-events", lambda: events(size))

    def _file(self, stem, make):
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{stem}-{self.version}.jsonl"
        if not path.exists():
            unfinished = path.with_suffix(".part")
            with unfinished.open("w") as file:
                for value in make():
                    line = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
                    file.write(line + "\n")
            unfinished.rename(path)
        return path
