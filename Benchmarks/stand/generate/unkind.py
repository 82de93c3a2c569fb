"""A set nobody was kind to: no rule has an exact value on any field, so no look-up by value narrows them down.

Each rule has one thing that few events have (a narrow range, a small network, a wildcard, a rare field) and one or two
that many have (anything-but, exists, a wide range). An event matches about seven of 10,000 rules (in "mix": six).
"""

from .vocabulary import (
    ACCOUNTS, ADJECTIVES, ERROR_CODES, FIRST_NAMES, LAST_NAMES, NOUNS, REGIONS, ROLES, STAGES, USERS, rng,
)

SHARES = {"range": 32, "cidr": 22, "wildcard": 28, "time": 10, "rare": 8}


def rules(count, seed=11):
    """The first rules take each kind in turn, so that small sets hold all of them."""
    rng.seed(seed)
    kinds = list(SHARES)
    for number in range(count):
        kind = kinds[number] if number < len(kinds) else rng.choices(kinds, list(SHARES.values()))[0]
        pattern = {"detail": {}}
        KINDS[kind](pattern, pattern["detail"])
        if not pattern["detail"]:
            del pattern["detail"]
        yield {"name": f"{kind}-{number:05d}", "pattern": pattern}


def between(low, high):
    return [{"numeric": [rng.choice([">", ">="]), low, rng.choice(["<", "<="]), high]}]


def put(detail, path, alternatives):
    """Adds a condition at a dotted path, unless there is one."""
    *parents, last = path.split(".")
    for name in parents:
        detail = detail.setdefault(name, {})
    detail.setdefault(last, alternatives)


def add_broad(pattern, detail, count):
    """Conditions that most events meet."""
    for choice in rng.sample(range(8), count):
        if choice == 0:
            pattern["region"] = [{"anything-but": rng.sample(REGIONS, rng.randrange(1, 4))}]
        elif choice == 1:
            pattern["account"] = [{"anything-but": rng.sample(ACCOUNTS, rng.randrange(1, 6))}]
        elif choice == 2:
            detail["errorCode"] = [{"exists": False}]
        elif choice == 3:
            starts = rng.sample(["[aws-cli", "[Boto3", "[console", "[APN", "[Mozilla"], 2)
            detail["userAgent"] = [{"anything-but": {"prefix": starts}}]
        elif choice == 4:
            put(detail, "userIdentity.accessKeyId", [{"exists": True}])
        elif choice == 5:
            put(detail, "tlsDetails.tlsVersion", [{"exists": True}])
        elif choice == 6:
            put(detail, "userIdentity.invokedBy", [{"exists": False}])
        else:
            put(detail, "userIdentity.arn", [{"anything-but": {"wildcard": f"*/{rng.choice(STAGES)}-*-ci/*"}}])


def narrow_range(pattern, detail):
    """A range that few values fall into, on one of the numbers that calls carry."""
    field = rng.randrange(6)
    if field < 2:
        low = rng.randrange(5000000)
        put(detail, "additionalEventData.bytesTransferredIn", between(low, low + rng.randrange(1000, 100000)))
    elif field == 2:
        low = rng.randrange(100000)
        put(detail, "additionalEventData.bytesTransferredOut", between(low, low + rng.randrange(10, 1000)))
    elif field == 3:
        low = rng.randrange(50000000)
        put(detail, "responseElements.codeSize", between(low, low + rng.randrange(10000, 2000000)))
    elif field == 4:
        low = round(rng.random() * 50, 2)
        put(detail, "requestParameters.consumedCapacity", between(low, round(low + 0.1 + rng.random() * 2, 2)))
    else:
        put(detail, "requestParameters.memorySize", between(rng.randrange(0, 1000), rng.randrange(1000, 4000)))
        put(detail, "requestParameters.timeout", between(rng.randrange(0, 30), rng.randrange(30, 1000)))
        put(detail, "responseElements.codeSize", [{"numeric": [">", rng.randrange(40000000, 50000000)]}])
    add_broad(pattern, detail, rng.randrange(1, 3))


