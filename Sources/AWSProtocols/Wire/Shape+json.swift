// JSON to values and back, with the shape beside it. What is not declared is passed over, as AWS does; what has the
// wrong kind is a SerializationException with the place.

public import EventPatterns

/// Why a body cannot be read.
struct SerializationError: Error {
  var message: String
}

extension Structure {
  /// The members that a JSON object has. `null` is as if it were not there.
  func decode(json object: JSONObject, path: String = "") throws(SerializationError) -> Fields {
    var fields = Fields()
    for (name, json) in object.members {
      guard let member = member(inJSON: name), json != .null else { continue }
      let value = try member.shape.decode(json: json, path: path.isEmpty ? name : "\(path).\(name)")
      fields[member.name] = value
    }
    return fields
  }

  /// The JSON object of an answer, with declared members only, in their declared order.
  func encode(json fields: Fields, where isWanted: (Member) -> Bool = { _ in true }) -> JSONValue {
    var object = JSONObject()
    for member in members where isWanted(member) {
      let value = fields[member.name]
      if case .absent = value { continue }
      object.members.append((member.jsonName, member.shape.encode(json: value)))
    }
    return .object(object)
  }
}

extension Shape {
  func decode(json: JSONValue, path: String) throws(SerializationError) -> Value {
    switch (kind, json) {
    case (.document, _): return .document(json)
    case (.string, .string(let text)): return .string(text)
    case (.boolean, .bool(let value)): return .bool(value)
    case (.boolean, .string("true")): return .bool(true)
    case (.boolean, .string("false")): return .bool(false)
    case (.integer, .number(let text)), (.integer, .string(let text)):
      guard let number = Self.whole(text), Int32(exactly: number) != nil else { throw wrong(json, path, "an integer") }
      return .integer(number)
    case (.long, .number(let text)), (.long, .string(let text)):
      guard let number = Self.whole(text) else { throw wrong(json, path, "an integer") }
      return .integer(number)
    case (.double, .number(let text)):
      guard let number = Double(text), number.isFinite else { throw wrong(json, path, "a number") }
      return .double(number)
    case (.timestamp, .number(let text)):
      guard let seconds = Double(text), abs(seconds) < 1e12 else { throw wrong(json, path, "a time") }
      return .time(Timestamp(milliseconds: Int64((seconds * 1000).rounded())))
    case (.timestamp, .string(let text)):
      if let time = Timestamp(iso8601: text) { return .time(time) }
      guard let seconds = Double(text), abs(seconds) < 1e12 else { throw wrong(json, path, "a time") }
      return .time(Timestamp(milliseconds: Int64((seconds * 1000).rounded())))
    case (.blob, .string(let text)):
      guard let bytes = Base64.decode(text) else { throw wrong(json, path, "base64") }
      return .blob(bytes)
    case (.list(let item), .array(let items)):
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for (index, json) in items.enumerated() where json != .null {
        values.append(try item.decode(json: json, path: "\(path).\(index + 1)"))
      }
      return .list(values)
    case (.map(_, let valueShape), .object(let object)):
      var fields = Fields()
      fields.entries.reserveCapacity(object.members.count)
      for (name, json) in object.members where json != .null {
        fields.entries.append((name, try valueShape.decode(json: json, path: "\(path).\(name)")))
      }
      return .fields(fields)
    case (.structure(let structure), .object(let object)):
      return .fields(try structure.decode(json: object, path: path))
    default: throw wrong(json, path, expectation)
    }
  }

  func encode(json value: Value) -> JSONValue {
    switch (kind, value) {
    case (_, .absent): return .null
    case (_, .document(let json)): return json
    case (_, .bool(let value)): return .bool(value)
    case (_, .integer(let number)): return .integer(number)
    case (_, .double(let number)): return .number(Self.text(number))
    case (_, .string(let text)): return .string(text)
    case (_, .time(let time)):
      return timestampFormat == .iso8601 ? .string(time.iso8601) : .number(time.epochText)
    case (_, .blob(let bytes)): return .string(Base64.encode(bytes))
    case (.list(let item), .list(let items)): return .array(items.map { item.encode(json: $0) })
    case (.map(_, let valueShape), .fields(let fields)):
      return .object(JSONObject(fields.entries.map { ($0.name, valueShape.encode(json: $0.value)) }))
    case (.structure(let structure), .fields(let fields)): return structure.encode(json: fields)
    case (_, .list(let items)): return .array(items.map { Shape.document.encode(json: $0) })
    case (_, .fields(let fields)):
      return .object(JSONObject(fields.entries.map { ($0.name, Shape.document.encode(json: $0.value)) }))
    }
  }

  /// A whole number; `1.0` and `1e3` are whole too.
  static func whole(_ text: String) -> Int64? {
    if let number = Int64(text) { return number }
    guard let number = Double(text) else { return nil }
    return Int64(exactly: number)
  }

  /// The shortest text of a number, without `.0`.
  static func text(_ number: Double) -> String {
    if let whole = Int64(exactly: number) { return String(whole) }
    return number.isFinite ? "\(number)" : "0"
  }

  private var expectation: String {
    switch kind {
    case .string: "a string"
    case .integer, .long: "an integer"
    case .double: "a number"
    case .boolean: "true or false"
    case .timestamp: "a time"
    case .blob: "base64"
    case .document: "JSON"
    case .list: "a list"
    case .map, .structure: "an object"
    }
  }

  private func wrong(_ json: JSONValue, _ path: String, _ expected: String) -> SerializationError {
    let found =
      switch json {
      case .null: "null"
      case .bool: "true or false"
      case .number: "a number"
      case .string: "a string"
      case .array: "a list"
      case .object: "an object"
      }
    return SerializationError(message: "\(path): \(expected) was expected, but there is \(found)")
  }
}

extension Shape {
  /// A value as JSON, without names that other protocols use.
  public func json(_ value: Value) -> JSONValue { encode(json: value) }
}
