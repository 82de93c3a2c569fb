// A document of a rule file between reading and decoding: its kind and id are known, its shape has been checked.

/// One YAML document of a rule file.
package struct RuleDocument: Sendable {
  /// What it describes.
  package var kind: DocumentKind
  /// Its id; nothing if it has none that can be used.
  package var id: String?
  /// The tree.
  package var node: YAMLNode
  /// Whether its shape is as the registry says.
  package var isWellFormed: Bool

  /// Where the id stands, or else where the document begins.
  var idPosition: SourcePosition { node["id"]?.position ?? node.position }

  /// Looks at the head of a document and checks its shape; nothing if its kind is unknown.
  init?(_ node: YAMLNode, _ log: inout DiagnosticLog) {
    let kinds = DocumentKind.allCases.map(\.rawValue)
    guard node.members != nil else {
      let hint = "begin it with `kind: Rule` and `id: NAME`"
      log.report(.wrongType, at: node.position, "a document is a mapping, and this is \(node.kindInWords)", hint: hint)
      return nil
    }
    guard let kindNode = node["kind"], let word = kindNode.text else {
      log.report(
        .unknownKind,
        at: node["kind"]?.position ?? node.position,
        "the document has no 'kind'",
        hint: "add `kind:` with one of \(kinds.joined(separator: ", "))"
      )
      return nil
    }
    guard let kind = DocumentKind(rawValue: word) else {
      let hint = Suggestion.hint(for: word, among: kinds)
      log.report(.unknownKind, at: kindNode.position, "'\(word)' is not a kind of document", hint: hint)
      return nil
    }
    self.kind = kind
    self.node = node
    id = node["id"]?.text.flatMap { Identifier.isValid($0) ? $0 : nil }
    var checker = ShapeChecker()
    checker.check(node, document: kind)
    isWellFormed = !checker.log.diagnostics.containsError
    log.append(checker.log.diagnostics)
  }
}

extension ShapeChecker {
  /// Checks a document of a kind.
  mutating func check(_ node: YAMLNode, document kind: DocumentKind) {
    switch DocumentSpec.of(kind) {
    case .mapping:
      check(node, against: DocumentSpec.mapping(of: kind, type: nil))
    case .variants(let variants):
      let type = node[variants.key]?.text
      guard let type, variants.spec(for: type) != nil else {
        // Without a known type there is no telling which other keys are right.
        let head = YAMLNode(
          content: .mapping(
            (node.members ?? []).filter { ["kind", "id", "description", variants.key].contains($0.key) }
          ),
          position: node.position
        )
        return check(head, against: DocumentSpec.mapping(of: kind, type: nil))
      }
      check(node, against: DocumentSpec.mapping(of: kind, type: type))
    }
  }
}
