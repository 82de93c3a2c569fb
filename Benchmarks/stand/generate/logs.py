"""A tree of CloudTrail log files: AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/*.json.gz, hundreds of records a file."""

import gzip
import json
import pathlib

from . import cloudtrail
from .vocabulary import ACCOUNTS, REGIONS, rng

FEWEST, MOST = 100, 900


def write(folder, records, seed=3):
    """Writes files until the tree has so many records; returns (files, bytes when unpacked)."""
    rng.seed(seed)
    files = size = 0
    while records > 0:
        count = min(records, rng.randrange(FEWEST, MOST))
        account, region, day = rng.choice(ACCOUNTS), rng.choice(REGIONS), rng.randrange(1, 29)
        minute = f"{rng.randrange(24):02d}{rng.randrange(0, 60, 5):02d}"
        text = json.dumps({"Records": [record(account, region) for _ in range(count)]}, separators=(",", ":")).encode()
        directory = pathlib.Path(folder, "AWSLogs", account, "CloudTrail", region, "2026", "07", f"{day:02d}")
        directory.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_202607{day:02d}T{minute}Z_{files:016X}.json.gz"
        (directory / name).write_bytes(gzip.compress(text, compresslevel=6, mtime=0))
        records -= count
        files += 1
        size += len(text)
    return files, size


def record(account, region):
    return {**cloudtrail.event()["detail"], "awsRegion": region, "recipientAccountId": account}
