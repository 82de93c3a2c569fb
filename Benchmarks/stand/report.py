"""Tables, for eyes or for a document."""

# The ratios to reach (issue: "far ahead of every peer, and flat in the number of rules"), by rules; "unkind" may cost
# twice as much.
FLOORS = {
    "avx2": {10: 5, 100: 4, 1_000: 3, 10_000: 2, 100_000: 0.8},
    "sse2": {10: 4, 100: 3.2, 1_000: 2.5, 10_000: 1.7, 100_000: 0.7},
}
# The most that compiling may take, that a set may take of the heap, and that one rule more or less may take; by rules.
LIMITS = {
    10_000: {"compile": 0.3, "heap_bytes": 25e6, "additions": 0.05, "removals": 0.05},
    100_000: {"compile": 3, "heap_bytes": 150e6},
}
# The ratios of peers on the same inputs, one core: event-ruler 2.0.1 on "mix", quamina on "common".
PEERS = {
    "mix": {10: 0.47, 100: 0.36, 1_000: 0.105, 10_000: 0.010},
    "common": {10: 1.07, 100: 0.52, 1_000: 0.08, 10_000: 0.003},
}


def floor(name, size, level):
    known = FLOORS.get("avx2" if level == "avx512" else level, {}).get(size)
    if known is None:
        return None
    if name == "mix":
        return known
    if name == "unkind":
        return known / 2
    if name in ("common", "exact"):
        peer = PEERS["common"].get(size)
        return 4 * peer if peer else None
    return None


class Table:
    """Prints rows as they come, in columns as wide as said (negative: to the left)."""

    def __init__(self, columns, markdown):
        self.columns = columns
        self.markdown = markdown
        self.rows = []

    def row(self, cells):
        if not self.rows:
            self._print(*(self._head() if self.markdown else [self._aligned([title for title, _ in self.columns])]))
        self.rows.append(cells)
        self._print(piped(cells) if self.markdown else self._aligned(cells))

    def for_document(self):
        return [*self._head(), *map(piped, self.rows)]

    def _head(self):
        rule = "|" + "|".join(" --- " if width < 0 else " ---: " for _, width in self.columns) + "|"
        return [piped([title for title, _ in self.columns]), rule]

    def _aligned(self, cells):
        padded = [cell.ljust(-width) if width < 0 else cell.rjust(width) for cell, (_, width) in zip(cells, self.columns)]
        return "  ".join(padded)

    def _print(self, *lines):
        print("\n".join(lines), flush=True)


def piped(cells):
    return "| " + " | ".join(cells) + " |"


class Document:
    """A file whose tables are between `<!-- begin NAME -->` and `<!-- end NAME -->`."""

    def __init__(self, path):
        self.path = path

    def put(self, name, lines):
        if not self.path:
            return
        text = self.path.read_text()
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise RuntimeError(f"{self.path} has no place for {name}")
        self.path.write_text(before + begin + "\n".join(lines) + "\n" + found + after)


class SpeedTable(Table):
    """The table of sets by rules."""

    def __init__(self, markdown):
        columns = [
            ("set", -9), ("rules", 7), ("level", -6), ("ratio", 6), ("±", 5), ("floor", 6), ("peer", 6), ("events/s", 9),
            ("MB/s", 6), ("instructions", 12), ("allocs", 6), ("matches", 7), ("compile", 8), ("heap MB", 7),
        ]
        super().__init__(columns, markdown)

    def add(self, name, size, speed):
        lowest = floor(name, size, speed.level)
        peer = PEERS.get(name, {}).get(size)
        missed = lowest is not None and speed.ratio < lowest
        self.row([
            name,
            f"{size:,}",
            speed.level,
            f"{speed.ratio:.2f}" + ("!" if missed else ""),
            f"{speed.spread / 2:.2f}",
            f"{lowest:.2g}" if lowest else "",
            f"{peer:g}" if peer else "",
            f"{speed.events_per_second:,.0f}",
            f"{speed.bytes_per_second / 1e6:,.0f}",
            count(speed.instructions_per_event),
            f"{speed.allocations_per_event:.2g}",
            f"{speed.matches_per_event:.2f}",
            f"{speed.compile_seconds:.3f} s",
            f"{speed.heap_bytes / 1e6:.1f}",
        ])


