"""Measuring: turns of a fixed length, ratios within each turn, medians of the ratios.

A machine that others use, too, slows down and recovers within seconds. So a Signalbox pass and a yardstick pass over the
same events follow each other closely, each for a twentieth of a second or more, in processor time; only the ratio of
such a pair counts.
"""

import contextlib
import dataclasses
import json
import os
import re
import statistics
import subprocess
import tempfile

from . import contestants

# How long a pass should take at least, in nanoseconds, and over how many events it should go at least: but no longer than
# it may take at most.
PASS_TIME = 60e6
FEWEST_EVENTS = 1000
LONGEST_PASS = 1e9


@dataclasses.dataclass
class Speed:
    """What the rounds of one set at one instruction set showed."""

    level: str
    rules: int
    # Median of the rounds' ratios to the yardstick, and how far the middle half of them lies apart.
    ratio: float = 0
    spread: float = 0
    events_per_second: float = 0
    bytes_per_second: float = 0
    nanoseconds_per_event: float = 0
    matches_per_event: float = 0
    allocations_per_event: float = 0
    refused: int = 0
    compile_seconds: float = 0
    heap_bytes: int = 0
    table_bytes: int = 0
    instructions_per_event: float | None = None


def speeds(tools, rules, events, levels, rounds, instructions=False):
    """Lets all levels and the yardstick take turns; returns a `Speed` for each level and the yardstick's events/s."""
    with contextlib.ExitStack() as stack:
        yardstick = stack.enter_context(contestants.yardstick(tools, events))
        ours = {
            level: stack.enter_context(contestants.matcher(tools, rules, events, level)) for level in levels
        }
        names = list(ours)
        everyone = {**ours, None: yardstick}
        lengths = {name: _pass_length(one) for name, one in everyone.items()}
        ratios = {name: [] for name in names}
        passes = {name: [] for name in names}
        measured = []
        for number in range(rounds):
            # Every turn begins with another one.
            order = names[number % len(names) :] + names[: number % len(names)]
            for name in order:
                before = _rate(yardstick.ask(f"pass {lengths[None]}"))
                answer = ours[name].ask(f"pass {lengths[name]}")
                after = _rate(yardstick.ask(f"pass {lengths[None]}"))
                ratios[name].append(_rate(answer) / ((before + after) / 2))
                passes[name].append(answer)
                measured += [before, after]
        results = [_speed(name, ours[name].about, ratios[name], passes[name]) for name in names]
    if instructions and tools.valgrind:
        for result in results:
            if result.level == "avx512" and "avx2" in levels:
                continue  # valgrind knows no AVX-512: it would count the other row's
            result.instructions_per_event = instructions_per_event(tools, rules, events, result.level)
    return results, statistics.median(measured)


def _pass_length(contestant):
    """How many events a pass should have; warms up."""
    contestant.ask("pass 20")
    answer = contestant.ask("pass 20")
    each = max(1, answer["ns"] / answer["events"])
    length = max(20, min(max(FEWEST_EVENTS, int(PASS_TIME / each)), int(LONGEST_PASS / each)))
    contestant.ask(f"pass {length}")
    return length


def _rate(answer):
    return answer["events"] / answer["ns"] * 1e9


def _speed(level, about, ratios, passes):
    quarters = statistics.quantiles(ratios, n=4) if len(ratios) > 2 else [min(ratios), 0, max(ratios)]
    last = passes[-1]
    rate = statistics.median(map(_rate, passes))
    return Speed(
        level=about["level"],
        rules=about["rules"],
        ratio=statistics.median(ratios),
        spread=quarters[2] - quarters[0],
        events_per_second=rate,
        bytes_per_second=rate * last["bytes"] / last["events"],
        nanoseconds_per_event=1e9 / rate,
        matches_per_event=last["matches"] / last["events"],
        allocations_per_event=last["allocations"] / last["events"],
        refused=last["refused"],
        compile_seconds=about["compile_ns"] / 1e9,
        heap_bytes=about["heap_bytes"],
        table_bytes=about["table_bytes"],
    )


def instructions_per_event(tools, rules, events, level, count=1000):
    """Counted by callgrind; the same on every run and on a busy machine. (Processors in virtual machines seldom have
    counters of their own.) Valgrind knows no AVX-512, so the level may be lower than asked for."""
    with tempfile.TemporaryDirectory() as folder:
        command = [tools.valgrind, "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/out"]
        command += [tools.stripped(folder), rules, events, "--extended", "--level", "avx2" if level == "avx512" else level]
        asked = f"count {count}\n"
        run = subprocess.run(command, input=asked, capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(run.stderr)
        answer = json.loads(run.stdout.splitlines()[-1])
        total = re.search(r"^totals: (\d+)", open(f"{folder}/out").read(), re.M)
        return int(total[1]) / answer["events"]
