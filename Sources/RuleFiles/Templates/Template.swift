// Templates: text or JSON of any shape with `<name>` placeholders, parsed once when rules are loaded.
//
// A placeholder names a `let` of the rule (or a parameter of the action), a variable such as `<rule.id>`, or a path into
// the event. There is no code and no shell: a value is put in where the placeholder stands and escaped for that place.
//
//   {text: "<who> opened <bucket>"}     a JSON string: the text goes in, JSON's escapes are applied on writing
//   {event: <detail>, n: <detail.n>}    a whole value: it goes in with its type, objects as objects
//   --bucket=<bucket>                   one element of an argv or environment: the text goes in, NUL bytes are refused
//   https://h/<account>?b=<bucket>      a URL: what goes in is percent-encoded
//
// A field that is missing or null gives an empty text, or null as a whole value; `<name!>` demands that it is there.
// `\<` is a plain `<`. A backslash means something only in a run right before `<`, where `\\` stands for one of them.

public import EventPatterns

/// A template, ready to be rendered.
public struct Template: Sendable, Hashable {
  /// A part of a text.
  enum Piece: Sendable, Hashable {
    case text(String)
    case placeholder(Placeholder)
  }

  /// A part of a JSON tree.
  indirect enum Node: Sendable, Hashable {
    /// A value without placeholders.
    case literal(JSONValue)
    /// A string that is one placeholder and nothing else.
    case value(Placeholder)
    /// A string with placeholders in it.
    case text([Piece])
    case list([Node])
    case map([Member])
  }

  struct Member: Sendable, Hashable {
    var name: String
    var node: Node
  }

  let root: Node
  /// Whether the template is one bare text; then it renders to text, not to JSON.
  public let isText: Bool
  /// Every placeholder in the order of the source, for checking names and for positions.
  public let placeholders: [Placeholder]

  /// Reads a template of any JSON shape.
  ///
  /// Names of members are taken as they are.
  public init(_ value: JSONValue) throws(TemplateError) {
    var found: [Placeholder] = []
    root = try Self.node(value, at: FieldPath([]), &found)
    placeholders = found
    isText = value.string != nil
  }

  /// Reads a template of one text.
  public init(parsing text: String) throws(TemplateError) {
    try self.init(.string(text))
  }

  private static func node(
    _ value: JSONValue,
    at location: FieldPath,
    _ found: inout [Placeholder]
  ) throws(TemplateError) -> Node {
    switch value {
    case .null, .bool, .number:
      return .literal(value)
    case .string(let text):
      var parser = TemplateTextParser(text, location: location)
      let pieces: [Piece]
      do { pieces = try parser.pieces() } catch { throw TemplateError(error: error, location: location) }
      for case .placeholder(let placeholder) in pieces { found.append(placeholder) }
      if pieces.count == 1, case .placeholder(let placeholder) = pieces[0] { return .value(placeholder) }
      if pieces.count == 1, case .text(let plain) = pieces[0] { return .literal(.string(plain)) }
      return pieces.isEmpty ? .literal(.string("")) : .text(pieces)
    case .array(let items):
      var nodes: [Node] = []
      for (index, item) in items.enumerated() {
        nodes.append(try node(item, at: FieldPath(location.segments + [.index(index)]), &found))
      }
      return .list(nodes)
    case .object(let object):
      var members: [Member] = []
      for (name, member) in object.members {
        let inner = FieldPath(location.segments + [.name(name)])
        members.append(Member(name: name, node: try node(member, at: inner, &found)))
      }
      return .map(members)
    }
  }
}

/// Why a template could not be read, and in which of its strings.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was wrong and where in the string.
  public var error: NotationError
  /// Where in the template's tree the string stands; empty for a template of one text.
  public var location: FieldPath

  /// What was wrong, for a person.
  public var message: String { error.message }
  /// The message and the place.
  public var description: String { location.segments.isEmpty ? error.description : "\(location): \(error)" }
}

/// One `<name>` of a template.
public struct Placeholder: Sendable, Hashable {
  /// What the placeholder names.
  public var reference: Reference
  /// Whether a missing or null value fails the rendering (`<name!>`).
  public var isRequired: Bool
  /// The UTF-8 offset of the `<` in its string.
  public var offset: Int
  /// Where in the template's tree the string stands; empty for a template of one text.
  public var location: FieldPath

  /// What a placeholder names.
  public enum Reference: Sendable, Hashable, CustomStringConvertible {
    /// A predefined variable.
    case variable(Variable)
    /// A `let`, a parameter, an envelope field or a path into the event, by the first name.
    case path(FieldPath)

    /// The name as it is written between `<` and `>`.
    public var description: String {
      switch self {
      case .variable(let variable): variable.rawValue
      case .path(let path): path.description
      }
    }
  }

  /// What every template may name without a `let`.
  public enum Variable: String, Sendable, Hashable, CaseIterable {
    /// The rule's id.
    case ruleID = "rule.id"
    /// The rule's title.
    case ruleTitle = "rule.title"
    /// The rule's severity, such as `high`.
    case ruleSeverity = "rule.severity"
    /// The whole event as a value.
    case event
    /// The whole event as JSON text.
    case eventJSON = "event.json"
    /// The idempotency key of the delivery.
    case deliveryID = "delivery.id"
    /// When the decision was made, RFC 3339.
    case now
  }

  /// The fields of EventBridge's envelope, which a path may begin with.
  public static let envelopeFields = [
    "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "replay-name",
  ]

  /// Whether the name can mean something: a variable, one of `names` (the rule's `let`s, the action's parameters), or
  /// a field of the envelope.
  public func isKnown(names: some Sequence<String>) -> Bool {
    guard case .path(let path) = reference, let first = path.firstName else { return true }
    return Self.envelopeFields.contains(first) || names.contains(first)
  }
}
