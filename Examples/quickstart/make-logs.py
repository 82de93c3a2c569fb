#!/usr/bin/env python3
"""Writes the sample events of a folder as gzip log files in CloudTrail's own layout.

usage: make-logs.py EVENTS LOGS

The same events give the same bytes, so a second run changes nothing. As in real life, one record is delivered twice and
a digest file lies beside the logs.
"""
import gzip
import hashlib
import json
import pathlib
import sys
import uuid

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def expand(short, state, identities):
    """One full CloudTrail record from its short form."""
    for name in ("account", "region", "ip"):
        state[name] = short.get(name, state.get(name))
    account = state["account"]
    identity = json.loads(json.dumps(identities[short["who"]]).replace("{account}", account))
    record = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": short["time"],
        "eventSource": short["eventSource"],
        "eventName": short["eventName"],
        "awsRegion": state["region"],
        "sourceIPAddress": state["ip"],
        "userAgent": BROWSER if short["eventName"] == "ConsoleLogin" else "aws-cli/2.17.44 md/prompt#off",
    }
    for name in ("errorCode", "errorMessage"):
        if name in short:
            record[name] = short[name]
    record["requestParameters"] = short.get("requestParameters")
    record["responseElements"] = short.get("responseElements")
    if "additionalEventData" in short:
        record["additionalEventData"] = short["additionalEventData"]
    seed = json.dumps([account, short], sort_keys=True)
    record.update(
        requestID=str(uuid.uuid5(uuid.NAMESPACE_OID, "request" + seed)),
        eventID=str(uuid.uuid5(uuid.NAMESPACE_OID, "event" + seed)),
        readOnly=short.get("readOnly", False),
        eventType=short.get("eventType", "AwsApiCall"),
        managementEvent=True,
        recipientAccountId=account,
        eventCategory="Management",
    )
    return record


def write(path, value):
    """A gzip file without name and time in its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = gzip.compress(json.dumps(value, separators=(",", ":")).encode(), mtime=0)
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def log_file(account, region, minute, records, logs):
    """Writes one log file: ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_unique.json.gz in its folder of the day."""
    day, clock = minute[:10], minute[11:16].replace(":", "")
    unique = hashlib.sha256(json.dumps(records).encode()).hexdigest()[:16]
    name = f"{account}_CloudTrail_{region}_{day.replace('-', '')}T{clock}Z_{unique}.json.gz"
    write(logs / "AWSLogs" / account / "CloudTrail" / region / day.replace("-", "/") / name, {"Records": records})


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    events, logs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    identities = json.loads((events / "identities.json").read_text())

    files = {}
    for source in sorted(events.glob("[0-9]*.json")):
        state = {}
        for short in json.loads(source.read_text()):
            record = expand(short, state, identities)
            # CloudTrail delivers about every five minutes, a file per account and region.
            minute = record["eventTime"][:15] + ("5" if record["eventTime"][15] >= "5" else "0")
            files.setdefault((state["account"], state["region"], minute), []).append(record)

    # CloudTrail delivers at least once: repeat the last record of a file in the next one.
    keys = sorted(files)
    for earlier, later in zip(keys, keys[1:]):
        if earlier[:2] == later[:2] and earlier[2][:13] == later[2][:13]:
            files[later].insert(0, files[earlier][-1])
            break

    for (account, region, minute), records in files.items():
        log_file(account, region, minute, records, logs)

    account, region, day = "111122223333", "eu-central-1", "2026-03-04"
    name = f"{account}_CloudTrail-Digest_{region}_organization-trail_{region}_{day.replace('-', '')}T140000Z.json.gz"
    digest = {"awsAccountId": account, "digestStartTime": f"{day}T13:00:00Z", "digestEndTime": f"{day}T14:00:00Z",
              "logFiles": []}
    write(logs / "AWSLogs" / account / "CloudTrail-Digest" / region / day.replace("-", "/") / name, digest)
    print(f"{sum(map(len, files.values()))} records in {len(files)} log files under {logs}")


if __name__ == "__main__":
    main()
