"""What a speed does not say: the cost of a change, of memory, of a second thread."""

import statistics

from . import contestants


def no_events(tools):
    nothing = tools.scratch / "inputs" / "nothing.jsonl"
    nothing.parent.mkdir(parents=True, exist_ok=True)
    nothing.touch()
    return nothing


def resources(tools, inputs, name, size):
    """Compile time, and memory of a process that holds the rules and no events."""
    nothing = no_events(tools)
    with contestants.matcher(tools, inputs.rules(name, size), nothing) as matcher:
        memory = matcher.ask("memory")
        return {**matcher.about, **memory}


def compile_seconds(tools, inputs, name, size, times):
    nothing = no_events(tools)
    taken = []
    for _ in range(times):
        with contestants.matcher(tools, inputs.rules(name, size), nothing) as matcher:
            taken.append(matcher.about["compile_ns"] / 1e9)
    return statistics.median(taken)


def changes(tools, inputs, name, size, times):
    """Median seconds until a set without a rule, and one with it again, can be used."""
    with contestants.matcher(tools, inputs.rules(name, size), inputs.events(name, size)) as matcher:
        answer = matcher.ask(f"change {times}")
    return {kind: statistics.median(answer[f"{kind}_ns"]) / 1e9 for kind in ("removals", "additions")}


def two_threads(tools, inputs, name, size, rounds):
    """How many times as much two threads get done as one: by wall time, and by processor time, which leaves out the time
    that a busy machine does not give to either."""
    cores = tools.cores(2)
    if len(cores) < 2:
        return None
    rates, times = {1: [], 2: []}, []
    with contestants.matcher(tools, inputs.rules(name, size), inputs.events(name, size), core=cores) as matcher:
        for _ in range(rounds):
            one, two = (matcher.ask(f"threads {threads} 20 2000") for threads in (1, 2))
            for threads, answer in ((1, one), (2, two)):
                rates[threads].append(answer["events"] / answer["wall_ns"])
            times.append(2 * (two["events"] / two["ns"]) / (one["events"] / one["ns"]))
    # The best of all rounds is what the machine gives when nobody else asks.
    return {"wall": max(rates[2]) / max(rates[1]), "processor": statistics.median(times)}
