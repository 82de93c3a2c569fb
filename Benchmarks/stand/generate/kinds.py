"""Rules as people write them: a service, some calls, and one thing more. Sets mix, common and exact."""

from .requests import SERVICES
from .vocabulary import (
    ACCOUNTS, BUCKETS, ERROR_CODES, FIRST_NAMES, FUNCTIONS, INSTANCE_TYPES, NOUNS, REGIONS, ROLES, STAGES, TABLES,
    USERS, rng,
)

# How many of each kind of rule are in a set. "mix" has every matcher, "common" only those that quamina has, too.
SHARES = {
    "mix": {
        "exact": 40, "prefix": 12, "suffix": 6, "wildcard": 6, "anything-but": 6, "anything-but-x": 3, "numeric": 6,
        "cidr": 6, "exists": 6, "eic": 3, "or": 6,
    },
    "common": {
        "exact": 48, "prefix": 14, "suffix": 7, "wildcard": 7, "anything-but": 8, "exists": 7, "eic": 3, "or": 6,
    },
    "exact": {"exact": 1},
}


def rules(count, family, seed=7):
    """The first rules take each kind in turn, so that small sets hold all of them."""
    rng.seed(seed)
    shares = SHARES[family]
    kinds = list(shares)
    for number in range(count):
        if number < len(kinds) and count >= len(kinds) - 1:
            kind = kinds[number]
        else:
            kind = rng.choices(kinds, list(shares.values()))[0]
        yield {"name": f"{kind}-{number:05d}", "pattern": pattern(kind)}


def pattern(kind):
    service = rng.choice(list(SERVICES))
    calls = [name for name, _, _ in SERVICES[service]]
    calls = rng.sample(calls, k=min(len(calls), rng.randrange(1, 4)))
    detail_type = "AWS Console Sign In via CloudTrail" if service == "signin" else "AWS API Call via CloudTrail"
    detail = {"eventSource": [f"{service}.amazonaws.com"], "eventName": calls}
    pattern = {"source": [f"aws.{service}"], "detail-type": [detail_type], "detail": detail}
    KINDS[kind](service, pattern, detail)
    return pattern


def add_who_or_where(pattern, detail):
    """An exact value on a field that every service has."""
    chance = rng.random()
    if chance < 0.3:
        pattern["account"] = rng.sample(ACCOUNTS, rng.randrange(1, 4))
    elif chance < 0.45:
        pattern["region"] = rng.sample(REGIONS, rng.randrange(1, 4))
    elif chance < 0.75:
        detail["userIdentity"] = issuer(rng.sample(ROLES, rng.randrange(1, 5)))
    elif chance < 0.9:
        detail["userIdentity"] = {"type": ["IAMUser"], "userName": rng.sample(USERS, rng.randrange(1, 5))}
    else:
        detail["errorCode"] = rng.sample(ERROR_CODES, rng.randrange(1, 3))


def add_service_field(service, pattern, detail):
    """An exact value on a field of the service."""
    if service == "s3":
        detail["requestParameters"] = {"bucketName": rng.sample(BUCKETS, rng.randrange(1, 6))}
    elif service == "lambda":
        detail["requestParameters"] = {"functionName": rng.sample(FUNCTIONS, rng.randrange(1, 4))}
    elif service == "dynamodb":
        detail["requestParameters"] = {"tableName": rng.sample(TABLES, rng.randrange(1, 4))}
    elif service == "ec2":
        detail["requestParameters"] = {"instanceType": rng.sample(INSTANCE_TYPES, rng.randrange(1, 4))}
        pattern["account"] = [rng.choice(ACCOUNTS)]
    else:
        add_who_or_where(pattern, detail)


def issuer(alternatives):
    return {"sessionContext": {"sessionIssuer": {"userName": alternatives}}}


def exact(service, pattern, detail):
    add_service_field(service, pattern, detail)
    if rng.random() < 0.5 and "account" not in pattern:
        pattern["account"] = rng.sample(ACCOUNTS, rng.randrange(1, 3))


def prefix(service, pattern, detail):
    chance = rng.random()
    if service == "s3" and chance < 0.7:
        choices = [
            "logs/2026/07/%02d/" % rng.randrange(1, 29),
            "images/%02d" % rng.randrange(100),
            "backups/db-%d" % rng.randrange(100),
            "exports/%02d/report-%d" % (rng.randrange(1, 29), rng.randrange(10)),
            "AWSLogs/trail-%d" % rng.randrange(100),
        ]
        detail["requestParameters"] = {"key": [{"prefix": rng.choice(choices)}]}
    elif chance < 0.5:
        text = f"arn:aws:sts::{rng.choice(ACCOUNTS)}:assumed-role/{rng.choice(STAGES)}-"
        detail["userIdentity"] = {"arn": [{"prefix": text}]}
    else:
        pattern["resources"] = [{"prefix": f"arn:aws:{service}:{rng.choice(REGIONS)}:{rng.choice(ACCOUNTS)}:"}]


