// The kinds of documents, put together from the tables beside this file.

/// The shape of a document of one kind.
package enum DocumentSpec: Sendable {
  /// A mapping with known keys.
  case mapping(MappingSpec)
  /// A mapping whose keys depend on `type`.
  case variants(VariantSpec)

  /// The shape of a kind; `kind`, `id` and `description` are keys of every document.
  package static func of(_ kind: DocumentKind) -> DocumentSpec {
    switch kind {
    case .rule: .mapping(.rule)
    case .target: .variants(.target)
    case .action: .variants(.action)
    case .list: .mapping(.list)
    case .correlation: .mapping(.correlation)
    }
  }

  /// The keys that every document has.
  package static func head(of kind: DocumentKind) -> [FieldSpec] {
    let id = "The name other documents use: a-z, 0-9, `.`, `_`, `-`, at most 64 characters, unique per kind."
    let head = [
      FieldSpec("kind", .choice([.init(kind.rawValue)]), required: true, "What the document describes."),
      FieldSpec("id", .id, required: true, id),
    ]
    let description = FieldSpec("description", .string, "What it is for.")
    return kind == .rule || kind == .correlation ? head : head + [description]
  }

  /// The whole mapping of a document: head and body.
  ///
  /// Without a known `type` it is the keys all types share.
  package static func mapping(of kind: DocumentKind, type: String?) -> MappingSpec {
    let head = head(of: kind)
    switch of(kind) {
    case .mapping(let spec):
      return MappingSpec(spec.name, spec.doc, head + spec.fields)
    case .variants(let variants):
      if let type, let spec = variants.spec(for: type) {
        return MappingSpec(spec.name, spec.doc, head + spec.fields)
      }
      return MappingSpec(variants.name, "", head + [variants.keySpec] + variants.common)
    }
  }
}

extension MappingSpec {
  static let list = MappingSpec(
    "list",
    "Values and conditions that patterns use together as `$list.ID`.",
    [FieldSpec("items", .list(.json), required: true, "The values and conditions.")]
  )

  static let correlation = MappingSpec(
    "correlation",
    "Several rules' findings that together mean more. Not available yet.",
    [
      FieldSpec("title", .line, "What a person reads first, in a few words."),
      FieldSpec("description", .string, "What a match means."),
      FieldSpec("severity", .oneOf(Severity.self), "How much a match matters."),
      FieldSpec("stage", .choice(stages), "How far the correlation may go."),
      FieldSpec("owner", .line, "Who looks after it."),
      FieldSpec("runbook", .line, "The address of the page that says what to do."),
      FieldSpec("tags", .list(.line), "Free labels."),
      FieldSpec("maps", .map(.list(.line)), "The controls and techniques covered, by framework."),
      FieldSpec("rules", .list(.reference(.rule, inline: nil), atLeast: 1), required: true, "The rules to watch."),
      FieldSpec("key", .list(.fieldPath, atLeast: 1), "The fields that have to be equal among the findings."),
      FieldSpec("within", .positiveTimeSpan, required: true, "The time in which the findings have to come."),
      FieldSpec(
        "order",
        .choice([.init("any", "In any order. The default."), .init("given", "In the order of `rules`.")]),
        "In which order the findings have to come."
      ),
      FieldSpec("then", .list(.mapping(.step)), "What to do on a match, in order."),
      FieldSpec("tests", .list(.json), "The correlation's own tests."),
    ]
  )

  /// The keys of `_defaults.yaml`.
  static let defaults = MappingSpec(
    "defaults",
    "What the rules of a folder, and of the folders in it, have in common.",
    [
      FieldSpec("owner", .line, "The owner of rules that name none."),
      FieldSpec("tags", .list(.line), "Labels added to every rule."),
      FieldSpec("max-stage", .choice(stages), "The ceiling: no rule goes further, whatever it says."),
    ]
  )
}
