"""Measures Signalbox's matcher beside orjson, and its log reading beside other tools."""

import argparse
import dataclasses
import json
import pathlib
import platform
import subprocess
import sys
import time

from . import check, extras, files, gate, measure, report
from .sets import SETS, Inputs
from .tools import PACKAGES, Tools

PARTS = {
    "check": "whether a slow, simple judge finds the same matches",
    "speed": "sets of 10 to 100,000 rules",
    "shapes": "awkward rules and events of growing size",
    "resources": "compile time, memory, changing a rule, a second thread",
    "files": "whole processes over gzip log files",
    "gate": "instructions per event, compared with pinned ones",
}
ROOT = pathlib.Path(__file__).resolve().parents[2]
BY_RULES = ("mix", "common", "exact", "unkind")


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    add = parser.add_argument
    add("--parts", help="which of " + ", ".join(f"{name} ({what})" for name, what in PARTS.items()))
    add("--sets", help="only these sets: " + ", ".join(SETS))
    add("--sizes", help="only these sizes, such as 10,1000")
    add("--levels", help="instruction sets, such as avx2,sse2: all there are for the sets by rules; best otherwise, or --quick")
    add("--rounds", type=int, help="rounds of each measurement (11; 3 with --quick)")
    add("--quick", action="store_true", help="only speed, 3 rounds, at most 10,000 rules, fewer events")
    add("--instructions", action=argparse.BooleanOptionalAction, default=True, help="count them with callgrind")
    add("--events", type=int, help="CloudTrail events to generate (20,000; 4,000 with --quick)")
    add("--records", type=int, default=2_000_000, help="records in the log files")
    add("--file-rounds", type=int, default=3, help="runs of each process over the log files")
    add("--pin", action="store_true", help="let the gate pin what it counts in Benchmarks/instructions.json")
    add("--markdown", action="store_true", help="tables for a document")
    add("--document", type=pathlib.Path, help="a document whose tables to replace by the new ones")
    add("--core", type=int, help="the processor core to measure on (the last)")
    add("--scratch", default=ROOT / ".build-bench", help="folder for inputs, builds and tools (.build-bench)")
    add("--matcher-bench", help="a built matcher-bench, instead of building one")
    add("--signalbox", help="a built signalbox, instead of building one")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 11)
    options.events = options.events or (4_000 if options.quick else 20_000)
    chosen = listed(options.sets, SETS, parser)
    parts = listed(options.parts, PARTS, parser)
    if not parts and chosen:
        parts = [name for name, members in (("speed", BY_RULES), ("shapes", set(SETS) - set(BY_RULES))) if set(chosen) & set(members)]
    options.parts = parts or (["speed"] if options.quick else list(PARTS))
    options.by_rules = [name for name in BY_RULES if not chosen or name in chosen]
    options.by_shape = [name for name in SETS if name not in BY_RULES and (not chosen or name in chosen)]
    options.document = report.Document(options.document)
    options.levels = options.levels.split(",") if options.levels else None
    return options


def listed(text, known, parser):
    names = text.split(",") if text else []
    if unknown := [name for name in names if name not in known]:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def main():
    options = arguments()
    tools = Tools(options.scratch, options.core, options.matcher_bench, options.signalbox)
    tools.install("yardstick")
    inputs = Inputs(tools.scratch / "inputs", options.events)
    results = {"machine": machine(), "speeds": []}
    line = "{date}; {processor}; {swift}; Python {python}, {package}".format(**results["machine"])
    print(line)
    options.document.put("machine", [line])
    wrong = "check" in options.parts and not agrees(options, tools, inputs)
    if "speed" in options.parts:
        speed(options, tools, inputs, results)
    if "shapes" in options.parts and options.by_shape:
        shapes(options, tools, inputs, results)
    if "resources" in options.parts:
        resources(options, tools, inputs)
    if "files" in options.parts:
        log_files(options, tools, inputs)
    if "gate" in options.parts:
        wrong = not passes(options, tools, inputs, results["machine"]["swift"]) or wrong
    (tools.scratch / "results.json").write_text(json.dumps(results, indent=1))
    return 1 if wrong else 0


def agrees(options, tools, inputs):
    """Compares counts of matches; says where they differ."""
    report.heading("Matches, compared with those of a slow and simple judge", options.markdown)
    wrong = sets = matches = 0
    for name in options.by_rules + options.by_shape:
        for size in sizes(options, SETS[name]):
            if size > 1_000:
                continue
            found, differing = check.check(tools, inputs.rules(name, size), inputs.events(name, size), (options.levels or [None])[0])
            sets += 1
            matches += found
            for rule, expected, have in differing:
                wrong += 1
                print(f"{name} {size}: {rule} matches {have} events and should match {expected}")
    summary = f"{sets} sets, {matches:,} matches, {wrong} rules differ"
    print(summary)
    options.document.put("check", [f"{summary}."])
    return wrong == 0


