"""The files under Packaging/, as far as they can be checked without a machine to put them on."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import REPOSITORY, binary

PACKAGING = REPOSITORY / "Packaging"


class PackagingTest(unittest.TestCase):
    seconds = 5

    def options(self, verb):
        run = subprocess.run([str(binary()), verb, "--help"], capture_output=True, text=True, check=True)
        return set(re.findall(r"--[a-z-]+", run.stdout))

    def test_the_unit_is_one(self):
        unit = (PACKAGING / "signalbox.service").read_text()
        verb, *arguments = re.search(r"^ExecStart=\S+ (.*)$", unit, re.M).group(1).split()
        self.assertLessEqual({each for each in arguments if each.startswith("--")}, self.options(verb))
        if shutil.which("systemd-analyze") is None:
            self.skipTest("there is no systemd-analyze")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "signalbox.service"
            path.write_text(unit.replace("/usr/local/bin/signalbox", str(binary())))
            run = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True)
        said = [line for line in run.stderr.splitlines() if "signalbox" in line]
        self.assertEqual((run.returncode, said), (0, []))

    def test_the_container_starts_what_there_is_and_builds_with_what_setup_installs(self):
        text = (PACKAGING / "Containerfile").read_text()
        verb, *arguments = json.loads(re.search(r"^CMD (.*)$", text, re.M).group(1))
        self.assertLessEqual({each for each in arguments if each.startswith("--")}, self.options(verb))
        setup = (REPOSITORY / "Scripts" / "setup.sh").read_text()
        build = text.split("\nFROM")[1]
        packages = set(re.findall(r"\blib\w+(?:-\w+)*-dev\b", build))
        self.assertTrue(packages)
        self.assertLessEqual(packages, set(re.findall(r"[a-z0-9+-]+", setup)))


if __name__ == "__main__":
    unittest.main()
