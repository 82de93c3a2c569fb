"""What a run needs, and gets into a scratch folder if it is not there: a release build, and Python with orjson."""

import os
import pathlib
import shutil
import subprocess
import sys

# Pinned, so that ratios of one month can be compared with those of another.
PACKAGES = {"yardstick": ["orjson==3.13.0"], "files": ["duckdb==2.0.0"], "serve": ["moto[server]==5.2.5"]}

# The instruction sets that matcher-bench may know (and "scalar", which is for machines without any of these).
LEVELS = ("avx512", "avx2", "sse2", "neon")


class Tools:
    def __init__(self, scratch, core, matcher_bench=None, signalbox=None):
        self.here = pathlib.Path(__file__).resolve().parent
        self.root = self.here.parent.parent
        self.scratch = pathlib.Path(scratch).resolve()
        self.core = core if core is not None else max(os.sched_getaffinity(0))
        self.python = self.scratch / "venv" / "bin" / "python"
        self._matcher_bench = matcher_bench
        self._signalbox = signalbox
        self._inflate = None

    def cores(self, count):
        """The core that measurements run on, and its neighbours."""
        allowed = sorted(os.sched_getaffinity(0), key=lambda core: (core != self.core, -core))
        return set(allowed[:count])

    def install(self, group):
        """Puts the pinned packages of a group into the scratch environment."""
        if not self.python.exists():
            subprocess.run([sys.executable, "-m", "venv", self.scratch / "venv"], check=True)
        wanted = PACKAGES[group]
        have = subprocess.run([self.python, "-m", "pip", "freeze"], check=True, capture_output=True, text=True).stdout
        # `moto[server]` is listed as `moto`.
        if missing := [package for package in wanted if package.replace("[server]", "") not in have.splitlines()]:
            pip = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, *missing], check=True)

    @property
    def matcher_bench(self):
        if not self._matcher_bench:
            self._matcher_bench = self._build("matcher-bench", *self._package())
        return self._matcher_bench

    @property
    def inflate(self):
        if not self._inflate:
            beside = pathlib.Path(self._matcher_bench).parent / "inflate-alone" if self._matcher_bench else None
            found = beside and beside.exists()
            self._inflate = beside if found else self._build("inflate-alone", *self._package())
        return self._inflate

    @property
    def serve_load(self):
        """The client that loads servers: a C program of ours, compiled with the toolchain's clang."""
        program = self.scratch / "serve-load"
        sources = sorted((self.here.parent / "Sources" / "serve-load").glob("*.c"))
        self.scratch.mkdir(exist_ok=True)
        subprocess.run(["clang", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-o", program, *sources], check=True)
        return program

    def _package(self):
        # Of the root package only the matcher is built: no other target, none of its dependencies.
        environment = {**os.environ, "SIGNALBOX_ONLY": "EventPatterns"}
        return ["--package-path", self.here.parent, "--scratch-path", self.scratch / "swift"], environment

    @property
    def signalbox(self):
        if not self._signalbox:
            package = ["--package-path", self.root, "--scratch-path", self.scratch / "swift-signalbox"]
            self._signalbox = self._build("signalbox", package, os.environ)
        return self._signalbox

    def _build(self, product, package, environment):
        command = ["swift", "build", "--configuration", "release", "--product", product, *package]
        subprocess.run(command, check=True, env=environment, stdout=sys.stderr)
        shown = subprocess.run([*command, "--show-bin-path"], check=True, env=environment, capture_output=True, text=True)
        return pathlib.Path(shown.stdout.strip()) / product

    def levels(self):
        """The instruction sets that this machine and this build have, best first."""
        nothing = self.scratch / "inputs" / "nothing.jsonl"
        nothing.parent.mkdir(exist_ok=True)
        nothing.touch()

        def works(level):
            command = [self.matcher_bench, nothing, nothing, "--level", level]
            return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0

        return [level for level in LEVELS if works(level)]

    @property
    def valgrind(self):
        """Where valgrind is; None if instructions cannot be counted."""
        return shutil.which("valgrind") if shutil.which("strip") else None

    def stripped(self, folder):
        """matcher-bench without debug information, at which old valgrinds give up."""
        copy = pathlib.Path(folder) / "matcher-bench"
        subprocess.run(["strip", "--strip-debug", "-o", copy, self.matcher_bench], check=True)
        return copy
