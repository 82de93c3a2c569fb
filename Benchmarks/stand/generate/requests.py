"""What calls of some AWS services ask for and get: (requestParameters, responseElements, ARNs) for an account and a region."""

from .vocabulary import (
    ACCOUNTS, BUCKETS, FUNCTIONS, INSTANCE_TYPES, NOUNS, OBJECT_KEYS, ROLES, STAGES, TABLES, USERS, hex_digits,
    instance_id, rng, source_address, tags, uuid,
)


def run_instances(account, region):
    count = rng.randrange(1, 4)
    instances = [instance_id() for _ in range(count)]
    return (
        {
            "instancesSet": {
                "items": [
                    {
                        "imageId": "ami-" + hex_digits(17),
                        "minCount": count,
                        "maxCount": count,
                        "keyName": rng.choice(NOUNS) + "-key",
                    }
                ]
            },
            "instanceType": rng.choice(INSTANCE_TYPES),
            "blockDeviceMapping": {
                "items": [
                    {
                        "deviceName": "/dev/xvda",
                        "ebs": {
                            "volumeSize": rng.choice([8, 20, 50, 100, 200, 500]),
                            "deleteOnTermination": True,
                            "volumeType": rng.choice(["gp2", "gp3", "io1"]),
                        },
                    }
                ]
            },
            "monitoring": {"enabled": rng.random() < 0.5},
            "disableApiTermination": False,
            "tagSpecificationSet": {"items": [{"resourceType": "instance", "tags": tags(rng.randrange(1, 4))}]},
        },
        {
            "requestId": uuid(),
            "reservationId": "r-" + hex_digits(17),
            "ownerId": account,
            "groupSet": {},
            "instancesSet": {
                "items": [
                    {
                        "instanceId": instance,
                        "imageId": "ami-" + hex_digits(17),
                        "instanceState": {"code": 0, "name": "pending"},
                        "privateIpAddress": f"10.0.{rng.randrange(256)}.{rng.randrange(1, 255)}",
                        "cpuOptions": {"coreCount": rng.choice([1, 2, 4, 8]), "threadsPerCore": 2},
                        "subnetId": "subnet-" + hex_digits(17),
                        "vpcId": "vpc-" + hex_digits(17),
                    }
                    for instance in instances
                ]
            },
        },
        [f"arn:aws:ec2:{region}:{account}:instance/{instance}" for instance in instances],
    )


def change_instances(account, region):
    instance = instance_id()
    return (
        {"instancesSet": {"items": [{"instanceId": instance}]}, "force": rng.random() < 0.2},
        {
            "requestId": uuid(),
            "instancesSet": {
                "items": [
                    {
                        "instanceId": instance,
                        "currentState": {"code": 32, "name": "shutting-down"},
                        "previousState": {"code": 16, "name": "running"},
                    }
                ]
            },
        },
        [f"arn:aws:ec2:{region}:{account}:instance/{instance}"],
    )


def change_security_group(account, region):
    return (
        {
            "groupId": "sg-" + hex_digits(17),
            "ipPermissions": {
                "items": [
                    {
                        "ipProtocol": rng.choice(["tcp", "udp"]),
                        "fromPort": port,
                        "toPort": port,
                        "groups": {},
                        "ipRanges": {
                            "items": [{"cidrIp": rng.choice(["0.0.0.0/0", "10.0.0.0/8", source_address() + "/32"])}]
                        },
                        "ipv6Ranges": {},
                        "prefixListIds": {},
                    }
                    for port in rng.sample([22, 80, 443, 3306, 5432, 8080, 3389], rng.randrange(1, 3))
                ]
            },
        },
        {"requestId": uuid(), "_return": True},
        [],
    )


def describe_instances(account, region):
    return (
        {
            "maxResults": rng.choice([50, 100, 1000]),
            "instancesSet": {},
            "filterSet": {"items": [{"name": "tag:env", "valueSet": {"items": [{"value": rng.choice(STAGES)}]}}]},
        },
        None,
        [],
    )


def object_request(account, region):
    bucket = rng.choice(BUCKETS)
    key = rng.choice(OBJECT_KEYS).format(d=rng.randrange(1, 29), i=rng.randrange(100000))
    return (
        {
            "bucketName": bucket,
            "Host": f"{bucket}.s3.{region}.amazonaws.com",
            "key": key,
            "x-amz-acl": rng.choice(["private", "bucket-owner-full-control"]),
        },
        {"x-amz-server-side-encryption": rng.choice(["AES256", "aws:kms"]), "x-amz-version-id": hex_digits(32)},
        [f"arn:aws:s3:::{bucket}/{key}", f"arn:aws:s3:::{bucket}"],
    )