class ShapeTable(Table):
    """The table of sets by an awkward size; `growth` compares time and bytes of an event with those of the first row."""

    def __init__(self, markdown):
        columns = [
            ("set", -11), ("size", 9), ("of", -8), ("level", -6), ("ratio", 6), ("±", 5), ("bytes/event", 11),
            ("µs/event", 9), ("ns/byte", 7), ("time ×", 8), ("bytes ×", 8), ("instructions", 13), ("allocs", 6),
            ("matches", 7), ("heap MB", 7),
        ]
        super().__init__(columns, markdown)
        self.first = {}

    def add(self, entry, size, speed):
        first = self.first.setdefault((entry.name, speed.level), speed)
        bytes_, first_bytes = (each.bytes_per_second / each.events_per_second for each in (speed, first))
        self.row([
            entry.name,
            f"{size:,}",
            entry.counts,
            speed.level,
            f"{speed.ratio:.2f}",
            f"{speed.spread / 2:.2f}",
            f"{bytes_:,.0f}",
            f"{speed.nanoseconds_per_event / 1e3:,.2f}",
            f"{speed.nanoseconds_per_event / bytes_:.2f}",
            f"{speed.nanoseconds_per_event / first.nanoseconds_per_event:,.1f}",
            f"{bytes_ / first_bytes:,.1f}",
            count(speed.instructions_per_event),
            f"{speed.allocations_per_event:.2g}",
            f"{speed.matches_per_event:.2f}",
            f"{speed.heap_bytes / 1e6:.1f}",
        ])


class ResourceTable(Table):
    """What compiling, holding and changing a set costs."""

    def __init__(self, markdown):
        columns = [
            ("set", -7), ("rules", 7), ("compile", 9), ("heap MB", 8), ("resident MB", 11), ("peak MB", 8),
            ("add a rule", 11), ("remove one", 11),
        ]
        super().__init__(columns, markdown)

    def add(self, name, size, seconds, memory, changes):
        limits = LIMITS.get(size, {})
        mark = lambda kind, value: "!" if kind in limits and value > limits[kind] else ""
        changed = lambda kind: f"{changes[kind] * 1e3:,.1f} ms" + mark(kind, changes[kind]) if changes else ""
        self.row([
            name,
            f"{size:,}",
            f"{seconds:.3f} s" + mark("compile", seconds),
            f"{memory['heap_bytes'] / 1e6:.1f}" + mark("heap_bytes", memory["heap_bytes"]),
            f"{memory['resident_bytes'] / 1e6:.1f}",
            f"{memory['peak_bytes'] / 1e6:.1f}",
            changed("additions"),
            changed("removals"),
        ])


class ThreadTable(Table):
    """What a second thread brings."""

    def __init__(self, markdown):
        super().__init__([("set", -7), ("rules", 7), ("by processor time", 17), ("by wall time", 12)], markdown)

    def add(self, name, size, gain):
        self.row([name, f"{size:,}", f"{gain['processor']:.2f}", f"{gain['wall']:.2f}"])


class FileTable(Table):
    """Whole processes over log files."""

    def __init__(self, markdown, about):
        columns = [
            ("process", -32), ("cores", 5), ("wall s", 8), ("processor s", 11), ("records/s", 11), ("of unpacking", 12),
            ("peak MB", 8), ("found", 8),
        ]
        super().__init__(columns, markdown)
        self.about = about

    def add(self, name, cores, run, share):
        self.row([
            name,
            str(cores),
            f"{run.seconds:.2f}",
            f"{run.processor:.2f}",
            f"{self.about['records'] / run.processor:,.0f}",
            f"{share:.0%}",
            f"{run.resident / 1e6:.0f}",
            f"{run.found:,}" if run.found is not None else "",
        ])


class GateTable(Table):
    """Instructions per event, now and as pinned."""

    def __init__(self, markdown):
        super().__init__([("case", -20), ("pinned", 11), ("now", 11), ("change", 8)], markdown)

    def add(self, case, pinned, number, tolerance):
        change = number / pinned - 1 if pinned else None
        mark = "!" if change is not None and change > tolerance else ""
        self.row([case, count(pinned), count(number), f"{change:+.1%}{mark}" if change is not None else "not pinned"])


def count(number):
    return f"{number:,.0f}" if number else ""


def heading(text, markdown):
    print(f"\n{'### ' if markdown else '== '}{text}\n", flush=True)


class ServeTable(Table):
    """The table of servers under load."""

    def __init__(self, markdown):
        columns = [
            ("server", -9), ("offered/s", 9), ("received/s", 10), ("put p50 ms", 10), ("p99", 7), ("end to end p50 ms", 17),
            ("p99", 7), ("p99.9", 7), ("server µs/event", 15), ("cores", 5), ("client µs/event", 15), ("RSS MB", 6),
            ("failed", 6), ("lost", 6),
        ]
        super().__init__(columns, markdown)

    def add(self, name, rate, result):
        put, end = result["put_ms"], result["end_to_end_ms"]
        self.row([
            name,
            f"{rate:,.0f}" if rate else "all",
            f"{result['rate']:,.0f}",
            *(f"{put.get(part, 0):.1f}" for part in ("p50", "p99")),
            *(f"{end.get(part, 0):.1f}" for part in ("p50", "p99", "p999")),
            f"{result['server_microseconds']:,.0f}",
            f"{result['cores']:.2f}",
            f"{result['client_microseconds']:,.0f}",
            f"{result['resident']:,.0f}",
            f"{result['failed']:,}",
            f"{result['lost']:,}",
        ])