def network(pattern, detail):
    choices = [
        f"10.{rng.randrange(64)}.{rng.randrange(0, 256, 16)}.0/20",
        f"10.{rng.randrange(64)}.{rng.randrange(256)}.0/24",
        f"{rng.choice([52, 54, 3, 18, 203, 198])}.{rng.randrange(256)}.0.0/16",
        f"2600:1f18:{rng.randrange(256):02x}00::/40",
    ]
    detail["sourceIPAddress"] = [{"cidr": text} for text in rng.sample(choices, rng.randrange(1, 3))]
    add_broad(pattern, detail, rng.randrange(1, 3))


def wildcard(pattern, detail):
    field = rng.randrange(5)
    if field == 0:
        text = f"arn:aws:sts::*:assumed-role/{rng.choice(STAGES)}-{rng.choice(NOUNS)}-*/{rng.choice(FIRST_NAMES)}.*"
        put(detail, "userIdentity.arn", [{"wildcard": text}])
    elif field == 1:
        text = f"arn:aws:*::{rng.choice(ACCOUNTS)}:*/*.{rng.choice(LAST_NAMES)}"
        put(detail, "userIdentity.arn", [{"wildcard": text}])
    elif field == 2:
        text = f"arn:aws:s3:::*-{rng.choice(NOUNS)}-{rng.choice(STAGES)}-data/*{rng.randrange(10)}.*"
        pattern["resources"] = [{"wildcard": text}]
    elif field == 3:
        text = rng.choice(["logs/*/%02d/part-*%d.gz", "exports/%02d/report-*%d.csv"])
        put(detail, "requestParameters.key", [{"wildcard": text % (rng.randrange(1, 29), rng.randrange(10))}])
    else:
        text = f"{rng.choice(ADJECTIVES)}-*-{rng.choice(STAGES)}-*"
        put(detail, "requestParameters.bucketName", [{"wildcard": text}])
    add_broad(pattern, detail, rng.randrange(1, 3))


def hours(pattern, detail):
    """Some hours of some days, and not by everybody."""
    text = "2026-07-%s%d*T%02d:*" % (rng.choice("012"), rng.randrange(10), rng.randrange(24))
    pattern["time"] = [{"wildcard": text}]
    put(detail, "userIdentity.userName", [{"anything-but": rng.sample(USERS, rng.randrange(1, 4))}])
    if rng.random() < 0.5:
        put(detail, "userIdentity.arn", [{"anything-but": {"suffix": "/" + rng.choice(USERS)}}])
    add_broad(pattern, detail, 1)


def rare_field(pattern, detail):
    """A field that few events have."""
    field = rng.randrange(4)
    if field == 0:
        detail["errorCode"] = [{"anything-but": rng.sample(ERROR_CODES, rng.randrange(3, 6))}]
        put(detail, "sourceIPAddress", [{"cidr": f"10.{rng.randrange(64)}.0.0/16"}])
    elif field == 1:
        put(detail, "requestParameters.skipFinalSnapshot", [{"exists": True}])
        put(detail, "requestParameters.allocatedStorage", [{"anything-but": rng.sample([20, 100, 500, 1000], 2)}])
        put(detail, "responseElements.endpoint.port", between(rng.randrange(4000), rng.randrange(5000, 6000)))
        pattern["region"] = [{"anything-but": rng.sample(REGIONS, 7)}]
    elif field == 2:
        put(detail, "additionalEventData.MFAUsed", [{"exists": True}])
        put(detail, "sourceIPAddress", [{"cidr": f"{rng.choice([52, 54, 3, 18])}.0.0.0/8"}])
    else:
        put(detail, "requestParameters.ipPermissions.items.fromPort", between(rng.randrange(2000), 3500))
        put(detail, "requestParameters.ipPermissions.items.ipRanges.items.cidrIp", [{"cidr": "10.0.0.0/8"}])
        role = rng.choice(ROLES)
        put(detail, "userIdentity.sessionContext.sessionIssuer.userName", [{"wildcard": f"{role[:6]}*"}])
    add_broad(pattern, detail, 1)


KINDS = {"range": narrow_range, "cidr": network, "wildcard": wildcard, "time": hours, "rare": rare_field}
