"""From log files on disk: whole processes, from start to exit, beside what unpacking alone takes and beside other tools.

All tools but the first two answer one question: which records are failed or unread calls of a few kinds, from outside?
Each prints or counts what it finds; the counts have to agree.
"""

import dataclasses
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from .generate import logs

PATTERN = {
    "detail": {
        "eventName": ["DeleteTrail", "StopLogging", "DeleteBucketPolicy", "AttachRolePolicy", "DeleteTable"],
        "errorCode": [{"exists": False}],
        "sourceIPAddress": [{"anything-but": {"prefix": "10."}}],
        "userIdentity": {"type": ["AssumedRole", "Root"]},
    }
}
NAMES = PATTERN["detail"]["eventName"]
TYPES = PATTERN["detail"]["userIdentity"]["type"]
JQ = (
    f".Records[] | select((.eventName | IN({', '.join(map(json.dumps, NAMES))})) and (has(\"errorCode\") | not)"
    f" and (.userIdentity.type | IN({', '.join(map(json.dumps, TYPES))}))"
    ' and (.sourceIPAddress | startswith("10.") | not)) | .eventID'
)
SQL = """
SET enable_progress_bar = false; SET threads = {threads};
SELECT count(*) FROM (
  SELECT unnest(Records) AS r FROM read_json('{tree}/**/*.json.gz', maximum_object_size = 100000000, columns = {{
    Records: 'STRUCT(eventName VARCHAR, errorCode VARCHAR, sourceIPAddress VARCHAR,
                     userIdentity STRUCT("type" VARCHAR))[]' }})
) WHERE r.eventName IN ({names}) AND r.errorCode IS NULL AND r.userIdentity.type IN ({types})
    AND NOT starts_with(r.sourceIPAddress, '10.')
"""


UNPACKING = "libdeflate alone"
# What takes longer than so many seconds is run once only.
SLOW = 60


@dataclasses.dataclass
class Run:
    seconds: float
    processor: float
    resident: int
    found: int | None


def tree(tools, records):
    """The folder of the generated logs; makes it if it is not there. With it, what it holds."""
    folder = tools.scratch / f"logs-{records}"
    about = folder / "about.json"
    if not about.exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"generating log files of {records:,} records in {folder}", file=sys.stderr)
        files, size = logs.write(folder, records)
        packed = sum(path.stat().st_size for path in folder.rglob("*.gz"))
        about.write_text(json.dumps({"files": files, "bytes": size, "packed": packed, "records": records}))
    (folder / "files.txt").write_text("".join(f"{path}\n" for path in sorted(folder.rglob("*.gz"))))
    return folder, json.loads(about.read_text())


def contestants(tools, inputs, folder):
    """(name, command, how many cores it may use, what reads the number found from its output)"""
    pattern = folder / "pattern.json"
    pattern.write_text(json.dumps(PATTERN))
    paths = folder / "files.txt"
    logs_folder = str(folder / "AWSLogs")
    match = [str(tools.signalbox), "match", "--format", "json", "--quiet"]
    this_pattern = [*match, "--pattern-file", str(pattern), logs_folder]
    yield UNPACKING, shell(f"{tools.inflate} < {paths}"), 1, None
    nothing = tools.scratch / "inputs" / "nothing.jsonl"
    nothing.touch()
    yield "signalbox match, no rules", [*match, "--rules", str(nothing), logs_folder], 1, None
    yield "signalbox match, this pattern", this_pattern, 1, last_count
    for count in (10, 1_000, 10_000):
        yield f"signalbox match, {count:,} rules", [*match, "--rules", str(inputs.rules("mix", count)), logs_folder], 1, None
    yield "zcat alone", shell(f"xargs -a {paths} zcat > /dev/null"), 1, None
    if shutil.which("jq"):
        yield "zcat, jq", shell(f"xargs -a {paths} zcat | jq -r '{JQ}' | wc -l"), 2, int
    yield "DuckDB, one thread", duckdb(tools, folder, 1), 1, int
    yield "DuckDB, two threads", duckdb(tools, folder, 2), 2, int


def peaks(tools, records):
    """(records, the peak memory of `match` with the pattern over a tree of so many), for a tenth of the records and for all."""
    for count in (records // 10, records):
        folder, _ = tree(tools, count)
        pattern = folder / "pattern.json"
        pattern.write_text(json.dumps(PATTERN))
        command = [str(tools.signalbox), "match", "--quiet", "--pattern-file", str(pattern), str(folder / "AWSLogs")]
        yield count, run(command, tools.cores(1), None).resident


def shell(line):
    return ["bash", "-o", "pipefail", "-c", line]


def duckdb(tools, folder, threads):
    quoted = lambda values: ", ".join(f"'{value}'" for value in values)
    sql = SQL.format(threads=threads, tree=folder, names=quoted(NAMES), types=quoted(TYPES))
    # Each argument is a statement; the last one's answer is printed.
    program = "import duckdb, sys\nbase = duckdb.connect()\nfor line in sys.argv[1:]: found = base.execute(line).fetchall()\nprint(found[0][0])"
    return [str(tools.python), "-c", program, *sql.split(";")]


def last_count(text):
    return json.loads(text.splitlines()[-1])["matches"]


def measure(tools, inputs, records, rounds):
    """Runs all contestants in turns; returns what the tree holds, and (name, cores, median `Run`, share) of each."""
    folder, about = tree(tools, records)
    entries = list(contestants(tools, inputs, folder))
    runs = {name: [] for name, *_ in entries}
    subprocess.run(shell(f"xargs -a {folder / 'files.txt'} cat > /dev/null"), check=True)  # into the page cache
    for number in range(rounds):
        for name, command, cores, read in entries:
            # Tools that take minutes run once.
            if number > 0 and runs[name][0].seconds > SLOW:
                continue
            runs[name].append(run(command, tools.cores(cores), read))
    found = {each.found for several in runs.values() for each in several if each.found is not None}
    if len(found) > 1:
        raise RuntimeError(f"the tools disagree on what matches: { {name: several[0].found for name, several in runs.items()} }")
    return about, [(name, cores, median(runs[name]), share(runs[UNPACKING], runs[name])) for name, _, cores, _ in entries]


def share(unpacking, several):
    """How much of the processor time unpacking alone would take: each run beside the unpacking of its round."""
    return statistics.median(alone.processor / each.processor for alone, each in zip(unpacking, several))


def run(command, cores, read):
    """One run: wall time, processor time and the largest process's memory at its peak."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        start = time.monotonic()
        process = subprocess.Popen(
            command, stdout=output, stderr=complaints, preexec_fn=lambda: os.sched_setaffinity(0, cores)
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        text, complaint = (contents(file) for file in (output, complaints))
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]} ended with {process.returncode}: {complaint[-2000:]}")
    return Run(
        seconds=seconds,
        processor=usage.ru_utime + usage.ru_stime,
        resident=usage.ru_maxrss * 1024,
        found=read(text) if read else None,
    )


def contents(file):
    file.seek(0)
    return file.read().decode()


def median(runs):
    value = lambda name: statistics.median(getattr(each, name) for each in runs)
    return Run(value("seconds"), value("processor"), int(value("resident")), runs[0].found)
