// The paths of InputPath and InputPathsMap: `$.detail.list[0].name`, `$['detail-type']`, `$.detail.items[*].id`.

public import EventPatterns

/// A path into an event.
public struct JSONPath: Sendable, Hashable {
  enum Step: Sendable, Hashable {
    case member(String)
    case index(Int)
    case all
  }

  /// Why a text is no path.
  public struct Malformed: Error, Sendable, Equatable {
    /// The UTF-8 offset where it went wrong.
    public var offset: Int
  }

  let steps: [Step]

  /// Reads a path.
  public init(parsing text: String) throws(Malformed) {
    let bytes = Array(text.utf8)
    guard bytes.first == UInt8(ascii: "$") else { throw Malformed(offset: 0) }
    var steps: [Step] = []
    var at = 1
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "."): steps.append(try Self.name(bytes, &at))
      case UInt8(ascii: "["): steps.append(try Self.bracket(bytes, &at))
      default: throw Malformed(offset: at)
      }
    }
    self.steps = steps
  }

  private static func name(_ bytes: [UInt8], _ at: inout Int) throws(Malformed) -> Step {
    let start = at + 1
    at = start
    while at < bytes.count, bytes[at] != UInt8(ascii: "."), bytes[at] != UInt8(ascii: "[") { at += 1 }
    guard at > start else { throw Malformed(offset: at) }
    let name = String(decoding: bytes[start..<at], as: UTF8.self)
    return name == "*" ? .all : .member(name)
  }

  private static func bracket(_ bytes: [UInt8], _ at: inout Int) throws(Malformed) -> Step {
    let start = at + 1
    guard start < bytes.count else { throw Malformed(offset: at) }
    let quote = bytes[start]
    if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
      guard let end = bytes[(start + 1)...].firstIndex(of: quote), end > start + 1, end + 1 < bytes.count,
        bytes[end + 1] == UInt8(ascii: "]")
      else { throw Malformed(offset: start) }
      at = end + 2
      return .member(String(decoding: bytes[(start + 1)..<end], as: UTF8.self))
    }
    guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")) else { throw Malformed(offset: start) }
    let inside = String(decoding: bytes[start..<end], as: UTF8.self)
    at = end + 1
    if inside == "*" { return .all }
    guard let index = Int(inside), index >= 0, inside.utf8.first != UInt8(ascii: "+") else {
      throw Malformed(offset: start)
    }
    return .index(index)
  }

  /// What the path leads to; nothing if there is nothing. After a `*` it is the list of all that was found.
  public func value(in event: JSONValue) -> JSONValue? {
    var found = [event]
    var isList = false
    for step in steps {
      switch step {
      case .member(let name): found = found.compactMap { $0[name] }
      case .index(let index): found = found.compactMap { $0[index] }
      case .all:
        isList = true
        found = found.flatMap { (value: JSONValue) -> [JSONValue] in
          switch value {
          case .array(let items): items
          case .object(let object): object.members.map(\.value)
          default: []
          }
        }
      }
    }
    return isList ? .array(found) : found.first
  }
}
