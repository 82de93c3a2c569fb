"""A gate that does not wobble: instructions per event, compared with numbers that are pinned in the repository.

Counts differ by compiler, so pins are kept for each version; they differ by a few in a thousand from run to run, because
every process hashes by a seed of its own.
"""

import json

from . import measure

CASES = (
    ("mix", 10), ("mix", 1_000), ("mix", 10_000), ("exact", 1_000), ("unkind", 1_000), ("arrays", 100), ("wildcards", 100),
    ("explode", 100), ("longstrings", 16_000), ("manykeys", 1_000),
)
# How much more than pinned is let pass.
TOLERANCE = 0.03
EVENTS = 300


def counts(tools, inputs):
    """Yields (name of the case, instructions per event)."""
    level = next(level for level in tools.levels() if level != "avx512")
    for name, size in CASES:
        rules, events = inputs.rules(name, size), inputs.events(name, size)
        yield f"{name} {size}", round(measure.instructions_per_event(tools, rules, events, level, EVENTS))


class Pins:
    """The pinned numbers of one compiler."""

    def __init__(self, path, compiler):
        self.path = path
        self.compiler = compiler
        self.all = json.loads(path.read_text()) if path.exists() else {}

    def of(self, case):
        return self.all.get(self.compiler, {}).get(case)

    def pin(self, numbers):
        self.all[self.compiler] = numbers
        self.path.write_text(json.dumps(self.all, indent=2) + "\n")
