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

  /// What to write instead: for the complaint if it is a known one, for its operator, or where to read on.
  static func hint(for message: String) -> String {
    hints.first { message.contains($0.part) }?.hint
      ?? "compare it with the table of operators in Docs/patterns.md"
  }

  // The first part that a complaint contains counts: the particular ones stand before the operators' names.
  private static let hints: [(part: String, hint: String)] = [
    (
      "Unrecognized match type",
      "match expressions: prefix, suffix, equals-ignore-case, anything-but, wildcard, "
        + "numeric, cidr, exists, regex, contains, all-of, equals-field"
    ),
    ("Match value must be", "conditions stand in braces: [{prefix: a}]; lists do not nest"),
    ("Match expression name not found", "name an operator in the braces: {prefix: a}"),
    ("Only one key allowed", "write one operator in each pair of braces: [{prefix: a}, {suffix: b}]"),
    ("Event pattern has more than", "use fewer $or, or split the rule"),
    ("Size of rule exceeds", "split the rule, or shorten its lists"),
    ("Rule is too complex", "use fewer * in the wildcards, or prefix, suffix and contains"),
    ("Empty arrays are not allowed", "give the list at least one value"),
    ("Empty objects are not allowed", "name at least one field"),
    ("Event pattern is empty", "name at least one field"),
    ("Filter is not an object", "write fields and what they have to hold: source: [aws.s3]"),
    ("must be an object or an array", "write a list of values, [a], or the fields inside, {b: [a]}"),
    ("It must be an Array followed with $or", orHint),
    ("allowed in array of $or", orHint),
    ("must have at least 2 Objects", "give $or two branches, or write the one without $or"),
    ("cannot be used inside $or", "an operator stands in the list of a field: [{prefix: a}]; $or takes fields"),
    ("$not takes", "write $not: {source: [a]}"),
    ("$and", "write $and: [{source: [a]}, {account: [b]}]"),

    ("Bottom must be less than top", "write the lower number first: [\">=\", 1, \"<\", 10]; for one number [\"=\", 1]"),
    ("Cannot compare number", "write a number that a double can hold: [\">\", 1000]"),
    ("as takes", "write {numeric: [\">\", 0], as: number}"),
    ("Only numeric and as", "write {numeric: [\">\", 0], as: number}"),
    ("numeric", numericHint), ("Value of equals must", numericHint),
    ("IPv4 mask bits", "write a mask from 0 to 31; for a single address write the address without cidr"),
    ("IPv6 mask bits", "write a mask from 0 to 127; for a single address write the address without cidr"),
    ("CIDR", cidrHint), ("cidr", cidrHint), ("Nonstandard IP address", cidrHint),
    ("Unsupported prefix", "write {prefix: text} or {prefix: {equals-ignore-case: text}}"),
    ("Unsupported suffix", "write {suffix: text} or {suffix: {equals-ignore-case: text}}"),
    ("exists match", "write {exists: true} or {exists: false}"),
    ("Unsupported anything-but", exclusionHint),
    ("mixed type", "exclude at least one value, and all strings or all numbers: {anything-but: [a, b]}"),
    ("anything-but", exclusionHint), ("anything but", exclusionHint), ("Anything-But", exclusionHint),
    ("regex", "write RE2 syntax, in single quotes: {regex: '^i-[0-9a-f]+$'}"),
    ("wildcard", wildcardHint), ("Wildcard", wildcardHint), ("escape", wildcardHint),
    ("prefix", "write {prefix: text} or {prefix: {equals-ignore-case: text}}"),
    ("Prefix", "write {prefix: text} or {prefix: {equals-ignore-case: text}}"),
    ("suffix", "write {suffix: text} or {suffix: {equals-ignore-case: text}}"),
    ("Suffix", "write {suffix: text} or {suffix: {equals-ignore-case: text}}"),
    ("equals-ignore-case", "write {equals-ignore-case: text}; put quotes around numbers and true"),
    ("exact match pattern", "write {exactly: text}; put quotes around numbers and true"),
    ("contains", "write {contains: text}; put quotes around numbers and true"),
    ("all-of", "write {all-of: [a, {prefix: b}]}"),
    ("equals-field", "write {equals-field: detail.recipientAccountId}"),
  ]

  private static let orHint = "write $or: [{source: [a]}, {account: [b]}]"
  private static let numericHint =
    "write an operator and a number, or two of each: {numeric: [\">\", 0, \"<=\", 5]}; "
    + "the operators are =, <, <=, > and >=, in quotes, numbers stand without"
  private static let cidrHint = "write a network and its mask: {cidr: 10.0.0.0/8} or {cidr: \"2001:db8::/32\"}"
  private static let exclusionHint =
    "write {anything-but: [a, b]} with strings or with numbers, or {anything-but: {prefix: a}} "
    + "with prefix, suffix, equals-ignore-case or wildcard"
  private static let wildcardHint =
    "write {wildcard: 'a*b'}: no ** and no backslash but \\* for a star and \\\\ for a backslash, in single quotes"
}
