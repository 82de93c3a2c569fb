// The template of an input transformer. There are two kinds, told apart by their first character:
//
//   text   "<who> did <what>"        one or more quoted strings, each of which stays as it is, quotes and all;
//                                    objects and lists go in without any quotes
//   JSON   {"who": <who>,            a variable of its own is a JSON value, one inside quotes is raw text; what comes
//           "what": "did <what>"}    out must be JSON again, else the event is not delivered
//
// Values are not escaped, as in EventBridge: a quotation mark in a value that lands inside quotes breaks the JSON.
//
// Whose template it is says what names there are: a rule's has its map of paths, a pipe's has the paths themselves.

internal import EventPatterns

/// Why an input cannot be made from an event.
public struct ShapingFailure: Error, Sendable, Equatable {
  /// What was wrong, for a person.
  public var message: String
}

/// A compiled input template.
public struct InputTemplate: Sendable, Equatable {
  /// What stands in angle brackets.
  package enum Variable: Sendable, Equatable {
    /// A path into the event.
    case path(JSONPath)
    /// A name that the service knows: `aws.events.rule-arn`.
    case reserved(String)
  }

  /// What kind of text a template gives.
  package enum Form: Sendable, Equatable {
    /// JSON: what is not is a failure.
    case json
    /// Any text.
    case text
  }

  enum Segment: Sendable, Equatable {
    case text([UInt8])
    case variable(Variable, isQuoted: Bool)
  }

  /// A name in angle brackets that is neither in the map of paths nor predefined.
  public struct UnknownPlaceholder: Error, Sendable, Equatable {
    /// The name.
    public var name: String

    /// Wraps a name.
    package init(name: String) { self.name = name }
  }

  let isText: Bool
  let segments: [Segment]

  /// Compiles the template of an input transformer.
  public init(_ template: String, paths: [String: JSONPath]) throws(UnknownPlaceholder) {
    let isText = Self.trimmed(template).utf8.first == UInt8(ascii: "\"")
    try self.init(template, as: isText ? .text : .json) { name throws(UnknownPlaceholder) in
      // The names that begin with `aws.` are EventBridge's; a path cannot take their place.
      if ShapingScope.reserved.contains(name) { return .reserved(name) }
      guard let path = paths[name] else { throw UnknownPlaceholder(name: name) }
      return .path(path)
    }
  }

  /// Compiles a template.
  ///
  /// - Parameters:
  ///   - characters: what names may have besides letters, digits, `_`, `-` and `.`; brackets around anything else are text.
  ///   - variable: what a name stands for.
  package init(
    _ template: String,
    as form: Form,
    characters: [UInt8] = [],
    variable: (_ name: String) throws(UnknownPlaceholder) -> Variable
  ) throws(UnknownPlaceholder) {
    let bytes = Array(Self.trimmed(template).utf8)
    isText = form == .text
    var segments: [Segment] = []
    var text: [UInt8] = []
    var isQuoted = false
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "<"), let end = Self.placeholderEnd(bytes, at, characters) {
        let name = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
        if !text.isEmpty { segments.append(.text(text)) }
        text = []
        segments.append(.variable(try variable(name), isQuoted: isQuoted))
        at = end + 1
        continue
      }
      text.append(byte)
      if byte == UInt8(ascii: "\\"), isQuoted, at + 1 < bytes.count {
        text.append(bytes[at + 1])
        at += 1
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      }
      at += 1
    }
    if !text.isEmpty { segments.append(.text(text)) }
    self.segments = segments
  }

  private static func trimmed(_ text: String) -> Substring {
    var rest = text[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest
  }

  private static func placeholderEnd(_ bytes: [UInt8], _ start: Int, _ characters: [UInt8]) -> Int? {
    var at = start + 1
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: ">"): return at > start + 1 ? at : nil
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
        at += 1
      case let byte where characters.contains(byte): at += 1
      default: return nil
      }
    }
    return nil
  }

  /// Whether anything but the event's own fields goes in.
  var isEmpty: Bool { segments.isEmpty }

  /// Puts the values of an event in.
  ///
  /// Throws ``ShapingFailure`` when a JSON template does not give JSON.
  public func render(_ scope: some TemplateValues) throws(ShapingFailure) -> [UInt8] {
    var output: [UInt8] = []
    for segment in segments {
      switch segment {
      case .text(let text): output += text
      case .variable(.path(let path), let isQuoted): append(scope.value(at: path), isQuoted: isQuoted, to: &output)
      case .variable(.reserved(let name), let isQuoted):
        append(scope.value(ofReserved: name), isQuoted: isQuoted, to: &output)
      }
    }
    if !isText, (try? JSONValue(parsing: output)) == nil {
      throw ShapingFailure(message: "what the input template gives for this event is not JSON")
    }
    return output
  }

  private func append(_ value: JSONValue?, isQuoted: Bool, to output: inout [UInt8]) {
    switch value {
    case .none:
      if !isText, !isQuoted { output += "\"\"".utf8 }
    case .string(let text)? where isText || isQuoted: output += text.utf8
    case .array?, .object?:
      if isText { Self.appendUnquoted(value ?? .null, to: &output) } else { output += value?.bytes ?? [] }
    case let value?: output += value.bytes
    }
  }

  /// An object or list as it prints in a text: `{acc_id:0a,states:[ACTIVE,INACTIVE]}`.
  private static func appendUnquoted(_ value: JSONValue, to output: inout [UInt8]) {
    switch value {
    case .string(let text): output += text.utf8.filter { $0 != UInt8(ascii: "\"") }
    case .array(let items):
      output.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        appendUnquoted(item, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        output += member.name.utf8
        output.append(UInt8(ascii: ":"))
        appendUnquoted(member.value, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    default: output += value.bytes
    }
  }
}
