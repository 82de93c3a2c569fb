// A path to one field of an event: `detail.requestParameters["x-amz-acl"]`, `resources[0]`.
//
// Members are joined by dots and hold letters, digits and signs that mean nothing in a template (`-`, `_`, `$`, `@`, …);
// every other name stands in `["…"]` with JSON's escapes. Items of lists stand in `[0]`, counted from 0.

public import EventPatterns

/// Where a field is in an event.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  /// One step from a value into it.
  public enum Segment: Sendable, Hashable {
    /// The member of an object.
    case name(String)
    /// The item of a list, from 0.
    case index(Int)
  }

  /// The steps from the event to the field; never empty when read from text.
  public var segments: [Segment]

  /// A path of these steps.
  public init(_ segments: [Segment]) {
    self.segments = segments
  }

  /// Reads a path.
  public init(parsing text: String) throws(NotationError) {
    var reader = FieldPathReader(Array(text.utf8))
    segments = try reader.path()
    if let byte = reader.current {
      throw NotationError("\(FieldPathReader.shown(byte)) cannot stand in a field path here", at: reader.offset)
    }
  }

  /// The path as it is written, with awkward names quoted.
  public var description: String {
    var text = ""
    for (position, segment) in segments.enumerated() {
      switch segment {
      case .index(let index): text += "[\(index)]"
      case .name(let name) where !name.isEmpty && name.utf8.allSatisfy(FieldPathReader.isPlain):
        text += position == 0 ? name : ".\(name)"
      case .name(let name): text += "[\(JSONValue.string(name).text)]"
      }
    }
    return text
  }

  /// The first step, if it is a name.
  public var firstName: String? {
    if case .name(let name) = segments.first { name } else { nil }
  }

  /// The path without its first step.
  public var rest: FieldPath { FieldPath(Array(segments.dropFirst())) }
}

extension JSONValue {
  /// The value a path leads to; nothing when a step is missing or leads into a value of another kind.
  public subscript(path: FieldPath) -> JSONValue? {
    var value = self
    for segment in path.segments {
      let next: JSONValue? =
        switch segment {
        case .name(let name): value[name]
        case .index(let index): value[index]
        }
      guard let next else { return nil }
      value = next
    }
    return value
  }

  /// Puts a value where a path leads, making the objects on the way; nothing removes the field.
  ///
  /// Throws when the path leads into a text or number, or past the end of a list by more than one item.
  public mutating func set(_ path: FieldPath, to newValue: JSONValue?) throws(FieldPathFailure) {
    try set(path.segments[...], of: path, to: newValue)
  }

  private mutating func set(
    _ segments: ArraySlice<FieldPath.Segment>,
    of path: FieldPath,
    to newValue: JSONValue?
  ) throws(FieldPathFailure) {
    guard let first = segments.first else {
      self = newValue ?? .null
      return
    }
    let isLast = segments.count == 1
    switch (first, self) {
    case (.name(let name), .object(var object)):
      if isLast {
        object[name] = newValue
      } else if var inner = object[name] ?? (newValue == nil ? nil : .null) {
        try inner.set(segments.dropFirst(), of: path, to: newValue)
        object[name] = inner
      }
      self = .object(object)
    case (.name, .null) where newValue != nil:
      self = .object(JSONObject())
      try set(segments, of: path, to: newValue)
    case (.index(let index), .array(var items)):
      if isLast, newValue == nil {
        if items.indices.contains(index) { items.remove(at: index) }
      } else if items.indices.contains(index) {
        try items[index].set(segments.dropFirst(), of: path, to: newValue)
      } else if index == items.count, newValue != nil {
        var item = JSONValue.null
        try item.set(segments.dropFirst(), of: path, to: newValue)
        items.append(item)
      } else if newValue != nil {
        throw FieldPathFailure(message: "'\(path)' names item \(index) of a list of \(items.count)")
      }
      self = .array(items)
    case (.index(0), .null) where newValue != nil:
      self = .array([])
      try set(segments, of: path, to: newValue)
    default:
      // What is not there need not be removed.
      guard newValue != nil else { return }
      let wanted = if case .name(let name) = first { "a member '\(name)'" } else { "an item" }
      throw FieldPathFailure(message: "'\(path)' leads to \(wanted) of something that is \(kind)")
    }
  }

  /// What kind of value it is, with its article, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// Why a value could not be put where a path leads.
public struct FieldPathFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was in the way, for a person.
  public var message: String

  /// The message.
  public var description: String { message }
}

/// A cursor that reads one path and stops at the first byte that cannot belong to it.
struct FieldPathReader {
  let bytes: [UInt8]
  private(set) var offset: Int

  init(_ bytes: [UInt8], from offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// Whether a byte may stand in a name without quotes.
  static func isPlain(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte != 0x7F && !".[]\"<>!\\/:|,(){}'`".utf8.contains(byte)
  }

  /// A byte as messages name it.
  static func shown(_ byte: UInt8) -> String {
    byte == 0x20 ? "a blank" : byte < 0x20 || byte > 0x7E ? "a control character" : "'\(Unicode.Scalar(byte))'"
  }

  mutating func path() throws(NotationError) -> [FieldPath.Segment] {
    var segments: [FieldPath.Segment] = []
    if current != UInt8(ascii: "[") { segments.append(try plainName()) }
    while let byte = current {
      if byte == UInt8(ascii: ".") {
        offset += 1
        segments.append(try plainName())
      } else if byte == UInt8(ascii: "[") {
        offset += 1
        segments.append(try bracketed())
      } else {
        break
      }
    }
    return segments
  }

  private mutating func plainName() throws(NotationError) -> FieldPath.Segment {
    let start = offset
    while let byte = current, Self.isPlain(byte) { offset += 1 }
    guard offset > start else {
      let found = current.map { "and here is \(Self.shown($0))" } ?? "and the text ends"
      throw NotationError("the name of a field was expected \(found); quote awkward names: detail[\"a b\"]", at: start)
    }
    return .name(String(decoding: bytes[start..<offset], as: UTF8.self))
  }

  /// What stands between `[` and `]`: a quoted name or an index.
  private mutating func bracketed() throws(NotationError) -> FieldPath.Segment {
    let start = offset
    let segment: FieldPath.Segment
    if current == UInt8(ascii: "\"") {
      segment = .name(try quotedName())
    } else {
      while let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { offset += 1 }
      guard offset > start, offset - start <= 9, let index = Int(String(decoding: bytes[start..<offset], as: UTF8.self))
      else { throw NotationError("a number or a name in double quotes was expected after [", at: start) }
      segment = .index(index)
    }
    guard current == UInt8(ascii: "]") else { throw NotationError("a ] was expected here", at: offset) }
    offset += 1
    return segment
  }

  private mutating func quotedName() throws(NotationError) -> String {
    let start = offset
    var end = start + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
    guard end < bytes.count else { throw NotationError("the quoted name has no closing quote", at: start) }
    do {
      let name = try JSONValue(parsing: Array(bytes[start...end])).string ?? ""
      offset = end + 1
      return name
    } catch {
      throw NotationError("the quoted name is not a JSON string: \(error.message)", at: start + error.offset)
    }
  }
}
