"""Tables, for eyes or for a document."""

# The ratios to reach (issue: "far ahead of every peer, and flat in the number of rules"), by rules; "unkind" may cost
# twice as much.
FLOORS = {
    "avx2": {10: 5, 100: 4, 1_000: 3, 10_000: 2, 100_000: 0.8},
    "sse2": {10: 4, 100: 3.2, 1_000: 2.5, 10_000: 1.7, 100_000: 0.7},
}
# The ratios of peers on the same inputs, one core: event-ruler 2.0.1 on "mix", quamina on "common".
PEERS = {
    "mix": {10: 0.47, 100: 0.36, 1_000: 0.105, 10_000: 0.010},
    "common": {10: 1.07, 100: 0.52, 1_000: 0.08, 10_000: 0.003},
}


def floor(name, size, level):
    known = FLOORS["sse2" if level == "sse2" else "avx2"].get(size)
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
    """Prints rows as they come; the first row decides nothing, the columns' widths do."""

    def __init__(self, columns, markdown):
        self.columns = columns
        self.markdown = markdown
        self.begun = False

    def row(self, cells):
        if not self.begun:
            self.begun = True
            self._print([title for title, _ in self.columns])
            if self.markdown:
                print("|" + "|".join(" --- " if width < 0 else " ---: " for _, width in self.columns) + "|")
        self._print(cells)

    def _print(self, cells):
        if self.markdown:
            print("| " + " | ".join(cells) + " |", flush=True)
            return
        padded = [cell.ljust(-width) if width < 0 else cell.rjust(width) for cell, (_, width) in zip(cells, self.columns)]
        print("  ".join(padded), flush=True)


class SpeedTable(Table):
    def __init__(self, markdown):
        columns = [
            ("set", -11), ("size", 7), ("level", -6), ("ratio", 6), ("±", 5), ("floor", 6), ("peer", 6), ("events/s", 9),
            ("MB/s", 6), ("instr./event", 12), ("allocs", 6), ("matches", 7), ("compile", 8), ("heap MB", 7),
        ]
        super().__init__(columns, markdown)

    def add(self, name, size, speed, yardstick):
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
            f"{speed.instructions_per_event:,.0f}" if speed.instructions_per_event else "",
            f"{speed.allocations_per_event:.2g}",
            f"{speed.matches_per_event:.2f}",
            f"{speed.compile_seconds:.3f} s",
            f"{speed.heap_bytes / 1e6:.1f}",
        ])
