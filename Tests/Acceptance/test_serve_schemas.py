"""EventBridge Schemas: registries, discovery from traffic, documents, code bindings."""

import io
import json
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile
from pathlib import Path

from serving import ROOT_KEY, ROOT_SECRET, ServeTest

DOCUMENT = {
    "openapi": "3.0.0",
    "info": {"title": "Order", "version": "1.0.0"},
    "paths": {},
    "components": {
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "note": {"type": "string", "nullable": True}},
            }
        }
    },
}
FOUND = "discovered-schemas"


def changed(name):
    document = json.loads(json.dumps(DOCUMENT))
    document["components"]["schemas"]["Order"]["properties"][name] = {"type": "integer"}
    return json.dumps(document)


class SchemasTest(ServeTest):
    seconds = 25

    def wait(self, what, seconds=20):
        """The first true value of a function."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := what():
                return value
            time.sleep(0.1)
        self.fail("it did not come\n" + self.server.tail())

    def serve(self, *arguments, **settings):
        self.server = super().serve(*arguments, **settings)
        return self.server

    def bus(self, name):
        return self.server.client("events").create_event_bus(Name=name)["EventBusArn"]

    def put(self, detail, bus="default", source="my.app", kind="Order Placed", **client):
        entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": bus}
        answer = self.server.client("events", **client).put_events(Entries=[entry])
        self.assertEqual(answer["FailedEntryCount"], 0, answer)

    def found(self):
        return {each["SchemaName"] for each in self.server.client("schemas").list_schemas(RegistryName=FOUND)["Schemas"]}

    def described(self, name="my.app@OrderPlaced"):
        return self.server.client("schemas").describe_schema(RegistryName=FOUND, SchemaName=name)

    def test_schemas_are_found_in_traffic(self):
        self.serve()
        schemas = self.server.client("schemas")
        arn = self.bus("orders")
        made = schemas.create_discoverer(SourceArn=arn, Description="d", Tags={"a": "b"})
        self.assertEqual(made["DiscovererId"], "events-event-bus-orders")
        self.assertEqual((made["State"], made["CrossAccount"], made["Tags"]), ("STARTED", True, {"a": "b"}))
        self.put({"orderId": "x", "qty": 3, "at": "2026-11-24T00:00:00Z", "lines": [{"sku": "s"}]}, "orders")
        self.wait(lambda: "my.app@OrderPlaced" in self.found())
        first = self.described()
        parts = json.loads(first["Content"])["components"]["schemas"]
        self.assertEqual(parts["AWSEvent"]["x-amazon-events-detail-type"], "Order Placed")
        self.assertEqual(parts["OrderPlaced"]["properties"]["at"], {"type": "string", "format": "date-time"})
        self.assertEqual(parts["OrderPlaced"]["required"], ["at", "lines", "orderId", "qty"])
        self.assertEqual(parts["LinesItem"]["properties"], {"sku": {"type": "string"}})
        # The same shape is the same version; another one is another.
        self.put({"orderId": "y", "qty": 4, "at": "2026-11-25T00:00:00Z", "lines": []}, "orders")
        self.put({"orderId": "y", "qty": 4.5}, "orders")
        second = self.wait(lambda: (now := self.described())["SchemaVersion"] == "2" and now)
        parts = json.loads(second["Content"])["components"]["schemas"]
        self.assertEqual(parts["OrderPlaced"]["required"], ["orderId", "qty"])
        self.assertEqual(parts["OrderPlaced"]["properties"]["qty"], {"type": "number", "format": "double"})
        old = schemas.describe_schema(RegistryName=FOUND, SchemaName="my.app@OrderPlaced", SchemaVersion="1")
        self.assertEqual(old["Content"], first["Content"])
        # A stopped discoverer sees nothing, and what it found stays.
        self.assertEqual(schemas.stop_discoverer(DiscovererId=made["DiscovererId"])["State"], "STOPPED")
        self.put({}, "orders", kind="Stopped")
        self.assertEqual(schemas.start_discoverer(DiscovererId=made["DiscovererId"])["State"], "STARTED")
        self.put({}, "orders", kind="Started")
        self.wait(lambda: "my.app@Started" in self.found())
        self.assertNotIn("my.app@Stopped", self.found())
        self.assertRefused("ConflictException", schemas.create_discoverer, SourceArn=arn)
        self.assertRefused("BadRequestException", schemas.create_discoverer, SourceArn=arn + "-that-is-not-there")
        schemas.delete_discoverer(DiscovererId=made["DiscovererId"])
        self.assertEqual(schemas.list_discoverers()["Discoverers"], [])
        self.assertIn("my.app@OrderPlaced", self.found())

    def test_what_was_taken_is_looked_at_after_a_kill(self):
        self.serve()
        self.server.client("schemas").create_discoverer(SourceArn=self.bus("orders"))
        for number in range(40):
            self.put({f"member{number}": number}, "orders", kind=f"Kind {number % 8}")
        self.server.kill()
        self.server.start()
        names = {f"my.app@Kind{number}" for number in range(8)}
        self.wait(lambda: names <= self.found())
        for number in range(8):
            parts = json.loads(self.described(f"my.app@Kind{number}")["Content"])["components"]["schemas"]
            expected = {f"member{each}" for each in range(number, 40, 8)}
            self.assertEqual(set(parts[f"Kind{number}"]["properties"]), expected)

    def test_news_of_schemas_matches_rules(self):
        self.serve()
        events, sqs = self.server.client("events"), self.server.client("sqs")
        url = sqs.create_queue(QueueName="news")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allow]})})
        pattern = {"source": ["aws.schemas"], "detail-type": ["Schema Created"]}
        events.put_rule(Name="news", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="news", Targets=[{"Id": "q", "Arn": queue}])
        self.server.client("schemas").create_discoverer(SourceArn=self.bus("orders"))
        self.put({"a": 1}, "orders")
        message = self.wait(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"))[0]
        detail = json.loads(message["Body"])["detail"]
        self.assertEqual((detail["SchemaName"], detail["RegistryName"]), ("my.app@OrderPlaced", FOUND))
        self.assertEqual((detail["SchemaType"], detail["Version"]), ("OpenApi3", "1"))

    def test_registries_and_schemas(self):
        self.serve()
        schemas = self.server.client("schemas")
        registry = schemas.create_registry(RegistryName="mine", Description="d", Tags={"k": "v"})
        self.assertTrue(registry["RegistryArn"].endswith(":registry/mine"))
        self.assertRefused("ConflictException", schemas.create_registry, RegistryName="mine")
        self.assertRefused("ForbiddenException", schemas.create_registry, RegistryName="aws.mine")
        self.assertRefused("BadRequestException", schemas.create_registry, RegistryName="a b")
        self.assertEqual(schemas.update_registry(RegistryName="mine", Description="e")["Description"], "e")
        where = {"RegistryName": "mine", "SchemaName": "my.app@Order"}
        self.assertRefused("BadRequestException", schemas.create_schema, Type="OpenApi3", Content="{}", **where)
        made = schemas.create_schema(Type="OpenApi3", Content=json.dumps(DOCUMENT), Tags={"a": "b"}, **where)
        self.assertEqual((made["SchemaVersion"], made["Type"]), ("1", "OpenApi3"))
        self.assertRefused("ConflictException", schemas.create_schema, Type="OpenApi3", Content=json.dumps(DOCUMENT), **where)
        self.assertEqual(schemas.update_schema(Content=changed("two"), **where)["SchemaVersion"], "2")
        self.assertEqual(schemas.update_schema(Content=changed("two"), **where)["SchemaVersion"], "2")
        self.assertEqual(json.loads(schemas.describe_schema(**where)["Content"]), json.loads(changed("two")))
        self.assertEqual(json.loads(schemas.describe_schema(SchemaVersion="1", **where)["Content"]), DOCUMENT)
        self.assertRefused("NotFoundException", schemas.describe_schema, SchemaVersion="9", **where)
        listed = schemas.list_schemas(RegistryName="mine")["Schemas"]
        self.assertEqual([(each["SchemaName"], each["VersionCount"]) for each in listed], [("my.app@Order", 2)])
        export = schemas.export_schema(Type="JSONSchemaDraft4", **where)
        draft = json.loads(export["Content"])
        self.assertEqual(draft["$schema"], "http://json-schema.org/draft-04/schema#")
        self.assertEqual(draft["properties"]["note"], {"type": ["string", "null"]})
        found = schemas.search_schemas(RegistryName="mine", Keywords="order TWO")["Schemas"]
        self.assertEqual([each["SchemaVersions"][0]["SchemaVersion"] for each in found], ["2"])
        schemas.delete_schema_version(SchemaVersion="2", **where)
        self.assertEqual(schemas.describe_schema(**where)["SchemaVersion"], "1")
        self.assertEqual(schemas.update_schema(Content=changed("three"), **where)["SchemaVersion"], "3")
        for arn in (registry["RegistryArn"], made["SchemaArn"]):
            schemas.tag_resource(ResourceArn=arn, Tags={"x": "1", "y": "2"})
            schemas.untag_resource(ResourceArn=arn, TagKeys=["x", "y", "none"])
        self.assertEqual(schemas.list_tags_for_resource(ResourceArn=made["SchemaArn"])["Tags"], {"a": "b"})
        self.server.kill()
        self.server.start()
        schemas = self.server.client("schemas")
        versions = schemas.list_schema_versions(**where)["SchemaVersions"]
        self.assertEqual([each["SchemaVersion"] for each in versions], ["1", "3"])
        schemas.delete_schema(**where)
        self.assertRefused("NotFoundException", schemas.describe_schema, **where)
        schemas.delete_registry(RegistryName="mine")
        self.assertRefused("NotFoundException", schemas.describe_registry, RegistryName="mine")
        other = self.server.client("schemas", region="eu-west-1")
        self.assertEqual([each["RegistryName"] for each in other.list_registries()["Registries"]], ["aws.events"])

    def test_lists_come_in_pages(self):
        self.serve()
        schemas = self.server.client("schemas")
        schemas.create_registry(RegistryName="mine")
        names = [f"schema{number:02}" for number in range(7)]
        for name in names:
            schemas.create_schema(RegistryName="mine", SchemaName=name, Type="JSONSchemaDraft4", Content="{}")
        where = {"RegistryName": "mine", "SchemaName": names[0]}
        for number in range(11):
            schemas.update_schema(Content=json.dumps({"title": str(number)}), **where)

        def pages(operation, key, **parameters):
            pages = schemas.get_paginator(operation).paginate(PaginationConfig={"PageSize": 3}, **parameters)
            return [item for page in pages for item in page[key]]

        self.assertEqual([each["SchemaName"] for each in pages("list_schemas", "Schemas", RegistryName="mine")], names)
        prefixed = pages("list_schemas", "Schemas", RegistryName="mine", SchemaNamePrefix="schema03")
        self.assertEqual([each["SchemaName"] for each in prefixed], ["schema03"])
        versions = pages("list_schema_versions", "SchemaVersions", **where)
        self.assertEqual([each["SchemaVersion"] for each in versions], [str(number) for number in range(1, 13)])
        found = pages("search_schemas", "Schemas", RegistryName="mine", Keywords="schema")
        self.assertEqual([each["SchemaName"] for each in found], names)
        self.assertEqual([each["RegistryName"] for each in pages("list_registries", "Registries", Scope="LOCAL")], ["mine"])
        self.assertEqual([each["RegistryName"] for each in pages("list_registries", "Registries", Scope="AWS")], ["aws.events"])
        self.assertTrue(pages("list_schemas", "Schemas", RegistryName="aws.events"))
        self.assertRefused("BadRequestException", schemas.list_schemas, RegistryName="mine", NextToken="nonsense")
        self.assertRefused("BadRequestException", schemas.list_schemas, RegistryName="mine", Limit=0)
        self.assertRefused("NotFoundException", schemas.list_schemas, RegistryName="none")

    def test_policies_and_refusals(self):
        self.serve()
        schemas = self.server.client("schemas")
        schemas.create_registry(RegistryName="mine")
        allow = {"Effect": "Allow", "Principal": "*", "Action": "schemas:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self.assertRefused("NotFoundException", schemas.get_resource_policy, RegistryName="mine")
        first = schemas.put_resource_policy(RegistryName="mine", Policy=policy)["RevisionId"]
        second = schemas.put_resource_policy(RegistryName="mine", Policy=policy, RevisionId=first)["RevisionId"]
        self.assertRefused(
            "PreconditionFailedException", schemas.put_resource_policy, RegistryName="mine", Policy=policy, RevisionId=first
        )
        got = schemas.get_resource_policy(RegistryName="mine")
        self.assertEqual((json.loads(got["Policy"]), got["RevisionId"]), (json.loads(policy), second))
        self.assertRefused("BadRequestException", schemas.put_resource_policy, RegistryName="mine", Policy="{")
        schemas.delete_resource_policy(RegistryName="mine")
        error = self.assertRefused("NotFoundException", schemas.delete_resource_policy, RegistryName="mine")
        self.assertIn("mine", error["Message"])
        self.assertRefused("ForbiddenException", schemas.delete_registry, RegistryName="aws.events")

    def test_a_schema_of_events_that_are_at_hand(self):
        self.serve()
        schemas = self.server.client("schemas")
        events = [json.dumps({"source": "s", "detail-type": "My Type", "detail": {"a": each}}) for each in (1, None)]
        document = json.loads(schemas.get_discovered_schema(Type="OpenApi3", Events=events)["Content"])
        member = document["components"]["schemas"]["MyType"]["properties"]["a"]
        self.assertEqual(member, {"type": "integer", "format": "int64", "nullable": True})
        draft = json.loads(schemas.get_discovered_schema(Type="JSONSchemaDraft4", Events=events)["Content"])
        self.assertEqual(draft["definitions"]["MyType"]["properties"]["a"]["type"], ["integer", "null"])
        self.assertRefused("BadRequestException", schemas.get_discovered_schema, Type="OpenApi3", Events=["{"])
        record = [call for call in self.server.calls() if call["eventName"] == "GetDiscoveredSchema"][0]
        self.assertNotIn("My Type", json.dumps(record), "what events say is no part of the record")

    def test_events_of_other_accounts(self):
        settings = Path(self.folder) / "signalbox.yaml"
        settings.write_text(
            """
            account: "111111111111"
            accounts: [{id: "222222222222", access-keys: [{id: AKIASECOND, secret: {env: SECOND_SECRET}}]}]
            """
        )
        root = {"SIGNALBOX_ROOT_ACCESS_KEY_ID": ROOT_KEY, "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": ROOT_SECRET}
        self.serve("--config", settings, environment={**root, "SECOND_SECRET": "of the second"})
        schemas, arn = self.server.client("schemas"), self.bus("shared")
        allow = {"Action": "events:PutEvents", "Principal": "222222222222", "StatementId": "them", "EventBusName": "shared"}
        self.server.client("events").put_permission(**allow)
        id = schemas.create_discoverer(SourceArn=arn, CrossAccount=False)["DiscovererId"]
        other = {"key": "AKIASECOND", "secret": "of the second"}
        self.put({"a": 1}, arn, kind="Theirs", **other)
        self.put({"a": 1}, arn, kind="Mine")
        self.wait(lambda: "my.app@Mine" in self.found())
        self.assertNotIn("my.app@Theirs", self.found())
        updated = schemas.update_discoverer(DiscovererId=id, CrossAccount=True, Description="x")
        self.assertEqual((updated["CrossAccount"], updated["Description"]), (True, "x"))
        self.put({"a": 1}, arn, kind="Theirs", **other)
        self.wait(lambda: "my.app@Theirs" in self.found())
        theirs = self.server.client("schemas", **other)
        self.assertRefused("NotFoundException", theirs.describe_discoverer, DiscovererId=id)
        self.assertRefused("BadRequestException", theirs.create_discoverer, SourceArn=arn)

    def test_code_bindings_compile(self):
        self.serve()
        schemas = self.server.client("schemas")
        schemas.create_registry(RegistryName="mine")
        where = {"RegistryName": "mine", "SchemaName": "my.app@Order"}
        schemas.create_schema(Type="OpenApi3", Content=json.dumps(DOCUMENT), **where)
        self.assertRefused("NotFoundException", schemas.get_code_binding_source, Language="Python36", **where)
        self.assertEqual(schemas.put_code_binding(Language="Python36", **where)["Status"], "CREATE_COMPLETE")
        self.assertEqual(schemas.describe_code_binding(Language="Python36", **where)["SchemaVersion"], "1")
        body = schemas.get_code_binding_source(Language="Python36", **where)["Body"].read()
        with tempfile.TemporaryDirectory() as folder:
            archive = zipfile.ZipFile(io.BytesIO(body))
            self.assertIsNone(archive.testzip())
            archive.extractall(folder)
            package = next(Path(folder).iterdir()).name
            code = f"import {package} as p; print(sorted(p.Order.__annotations__), p.Order.__total__)"
            run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder)
            if "typing_extensions" not in run.stderr:
                self.assertEqual(run.stdout.strip(), "['id', 'note'] True", run.stderr)
        schemas.put_code_binding(Language="TypeScript3", **where)
        body = schemas.get_code_binding_source(Language="TypeScript3", **where)["Body"].read()
        archive = zipfile.ZipFile(io.BytesIO(body))
        self.assertIn('"note"?: string | null;', archive.read(archive.namelist()[0]).decode())
        error = self.assertRefused("BadRequestException", schemas.put_code_binding, Language="Java8", **where)
        self.assertIn("Python36", error["Message"])


if __name__ == "__main__":
    unittest.main()
