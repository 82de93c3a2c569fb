// What goes in and out of an operation, whatever the wire format: a validated tree. Protocols read and write it with the
// shape beside it, so the same answer becomes JSON for one client and XML for another.

public import EventPatterns

/// A value of an operation's input or output.
public indirect enum Value: Sendable, Hashable {
  /// Nothing: a member that is not there. Members with it are left out of answers.
  case absent
  /// True or false.
  case bool(Bool)
  /// A whole number.
  case integer(Int64)
  /// A number with a fraction.
  case double(Double)
  /// Text.
  case string(String)
  /// A point in time.
  case time(Timestamp)
  /// Bytes.
  case blob([UInt8])
  /// A list.
  case list([Value])
  /// The members of a structure or the entries of a map, in order.
  case fields(Fields)
  /// Free JSON.
  case document(JSONValue)

  /// A value that may not be there: `["Description": .maybe(rule.description)]`.
  public static func maybe(_ value: (some ValueConvertible)?) -> Value { value?.value ?? .absent }

  /// A list of what can be a value.
  public static func list(of items: some Sequence<some ValueConvertible>) -> Value { .list(items.map(\.value)) }

  /// A map of text, ordered by name.
  public static func map(_ entries: [String: String]) -> Value {
    .fields(Fields(entries.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }
}

/// The members of a structure or the entries of a map, in order.
public struct Fields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// Name and value pairs.
  public var entries: [(name: String, value: Value)]

  /// Fields in this order.
  public init(_ entries: [(name: String, value: Value)] = []) { self.entries = entries }

  /// Fields in this order.
  public init(dictionaryLiteral elements: (String, Value)...) { entries = elements.map { ($0.0, $0.1) } }

  /// The value of a name, `.absent` without one. Setting replaces or appends.
  public subscript(name: String) -> Value {
    get { entries.last { $0.name == name }?.value ?? .absent }
    set {
      if let index = entries.lastIndex(where: { $0.name == name }) {
        entries[index].value = newValue
      } else {
        entries.append((name, newValue))
      }
    }
  }

  /// Same names and values in the same order.
  public static func == (a: Fields, b: Fields) -> Bool {
    a.entries.count == b.entries.count
      && zip(a.entries, b.entries).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }

  /// Hashes names and values in order.
  public func hash(into hasher: inout Hasher) {
    for entry in entries {
      hasher.combine(entry.name)
      hasher.combine(entry.value)
    }
  }
}

/// What can stand as a value: text, numbers, times, JSON.
public protocol ValueConvertible {
  /// The value.
  var value: Value { get }
}

extension Value: ValueConvertible {
  /// Itself.
  public var value: Value { self }
}
extension String: ValueConvertible {
  /// As text.
  public var value: Value { .string(self) }
}
extension Bool: ValueConvertible {
  /// As true or false.
  public var value: Value { .bool(self) }
}
extension Int: ValueConvertible {
  /// As a whole number.
  public var value: Value { .integer(Int64(self)) }
}
extension Int64: ValueConvertible {
  /// As a whole number.
  public var value: Value { .integer(self) }
}
extension Double: ValueConvertible {
  /// As a number.
  public var value: Value { .double(self) }
}
extension Timestamp: ValueConvertible {
  /// As a time.
  public var value: Value { .time(self) }
}
extension JSONValue: ValueConvertible {
  /// As free JSON.
  public var value: Value { .document(self) }
}
extension Fields: ValueConvertible {
  /// As a structure or map.
  public var value: Value { .fields(self) }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  /// A structure or map.
  public init(dictionaryLiteral elements: (String, Value)...) {
    self = .fields(Fields(elements.map { ($0.0, $0.1) }))
  }
}
