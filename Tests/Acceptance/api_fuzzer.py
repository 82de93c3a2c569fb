"""Calls of every operation that is offered, made from the models that the AWS clients work with: valid as far as a model
tells, then with one thing wrong. It writes requests itself, because clients refuse to send what is wrong."""

import base64
import datetime
import http.client
import json
import urllib.parse
import xml.etree.ElementTree

LONG = "a" * 5_000

# What a value of any kind may be replaced with. JSON's own: a lone surrogate, numbers that fit into nothing.
WRONG = [
    None, True, False, 0, -1, 1.5, 2**31, 2**63, -(2**70), 1e300, "", " ", "x", "0", "-1", "1e400", "true", "null", LONG,
    "\x00", "\x1b[31m", "é\u202e", "\ud800", "a/b", "../..", "*", "%00", "{", "[]", '{"a":[{"exists":true}]}',
    "arn:", "arn:aws:sqs:us-east-1:000000000000:", "arn:aws:sns:::x:y:z", "arn:aws:events:us-east-1:1:rule/" + "b/" * 40,
    "http://", "https://user:pw@[::1]:99999/%zz", "cron(99 * * * ? *)", "rate(0 minutes)", "2026-02-30T25:61:61Z",
    [], {}, [None], [[]], [{}], {"": ""}, {"x": {"y": [{}]}}, ["a"] * 300,
]  # fmt: skip

# Errors that any operation of AWS's may answer with.
COMMON = {
    "AccessDenied", "AccessDeniedException", "InternalFailure", "InvalidAction", "InvalidParameterCombination",
    "InvalidParameterValue", "MalformedInput", "MalformedRequest", "MissingAction", "MissingParameter",
    "RequestEntityTooLarge", "SerializationException", "UnknownOperationException", "ValidationError", "ValidationException",
}  # fmt: skip


class Fault(AssertionError):
    """An answer that no client should get."""


class Operation:
    """An operation and one way to write its requests."""

    def __init__(self, service, name, model, wire, offered):
        self.service, self.name, self.model, self.wire = service, name, model.operation_model(name), wire
        self.version = model.api_version
        self.target = model.metadata.get("targetPrefix")
        self.signing_name = model.signing_name
        self.codes = COMMON | set(offered["errors"]) | set(offered["queryErrors"])
        for shape in self.model.error_shapes:
            self.codes |= {shape.name, shape.error_code or shape.name}

    def __str__(self):
        return f"{self.service}:{self.name} ({self.wire})"


def operations(services, session):
    """Every offered operation in every protocol of its service."""
    for service, offered in services.items():
        model = session.get_service_model(service)
        protocol = model.metadata["protocol"]
        for wire in [protocol, "query"] if service == "sqs" else [protocol]:
            for name in offered["operations"]:
                yield Operation(service, name, model, wire, offered["operations"][name])


class Generator:
    """Valid values, by the model; `known` has those that name things which are there, by member and by operation."""

    def __init__(self, chance, known):
        self.chance, self.known = chance, known

    def input(self, operation):
        shape = operation.model.input_shape
        return self.structure(shape, f"{operation.service}:{operation.name}") if shape else {}

    def structure(self, shape, path, depth=0):
        values = {}
        for name, member in shape.members.items():
            wanted = name in shape.required_members or depth < 4 and self.chance.random() < 0.5
            if wanted:
                values[name] = self.value(member, f"{path}.{name}", depth + 1)
        return values

    def value(self, shape, path, depth):
        name = path.rsplit(".", 1)[-1]
        for key in (path, f"{path.split(':')[0]}:{name}", name):
            if key in self.known and self.chance.random() < 0.9:
                return self.known[key]
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, path, depth)
        if kind == "list":
            if depth > 6:
                return []
            least = shape.metadata.get("min", 0)
            return [self.value(shape.member, path, depth + 1) for _ in range(max(least, self.chance.randrange(3)))]
        if kind == "map":
            return {
                self.value(shape.key, f"{path}.key", depth + 1): self.value(shape.value, f"{path}.value", depth + 1)
                for _ in range(self.chance.randrange(3))
            }
        if kind in ("integer", "long"):
            least = shape.metadata.get("min", 0)
            return self.chance.choice([least, least + 1, min(shape.metadata.get("max", least + 9), least + 9)])
        if kind in ("float", "double"):
            return 1.5
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind == "timestamp":
            return datetime.datetime(2026, 1, 1) + datetime.timedelta(minutes=self.chance.randrange(10**6))
        if kind == "blob":
            return bytes(self.chance.randrange(256) for _ in range(self.chance.randrange(9)))
        if getattr(shape, "enum", None):
            return self.chance.choice(shape.enum)
        least = max(1, shape.metadata.get("min", 1))
        return "".join(self.chance.choice("abcdef0123") for _ in range(min(least + 4, shape.metadata.get("max", 99))))


