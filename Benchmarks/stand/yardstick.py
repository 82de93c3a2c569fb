"""The yardstick: orjson.loads on every line. Run by the environment that has orjson; speaks as matcher-bench does."""

import sys
import time

import orjson


def main():
    with open(sys.argv[1], "rb") as file:
        lines = file.read().splitlines()
    print("{}", flush=True)
    loads = orjson.loads
    for command in sys.stdin:
        _, count = command.split()
        chosen = lines[: int(count)]
        start = time.thread_time_ns()
        for line in chosen:
            loads(line)
        taken = time.thread_time_ns() - start
        print(f'{{"events": {len(chosen)}, "ns": {taken}}}', flush=True)


main()
