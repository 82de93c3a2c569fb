"""CloudTrail events in EventBridge's envelope, about 1.8 kB each."""

from .requests import SERVICES
from .vocabulary import (
    ACCOUNTS, ERROR_CODES, REGIONS, ROLES, USER_AGENTS, USERS, hex_digits, rng, source_address, uuid,
)

# How often each service is called.
WEIGHTS = {
    "ec2": 20,
    "s3": 28,
    "iam": 6,
    "lambda": 10,
    "dynamodb": 10,
    "sts": 10,
    "kms": 8,
    "rds": 3,
    "sqs": 3,
    "cloudtrail": 1,
    "signin": 1,
}


def identity(account):
    chance = rng.random()
    user = rng.choice(USERS)
    if chance < 0.6:
        role = rng.choice(ROLES)
        principal = "AROA" + hex_digits(16).upper()
        return {
            "type": "AssumedRole",
            "principalId": f"{principal}:{user}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{user}",
            "accountId": account,
            "accessKeyId": "ASIA" + hex_digits(16).upper(),
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": f"arn:aws:iam::{account}:role/{role}",
                    "accountId": account,
                    "userName": role,
                },
                "webIdFederationData": {},
                "attributes": {
                    "creationDate": "2026-07-21T10:%02d:%02dZ" % (rng.randrange(60), rng.randrange(60)),
                    "mfaAuthenticated": rng.choice(["true", "false", "false"]),
                },
            },
        }
    if chance < 0.87:
        return {
            "type": "IAMUser",
            "principalId": "AIDA" + hex_digits(16).upper(),
            "arn": f"arn:aws:iam::{account}:user/{user}",
            "accountId": account,
            "accessKeyId": "AKIA" + hex_digits(16).upper(),
            "userName": user,
        }
    if chance < 0.97:
        return {
            "type": "AWSService",
            "invokedBy": rng.choice(
                ["autoscaling.amazonaws.com", "lambda.amazonaws.com", "cloudformation.amazonaws.com"]
            ),
        }
    return {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
        "accessKeyId": "",
    }


def event():
    service = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    name, reads, build = rng.choice(SERVICES[service])
    account = rng.choice(ACCOUNTS)
    region = rng.choice(REGIONS)
    request, response, arns = build(account, region)
    time = "2026-07-%02dT%02d:%02d:%02dZ" % (
        rng.randrange(1, 29),
        rng.randrange(24),
        rng.randrange(60),
        rng.randrange(60),
    )
    detail = {
        "eventVersion": "1.09",
        "userIdentity": identity(account),
        "eventTime": time,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": source_address(),
        "userAgent": "[" + rng.choice(USER_AGENTS).format(c=f"{service}.{name}") + "]",
    }
    if rng.random() < 0.08:
        code = rng.choice(ERROR_CODES)
        detail["errorCode"] = code
        detail["errorMessage"] = (
            f'User: arn:aws:iam::{account}:user/{rng.choice(USERS)} is not authorized to perform: {service}:{name} because no identity-based policy allows the "{service}:{name}" action'
        )
        response = None
    detail["requestParameters"] = request
    detail["responseElements"] = None if reads else response
    if service == "s3":
        detail["additionalEventData"] = {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": rng.choice([0, rng.randrange(5000000)]),
            "bytesTransferredOut": rng.randrange(100000),
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": hex_digits(64),
        }
    if service == "signin":
        detail["additionalEventData"] = {
            "LoginTo": "https://console.aws.amazon.com/console/home",
            "MobileVersion": "No",
            "MFAUsed": rng.choice(["Yes", "No"]),
        }
    detail.update({"requestID": uuid(), "eventID": uuid(), "readOnly": bool(reads)})
    if arns:
        detail["resources"] = [
            {"accountId": account, "type": "AWS::" + service.upper() + "::Resource", "ARN": arn} for arn in arns
        ]
    detail.update(
        {
            "eventType": "AwsApiCall" if service != "signin" else "AwsConsoleSignIn",
            "managementEvent": service not in ("s3",),
            "recipientAccountId": account,
            "eventCategory": "Data" if service == "s3" else "Management",
        }
    )
    if rng.random() < 0.8:
        detail["tlsDetails"] = {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{service}.{region}.amazonaws.com",
        }
    return {
        "version": "0",
        "id": uuid(),
        "detail-type": "AWS Console Sign In via CloudTrail" if service == "signin" else "AWS API Call via CloudTrail",
        "source": f"aws.{service}",
        "account": account,
        "time": time,
        "region": region,
        "resources": arns,
        "detail": detail,
    }


def events(count, seed=1):
    rng.seed(seed)
    return (event() for _ in range(count))