def speed(options, tools, inputs, results):
    report.heading("Sets of rules, CloudTrail events of 1.8 kB; ratio to orjson.loads", options.markdown)
    table = report.SpeedTable(options.markdown)
    levels = options.levels or ([None] if options.quick else tools.levels())
    for name in options.by_rules:
        for size in sizes(options, SETS[name]):
            for result in measured(options, tools, inputs, name, size, levels, results):
                table.add(name, size, result)
    options.document.put("speed", table.for_document())


def shapes(options, tools, inputs, results):
    report.heading("Awkward shapes", options.markdown)
    table = report.ShapeTable(options.markdown)
    for name in options.by_shape:
        for size in sizes(options, SETS[name]):
            for result in measured(options, tools, inputs, name, size, options.levels or [None], results):
                table.add(SETS[name], size, result)
    options.document.put("shapes", table.for_document())


def measured(options, tools, inputs, name, size, levels, results):
    counted = options.instructions and (size <= 10_000 or SETS[name].counts != "rules")
    files_ = inputs.rules(name, size), inputs.events(name, size)
    found, yardstick = measure.speeds(tools, *files_, levels, options.rounds, counted)
    for result in found:
        results["speeds"].append({"set": name, "size": size, "orjson": yardstick, **dataclasses.asdict(result)})
    return found


def passes(options, tools, inputs, compiler):
    """Whether no case takes noticeably more instructions than pinned."""
    report.heading("Instructions per event against those pinned", options.markdown)
    pins = gate.Pins(ROOT / "Benchmarks" / "instructions.json", compiler)
    table = report.GateTable(options.markdown)
    numbers = {}
    for case, number in gate.counts(tools, inputs):
        numbers[case] = number
        table.add(case, pins.of(case), number, gate.TOLERANCE)
    if options.pin:
        pins.pin(numbers)
    return options.pin or all(number <= (pins.of(case) or number) * (1 + gate.TOLERANCE) for case, number in numbers.items())


def resources(options, tools, inputs):
    report.heading("Compiling, holding and changing a set", options.markdown)
    table = report.ResourceTable(options.markdown)
    for name in ("mix", "unkind"):
        for size in (1_000, 10_000, 100_000):
            seconds = extras.compile_seconds(tools, inputs, name, size, 3 if options.quick else 7)
            memory = extras.resources(tools, inputs, name, size)
            changes = extras.changes(tools, inputs, name, size, 9) if size <= 10_000 else None
            table.add(name, size, seconds, memory, changes)
    options.document.put("resources", table.for_document())
    report.heading("Two threads on one set, as a multiple of one", options.markdown)
    table = report.ThreadTable(options.markdown)
    for size in (100, 10_000):
        if gain := extras.two_threads(tools, inputs, "mix", size, options.rounds):
            table.add("mix", size, gain)
    options.document.put("threads", table.for_document())


def log_files(options, tools, inputs):
    tools.install("files")
    about, runs = files.measure(tools, inputs, options.records, options.file_rounds)
    text = "{records:,} records in {files:,} gzip files: {packed:,} bytes, {bytes:,} unpacked".format(**about)
    report.heading(text, options.markdown)
    table = report.FileTable(options.markdown, about)
    for name, cores, run, share in runs:
        table.add(name, cores, run, share)
    flat = "; ".join(f"{count:,} records: {peak / 1e6:.0f} MB" for count, peak in files.peaks(tools, options.records))
    print(f"\npeak of match with this pattern: {flat}")
    options.document.put(
        "files", [f"{text}.", "", *table.for_document(), "", f"Peak of `match` with this pattern: {flat}."]
    )


def sizes(options, entry):
    wanted = {int(size) for size in options.sizes.split(",")} if options.sizes else None
    for size in entry.sizes:
        if wanted is not None and size not in wanted:
            continue
        if wanted is None and options.quick and entry.counts == "rules" and size > 10_000:
            continue
        yield size


def machine(package=PACKAGES["yardstick"][0]):
    """What figures depend on; no names of hosts."""
    processor = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    family = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith(("cpu family", "model\t"))]
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "processor": f"{processor} (family {family[0]}, model {family[1]})" if len(family) > 1 else processor,
        "architecture": platform.machine(),
        "swift": next((line for line in swift if "Swift version" in line), ""),
        "python": platform.python_version(),
        "package": package.replace("==", " "),
    }

