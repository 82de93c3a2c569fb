"""Is it right, too? A slow and simple judge of the patterns that are generated here, to compare counts with.

It takes a pattern apart into alternatives of conditions, an event into values with the array elements that they are in,
and tries all ways to give each condition a value so that no two of them are in different elements of one array.
"""

import functools
import ipaddress
import itertools
import json
import operator

from . import contestants


# How many bytes of events a set is judged on, and at most how many events.
BYTES = 1_000_000
EVENTS = 500

COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


def check(tools, rules, events, level=None):
    """Compares the matches of every rule on the first events; returns how many there were, and the rules whose counts
    differ: (name, expected, found)."""
    with open(events) as file:
        size = len(file.readline())
    event_count = max(2, min(EVENTS, BYTES // size))
    with contestants.matcher(tools, rules, events, level) as matcher:
        found = matcher.ask(f"rules {event_count}")["matches"]
    patterns = []
    for line in open(rules):
        value = json.loads(line)
        patterns.append((value["name"], alternatives(value["pattern"])))
    expected = [0] * len(patterns)
    for line in itertools.islice(open(events), event_count):
        values = flatten(json.loads(line))
        for number, (_, choices) in enumerate(patterns):
            expected[number] += any(holds(conditions, values) for conditions in choices)
    differing = [(name, want, have) for (name, _), want, have in zip(patterns, expected, found) if want != have]
    return sum(found), differing


def alternatives(pattern, path=()):
    """The ways in which a pattern can be met: lists of (path, match expressions)."""
    ways = [[]]
    for name, value in pattern.items():
        if name == "$or":
            more = [way for inner in value for way in alternatives(inner, path)]
        elif isinstance(value, dict):
            more = alternatives(value, (*path, name))
        else:
            more = [[(".".join((*path, name)), value)]]
        ways = [way + other for way in ways for other in more]
    return ways


def flatten(event):
    """Values by path; each with the elements that it is in, as {array: number}; arrays are numbered, too."""
    values = {}
    arrays = itertools.count()
    # A list instead of recursion, for deep events.
    waiting = [((), event, {})]
    while waiting:
        path, value, elements = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, name), inner, elements) for name, inner in value.items()]
        elif isinstance(value, list):
            array = next(arrays)
            # Elements that are no objects belong to nothing: "resources": ["a", "b"] has two values.
            for number, inner in enumerate(value):
                inside = {**elements, array: number} if isinstance(inner, (dict, list)) else elements
                waiting.append((path, inner, inside))
        else:
            values.setdefault(".".join(path), []).append((value, elements))
    return values


def holds(conditions, values):
    ways = []
    for path, expressions in conditions:
        there = values.get(path, [])
        if not there:
            if not any(expression == {"exists": False} for expression in expressions):
                return False
            continue
        fitting = [elements for value, elements in there if any(accepts(each, value) for each in expressions)]
        if not fitting:
            return False
        if any(not elements for elements in fitting):
            continue
        ways.append(fitting)
    return consistent(ways, {})


def consistent(ways, chosen):
    if not ways:
        return True
    for elements in ways[0]:
        if all(chosen.get(array, number) == number for array, number in elements.items()):
            if consistent(ways[1:], {**chosen, **elements}):
                return True
    return False


def accepts(expression, value):
    if not isinstance(expression, dict):
        return type(expression) is type(value) and expression == value
    ((name, argument),) = expression.items()
    return OPERATORS[name](argument, value)


def text(judge):
    return lambda argument, value: isinstance(value, str) and judge(argument, value)


@functools.cache
def pieces(pattern):
    return pattern.split("*")


def wildcard(pattern, value):
    first, *middle = pieces(pattern)
    if not middle:
        return value == pattern
    *middle, last = middle
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    start, end = len(first), len(value) - len(last)
    for piece in middle:
        start = value.find(piece, start, end)
        if start < 0:
            return False
        start += len(piece)
    return True


@functools.cache
def network(argument):
    return ipaddress.ip_network(argument)


def cidr(argument, value):
    try:
        return ipaddress.ip_address(value) in network(argument)
    except ValueError:
        return False


def numeric(argument, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return all(COMPARISONS[sign](value, bound) for sign, bound in zip(argument[::2], argument[1::2]))


def anything_but(argument, value):
    if isinstance(argument, dict):
        ((name, inner),) = argument.items()
        many = inner if isinstance(inner, list) else [inner]
        return not any(OPERATORS[name](each, value) for each in many)
    many = argument if isinstance(argument, list) else [argument]
    return not any(accepts(each, value) for each in many)


OPERATORS = {
    "prefix": text(lambda argument, value: value.startswith(argument)),
    "suffix": text(lambda argument, value: value.endswith(argument)),
    "equals-ignore-case": text(lambda argument, value: value.lower() == argument.lower()),
    "wildcard": text(wildcard),
    "cidr": text(cidr),
    "numeric": numeric,
    "anything-but": anything_but,
    "exists": lambda argument, value: argument,
}
