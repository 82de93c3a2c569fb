// A checked pattern out of YAML: written as JSON, judged by the engine's parser, complaints led back to the file.

import EventPatterns

extension RulePattern {
  /// What reading a pattern brought.
  struct Reading {
    /// The pattern; nothing if it is not valid.
    var pattern: RulePattern?
    /// What was wrong.
    var diagnostics: [Diagnostic]
    /// The scalars that stood for a list of one.
    var scalarsForLists: [SourcePosition]
    /// The lists that were named.
    var usedLists: Set<String>
  }

  /// Reads the pattern of a `when`.
  static func read(
    _ node: YAMLNode,
    outcome: Located<Outcome>? = nil,
    lists: [String: [YAMLNode]]
  ) -> Reading {
    var writer = PatternWriter(lists: lists)
    writer.write(node, outcome: outcome)
    var reading = Reading(
      pattern: nil,
      diagnostics: writer.log.diagnostics,
      scalarsForLists: writer.scalarsForLists,
      usedLists: writer.usedLists
    )
    // A missing list leaves a hole that the parser would only complain about a second time.
    guard !reading.diagnostics.contains(where: { $0.code == .unknownList }) else { return reading }
    do {
      let pattern = try EventPattern(parsing: writer.json, language: .extended)
      guard !reading.diagnostics.containsError else { return reading }
      reading.pattern = RulePattern(
        pattern: pattern,
        json: writer.json,
        sourceMap: writer.sourceMap,
        position: node.position
      )
    } catch {
      for error in [error] + errors(among: writer.alternatives, of: writer.json) {
        let place = writer.sourceMap.position(ofByte: error.offset) ?? node.position
        let message = "the event pattern is not valid: \(error.message)"
        let found = Diagnostic(.invalidPattern, at: place, message, hint: hint(for: message))
        if !reading.diagnostics.contains(found) { reading.diagnostics.append(found) }
      }
    }
    return reading
  }

  /// What is wrong with each value and match expression by itself: the parser stops at the first.
  private static func errors(among alternatives: [Range<Int>], of json: [UInt8]) -> [PatternError] {
    let opening = Array("{\"f\":[".utf8)
    var errors: [PatternError] = []
    for range in alternatives {
      do {
        _ = try EventPattern(parsing: opening + json[range] + Array("]}".utf8), language: .extended)
      } catch {
        let offset = range.lowerBound + max(0, error.offset - opening.count)
        errors.append(PatternError(message: error.message, offset: min(offset, range.upperBound - 1)))
      }
    }
    return errors
  }

  /// What to write instead, for the complaints of EventBridge that do not say so themselves.
  private static func hint(for message: String) -> String? {
    hints.first { message.contains($0.part) }?.hint
  }

  private static let hints: [(part: String, hint: String)] = [
    (
      "Unrecognized match type",
      "match expressions: prefix, suffix, equals-ignore-case, anything-but, wildcard, "
        + "numeric, cidr, exists, regex, contains, all-of, equals-field"
    ),
    ("Match value must be", "conditions stand in braces: [{prefix: a}]; lists do not nest"),
    ("must have at least 2 Objects", "give $or two branches, or write the one without $or"),
    ("Event pattern has more than", "use fewer $or, or split the rule"),
    ("Empty arrays are not allowed", "give the list at least one value"),
    ("Empty objects are not allowed", "name at least one field"),
    ("Event pattern is empty", "name at least one field"),
  ]
}
