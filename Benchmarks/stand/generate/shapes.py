"""Sets whose rules or events have an awkward shape: where other engines fall off a cliff."""

SHAPES = ()
