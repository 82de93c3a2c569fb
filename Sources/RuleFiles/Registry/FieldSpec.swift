// The rule-file language as data. A registry entry *is* the documentation: one table per kind of document names every
// key with its type, whether it is required and what it is for. The checker, the did-you-mean, the JSON Schema and the
// reference pages all read these tables; a key that is not in them does not exist.

/// One key of a mapping.
package struct FieldSpec: Sendable {
  /// The key as files write it.
  package var name: String
  /// What its value may be.
  package var type: FieldType
  /// Whether it has to be there.
  package var isRequired: Bool
  /// What it is for, in one or two sentences.
  package var doc: String

  package init(_ name: String, _ type: FieldType, required: Bool = false, _ doc: String) {
    self.name = name
    self.type = type
    self.isRequired = required
    self.doc = doc
  }
}

/// A mapping with known keys.
package struct MappingSpec: Sendable {
  /// What the mapping is, in a word or two: it stands in error messages ("the rule has no key …").
  package var name: String
  /// What the mapping is for.
  package var doc: String
  /// The keys, in the order in which `fmt` writes them.
  package var fields: [FieldSpec]

  package init(_ name: String, _ doc: String, _ fields: [FieldSpec]) {
    self.name = name
    self.doc = doc
    self.fields = fields
  }

  /// The entry of a key.
  package subscript(key: String) -> FieldSpec? { fields.first { $0.name == key } }
}

/// What a value may be.
package indirect enum FieldType: Sendable {
  /// Text; any scalar keeps its source text.
  case string
  /// Text that is not empty and has no line break.
  case line
  /// An id of the repository.
  case id
  /// `true` or `false`.
  case boolean
  /// A whole number within bounds.
  case integer(ClosedRange<Int>)
  /// A number of bytes: `4096`, `64KB`, `10MB`, `1GB` (powers of 1024).
  case size
  /// A span of time: `90s`.
  case timeSpan
  /// A span of time within bounds.
  case boundedTimeSpan(ClosedRange<TimeSpan>)
  /// The name of a queue.
  case queueName
  /// A rate: `10/1m`.
  case rate
  /// Bounds of waits: `1s..5m`.
  case backoff
  /// `rate(…)` or `cron(…)`.
  case schedule
  /// An RFC 3339 instant or a date.
  case instant
  /// A path into the event.
  case fieldPath
  /// One of these words.
  case choice([Choice])
  /// `{env: NAME}` or `{file: path}`, never the secret itself.
  case secret
  /// Text, or a reference like a secret's.
  case setting
  /// Any value.
  case json
  /// A template of any JSON shape.
  case template
  /// An event pattern.
  case pattern
  /// A list; one value without the brackets stands for a list of one.
  case list(FieldType, atLeast: Int)
  /// A mapping whose keys are free.
  case map(FieldType)
  /// A mapping with known keys.
  case mapping(MappingSpec)
  /// A mapping whose other keys depend on the value of one.
  case variants(VariantSpec)
  /// The id of a document of that kind, or its definition in place.
  case reference(DocumentKind, inline: VariantSpec?)
  /// One of two forms: the first for scalars and lists, the second for mappings.
  case either(FieldType, FieldType)

  /// A span of time of at least a second.
  package static let positiveTimeSpan = FieldType.boundedTimeSpan(TimeSpan(seconds: 1)...TimeSpan.longest)

  /// A list that may be empty.
  static func list(_ type: FieldType) -> FieldType { .list(type, atLeast: 0) }

  /// One word of several.
  package struct Choice: Sendable {
    /// The word.
    package var value: String
    /// What it means.
    package var doc: String

    package init(_ value: String, _ doc: String = "") {
      self.value = value
      self.doc = doc
    }
  }

  /// One of these words, without explanations.
  static func oneOf<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> FieldType {
    .choice(type.allCases.map { Choice($0.rawValue) })
  }
}

/// A mapping whose keys depend on the value of one of them.
package struct VariantSpec: Sendable {
  /// What the mapping is, in a word.
  package var name: String
  /// The key that decides.
  package var key: String
  /// The variants: the deciding value and the mapping it asks for, the deciding key not among its fields.
  package var variants: [(value: String, spec: MappingSpec)]
  /// The keys every variant has.
  package var common: [FieldSpec]

  package init(
    _ name: String,
    by key: String,
    common: [FieldSpec],
    _ variants: [(value: String, spec: MappingSpec)]
  ) {
    self.name = name
    self.key = key
    self.common = common
    self.variants = variants
  }

  /// The whole mapping of a variant, without a document's `kind` and `id`.
  package func spec(for value: String) -> MappingSpec? {
    guard let variant = variants.first(where: { $0.value == value }) else { return nil }
    return MappingSpec("\(value) \(name)", variant.spec.doc, [keySpec] + variant.spec.fields + common)
  }

  /// The entry of the deciding key.
  package var keySpec: FieldSpec {
    let choices = variants.map { FieldType.Choice($0.value, $0.spec.doc) }
    return FieldSpec(key, .choice(choices), required: true, "Which kind of \(name) this is.")
  }
}

/// The kinds of documents.
package enum DocumentKind: String, Sendable, Hashable, CaseIterable {
  case rule = "Rule"
  case target = "Target"
  case action = "Action"
  case list = "List"
  case correlation = "Correlation"
}
