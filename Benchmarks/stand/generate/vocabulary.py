"""The names that generated events and rules draw from, and the generator of random numbers that all of them share.

All is made up; only the names of services, calls and fields are AWS's.
"""

import random

rng = random.Random()

REGIONS = [
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-southeast-1",
    "ap-northeast-1",
    "us-east-2",
    "sa-east-1",
]
ACCOUNTS = [f"{100000000000 + i * 7919131313 % 899999999999:012d}" for i in range(1, 41)]
ADJECTIVES = """
    amber brisk calm deep eager fast gold hazy iron jade keen lunar mild noble ochre prime quiet rapid
    solar tidal ultra vivid warm young zesty
""".split()
NOUNS = """
    atlas beacon cargo delta ember falcon garden harbor island jigsaw kernel ledger metric nebula orchid
    portal quartz relay signal tunnel urchin vector widget yonder zephyr
""".split()
STAGES = ["prod", "staging", "dev", "test", "sandbox"]
FIRST_NAMES = """
    alice bob carol dave erin frank grace heidi ivan judy ken laura mallory niaj olivia peggy quinn
    rupert sybil trent uma victor walter xena yusuf zoe
""".split()
LAST_NAMES = """
    smith jones garcia chen patel kim nguyen silva mueller rossi dubois novak kowalski tanaka haddad
    okafor larsen
""".split()
USERS = [f"{a}.{b}" for a in FIRST_NAMES for b in LAST_NAMES]
ROLES = [f"{e}-{n}-{k}" for e in STAGES for n in NOUNS for k in ("deployer", "readonly", "admin", "worker", "ci")]
BUCKETS = [f"{a}-{n}-{e}-data" for a in ADJECTIVES for n in NOUNS for e in STAGES]
FUNCTIONS = [
    f"{n}-{v}-handler"
    for n in NOUNS
    for v in ("ingest", "transform", "notify", "cleanup", "sync", "report", "audit", "index")
]
TABLES = [f"{a}_{n}_table" for a in ADJECTIVES for n in NOUNS]
OBJECT_KEYS = [
    "logs/2026/07/{d:02d}/part-{i:05d}.gz",
    "images/{i:06d}.png",
    "backups/db-{i}.dump",
    "config/app.yaml",
    "exports/{d:02d}/report-{i}.csv",
    "tmp/upload-{i}.tmp",
    "docs/readme-{i}.md",
    "AWSLogs/trail-{i}.json.gz",
]
INSTANCE_TYPES = ["t3.micro", "t3.large", "m5.xlarge", "m6i.2xlarge", "c5.4xlarge", "r5.large", "p4d.24xlarge"]
USER_AGENTS = [
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.205-195.807.amzn2.x86_64 exe/x86_64.amzn.2 prompt/off command/{c}",
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#5.10.210 md/arch#x86_64 lang/python#3.9.18 md/pyimpl#CPython cfg/retry-mode#legacy",
    "console.amazonaws.com",
    "aws-sdk-go-v2/1.26.0 os/linux lang/go#1.22.1 md/GOOS#linux md/GOARCH#arm64 api/{c}#1.53.0",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.5 (+https://www.terraform.io) terraform-provider-aws/5.42.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36",
    "autoscaling.amazonaws.com",
    "aws-sdk-java/2.25.17 Linux/5.10.209-198.858.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.10+8-LTS Java/17.0.10 vendor/Amazon.com_Inc.",
]
ERROR_CODES = [
    "AccessDenied",
    "ThrottlingException",
    "Client.UnauthorizedOperation",
    "ResourceNotFoundException",
    "ValidationException",
    "NoSuchKey",
]


def hex_digits(count):
    return "".join(rng.choices("0123456789abcdef", k=count))


def instance_id():
    return "i-" + hex_digits(17)


def uuid():
    return f"{hex_digits(8)}-{hex_digits(4)}-{hex_digits(4)}-{hex_digits(4)}-{hex_digits(12)}"


def source_address():
    chance = rng.random()
    if chance < 0.45:
        return f"10.{rng.randrange(0, 64)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
    if chance < 0.85:
        return (
            f"{rng.choice([52, 54, 3, 18, 203, 198])}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        )
    if chance < 0.92:
        return (
            f"2600:1f18:{hex_digits(4)}:{hex_digits(4)}:{hex_digits(4)}:{hex_digits(4)}:{hex_digits(4)}:{hex_digits(4)}"
        )
    return rng.choice(
        ["ec2.amazonaws.com", "autoscaling.amazonaws.com", "cloudformation.amazonaws.com", "AWS Internal"]
    )


def tags(count):
    return [
        {
            "key": rng.choice(["Name", "env", "team", "cost-center", "app", "owner"]),
            "value": rng.choice([rng.choice(NOUNS), rng.choice(STAGES), str(rng.randrange(1000, 9999))]),
        }
        for _ in range(count)
    ]