def bucket_request(account, region):
    bucket = rng.choice(BUCKETS)
    return (
        {
            "bucketName": bucket,
            "Host": f"s3.{region}.amazonaws.com",
            "bucketPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "st" + hex_digits(4),
                        "Effect": rng.choice(["Allow", "Deny"]),
                        "Principal": {"AWS": f"arn:aws:iam::{rng.choice(ACCOUNTS)}:root"},
                        "Action": ["s3:GetObject", "s3:ListBucket"],
                        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                    }
                ],
            },
        },
        None,
        [f"arn:aws:s3:::{bucket}"],
    )


def user_request(account, region):
    user = rng.choice(USERS)
    return (
        {"userName": user, "path": rng.choice(["/", "/engineering/", "/service/"])},
        {
            "user": {
                "path": "/",
                "userName": user,
                "userId": "AIDA" + hex_digits(16).upper(),
                "arn": f"arn:aws:iam::{account}:user/{user}",
                "createDate": "Jul 21, 2026 10:00:00 AM",
            }
        },
        [f"arn:aws:iam::{account}:user/{user}"],
    )


def role_policy_request(account, region):
    role = rng.choice(ROLES)
    return (
        {
            "roleName": role,
            "policyArn": rng.choice(
                [
                    "arn:aws:iam::aws:policy/AdministratorAccess",
                    "arn:aws:iam::aws:policy/ReadOnlyAccess",
                    "arn:aws:iam::aws:policy/AmazonS3FullAccess",
                    f"arn:aws:iam::{account}:policy/{rng.choice(NOUNS)}-policy",
                ]
            ),
        },
        None,
        [f"arn:aws:iam::{account}:role/{role}"],
    )


def function_request(account, region):
    function = rng.choice(FUNCTIONS)
    return (
        {
            "functionName": function,
            "runtime": rng.choice(["python3.12", "nodejs20.x", "java21", "go1.x"]),
            "memorySize": rng.choice([128, 256, 512, 1024, 3008]),
            "timeout": rng.choice([3, 10, 30, 60, 900]),
            "environment": {},
            "layers": [
                f"arn:aws:lambda:{region}:{account}:layer:{rng.choice(NOUNS)}:{rng.randrange(1, 40)}"
                for _ in range(rng.randrange(0, 3))
            ],
        },
        {
            "functionName": function,
            "functionArn": f"arn:aws:lambda:{region}:{account}:function:{function}",
            "codeSize": rng.randrange(1000, 50000000),
            "version": "$LATEST",
            "state": rng.choice(["Active", "Pending"]),
        },
        [f"arn:aws:lambda:{region}:{account}:function:{function}"],
    )


def table_request(account, region):
    table = rng.choice(TABLES)
    return (
        {
            "tableName": table,
            "key": {"pk": {"S": hex_digits(12)}},
            "consumedCapacity": round(rng.random() * 50, 2),
            "billingMode": rng.choice(["PAY_PER_REQUEST", "PROVISIONED"]),
            "provisionedThroughput": {
                "readCapacityUnits": rng.choice([1, 5, 10, 100]),
                "writeCapacityUnits": rng.choice([1, 5, 10, 100]),
            },
        },
        None,
        [f"arn:aws:dynamodb:{region}:{account}:table/{table}"],
    )


def role_request(account, region):
    role = rng.choice(ROLES)
    return (
        {
            "roleArn": f"arn:aws:iam::{account}:role/{role}",
            "roleSessionName": rng.choice(USERS),
            "durationSeconds": rng.choice([900, 3600, 7200, 43200]),
        },
        {
            "credentials": {
                "accessKeyId": "ASIA" + hex_digits(16).upper(),
                "sessionToken": hex_digits(200),
                "expiration": "Jul 21, 2026 11:00:00 AM",
            },
            "assumedRoleUser": {
                "assumedRoleId": "AROA" + hex_digits(16).upper() + ":s",
                "arn": f"arn:aws:sts::{account}:assumed-role/{role}/s",
            },
        },
        [f"arn:aws:iam::{account}:role/{role}"],
    )


def key_request(account, region):
    key = uuid()
    return (
        {
            "keyId": f"arn:aws:kms:{region}:{account}:key/{key}",
            "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{rng.choice(BUCKETS)}"},
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        },
        None,
        [f"arn:aws:kms:{region}:{account}:key/{key}"],
    )


