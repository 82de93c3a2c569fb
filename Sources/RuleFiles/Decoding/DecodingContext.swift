// What decoders share: the log, what other documents there are, and the files beside the rule files.

import EventPatterns

/// The surroundings of a document while it is decoded.
struct DecodingContext {
  /// What was found so far.
  var log = DiagnosticLog()
  /// The items of all lists.
  let lists: [String: [YAMLNode]]
  /// The ids of all documents, by kind.
  let ids: [DocumentKind: Set<String>]
  /// The files beside the rule files.
  let files: RepositoryFiles
  /// The scalars in patterns that stood for a list of one.
  var scalarsForLists: [SourcePosition] = []
  /// The targets that have to be queues.
  var queueReferences: [(id: String, position: SourcePosition)] = []
  /// The documents that something refers to.
  var used: [DocumentKind: Set<String>] = [:]

  /// The path of a file that is named in a rule file.
  static func path(of name: String, besides file: String) -> String {
    guard !name.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return name }
    return String(file[...slash]) + name
  }

  // MARK: References

  /// Notes that a document is referred to, and reports it if it is not there.
  mutating func refer(to kind: DocumentKind, _ id: String, at position: SourcePosition) {
    used[kind, default: []].insert(id)
    guard ids[kind]?.contains(id) != true else { return }
    let known = (ids[kind] ?? []).sorted()
    let missing = "define one with `kind: \(kind.rawValue)` and `id: \(id)`"
    log.report(
      kind == .action ? .unknownAction : kind == .rule ? .unknownRule : .unknownTarget,
      at: position,
      "there is no \(kind.rawValue) with the id '\(id)'",
      hint: Suggestion.nearest(to: id, among: known).map { "did you mean '\($0)'?" } ?? missing
    )
  }

  /// The id that a node refers to, if it is one.
  mutating func reference(_ node: YAMLNode?, to kind: DocumentKind) -> String? {
    guard let node, let id = node.text else { return nil }
    refer(to: kind, id, at: node.position)
    return id
  }

  // MARK: Patterns, templates, paths

  /// Reads a pattern.
  mutating func pattern(_ node: YAMLNode?, outcome: Located<Outcome>? = nil) -> RulePattern? {
    guard let node, node.members != nil else { return nil }
    let reading = RulePattern.read(node, outcome: outcome, lists: lists)
    log.append(reading.diagnostics)
    scalarsForLists += reading.scalarsForLists
    used[.list, default: []].formUnion(reading.usedLists)
    return reading.pattern
  }

  /// Reads a template; its placeholders may name `names`, or anything that every template may name.
  mutating func template(_ node: YAMLNode?, names: [String]) -> Located<Template>? {
    guard let node else { return nil }
    do {
      let template = try Template(node.json)
      for placeholder in template.placeholders where !placeholder.isKnown(names: names) {
        report(placeholder, in: node, names: names)
      }
      return Located(template, at: node.position)
    } catch {
      let place = node.descendant(at: error.location).position(inText: error.error.offset)
      log.report(.invalidTemplate, at: place, error.message)
      return nil
    }
  }

  private mutating func report(_ placeholder: Placeholder, in node: YAMLNode, names: [String]) {
    let word = placeholder.reference.description
    let known = names + Placeholder.Variable.allCases.map(\.rawValue) + Placeholder.envelopeFields
    let near = Suggestion.nearest(to: word, among: known).map { "did you mean <\($0)>? " } ?? ""
    let names = names.isEmpty ? "" : "\(names.map { "<\($0)>" }.joined(separator: ", ")), "
    log.report(
      .unknownPlaceholder,
      at: node.descendant(at: placeholder.location).position(inText: placeholder.offset),
      "<\(word)> names nothing that is known here",
      hint: "\(near)use \(names)a field of the event such as <detail.eventName>, or \\< for a plain <"
    )
  }

  /// Reports a regular expression that the engine would refuse.
  mutating func checkExpression(_ expression: Located<String>) {
    do {
      _ = try ValueExpression(expression.value)
    } catch {
      log.report(.invalidPattern, at: expression.position, error.message, hint: "write RE2 syntax")
    }
  }

  /// Reads a field path; what is wrong with it has been said by the shape checker.
  func fieldPath(_ node: YAMLNode?) -> Located<FieldPath>? {
    guard let node, let text = node.text, let path = try? FieldPath(parsing: text) else { return nil }
    return Located(path, at: node.position)
  }
}

/// Why a file cannot be used, in words for a person.
public struct FileProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// The words.
  public var description: String
  /// What to do about it, if the words do not say so.
  public var hint: String?

  /// Makes a problem.
  public init(_ description: String, hint: String? = nil) {
    self.description = description
    self.hint = hint
  }
}

extension YAMLNode {
  /// The items of a list, or the value itself as the only item.
  var itemsOrSelf: [YAMLNode] { items ?? (isNull ? [] : [self]) }

  /// The source texts of a list's items.
  var texts: [String] { itemsOrSelf.compactMap(\.text) }

  /// The boolean, if it is one.
  var boolean: Bool? {
    if case .bool(let value)? = scalar?.resolved { value } else { nil }
  }

  /// The whole number, if it is one.
  var integer: Int? {
    if case .integer(let digits)? = scalar?.resolved { Int(digits) } else { nil }
  }

  /// The span of time, if it is one.
  var timeSpan: TimeSpan? { text.flatMap { try? TimeSpan(parsing: $0) } }

  /// The rate, if it is one.
  var rate: Rate? { text.flatMap { try? Rate(parsing: $0) } }

  /// The word of a vocabulary, if it is one.
  func word<Value: RawRepresentable<String>>(_ type: Value.Type = Value.self) -> Value? {
    text.flatMap { Value(rawValue: $0) }
  }

  /// The reference to a secret, if it is one.
  var secret: SecretReference? {
    if let name = self["env"]?.text { return .environment(name) }
    return self["file"]?.text.map { .file($0) }
  }

  /// The reference to a secret with its place, if the value is one.
  var locatedSecret: Located<SecretReference>? {
    members == nil ? nil : secret.map { Located($0, at: position) }
  }

  /// The text or the reference.
  var setting: SettingValue? { members == nil ? text.map { .text($0) } : secret.map { .secret($0) } }

  /// The node that a path leads to, or the last on the way.
  func descendant(at path: FieldPath) -> YAMLNode {
    var node = self
    for segment in path.segments {
      let next: YAMLNode? =
        switch segment {
        case .name(let name): node[name]
        case .index(let index): node.items.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        }
      guard let next else { return node }
      node = next
    }
    return node
  }
}
