// Rendering: pure, and the escaping belongs to the place, never to the author.

public import EventPatterns

/// Where a rendered text goes, which decides how values are escaped and what is refused.
public enum TemplatePlace: Sendable, Hashable {
  /// Plain text, or a string of a JSON tree (which is escaped when the tree is written).
  case text
  /// A part of a URL: what goes in is percent-encoded except for unreserved characters.
  case url
  /// One element of an argument list. NUL bytes are refused: they would cut the argument.
  case argument
  /// The value of an environment variable. NUL bytes are refused.
  case environment
}

/// Why a template could not be rendered for one event.
///
/// Trying again gives the same failure.
public struct RenderFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What the failing placeholder names.
  public var reference: String
  /// What was wrong, for a person.
  public var message: String

  /// Makes a failure.
  public init(reference: String, message: String) {
    self.reference = reference
    self.message = message
  }

  /// The message.
  public var description: String { message }
}

extension Template {
  /// The template as bytes to send: text for a template of one text, compact JSON for anything else.
  public func payload(in scope: TemplateScope) throws(RenderFailure) -> [UInt8] {
    if isText { return Array(try text(in: scope).utf8) }
    return try value(in: scope).bytes
  }

  /// The template as a JSON value.
  ///
  /// A string that is one placeholder takes the value with its type.
  public func value(in scope: TemplateScope) throws(RenderFailure) -> JSONValue {
    try Self.value(of: root, scope)
  }

  /// The template as text for a place.
  ///
  /// A tree is rendered as compact JSON first.
  public func text(in scope: TemplateScope, for place: TemplatePlace = .text) throws(RenderFailure) -> String {
    switch root {
    case .literal(.string(let text)): return try Self.checked(text, place, "the template")
    case .value(let placeholder): return try Self.inserted(placeholder, scope, place)
    case .text(let pieces): return try Self.joined(pieces, scope, place)
    case .literal, .list, .map: return try Self.checked(value(in: scope).text, place, "the template")
    }
  }

  private static func value(of node: Node, _ scope: TemplateScope) throws(RenderFailure) -> JSONValue {
    switch node {
    case .literal(let value): return value
    case .value(let placeholder): return try found(placeholder, scope) ?? .null
    case .text(let pieces): return .string(try joined(pieces, scope, .text))
    case .list(let nodes):
      var items: [JSONValue] = []
      for node in nodes { items.append(try value(of: node, scope)) }
      return .array(items)
    case .map(let members):
      var object = JSONObject()
      for member in members { object.members.append((member.name, try value(of: member.node, scope))) }
      return .object(object)
    }
  }

  private static func joined(
    _ pieces: [Piece],
    _ scope: TemplateScope,
    _ place: TemplatePlace
  ) throws(RenderFailure) -> String {
    var text = ""
    for piece in pieces {
      switch piece {
      case .text(let plain): text += try checked(plain, place, "the template")
      case .placeholder(let placeholder): text += try inserted(placeholder, scope, place)
      }
    }
    return text
  }

  /// The value of a placeholder; nothing when it is missing and need not be there.
  private static func found(_ placeholder: Placeholder, _ scope: TemplateScope) throws(RenderFailure) -> JSONValue? {
    let value = scope.value(of: placeholder.reference)
    if placeholder.isRequired, value == nil || value == .null {
      let name = placeholder.reference.description
      throw RenderFailure(
        reference: name,
        message: "<\(name)!> is required and the event has no value there"
      )
    }
    return value
  }

  private static func inserted(
    _ placeholder: Placeholder,
    _ scope: TemplateScope,
    _ place: TemplatePlace
  ) throws(RenderFailure) -> String {
    let text =
      switch try found(placeholder, scope) {
      case nil, .null: ""
      case .string(let text): text
      case .some(let value): value.text
      }
    if place == .url { return percentEncoded(text) }
    return try checked(text, place, "<\(placeholder.reference)>")
  }

  private static func checked(_ text: String, _ place: TemplatePlace, _ what: String) throws(RenderFailure) -> String {
    guard place == .argument || place == .environment, text.utf8.contains(0) else { return text }
    let target = place == .argument ? "a program's argument" : "an environment variable"
    throw RenderFailure(reference: what, message: "\(what) holds a NUL byte, which \(target) cannot carry")
  }

  /// Percent-encodes everything but RFC 3986's unreserved characters.
  private static func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        output.append(byte)
      default: output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
