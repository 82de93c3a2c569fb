// Types as TypeScript: an interface for each object.

internal import EventPatterns

/// Writes TypeScript.
enum TypeScriptWriter {
  static func text(of types: [DeclaredType]) -> String {
    types.map(declaration).joined(separator: "\n")
  }

  private static func declaration(_ type: DeclaredType) -> String {
    switch type.body {
    case .alias(let expression): return "export type \(type.name) = \(text(expression));\n"
    case .object(let members):
      let lines = members.map { member in
        "  \(JSONValue.string(member.name).text)\(member.isRequired ? "" : "?"): \(text(member.type));\n"
      }
      return "export interface \(type.name) {\n\(lines.joined())}\n"
    }
  }

  private static func text(_ type: TypeExpression) -> String {
    switch type {
    case .any: "unknown"
    case .null: "null"
    case .boolean: "boolean"
    case .integer, .number: "number"
    case .string: "string"
    case .literals(let texts): texts.map { JSONValue.string($0).text }.joined(separator: " | ")
    case .named(let name): name
    case .list(let item): "Array<\(text(item))>"
    case .map(let value): "Record<string, \(text(value))>"
    case .union(let types): types.map(text).joined(separator: " | ")
    }
  }
}
