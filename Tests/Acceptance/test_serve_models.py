"""What we declare of AWS's APIs, against the models that the AWS clients work with."""

import json
import subprocess
import unittest

from harness import binary
from serving import boto3


# SQS has members for later use, and our messages are the same everywhere.
UNUSED = {"StringListValues", "BinaryListValues"}

# The services of which every constraint of an input is that of the model.
CONSTRAINED = {"events", "pipes", "scheduler"}



class ModelsTest(unittest.TestCase):
    """No server: the declarations are printed by `signalbox schema --aws-api`."""

    seconds = 10
    maxDiff = None

    def setUp(self):
        boto3()
        run = subprocess.run([str(binary()), "schema", "--aws-api"], capture_output=True, text=True, check=True)
        self.services = json.loads(run.stdout)

    def model(self, service):
        import botocore.session

        return botocore.session.get_session().get_service_model(service)

    def test_every_operation_is_there_or_said_to_be_missing(self):
        for name, service in self.services.items():
            if name == "iam":
                continue  # of its 176 operations only what clients call around the others
            with self.subTest(service=name):
                model = self.model(name)
                self.assertEqual(service["version"], model.api_version)
                ours = set(service["operations"]) | set(service["missing"])
                self.assertEqual(set(model.operation_names) - ours, set(), "neither offered nor said to be missing")
                self.assertEqual(ours - set(model.operation_names), set(), "not an operation of AWS's")

    def test_members_have_the_names_and_kinds_of_the_models(self):
        wrong = []
        for name, service in self.services.items():
            model = self.model(name)
            for operation, ours in service["operations"].items():
                if operation not in model.operation_names:
                    wrong.append(f"{name}:{operation} is no operation")
                    continue
                theirs = model.operation_model(operation)
                self.compare(f"{name}:{operation}.input", ours["input"], theirs.input_shape, wrong, True)
                self.compare(f"{name}:{operation}.output", ours["output"], theirs.output_shape, wrong, False)
        self.assertEqual(wrong, [])

    def test_inputs_are_constrained_as_in_the_models(self):
        wrong = []
        for name in sorted(CONSTRAINED):
            model = self.model(name)
            for operation, ours in self.services[name]["operations"].items():
                shape = model.operation_model(operation).input_shape
                if shape is not None:
                    self.constrain(f"{name}:{operation}", {"structure": ours["input"]}, shape, wrong)
        self.assertEqual(wrong, [])

    def constrain(self, place, ours, shape, wrong, depth=0):
        """Lengths, ranges, patterns, choices and required members, down to the last."""
        kind, theirs = next(iter(ours)), shape.metadata
        if depth > 12 or kind == "document":
            return
        most = 2**31 - 1 if kind == "integer" else 2**63 - 1
        if kind not in ("structure", "boolean", "timestamp"):
            wanted = {
                "min": theirs.get("min", -(2**31) if kind == "integer" else 0),
                "max": theirs.get("max", most),
                "pattern": theirs.get("pattern"),
                "choices": sorted(getattr(shape, "enum", [])),
            }
            found = {
                "min": ours.get("min", wanted["min"] if "min" not in theirs else None),
                "max": ours.get("max", most),
                "pattern": ours.get("pattern"),
                "choices": sorted(ours.get("choices", [])),
            }
            if "min" not in theirs and found["min"] <= 0:
                found["min"] = wanted["min"]
            for each in wanted:
                if wanted[each] != found[each]:
                    wrong.append(f"{place}: {each} is {found[each]}, and {wanted[each]} in the model")
        if kind == "list":
            self.constrain(place + "[]", ours["list"], shape.member, wrong, depth + 1)
        elif kind == "map":
            self.constrain(place + "{}", ours["map"], shape.value, wrong, depth + 1)
            self.constrain(place + "{key}", ours["keys"], shape.key, wrong, depth + 1)
        elif kind == "structure":
            for name, member in ours["structure"].items():
                if name not in shape.members:
                    continue
                if member["required"] != (name in shape.required_members):
                    wrong.append(f"{place}.{name} is {'' if member['required'] else 'not '}required")
                self.constrain(f"{place}.{name}", member["shape"], shape.members[name], wrong, depth + 1)

    def compare(self, place, ours, shape, wrong, is_input, depth=0):
        members = shape.members if shape is not None else {}
        required = set(shape.required_members) if shape is not None else set()
        for name, member in ours.items():
            if name in UNUSED and name not in members:
                continue
            if name not in members:
                wrong.append(f"{place}.{name} is not in the model")
                continue
            if is_input and member["required"] != (name in required):
                wrong.append(f"{place}.{name} is {'not ' if member['required'] else ''}required in the model")
            self.compare_shape(f"{place}.{name}", member["shape"], members[name], wrong, is_input, depth + 1)
        for name in set(members) - set(ours):
            if is_input:
                wrong.append(f"{place}.{name} is missing")

    def compare_shape(self, place, ours, shape, wrong, is_input, depth):
        kinds = {"float": "double"}
        kind = next(iter(ours)) if isinstance(ours, dict) else ours
        theirs = kinds.get(shape.type_name, shape.type_name)
        if kind == "document" and theirs == "structure":
            return  # kept and given back as it came
        if kind != theirs:
            wrong.append(f"{place} is {kind}, and {theirs} in the model")
            return
        if depth > 12:
            return
        if kind == "list":
            self.compare_shape(place + "[]", ours["list"], shape.member, wrong, is_input, depth + 1)
        elif kind == "map":
            self.compare_shape(place + "{}", ours["map"], shape.value, wrong, is_input, depth + 1)
        elif kind == "structure":
            self.compare(place, ours["structure"], shape, wrong, is_input, depth + 1)


if __name__ == "__main__":
    unittest.main()
