// Checks a YAML tree against the registry: keys, types, notations. All that can be said about a document by itself, in
// one walk; nothing here knows what a rule means. What gets through can be decoded without another look at its shape.

/// Checks nodes against the tables of the registry.
package struct ShapeChecker {
  /// What was found.
  package private(set) var log = DiagnosticLog()

  package init() {}

  /// Checks a mapping with known keys.
  package mutating func check(_ node: YAMLNode, against spec: MappingSpec) {
    guard let members = node.members else {
      let keys = spec.fields.prefix(8).map(\.name).joined(separator: ", ")
      return wrongType(node, "a mapping", hint: keys.isEmpty ? nil : "with keys such as \(keys)")
    }
    for member in members {
      if let field = spec[member.key] {
        check(member.value, against: field.type, of: member.key)
      } else {
        log.report(
          .unknownKey,
          at: member.keyPosition,
          "the \(spec.name) has no key '\(member.key)'",
          hint: Suggestion.hint(for: member.key, among: spec.fields.map(\.name))
        )
      }
    }
    for field in spec.fields where field.isRequired && node[field.name] == nil {
      log.report(
        .missingKey,
        at: node.position,
        "the \(spec.name) has no '\(field.name)'",
        hint: "add it: \(field.doc.prefix { $0 != "\n" })"
      )
    }
  }

  /// Checks a mapping whose keys depend on one of them.
  package mutating func check(_ node: YAMLNode, against variants: VariantSpec) {
    guard node.members != nil else { return wrongType(node, "a mapping", hint: "with the key '\(variants.key)'") }
    guard let value = node[variants.key]?.text else {
      let known = variants.variants.map(\.value).joined(separator: ", ")
      return log.report(
        .missingKey,
        at: node.position,
        "the \(variants.name) has no '\(variants.key)'",
        hint: "add it; one of \(known)"
      )
    }
    if let spec = variants.spec(for: value) {
      check(node, against: spec)
    } else if let deciding = node[variants.key] {
      check(deciding, against: variants.keySpec.type, of: variants.key)
    }
  }

  /// Checks a value; `key` names it in messages.
  package mutating func check(_ node: YAMLNode, against type: FieldType, of key: String) {
    switch type {
    case .json, .template, .pattern:
      // Looked at where they are converted: they have a language of their own.
      if case .pattern = type, node.members == nil { wrongType(node, "an event pattern, that is, a mapping", of: key) }
    case .string:
      _ = text(node, of: key)
    case .line:
      guard let text = text(node, of: key) else { return }
      if text.allSatisfy({ $0 == " " }) { invalid(node, "'\(key)' is empty") }
      if text.contains(where: \.isNewline) { invalid(node, "'\(key)' has more than one line") }
    case .id:
      guard let text = text(node, of: key) else { return }
      if !Identifier.isValid(text) {
        log.report(.invalidID, at: node.position, Identifier.complaint(text), hint: Identifier.suggestion(text))
      }
    case .boolean:
      guard case .bool? = node.scalar?.resolved else {
        let looksLike = ["yes", "on", "no", "off"].contains(node.text?.lowercased() ?? "")
        return wrongType(node, "true or false", of: key, hint: looksLike ? "YAML 1.2 knows only true and false" : nil)
      }
    case .integer(let range):
      guard case .integer(let digits)? = node.scalar?.resolved else {
        return wrongType(node, "a whole number", of: key)
      }
      guard let number = Int(digits), range.contains(number) else {
        return invalid(node, "'\(key)' is \(digits) and has to be from \(range.lowerBound) to \(range.upperBound)")
      }
    case .size:
      guard let text = text(node, of: key), ByteSize.bytes(text) == nil else { return }
      invalid(node, "'\(text)' is not a size", hint: "write a number of bytes, or 64KB, 10MB, 1GB")
    case .timeSpan: notation(node, of: key) { text throws(NotationError) in _ = try TimeSpan(parsing: text) }
    case .boundedTimeSpan(let range):
      notation(node, of: key) { text throws(NotationError) in
        guard !range.contains(try TimeSpan(parsing: text)) else { return }
        let bounds =
          range.upperBound == .longest
          ? "at least \(range.lowerBound)" : "from \(range.lowerBound.inDays) to \(range.upperBound.inDays)"
        throw NotationError("\(text) is out of bounds: it has to be \(bounds)", at: 0)
      }
    case .queueName:
      guard let text = text(node, of: key), let complaint = QueueLimits.complaint(aboutName: text) else { return }
      invalid(node, complaint)
    case .rate: notation(node, of: key) { text throws(NotationError) in _ = try Rate(parsing: text) }
    case .backoff: notation(node, of: key) { text throws(NotationError) in _ = try Backoff(parsing: text) }
    case .schedule: notation(node, of: key) { text throws(NotationError) in _ = try Schedule(parsing: text) }
    case .instant: notation(node, of: key) { text throws(NotationError) in _ = try Instant(parsing: text) }
    case .fieldPath: notation(node, of: key) { text throws(NotationError) in _ = try FieldPath(parsing: text) }
    case .choice(let choices):
      guard let text = text(node, of: key) else { return }
      if !choices.contains(where: { $0.value == text }) {
        let known = choices.map(\.value)
        let near = Suggestion.nearest(to: text, among: known).map { "did you mean '\($0)'? " } ?? ""
        invalid(node, "'\(text)' is not a value of '\(key)'", hint: near + "allowed: \(known.joined(separator: ", "))")
      }
    case .secret: secret(node, of: key)
    case .setting:
      if node.members != nil { secret(node, of: key) } else { _ = text(node, of: key) }
    case .list(let item, let least):
      let items = node.items ?? (node.isNull ? [] : [node])
      if node.isNull { return wrongType(node, "a list", of: key) }
      if items.count < least { invalid(node, "the list '\(key)' is empty", hint: "give it at least one value") }
      for inner in items { check(inner, against: item, of: key) }
    case .map(let value):
      guard let members = node.members else { return wrongType(node, "a mapping of names to values", of: key) }
      for member in members { check(member.value, against: value, of: member.key) }
    case .mapping(let spec): check(node, against: spec)
    case .variants(let variants): check(node, against: variants)
    case .reference(let kind, let inline):
      if node.members != nil, let inline { return check(node, against: inline) }
      guard node.scalar != nil, !node.isNull else {
        let or = inline == nil ? "" : ", or its definition"
        return wrongType(node, "the id of a \(kind.rawValue)\(or)", of: key)
      }
    case .either(let simple, let structured):
      check(node, against: node.members == nil ? simple : structured, of: key)
    }
  }

  // MARK: Pieces

  private mutating func text(_ node: YAMLNode, of key: String) -> String? {
    if let text = node.text { return text }
    wrongType(node, "text", of: key)
    return nil
  }

  private mutating func notation(
    _ node: YAMLNode,
    of key: String,
    _ parse: (String) throws(NotationError) -> Void
  ) {
    guard let text = text(node, of: key) else { return }
    do {
      try parse(text)
    } catch {
      log.report(.invalidValue, at: node.position(inText: error.offset), "'\(key)': \(error.message)")
    }
  }

  private mutating func secret(_ node: YAMLNode, of key: String) {
    let hint = "write {env: NAME} or {file: path}"
    guard let members = node.members else {
      return log.report(.literalSecret, at: node.position, "'\(key)' is a secret and stands in the file", hint: hint)
    }
    guard members.count == 1, let member = members.first, ["env", "file"].contains(member.key) else {
      return wrongType(node, "a reference to a secret", of: key, hint: hint)
    }
    guard let name = member.value.text, !name.isEmpty else {
      return wrongType(member.value, member.key == "env" ? "the name of a variable" : "a path", of: member.key)
    }
    if member.key == "env", !Identifier.isEnvironmentName(name) {
      invalid(member.value, "'\(name)' is not the name of an environment variable", hint: "use A-Z, 0-9 and _")
    }
  }

  private mutating func wrongType(_ node: YAMLNode, _ wanted: String, of key: String? = nil, hint: String? = nil) {
    let what = key.map { "'\($0)'" } ?? "this"
    log.report(.wrongType, at: node.position, "\(what) is \(node.kindInWords) and has to be \(wanted)", hint: hint)
  }

  private mutating func invalid(_ node: YAMLNode, _ message: String, hint: String? = nil) {
    log.report(.invalidValue, at: node.position, message, hint: hint)
  }
}
