"""Sets whose rules or events have an awkward shape: where other engines fall off a cliff.

Each is measured in growing sizes; what a size counts is said beside it.
"""

import itertools

from . import cloudtrail, kinds
from .vocabulary import (
    ACCOUNTS, ADJECTIVES, FIRST_NAMES, INSTANCE_TYPES, LAST_NAMES, NOUNS, ROLES, STAGES, USERS, hex_digits, instance_id,
    rng,
)

# Files of awkward events are about so many bytes.
FILE_SIZE = 8_000_000


def events_of(size, make):
    """As many events as fill a file: made by `make`, each about `size` bytes."""
    rng.seed(size)
    return [make() for _ in range(min(4_000, max(8, FILE_SIZE // size)))]


def rule(name, pattern):
    return {"name": name, "pattern": pattern}


def rules_of(count, make):
    rng.seed(5)
    return [rule(f"rule-{number:05d}", make(number)) for number in range(count)]


# Arrays of objects: rules whose conditions one element has to meet, all of them.


def array_rules(_):
    def make(number):
        item = {"instanceType": [rng.choice(INSTANCE_TYPES)], "state": {"name": [rng.choice(["pending", "running"])]}}
        if number % 4 == 0:
            item = {"privateIpAddress": [{"cidr": f"10.0.{rng.randrange(256)}.0/24"}]}
        elif number % 4 == 1:
            item["cores"] = [{"numeric": [">", rng.choice([64, 96])]}]
        elif number % 4 == 2:
            item["tags"] = {"key": ["owner"], "value": [rng.choice(USERS)]}
        else:
            item["instanceId"] = [{"prefix": "i-" + hex_digits(3)}]
        return {"source": ["aws.ec2"], "detail": {"responseElements": {"instancesSet": {"items": item}}}}

    return rules_of(100, make)


def array_events(elements):
    def element():
        return {
            "instanceId": instance_id(),
            "instanceType": rng.choice(INSTANCE_TYPES),
            "state": {"code": 0, "name": rng.choice(["pending", "stopped"])},
            "privateIpAddress": f"10.0.{rng.randrange(256)}.{rng.randrange(1, 255)}",
            "cores": rng.choice([1, 2, 4, 8, 96]),
            "tags": [{"key": key, "value": rng.choice(USERS)} for key in ("owner", "team")],
        }

    def make():
        event = cloudtrail.event()
        event["source"] = "aws.ec2"
        items = [element() for _ in range(elements)]
        event["detail"]["responseElements"] = {"instancesSet": {"items": items}}
        return event

    return events_of(1_500 + 260 * elements, make)


# Many prefixes, suffixes or wildcards on one path.


def prefix_rules(count):
    def make(_):
        text = f"arn:aws:sts::{rng.choice(ACCOUNTS)}:assumed-role/{rng.choice(ROLES)}"
        return {"detail": {"userIdentity": {"arn": [{"prefix": text[: rng.randrange(45, len(text))]}]}}}

    return rules_of(count, make)


def suffix_rules(count):
    def make(_):
        text = f"-{rng.choice(NOUNS)}-{rng.choice(['deployer', 'admin', 'ci'])}/{rng.choice(USERS)}"
        return {"detail": {"userIdentity": {"arn": [{"suffix": text[rng.randrange(0, 8) :]}]}}}

    return rules_of(count, make)


def wildcard_rules(count):
    def make(number):
        first, last, noun = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES), rng.choice(NOUNS)
        choices = [
            f"arn:aws:*::{rng.choice(ACCOUNTS)}:*/{first}.{last}",
            f"*:assumed-role/{rng.choice(STAGES)}-{noun}-*/{first}.*",
            f"arn:aws:*:*{rng.randrange(100, 1000)}*{noun}*{last[:4]}*",
            f"*{rng.randrange(1000, 10000)}*/{first[0]}*.{last}",
        ]
        return {"detail": {"userIdentity": {"arn": [{"wildcard": choices[number % 4]}]}}}

    return rules_of(count, make)


# Wildcards that make a determinised automaton explode: sixteen words in a row with anything between them, on values of
# few different letters, so that every subset of the words' positions is a state of its own.

LETTERS = "abcdef"


def explosive_rules(count):
    def make(_):
        words = ["".join(rng.choices(LETTERS, k=2)) for _ in range(16)]
        return {"detail": {"requestParameters": {"key": [{"wildcard": "*" + "*".join(words) + "*"}]}}}

    return rules_of(count, make)


def explosive_events(_):
    def make():
        event = cloudtrail.event()
        event["detail"]["requestParameters"] = {"key": "".join(rng.choices(LETTERS, k=300))}
        return event

    return events_of(2_000, make)


# Long strings, in a field that wildcards look at; deep nesting; many keys; big events of which rules ask little.


def ordinary_rules(_):
    return list(kinds.rules(100, "mix"))


def message_rules(_):
    def make(number):
        words = rng.sample(ADJECTIVES, 3)
        text = {0: f"*{words[0]} {words[1]} {words[2]}*", 1: f"User: *{words[0]}*{words[1]}?", 2: f"*{words[0]}-{words[1]}"}
        return {"detail": {"errorMessage": [{"wildcard": text[number % 3]}]}}

    return ordinary_rules(0) + rules_of(10, make)


def long_events(length):
    def make():
        event = cloudtrail.event()
        words = rng.choices(ADJECTIVES, k=length // 5)
        event["detail"]["errorMessage"] = ("User: " + " ".join(words))[:length]
        return event

    return events_of(1_800 + length, make)


def deep_rules(_):
    def make(number):
        pattern = {"leaf": [f"value-{number}"]}
        for _ in range(number % 8):
            pattern = {"inner": pattern}
        return {"detail": {"requestParameters": pattern}}

    return ordinary_rules(0) + rules_of(16, make)


def deep_events(depth):
    def make():
        value = {"leaf": f"value-{rng.randrange(100)}"}
        for level in range(depth):
            value = {"inner": value} if level % 10 else {"inner": [value, {"leaf": "other"}]}
        event = cloudtrail.event()
        event["detail"]["requestParameters"] = value
        return event

    return events_of(1_800 + 12 * depth, make)


def many_keys_rules(_):
    def make(number):
        return {"detail": {"requestParameters": {f"key-{rng.randrange(10_000):05d}": [f"value-{number % 10}"]}}}

    return rules_of(100, make)


def many_keys_events(keys):
    def make():
        chosen = rng.sample(range(10_000), keys)
        event = cloudtrail.event()
        event["detail"]["requestParameters"] = {f"key-{key:05d}": f"value-{rng.randrange(10)}" for key in chosen}
        return event

    return events_of(1_500 + 25 * keys, make)


def bulk_events(kilobytes):
    def record():
        return {"id": instance_id(), "name": rng.choice(NOUNS), "size": rng.randrange(1_000_000), "on": rng.random() < 0.5}

    def make():
        event = cloudtrail.event()
        event["detail"]["responseElements"] = {"records": [record() for _ in range((kilobytes * 1000 - 1_600) // 80)]}
        return event

    return events_of(kilobytes * 1000, make)


# Keys and values that collide in hashes that multiply by 31, add up words or look at the ends only. (Signalbox's hash is
# seeded anew by each process, so that there is nothing to aim at.)


def colliding(count):
    blocks = itertools.product(("AaBB", "BBAa"), repeat=14)
    return ["".join(block) for block in itertools.islice(blocks, count)]


def colliding_rules(_):
    names = colliding(10_000)
    return rules_of(
        1_000, lambda number: {"detail": {"requestParameters": {names[number % 100]: [rng.choice(names)]}}}
    )


def colliding_events(keys):
    names = colliding(10_000)

    def make():
        chosen = rng.sample(names[: max(keys, 100)], keys)
        event = cloudtrail.event()
        event["detail"]["requestParameters"] = {name: rng.choice(names) for name in chosen}
        return event

    return events_of(1_500 + 120 * keys, make)


# (name, what a size counts, sizes, rules, events, what it is)
SHAPES = (
    ("arrays", "elements", (10, 100, 1_000, 3_000), array_rules, array_events, "100 rules on one array's objects"),
    ("prefixes", "rules", (10, 100, 1_000), prefix_rules, None, "prefixes on one path"),
    ("suffixes", "rules", (10, 100, 1_000), suffix_rules, None, "suffixes on one path"),
    ("wildcards", "rules", (10, 100, 1_000), wildcard_rules, None, "wildcards on one path"),
    ("explode", "rules", (10, 100, 1_000), explosive_rules, explosive_events, "wildcards of 17 stars"),
    ("longstrings", "bytes", (1_000, 16_000, 256_000, 1_000_000), message_rules, long_events, "one long string"),
    ("deep", "levels", (10, 100, 900), deep_rules, deep_events, "nested objects and arrays"),
    ("manykeys", "keys", (10, 100, 1_000, 10_000), many_keys_rules, many_keys_events, "one object with many keys"),
    ("bulk", "kB", (2, 8, 32, 128, 512), ordinary_rules, bulk_events, "events of which rules ask little"),
    ("collide", "keys", (10, 100, 1_000, 10_000), colliding_rules, colliding_events, "keys and values that collide in weak hashes"),
)
