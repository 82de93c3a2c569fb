// Docs/aws-api.md, and the same as JSON for the test that compares our declarations with those of the AWS clients. Both
// are read off the declarations that the server works with, so they cannot say anything else.

internal import AWSProtocols
public import EventPatterns

/// Everything that is declared of the services.
public enum ServiceCatalog {
  private static let services: [ServiceDescription] = [
    Events.service.description, EventPipes.service.description, EventSchemas.service.description,
    IAM.service.description, Scheduler.service.description, SNS.service.description, SQS.service.description,
    STS.service.description,
  ]

  /// The coverage table.
  public static func markdown() -> String {
    var text = """
      # AWS APIs

      What `signalbox serve` answers. Written by `make generate` from the declarations that the server decodes, validates and
      documents with. [serve.md](serve.md) says how to use it.

      | service | id | protocols | API version | operations | not offered |
      | --- | --- | --- | --- | --- | --- |

      """
    for service in services {
      text +=
        "| [\(service.title)](#\(service.id)) | `\(service.id)` | \(service.protocols.map(\.title).joined(separator: ", ")) "
        + "| \(service.version) | \(service.operations.count) | \(service.missing.count) |\n"
    }
    for service in services {
      text += "\n## <a id=\"\(service.id)\"></a>\(service.title)\n\n| operation | what it does |\n| --- | --- |\n"
      for operation in service.operations.sorted(by: { $0.name < $1.name }) {
        text += "| `\(operation.name)` | \(operation.documentation) |\n"
      }
      guard !service.missing.isEmpty else { continue }
      text += "\nNot offered:\n\n"
      for (name, reason) in service.missing.sorted(by: { $0.key < $1.key }) { text += "- `\(name)`: \(reason)\n" }
    }
    return text
  }

  /// Names, requirements and errors of all operations.
  public static func json() -> JSONValue {
    .object(
      JSONObject(
        services.map { service in
          let operations = service.operations.map { operation in
            (
              operation.name,
              JSONValue.members([
                "input": json(operation.input), "output": json(operation.output),
                "errors": .array(operation.errors.map { .string($0.code) }),
                "queryErrors": .array(operation.errors.compactMap { $0.queryCode.map { .string($0) } }),
                "readOnly": .bool(operation.isReadOnly),
              ])
            )
          }
          return (
            service.id,
            .members([
              "version": .string(service.version), "operations": .object(JSONObject(operations)),
              "missing": .array(service.missing.keys.sorted().map { .string($0) }),
            ])
          )
        }
      )
    )
  }

  private static func json(_ structure: Structure) -> JSONValue {
    .object(
      JSONObject(
        structure.members.map { member in
          (member.name, .members(["required": .bool(member.isRequired), "shape": json(member.shape)]))
        }
      )
    )
  }

  private static func json(_ shape: Shape) -> JSONValue {
    switch shape.kind {
    case .string: .string("string")
    case .integer: .string("integer")
    case .long: .string("long")
    case .double: .string("double")
    case .boolean: .string("boolean")
    case .timestamp: .string("timestamp")
    case .blob: .string("blob")
    case .document: .string("document")
    case .list(let item): .members(["list": json(item)])
    case .map(_, let value): .members(["map": json(value)])
    case .structure(let structure): .members(["structure": json(structure)])
    }
  }
}