def places(value, path=()):
    """The places in a value: paths of keys and indexes."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key)
        yield from places(inner, (*path, key))


def mutated(value, path, replacement, removes=False):
    """A copy of a value that has something else, or nothing, at one place."""
    if not path:
        return replacement
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and removes:
        del copy[path[0]]
    else:
        copy[path[0]] = mutated(value[path[0]], path[1:], replacement, removes)
    return copy


# Writing requests


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return int(value.replace(tzinfo=datetime.timezone.utc).timestamp())
    return value


def text(value):
    """A value as forms and paths have it."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    value = plain(value)
    return value if isinstance(value, str) else json.dumps(value)


def form(shape, value, prefix, parameters):
    """The parameters of a form, as the model's names want it; what is of another kind than the model says goes as text."""
    kind = shape.type_name if shape is not None else None
    dotted = f"{prefix}." if prefix else ""
    if kind == "structure" and isinstance(value, dict):
        for name, inner in value.items():
            member = shape.members.get(name)
            form(member, inner, dotted + (member.serialization.get("name", name) if member else name), parameters)
    elif kind == "list" and isinstance(value, list):
        item = shape.member.serialization.get("name", "member")
        if shape.serialization.get("flattened"):
            base = prefix.rsplit(".", 1)[0] + "." + item if "." in prefix and item != "member" else prefix
            base = item if "." not in prefix and item != "member" else base
        else:
            base = f"{prefix}.{item}"
        if not value:
            parameters.append((prefix, ""))
        for number, inner in enumerate(value, 1):
            form(shape.member, inner, f"{base}.{number}", parameters)
    elif kind == "map" and isinstance(value, dict):
        base = prefix if shape.serialization.get("flattened") else f"{prefix}.entry"
        for number, (name, inner) in enumerate(value.items(), 1):
            form(shape.key, name, f"{base}.{number}.{shape.key.serialization.get('name', 'key')}", parameters)
            form(shape.value, inner, f"{base}.{number}.{shape.value.serialization.get('name', 'value')}", parameters)
    else:
        parameters.append((prefix, text(value)))


def encoded(string):
    return string.encode("utf-8", "surrogatepass")


def request(operation, value):
    """Method, target, headers and body of a call."""
    if operation.wire == "query":
        parameters = [("Action", operation.name), ("Version", operation.version)]
        form(operation.model.input_shape, value, "", parameters)
        body = "&".join(f"{urllib.parse.quote(encoded(k))}={urllib.parse.quote(encoded(v))}" for k, v in parameters)
        return "POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, body.encode()
    if operation.wire == "json":
        headers = {
            "Content-Type": f"application/x-amz-json-{operation.model.service_model.metadata['jsonVersion']}",
            "X-Amz-Target": f"{operation.target}.{operation.name}",
        }
        return "POST", "/", headers, encoded(json.dumps(plain(value)))
    return rest(operation, value)


def claim(operation):
    """What says which service a call is for; the server that is asked does not look at the signature itself."""
    now = datetime.datetime.now(datetime.timezone.utc)
    scope = f"{now:%Y%m%d}/us-east-1/{operation.signing_name}/aws4_request"
    credential = f"Credential=AKIAIOSFODNN7EXAMPLE/{scope}, SignedHeaders=host;x-amz-date, Signature=00"
    return {"X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}", "Authorization": f"AWS4-HMAC-SHA256 {credential}"}


