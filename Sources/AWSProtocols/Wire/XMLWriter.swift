// XML answers of the query protocol.

internal import EventPatterns

/// Writes elements into a buffer.
struct XMLWriter {
  private(set) var bytes: [UInt8] = []

  /// An element with what the body writes.
  mutating func element(_ name: String, _ attributes: String = "", _ body: (inout XMLWriter) -> Void) {
    bytes += "<\(name)\(attributes)>".utf8
    body(&self)
    bytes += "</\(name)>".utf8
  }

  /// An element with text.
  mutating func element(_ name: String, text: String) {
    element(name) { $0.text(text) }
  }

  /// Text. Characters that XML 1.0 cannot hold, even as references, become U+FFFD.
  mutating func text(_ text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": bytes += "&amp;".utf8
      case "<": bytes += "&lt;".utf8
      case ">": bytes += "&gt;".utf8
      case "\"": bytes += "&quot;".utf8
      case "\r": bytes += "&#xD;".utf8
      case "\n", "\t": bytes += String(scalar).utf8
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": bytes += "\u{FFFD}".utf8
      default: bytes += UTF8.encode(scalar).map(Array.init) ?? []
      }
    }
  }

  /// The declared members of a structure, in their declared order.
  mutating func members(_ structure: Structure, _ fields: Fields) {
    for member in structure.members {
      let value = fields[member.name]
      if case .absent = value { continue }
      write(value, member.shape, named: member.queryName)
    }
  }

  private mutating func write(_ value: Value, _ shape: Shape, named name: String) {
    switch (shape.kind, value) {
    case (_, .absent): break
    case (.list(let item), .list(let items)):
      if shape.isFlattened {
        for value in items { write(value, item, named: name) }
      } else {
        element(name) { writer in for value in items { writer.write(value, item, named: shape.itemName) } }
      }
    case (.map(_, let valueShape), .fields(let fields)):
      func entry(_ writer: inout XMLWriter, _ entry: (name: String, value: Value), _ name: String) {
        writer.element(name) { writer in
          writer.element(shape.entryNames.key, text: entry.name)
          writer.write(entry.value, valueShape, named: shape.entryNames.value)
        }
      }
      if shape.isFlattened {
        for one in fields.entries { entry(&self, one, name) }
      } else {
        element(name) { writer in for one in fields.entries { entry(&writer, one, "entry") } }
      }
    case (.structure(let structure), .fields(let fields)):
      element(name) { $0.members(structure, fields) }
    case (_, .bool(let value)): element(name, text: value ? "true" : "false")
    case (_, .integer(let number)): element(name, text: String(number))
    case (_, .double(let number)): element(name, text: Shape.text(number))
    case (_, .string(let text)): element(name, text: text)
    case (_, .time(let time)): element(name, text: time.iso8601WithMilliseconds)
    case (_, .blob(let bytes)): element(name, text: Base64.encode(bytes))
    case (_, .document(let json)): element(name, text: json.text)
    case (_, .list), (_, .fields): break
    }
  }
}
