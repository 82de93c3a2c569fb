// A JSON document as a value: for fixtures, templates, messages and explanations; never for the hot path.

/// A JSON value that keeps what the source said: member order, duplicate names and the spelling of numbers.
public enum JSONValue: Sendable, Hashable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number as it was written.
  case number(String)
  /// A string.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// An object.
  case object(JSONObject)

  /// A whole number.
  public static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

  /// An object with these members in this order.
  public static func members(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(JSONObject(members.map { ($0.key, $0.value) }))
  }

  /// Reads a JSON text. What follows the first value may only be white space.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var reader = JSONReader(bytes)
    let first = try reader.next()
    guard first != .end else { throw JSONError(message: "There is no JSON value in the text", offset: 0) }
    self = try Self.value(startingWith: first, &reader)
    for index in reader.offset..<bytes.count where !" \n\r\t".utf8.contains(bytes[index]) {
      throw JSONError(message: "Unexpected text after the end of the JSON value", offset: index)
    }
  }

  /// Reads a JSON text.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  private static func value(startingWith token: JSONToken, _ reader: inout JSONReader) throws(JSONError) -> JSONValue {
    switch token {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .number(let text): return .number(String(decoding: text, as: UTF8.self))
    case .string(let text): return .string(String(decoding: text, as: UTF8.self))
    case .arrayStart:
      var items: [JSONValue] = []
      while true {
        let next = try reader.next()
        if next == .arrayEnd { return .array(items) }
        items.append(try value(startingWith: next, &reader))
      }
    case .objectStart:
      var object = JSONObject()
      while case .name(let name) = try reader.next() {
        object.members.append(
          (String(decoding: name, as: UTF8.self), try value(startingWith: try reader.next(), &reader))
        )
      }
      return .object(object)
    case .objectEnd, .arrayEnd, .name, .end:
      throw JSONError(message: "A JSON value was expected here", offset: reader.tokenStart)
    }
  }

  /// The compact JSON text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The compact JSON text as bytes.
  public var bytes: [UInt8] {
    var output: [UInt8] = []
    write(to: &output, indent: nil)
    return output
  }

  /// The JSON text with two blanks a level, for people.
  public var prettyText: String {
    var output: [UInt8] = []
    write(to: &output, indent: 0)
    return String(decoding: output, as: UTF8.self)
  }

  private func write(to output: inout [UInt8], indent: Int?) {
    func newLine(_ depth: Int?) {
      guard let depth else { return }
      output.append(0x0A)
      output.append(contentsOf: repeatElement(0x20, count: depth * 2))
    }
    let inner = indent.map { $0 + 1 }
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let text): output.append(contentsOf: text.utf8)
    case .string(let text): JSONEscapes.appendQuoted(text, to: &output)
    case .array(let items):
      output.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(inner)
        item.write(to: &output, indent: inner)
      }
      if !items.isEmpty { newLine(indent) }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(inner)
        JSONEscapes.appendQuoted(member.name, to: &output)
        output.append(UInt8(ascii: ":"))
        if indent != nil { output.append(0x20) }
        member.value.write(to: &output, indent: inner)
      }
      if !object.members.isEmpty { newLine(indent) }
      output.append(UInt8(ascii: "}"))
    }
  }
}

/// The members of a JSON object, in source order.
public struct JSONObject: Sendable, Hashable {
  /// Name and value pairs; a name may come twice.
  public var members: [(name: String, value: JSONValue)]

  /// An object with these members.
  public init(_ members: [(name: String, value: JSONValue)] = []) {
    self.members = members
  }

  /// The value of a name, the last where it comes twice. Setting replaces in place, appends, or (nil) removes.
  ///
  /// Names are compared byte by byte, as in patterns: `é` and `e` with an accent are two names.
  public subscript(name: String) -> JSONValue? {
    get { members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value }
    set {
      guard let newValue else { return members.removeAll { $0.name.utf8.elementsEqual(name.utf8) } }
      if let index = members.lastIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
        members[index].value = newValue
      } else {
        members.append((name, newValue))
      }
    }
  }

  /// Same members in the same order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.count == right.members.count
      && zip(left.members, right.members).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }

  /// Hashes names and values in order.
  public func hash(into hasher: inout Hasher) {
    for member in members {
      hasher.combine(member.name)
      hasher.combine(member.value)
    }
  }
}

extension JSONValue {
  /// The member of an object by name; nothing for anything but an object.
  public subscript(name: String) -> JSONValue? {
    if case .object(let object) = self { object[name] } else { nil }
  }

  /// The item of a list by index; nothing out of range or for anything but a list.
  public subscript(index: Int) -> JSONValue? {
    if case .array(let items) = self, items.indices.contains(index) { items[index] } else { nil }
  }

  /// The string, if it is one.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }
}
