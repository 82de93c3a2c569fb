// What a handler reads its input from. The input was validated before, so a required member is there and of its kind;
// asking for one that is not declared is a slip of ours, which every test of the operation shows.

public import EventPatterns

/// A validated structure with typed accessors.
///
/// `string("Name")` is for members that are required; `string(ifAny: "Name")` for others. Lists and maps are empty when
/// the member is not there.
public struct Input: Sendable {
  /// What the members must look like.
  public let structure: Structure
  /// The members that are there.
  public let fields: Fields

  /// Wraps validated members.
  public init(_ structure: Structure, _ fields: Fields) {
    self.structure = structure
    self.fields = fields
  }

  /// The value of a member, `.absent` if it is not there.
  public subscript(name: String) -> Value {
    assert(structure.member(named: name) != nil, "\(name) is not declared")
    return fields[name]
  }

  /// Whether a member is there.
  public func has(_ name: String) -> Bool { self[name] != .absent }

  private func required<T>(_ name: String, _ value: T?, _ fallback: T) -> T {
    assert(value != nil, "\(name) is not a required member of that kind")
    return value ?? fallback
  }

  /// The text of a required member.
  public func string(_ name: String) -> String { required(name, string(ifAny: name), "") }

  /// The text of a member.
  public func string(ifAny name: String) -> String? {
    if case .string(let text) = self[name] { text } else { nil }
  }

  /// The number of a required member.
  public func integer(_ name: String) -> Int { required(name, integer(ifAny: name), 0) }

  /// The number of a member.
  public func integer(ifAny name: String) -> Int? {
    if case .integer(let number) = self[name] { Int(number) } else { nil }
  }

  /// The number of a member.
  public func double(ifAny name: String) -> Double? {
    switch self[name] {
    case .double(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }

  /// The truth of a required member.
  public func bool(_ name: String) -> Bool { required(name, bool(ifAny: name), false) }

  /// The truth of a member.
  public func bool(ifAny name: String) -> Bool? {
    if case .bool(let value) = self[name] { value } else { nil }
  }

  /// The time of a required member.
  public func time(_ name: String) -> Timestamp { required(name, time(ifAny: name), Timestamp(milliseconds: 0)) }

  /// The time of a member.
  public func time(ifAny name: String) -> Timestamp? {
    if case .time(let time) = self[name] { time } else { nil }
  }

  /// The bytes of a required member.
  public func blob(_ name: String) -> [UInt8] { required(name, blob(ifAny: name), []) }

  /// The bytes of a member.
  public func blob(ifAny name: String) -> [UInt8]? {
    if case .blob(let bytes) = self[name] { bytes } else { nil }
  }

  /// The JSON of a member.
  public func document(ifAny name: String) -> JSONValue? {
    if case .document(let json) = self[name] { json } else { nil }
  }

  /// The texts of a list.
  public func strings(_ name: String) -> [String] {
    guard case .list(let items) = self[name] else { return [] }
    return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  /// The entries of a map of text, in the order of the request; where a name came twice the last one holds.
  public func stringMap(_ name: String) -> [String: String] {
    guard case .fields(let fields) = self[name] else { return [:] }
    return Dictionary(
      fields.entries.compactMap { entry in
        if case .string(let text) = entry.value { (entry.name, text) } else { nil }
      },
      uniquingKeysWith: { $1 }
    )
  }

  /// The structure of a required member.
  public func structure(_ name: String) -> Input {
    required(name, structure(ifAny: name), Input([], Fields()))
  }

  /// The structure of a member.
  public func structure(ifAny name: String) -> Input? {
    guard case .fields(let fields) = self[name], case .structure(let inner) = structure.member(named: name)?.shape.kind
    else { return nil }
    return Input(inner, fields)
  }

  /// The structures of a list.
  public func structures(_ name: String) -> [Input] {
    guard case .list(let items) = self[name],
      case .list(let item) = structure.member(named: name)?.shape.kind,
      case .structure(let inner) = item.kind
    else { return [] }
    return items.compactMap { if case .fields(let fields) = $0 { Input(inner, fields) } else { nil } }
  }

  /// The structures of a map, in the order of the request.
  public func structureMap(_ name: String) -> [(name: String, value: Input)] {
    guard case .fields(let entries) = self[name],
      case .map(_, let value) = structure.member(named: name)?.shape.kind,
      case .structure(let inner) = value.kind
    else { return [] }
    return entries.entries.compactMap { entry in
      if case .fields(let fields) = entry.value { (entry.name, Input(inner, fields)) } else { nil }
    }
  }
}
