#!/usr/bin/env python3
"""Runs acceptance tests side by side, each in a process of its own; most of their time is waiting.

    run.py [-j JOBS] [NAME...]     a test runs if its name has one of the NAMEs in it; without one, all do
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def tests(suite):
    """The tests of a suite of suites."""
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests(item)
        else:
            yield item


def run(name):
    """Runs one test: its name, how it ended, seconds, and all it said."""
    started = time.monotonic()
    command = [sys.executable, "-W", "error::ResourceWarning", "-m", "unittest", name]
    done = subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    result = "ok" if done.returncode == 0 else "FAILED"
    if result == "ok" and re.search(r"^OK \(skipped=", done.stdout, re.MULTILINE):
        result = "skipped"
    return name, result, time.monotonic() - started, done.stdout


def main():
    parser = argparse.ArgumentParser(description="Runs acceptance tests side by side.")
    parser.add_argument("-j", "--jobs", type=int, default=max(4, 2 * (os.cpu_count() or 1)))
    parser.add_argument("names", nargs="*", help="run tests whose name has one of these in it")
    options = parser.parse_args()

    sys.path.insert(0, str(FOLDER))
    import harness

    try:
        print(f"the binary is {harness.binary()}")
    except unittest.SkipTest as reason:
        sys.exit(str(reason))
    found = list(tests(unittest.defaultTestLoader.discover(str(FOLDER))))
    wanted = [test for test in found if not options.names or any(name in test.id() for name in options.names)]
    wanted.sort(key=lambda test: -getattr(test, "seconds", 0))
    if not wanted:
        sys.exit("no test has such a name")

    started = time.monotonic()
    counts = {"ok": 0, "skipped": 0, "FAILED": 0}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for future in concurrent.futures.as_completed([pool.submit(run, test.id()) for test in wanted]):
            name, result, seconds, output = future.result()
            counts[result] += 1
            print(f"{result:8}{seconds:6.1f} s  {name}", flush=True)
            # What a test that passed has to say: how it is repeated, what it counted.
            for line in output.splitlines():
                if result == "FAILED" or not re.match(r"[.s-]|Ran |OK|$", line):
                    print(f"                  {line}", flush=True)
    print(f"{counts['ok']} passed, {counts['FAILED']} failed, {counts['skipped']} skipped", end="")
    print(f" in {time.monotonic() - started:.0f} s")
    sys.exit(1 if counts["FAILED"] else 0)


if __name__ == "__main__":
    main()
