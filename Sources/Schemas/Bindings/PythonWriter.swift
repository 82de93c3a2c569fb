// Types as Python: a `TypedDict` for each object, so that an event is what `json.loads` gives and the type checker knows
// it. Members' types are strings, because a class may name one that comes later.

internal import EventPatterns

/// Writes Python.
enum PythonWriter {
  private static let head = """
    from typing import Any, Dict, List, Union

    try:
        from typing import Literal, NotRequired, TypedDict
    except ImportError:  # before Python 3.11
        from typing_extensions import Literal, NotRequired, TypedDict

    """

  static func text(of types: [DeclaredType]) -> String {
    // An alias is a value, so what it names has to be there: classes come first.
    let objects = types.filter { if case .object = $0.body { true } else { false } }
    let aliases = types.filter { if case .alias = $0.body { true } else { false } }
    let names = types.map { "    \"\($0.name)\",\n" }.joined()
    return head + (objects + aliases).map { "\n" + declaration($0) }.joined() + "\n__all__ = [\n\(names)]\n"
  }

  private static func declaration(_ type: DeclaredType) -> String {
    switch type.body {
    case .alias(let expression): return "\(type.name) = \(text(expression, isValue: true))\n"
    case .object(let members):
      let lines = members.map { member in
        let value = text(member.type)
        let annotation = member.isRequired ? value : "NotRequired[\(value)]"
        // The texts of literals have quotes of their own.
        return "        \(quoted(member.name)): \(quoted(annotation)),\n"
      }
      return "\(type.name) = TypedDict(\n    \"\(type.name)\",\n    {\n\(lines.joined())    },\n)\n"
    }
  }

  /// JSON's strings are Python's too.
  private static func quoted(_ text: String) -> String { JSONValue.string(text).text }

  private static func text(_ type: TypeExpression, isValue: Bool = false) -> String {
    switch type {
    case .any: "Any"
    case .null: "None"
    case .boolean: "bool"
    case .integer: "int"
    case .number: "float"
    case .string: "str"
    case .literals(let texts): "Literal[\(texts.map(quoted).joined(separator: ", "))]"
    case .named(let name): isValue ? quoted(name) : name
    case .list(let item): "List[\(text(item, isValue: isValue))]"
    case .map(let value): "Dict[str, \(text(value, isValue: isValue))]"
    case .union(let types): "Union[\(types.map { text($0, isValue: isValue) }.joined(separator: ", "))]"
    }
  }
}
