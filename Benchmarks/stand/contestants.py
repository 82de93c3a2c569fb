"""The programs that take turns: matcher-bench for each instruction set, and the yardstick."""

import json
import os
import subprocess


class Contestant:
    """A program that answers one line of JSON to each line."""

    def __init__(self, command, core):
        # One core for all: they take turns, and caches are as warm for one as for the other.
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, core)
        )
        self.about = self._answer()

    def ask(self, command):
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(map(str, self.process.args))} ended with {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def matcher(tools, rules, events, level=None, core=None):
    command = [tools.matcher_bench, rules, events, "--extended"]
    if level:
        command += ["--level", level]
    return Contestant(command, core or {tools.core})


def yardstick(tools, events):
    return Contestant([tools.python, tools.here / "yardstick.py", events], {tools.core})