def rest(operation, value):
    """A call of a REST operation: members stand in the path, the query string, headers and the body."""
    path, query, headers, body = operation.model.http["requestUri"].split("?")[0], [], {}, {}
    shape = operation.model.input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    for name, inner in value.items() if isinstance(value, dict) else ():
        member = shape.members.get(name)
        place = member.serialization.get("location") if member is not None else None
        wire = member.serialization.get("name", name) if member is not None else name
        if place == "uri":
            label = urllib.parse.quote(encoded(text(inner)), safe="")
            path = path.replace(f"{{{wire}}}", label).replace(f"{{{wire}+}}", label)
        elif place == "querystring":
            query += [(wire, text(item)) for item in (inner if isinstance(inner, list) else [inner])]
        elif place == "header":
            headers[wire] = urllib.parse.quote(encoded(text(inner)))
        elif name == payload:
            body = inner
        else:
            body[wire] = inner
    if query:
        path += "?" + "&".join(f"{urllib.parse.quote(n)}={urllib.parse.quote(encoded(v))}" for n, v in query)
    method = operation.model.http["method"]
    sent = body if isinstance(body, bytes) else encoded(json.dumps(plain(body))) if body or method != "GET" else b""
    return method, path, {"Content-Type": "application/json", **headers}, sent


# Reading answers


def code(wire, headers, body):
    """The code of an error, written as the protocol wants it."""
    if wire == "query":
        root = xml.etree.ElementTree.fromstring(body)
        found = [element.text for element in root.iter() if element.tag.endswith("}Code")]
        if not root.tag.endswith("}ErrorResponse") or not found or not found[0]:
            raise Fault(f"no error of the query protocol: {body[:300]}")
        return found[0]
    answer = json.loads(body)
    found = answer.get("__type") if wire == "json" else headers.get("x-amzn-errortype")
    if not found or not isinstance(answer.get("message"), str):
        raise Fault(f"no error of the JSON protocols: {body[:300]}")
    return found


class Fuzzer:
    """Sends calls, over one connection as long as it lasts, and judges the answers."""

    def __init__(self, address, chance):
        self.address, self.chance, self.connection = address, chance, None
        self.sent, self.good, self.codes = 0, 0, {}
        self.all_codes = set()  # of any operation

    def call(self, operation, value, mutation=None):
        """Makes a call whose bytes may be changed; the status."""
        method, target, headers, body = request(operation, value)
        headers |= claim(operation)
        if mutation:
            body = mutation(body)
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(*self.address, timeout=40)
            self.connection.request(method, target, body=body, headers=headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            raise Fault(f"{operation}: no answer ({error!r}) to {target} {body[:2000]}") from error
        self.sent += 1
        try:
            # A damaged request may ask for anything.
            self.judge(operation, answer, text, self.all_codes if mutation else operation.codes)
        except Exception as error:
            raise Fault(f"{operation}: {answer.status}: {error}\nsent: {method} {target} {body[:2000]}") from error
        return answer.status

    def judge(self, operation, answer, body, codes):
        if answer.status >= 500:
            raise Fault(f"a fault of the server's: {body[:500]}")
        if answer.status >= 400:
            found = code(operation.wire, answer.headers, body)
            self.codes[found] = self.codes.get(found, 0) + 1
            if found not in codes:
                raise Fault(f"the operation does not declare {found}: {body[:300]}")
            return
        self.good += 1
        if not answer.headers.get("x-amzn-requestid"):
            raise Fault("an answer without a request id")
        if body:
            xml.etree.ElementTree.fromstring(body) if operation.wire == "query" else json.loads(body)

    def damaged(self, body):
        """A body with some of its bytes changed, left out or doubled."""
        damaged = bytearray(body)
        for _ in range(self.chance.randrange(1, 4)):
            place = self.chance.randrange(len(damaged) + 1)
            damaged[place : place + self.chance.randrange(4)] = bytes(
                self.chance.randrange(256) for _ in range(self.chance.randrange(4))
            )
        return bytes(damaged)

    def work(self, operation, generator, mutations):
        """A valid call of an operation, and some with one thing wrong."""
        value = generator.input(operation)
        self.call(operation, value)
        found = list(places(value))
        for _ in range(mutations):
            kind = self.chance.randrange(8)
            if kind == 0 or not found:
                self.call(operation, value, self.damaged)
            elif kind == 1:
                self.call(operation, mutated(value, self.chance.choice(found), None, removes=True))
            else:
                self.call(operation, mutated(value, self.chance.choice(found), self.chance.choice(WRONG)))