def suffix(service, pattern, detail):
    if service == "s3":
        endings = [".png", ".csv", ".dump", ".tmp", ".md"]
        choices = endings + ["%d.gz" % rng.randrange(100), "%d.png" % rng.randrange(100)]
        detail["requestParameters"] = {"key": [{"suffix": rng.choice(choices)}]}
        pattern["account"] = [rng.choice(ACCOUNTS)]
    else:
        detail["userIdentity"] = {"arn": [{"suffix": "/" + rng.choice(USERS)}]}


def wildcard(service, pattern, detail):
    if service == "s3" and rng.random() < 0.7:
        choices = [
            "logs/*/%02d/part-*%d.gz" % (rng.randrange(1, 29), rng.randrange(100)),
            "exports/*/report-%d*.csv" % rng.randrange(100),
            "backups/*%d.dump" % rng.randrange(1000),
        ]
        detail["requestParameters"] = {"key": [{"wildcard": rng.choice(choices)}]}
    else:
        choices = [
            f"arn:aws:*::{rng.choice(ACCOUNTS)}:*/{rng.choice(USERS)}",
            f"arn:aws:sts::*:assumed-role/{rng.choice(STAGES)}-{rng.choice(NOUNS)}-*/{rng.choice(FIRST_NAMES)}.*",
        ]
        detail["userIdentity"] = {"arn": [{"wildcard": rng.choice(choices)}]}


def anything_but(service, pattern, detail):
    chance = rng.random()
    add_who_or_where(pattern, detail)
    if chance < 0.5:
        pattern["region"] = [{"anything-but": rng.sample(REGIONS, rng.randrange(1, 4))}]
    elif chance < 0.8:
        detail["errorCode"] = [{"anything-but": rng.sample(ERROR_CODES, rng.randrange(1, 4))}]
    else:
        detail["awsRegion"] = [{"anything-but": [rng.choice(REGIONS)]}]


def anything_but_affix(service, pattern, detail):
    add_who_or_where(pattern, detail)
    if rng.random() < 0.5:
        start = rng.choice(["[aws-cli", "[Boto3", "[console", "[APN"])
        detail["userAgent"] = [{"anything-but": {"prefix": start}}]
    else:
        detail["sourceIPAddress"] = [{"anything-but": {"suffix": ".amazonaws.com"}}]


def numeric(service, pattern, detail):
    rng.random()
    pattern["account"] = rng.sample(ACCOUNTS, rng.randrange(1, 3))
    if service == "s3":
        low = rng.randrange(4000000)
        range_ = [">=", low, "<", low + rng.randrange(1000, 1000000)]
        detail["additionalEventData"] = {"bytesTransferredIn": [{"numeric": range_}]}
    elif service == "lambda":
        comparison = [rng.choice([">", ">=", "<"]), rng.choice([128, 256, 512, 1024])]
        detail["requestParameters"] = {"memorySize": [{"numeric": comparison}]}
    elif service == "dynamodb":
        detail["requestParameters"] = {"consumedCapacity": [{"numeric": [">", round(rng.random() * 50, 2)]}]}
    elif service == "rds":
        detail["requestParameters"] = {"allocatedStorage": [{"numeric": [">=", rng.choice([100, 500])]}]}
    else:
        detail["requestParameters"] = {"durationSeconds": [{"numeric": [">", rng.choice([900, 3600])]}]}


def cidr(service, pattern, detail):
    choices = [
        f"10.{rng.randrange(64)}.0.0/16",
        f"10.{rng.randrange(64)}.{rng.randrange(256)}.0/24",
        f"{rng.choice([52, 54, 3, 18])}.0.0.0/8",
        f"{rng.choice([52, 54, 3, 18])}.{rng.randrange(256)}.0.0/16",
        "2600:1f18::/32",
    ]
    detail["sourceIPAddress"] = [{"cidr": rng.choice(choices)}]
    pattern["account"] = rng.sample(ACCOUNTS, rng.randrange(1, 4))


def exists(service, pattern, detail):
    detail["errorCode"] = [{"exists": rng.random() < 0.5}]
    if rng.random() < 0.8:
        add_service_field(service, pattern, detail)
    else:
        add_who_or_where(pattern, detail)
    if "requestParameters" not in detail and "userIdentity" not in detail:
        pattern["account"] = [rng.choice(ACCOUNTS)]


def equals_ignore_case(service, pattern, detail):
    detail["userIdentity"] = issuer([{"equals-ignore-case": rng.choice(ROLES).upper()}])


def alternatives(service, pattern, detail):
    user = rng.choice(USERS)
    detail["$or"] = [
        {"userIdentity": {"userName": [user]}},
        {"errorCode": [rng.choice(ERROR_CODES)]},
        {"userIdentity": issuer([{"prefix": rng.choice(ROLES)[:-3]}])},
    ]
    pattern["account"] = [rng.choice(ACCOUNTS)]


KINDS = {
    "exact": exact,
    "prefix": prefix,
    "suffix": suffix,
    "wildcard": wildcard,
    "anything-but": anything_but,
    "anything-but-x": anything_but_affix,
    "numeric": numeric,
    "cidr": cidr,
    "exists": exists,
    "eic": equals_ignore_case,
    "or": alternatives,
}
