// The registry as a reference page.

extension RuleLanguage {
  /// The keys of all kinds of documents, as Markdown.
  public static var markdown: String {
    var page = MarkdownWriter()
    for kind in DocumentKind.allCases {
      page.lines.append("## \(kind.rawValue)\n")
      switch DocumentSpec.of(kind) {
      case .mapping(let spec):
        page.lines.append("\(spec.doc)\n")
        page.table(DocumentSpec.mapping(of: kind, type: nil).fields)
      case .variants(let variants):
        page.table(DocumentSpec.mapping(of: kind, type: nil).fields)
        for variant in variants.variants {
          page.lines.append("### `type: \(variant.value)`\n\n\(variant.spec.doc)\n")
          if !variant.spec.fields.isEmpty { page.table(variant.spec.fields) }
        }
      }
      page.flush()
    }
    page.lines.append("## `_defaults.yaml`\n\n\(MappingSpec.defaults.doc)\n")
    page.table(MappingSpec.defaults.fields)
    page.lines.append("## Diagnostics\n\n| code | severity | meaning |\n| --- | --- | --- |")
    for code in DiagnosticCode.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
      page.lines.append("| `\(code.rawValue)` | \(code.severity.rawValue) | \(code.summary) |")
    }
    return page.lines.joined(separator: "\n") + "\n"
  }
}

/// Collects the lines of a page; mappings inside mappings get a table of their own after the one they stand in.
private struct MarkdownWriter {
  var lines: [String] = []
  private var pending: [MappingSpec] = []
  private var written: Set<String> = []

  mutating func table(_ fields: [FieldSpec]) {
    lines.append("| key | value | |\n| --- | --- | --- |")
    for field in fields {
      let required = field.isRequired ? " **Required.**" : ""
      lines.append("| `\(field.name)` | \(words(field.type)) | \(escaped(field.doc))\(required) |")
    }
    lines.append("")
  }

  mutating func flush() {
    while !pending.isEmpty {
      let spec = pending.removeFirst()
      guard written.insert(spec.name).inserted else { continue }
      lines.append("### The \(spec.name)\n\n\(spec.doc)\n")
      table(spec.fields)
    }
  }

  private func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  private mutating func words(_ type: FieldType) -> String {
    switch type {
    case .string, .line: return "text"
    case .id: return "id"
    case .boolean: return "`true` or `false`"
    case .integer(let range): return "\(range.lowerBound) to \(range.upperBound)"
    case .size: return "size (`10MB`)"
    case .timeSpan: return "time (`90s`)"
    case .boundedTimeSpan(let range):
      let end = range.upperBound == .longest ? " on" : " to \(range.upperBound.inDays)"
      return "time (`90s`), from \(range.lowerBound.inDays)\(end)"
    case .queueName: return "letters, digits, `-`, `_`, `.`; at most \(QueueLimits.longestName)"
    case .rate: return "rate (`10/1m`)"
    case .backoff: return "waits (`1s..5m`)"
    case .schedule: return "`rate(…)` or `cron(…)`"
    case .instant: return "date or instant"
    case .fieldPath: return "field path"
    case .choice(let choices): return choices.map { "`\($0.value)`" }.joined(separator: ", ")
    case .secret: return "`{env: NAME}` or `{file: path}`"
    case .setting: return "text, `{env: NAME}` or `{file: path}`"
    case .json: return "any value"
    case .template: return "template"
    case .pattern: return "event pattern"
    case .list(let item, _): return "list: \(words(item))"
    case .map(let value): return "mapping of names to: \(words(value))"
    case .mapping(let spec):
      pending.append(spec)
      return "\(spec.name) (below)"
    case .variants(let variants): return "\(variants.name)"
    case .reference(let kind, let inline):
      return "id of a \(kind.rawValue)\(inline == nil ? "" : ", or its definition")"
    case .either(let simple, let structured): return "\(words(simple)), or \(words(structured))"
    }
  }
}
