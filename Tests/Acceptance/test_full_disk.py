"""The disk fills up under the engine, and nothing is lost. Needs root for a small tmpfs, else it is skipped."""

import os
import subprocess
import time
import unittest
from pathlib import Path

from harness import AcceptanceTest
from logs import LogTree


class FullDiskTest(AcceptanceTest):
    seconds = 20

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small tmpfs to fill")
        self.disk = Path(self.folder) / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(self.disk)], capture_output=True, text=True
        )
        if mounted.returncode != 0:
            self.skipTest(f"a tmpfs cannot be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.disk)])

    def test_a_full_disk_loses_nothing(self):
        engine = self.engine({"plain": {"url": self.url("/ok")}}, data="disk/data")
        tree = LogTree(engine.folder / "logs")
        ballast = self.disk / "ballast"
        ballast.write_bytes(b"x" * (52 << 20))
        for _ in range(10):
            tree.write(300, padding=2000)
        engine.start()
        # 3000 events of more than 2 KB, in the database and its log, do not fit into the 12 MB that are left.
        self.wait_for(lambda: "disk is full" in engine.tail(400), 60, "the report of a full disk", engine)
        self.assertIsNone(engine.process.poll(), f"the engine ended because of a full disk\n{engine.tail()}")
        time.sleep(1)
        engine.kill()

        # Also when it starts on a full disk, it waits instead of losing or skipping anything.
        engine.start()
        time.sleep(2)
        ballast.unlink()
        expected = len(tree.matching)
        if engine.process.poll() is not None:
            engine.start()
        self.wait_for(lambda: len(self.receiver.deliveries("/ok")[0]) == expected, 90, "all deliveries", engine)
        self.assertEqual(engine.stop(), 0, engine.tail())
        self.assertEqual(engine.drain(), 0, engine.tail())
        self.check_deliveries("/ok", tree, engine)


if __name__ == "__main__":
    unittest.main()
