"""Measures PutEvents → rule → SQS ReceiveMessage of `signalbox serve`, and of a moto server in the same run."""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

from . import report, servers
from .main import ROOT, machine
from .tools import PACKAGES, Tools

BYTES = 300


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/serve", description=__doc__)
    add = parser.add_argument
    add("--rates", default="2500,5000,0", help="events a second; 0 is as fast as it goes (2500,5000,0)")
    add("--seconds", type=float, default=20, help="how long each rate is measured (20)")
    add("--bytes", type=int, default=BYTES, help=f"of text in an event's details ({BYTES})")
    add("--moto", action=argparse.BooleanOptionalAction, default=True, help="measure a moto server, too")
    add("--markdown", action="store_true", help="a table for a document")
    add("--document", type=pathlib.Path, help="a document whose table to replace by the new one")
    add("--scratch", default=ROOT / ".build-bench", help="folder for builds and tools (.build-bench)")
    add("--signalbox", help="a built signalbox, instead of building one")
    options = parser.parse_args()
    options.rates = [float(rate) for rate in options.rates.split(",")]
    options.document = report.Document(options.document)
    return options


def main():
    options = arguments()
    tools = Tools(options.scratch, None, signalbox=options.signalbox)
    if options.moto:
        tools.install("serve")
    load = tools.serve_load
    about = machine(PACKAGES["serve"][0])
    cores = len(os.sched_getaffinity(0))
    line = f"{about['date']}; {about['processor']}, {cores} cores for servers and client; {about['swift']}; {about['package']}"
    print(line)
    report.heading(f"PutEvents → rule → queue → ReceiveMessage, in batches of 10, {options.bytes} bytes of details", options.markdown)
    table = report.ServeTable(options.markdown)
    best = {}
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as folder:
        with servers.signalbox(tools.signalbox, folder) as server:
            measure(server, load, options, options.rates, table, best)
        if options.moto:
            with servers.moto(tools.python, folder) as server:
                measure(server, load, options, [0], table, best)
                # Its latency where it is not overloaded: at half of what it can do.
                measure(server, load, options, [best["moto"]["rate"] / 2], table, best)
    ratio = summary(best)
    print(ratio)
    options.document.put("serve", [f"{line}.", "", *table.for_document(), "", ratio])
    return 0


def measure(server, load, options, rates, table, best):
    url = server.prepare()
    for rate in rates:
        result = run(server, load, url, rate, options)
        table.add(server.name, rate, result)
        at_most = best.setdefault(server.name, {"rate": 0})
        if result["rate"] > at_most["rate"]:
            best[server.name] = result


def run(server, load, url, rate, options):
    """One run of the client: what it saw, with the server's processor time in the same seconds."""
    command = [
        load, "127.0.0.1", str(server.port), servers.REGION, url, str(rate), str(options.seconds), str(server.putters),
        str(server.receivers), str(options.bytes),
    ]
    keys = {"AWS_ACCESS_KEY_ID": servers.KEY, "AWS_SECRET_ACCESS_KEY": servers.SECRET}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **keys}) as client:
        assert client.stdout.readline() == "begin\n", "the client did not begin"
        before = server.processor_seconds()
        assert client.stdout.readline() == "end\n", "the client did not end"
        spent = server.processor_seconds() - before
        resident = server.resident_megabytes()
        result = json.loads(client.stdout.readline())
    # Before the next rate: what is still to be written in the background.
    time.sleep(1)
    events = result["events_received"] or 1
    result["rate"] = result["events_received"] / result["seconds"]
    result["server_microseconds"] = spent / events * 1e6
    result["client_microseconds"] = result["client_cpu"] / events * 1e6
    result["cores"] = spent / result["seconds"]
    result["resident"] = resident
    return result


def summary(best):
    if "moto" not in best:
        return ""
    own, other = best["signalbox"], best["moto"]
    return (
        f"Signalbox takes {own['rate'] / other['rate']:.0f} times as many events a second as moto does, with "
        f"{other['server_microseconds'] / own['server_microseconds']:.0f} times less processor time for each; moto keeps "
        "everything in memory and checks no signatures."
    )
