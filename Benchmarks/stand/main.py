"""The command line of Benchmarks/run."""

import argparse
import sys

from . import measure, report
from .sets import SETS, Inputs
from .tools import Tools


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    names = ", ".join(SETS)
    parser.add_argument("--sets", default="mix,common,exact,unkind", help=f"which of {names}; or all")
    parser.add_argument("--sizes", help="only these sizes, such as 10,1000")
    parser.add_argument("--levels", default="best", help="instruction sets: best, or a list such as avx2,sse2")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement (11; 3 with --quick)")
    parser.add_argument("--quick", action="store_true", help="3 rounds, sizes up to 10,000, fewer events")
    parser.add_argument("--instructions", action=argparse.BooleanOptionalAction, default=True, help="count with callgrind")
    parser.add_argument("--events", type=int, help="CloudTrail events to generate (20,000; 4,000 with --quick)")
    parser.add_argument("--markdown", action="store_true", help="tables for a document")
    parser.add_argument("--core", type=int, help="the processor core to measure on (the last)")
    parser.add_argument("--scratch", default=".build-bench", help="folder for inputs, builds and tools")
    parser.add_argument("--matcher-bench", help="a built matcher-bench, instead of building one")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 11)
    options.events = options.events or (4_000 if options.quick else 20_000)
    return options


def main():
    options = arguments()
    names = list(SETS) if options.sets == "all" else options.sets.split(",")
    if unknown := [name for name in names if name not in SETS]:
        sys.exit(f"there is no set {', '.join(unknown)}; there are {', '.join(SETS)}")
    tools = Tools(options.scratch, options.core, options.matcher_bench)
    tools.install("yardstick")
    inputs = Inputs(tools.scratch / "inputs", options.events)
    levels = [None] if options.levels == "best" else options.levels.split(",")
    table = report.SpeedTable(options.markdown)
    for name in names:
        for size in sizes(options, SETS[name]):
            rules, events = inputs.rules(name, size), inputs.events(name, size)
            counted = options.instructions and size <= 10_000
            results, yardstick = measure.speeds(tools, rules, events, levels, options.rounds, counted)
            for result in results:
                table.add(name, size, result, yardstick)
    return 0


def sizes(options, entry):
    wanted = {int(size) for size in options.sizes.split(",")} if options.sizes else None
    for size in entry.sizes:
        if wanted is not None and size not in wanted:
            continue
        if wanted is None and options.quick and entry.counts == "rules" and size > 10_000:
            continue
        yield size
