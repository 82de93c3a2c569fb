// Tags of registries, schemas and discoverers.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  private static let path = "/tags/{resource-arn}"
  private static let arn = Member.required("ResourceArn", .string, at: .label, jsonName: "resource-arn")

  static let tagOperations: [AWSProtocols.Operation<SchemaRegistries>] = [
    operation(
      "TagResource",
      "Sets tags of a registry, a schema or a discoverer.",
      HTTPBinding("POST", path, status: 204),
      input: [arn, .required("Tags", tagsShape, jsonName: "tags")],
      errors: [notFound]
    ) { engine, call in
      try await engine.tag(call.input.string("ResourceArn"), call.input.stringMap("Tags"), in: call.scope)
      return [:]
    },
    operation(
      "UntagResource",
      "Removes tags.",
      HTTPBinding("DELETE", path, status: 204),
      input: [arn, .required("TagKeys", .list(.string), at: .query("tagKeys"))],
      errors: [notFound]
    ) { engine, call in
      try await engine.untag(call.input.string("ResourceArn"), call.input.strings("TagKeys"), in: call.scope)
      return [:]
    },
    operation(
      "ListTagsForResource",
      "Lists the tags of a registry, a schema or a discoverer.",
      HTTPBinding("GET", path),
      input: [arn],
      output: [tags],
      errors: [notFound]
    ) { engine, call in
      ["Tags": .map(try await engine.tags(of: call.input.string("ResourceArn"), in: call.scope))]
    },
  ]
}