def database_request(account, region):
    database = f"{rng.choice(NOUNS)}-db-{rng.randrange(20)}"
    return (
        {
            "dBInstanceIdentifier": database,
            "dBInstanceClass": rng.choice(["db.t3.medium", "db.r5.large", "db.m6g.xlarge"]),
            "engine": rng.choice(["mysql", "postgres", "aurora-mysql"]),
            "allocatedStorage": rng.choice([20, 100, 500, 1000]),
            "multiAZ": rng.random() < 0.5,
            "skipFinalSnapshot": rng.random() < 0.3,
            "publiclyAccessible": rng.random() < 0.1,
        },
        {
            "dBInstanceStatus": rng.choice(["creating", "available", "deleting"]),
            "endpoint": {"port": rng.choice([3306, 5432])},
            "vpcSecurityGroups": [
                {"status": "active", "vpcSecurityGroupId": "sg-" + hex_digits(17)} for _ in range(rng.randrange(1, 3))
            ],
        },
        [f"arn:aws:rds:{region}:{account}:db:{database}"],
    )


def queue_request(account, region):
    queue = f"{rng.choice(NOUNS)}-queue"
    return (
        {
            "queueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{queue}",
            "attributes": {"VisibilityTimeout": str(rng.choice([30, 60, 300])), "DelaySeconds": "0"},
        },
        None,
        [f"arn:aws:sqs:{region}:{account}:{queue}"],
    )


def trail_request(account, region):
    return (
        {
            "name": f"arn:aws:cloudtrail:{region}:{account}:trail/{rng.choice(NOUNS)}",
            "isMultiRegionTrail": rng.random() < 0.5,
        },
        None,
        [],
    )


def sign_in(account, region):
    return (None, {"ConsoleLogin": rng.choice(["Success", "Success", "Failure"])}, [])


# service: [(eventName, whether it only reads, what it asks for and gets)]
SERVICES = {
    "ec2": [
        ("RunInstances", 0, run_instances),
        ("TerminateInstances", 0, change_instances),
        ("StopInstances", 0, change_instances),
        ("StartInstances", 0, change_instances),
        ("AuthorizeSecurityGroupIngress", 0, change_security_group),
        ("RevokeSecurityGroupIngress", 0, change_security_group),
        ("DescribeInstances", 1, describe_instances),
        ("DescribeVolumes", 1, describe_instances),
    ],
    "s3": [
        ("PutObject", 0, object_request),
        ("GetObject", 1, object_request),
        ("DeleteObject", 0, object_request),
        ("CopyObject", 0, object_request),
        ("PutBucketPolicy", 0, bucket_request),
        ("DeleteBucketPolicy", 0, bucket_request),
        ("CreateBucket", 0, bucket_request),
    ],
    "iam": [
        ("CreateUser", 0, user_request),
        ("DeleteUser", 0, user_request),
        ("CreateAccessKey", 0, user_request),
        ("AttachRolePolicy", 0, role_policy_request),
        ("DetachRolePolicy", 0, role_policy_request),
        ("PutRolePolicy", 0, role_policy_request),
    ],
    "lambda": [
        ("CreateFunction20150331", 0, function_request),
        ("UpdateFunctionCode20150331v2", 0, function_request),
        ("Invoke", 0, function_request),
        ("DeleteFunction20150331", 0, function_request),
    ],
    "dynamodb": [
        ("PutItem", 0, table_request),
        ("DeleteTable", 0, table_request),
        ("CreateTable", 0, table_request),
        ("UpdateTable", 0, table_request),
    ],
    "sts": [("AssumeRole", 1, role_request), ("GetCallerIdentity", 1, role_request)],
    "kms": [("Decrypt", 1, key_request), ("GenerateDataKey", 1, key_request), ("ScheduleKeyDeletion", 0, key_request)],
    "rds": [
        ("CreateDBInstance", 0, database_request),
        ("DeleteDBInstance", 0, database_request),
        ("ModifyDBInstance", 0, database_request),
    ],
    "sqs": [
        ("CreateQueue", 0, queue_request),
        ("DeleteQueue", 0, queue_request),
        ("SetQueueAttributes", 0, queue_request),
    ],
    "cloudtrail": [
        ("StopLogging", 0, trail_request),
        ("DeleteTrail", 0, trail_request),
        ("LookupEvents", 1, trail_request),
    ],
    "signin": [("ConsoleLogin", 0, sign_in)],
}
