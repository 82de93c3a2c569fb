// Texts of policies: patterns with `*` and `?`, and variables such as `${aws:PrincipalAccount}`. What a variable stands
// for comes from the request, so it is never read as a pattern.

/// A text of a policy with its variables filled in.
struct PolicyText {
  /// A star and a question mark that stand for themselves; no text has these bytes.
  fileprivate static let (star, mark): (UInt8, UInt8) = (0xFF, 0xFE)

  /// As it reads.
  let plain: String
  /// As a pattern: `star` and `mark` where a variable brought them.
  let pattern: [UInt8]

  /// A text without variables.
  init(_ text: String) { self.init(plain: text, pattern: Array(text.utf8)) }

  private init(plain: String, pattern: [UInt8]) {
    self.plain = plain
    self.pattern = pattern
  }

  /// Fills in what a text's variables stand for; nothing if the request does not say.
  init?(_ text: String, for request: PolicyRequest) {
    guard text.contains("${") else {
      self.init(text)
      return
    }
    var plain = ""
    var pattern: [UInt8] = []
    var rest = Substring(text)
    while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
      guard let value = Self.value(of: rest[start.upperBound..<end], request) else { return nil }
      plain += rest[..<start.lowerBound] + value
      pattern += Array(rest[..<start.lowerBound].utf8) + Self.literal(value)
      rest = rest[rest.index(after: end)...]
    }
    self.init(plain: plain + rest, pattern: pattern + Array(rest.utf8))
  }

  /// `aws:username`, or with a default: `aws:username, 'nobody'`. `*`, `?` and `$` are themselves.
  private static func value(of variable: Substring, _ request: PolicyRequest) -> String? {
    if ["*", "?", "$"].contains(variable) { return String(variable) }
    let parts = variable.split(separator: ",", maxSplits: 1)
    let key = parts.first.map { $0.filter { $0 != " " }.lowercased() } ?? ""
    if let found = request.conditions[key], found.count == 1 { return found[0] }
    guard parts.count == 2, let open = parts[1].firstIndex(of: "'"), let close = parts[1].lastIndex(of: "'"),
      open < close
    else { return nil }
    return String(parts[1][parts[1].index(after: open)..<close])
  }

  /// The bytes of a text in which nothing is a pattern.
  fileprivate static func literal(_ text: String) -> [UInt8] {
    text.utf8.map { $0 == UInt8(ascii: "*") ? star : $0 == UInt8(ascii: "?") ? mark : $0 }
  }
}

/// Patterns with `*` and `?`, as policies have them.
package enum TextGlob {
  /// Whether a pattern fits all of a text.
  package static func matches(_ pattern: String, _ text: String) -> Bool { matches(PolicyText(pattern), text) }

  static func matches(_ pattern: PolicyText, _ text: String) -> Bool {
    matches(pattern.pattern[...], PolicyText.literal(text)[...])
  }

  /// Whether a pattern fits an ARN, part for part: a star in one part does not reach into the next.
  static func matches(arn pattern: PolicyText, _ text: String) -> Bool {
    let colon = UInt8(ascii: ":")
    let patterns = pattern.pattern.split(separator: colon, maxSplits: 5, omittingEmptySubsequences: false)
    let parts = PolicyText.literal(text)
      .split(separator: colon, maxSplits: max(0, patterns.count - 1), omittingEmptySubsequences: false)
    return patterns.count == parts.count && zip(patterns, parts).allSatisfy { matches($0, $1) }
  }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var (at, inText) = (pattern.startIndex, text.startIndex)
    var retry: (pattern: Int, text: Int)?
    while inText < text.endIndex {
      if at < pattern.endIndex, pattern[at] == UInt8(ascii: "*") {
        retry = (at, inText)
        at += 1
      } else if at < pattern.endIndex, pattern[at] == text[inText] || pattern[at] == UInt8(ascii: "?") {
        at += 1
        inText += 1
      } else if let (star, start) = retry {
        // The star takes one more byte.
        retry = (star, start + 1)
        at = star + 1
        inText = start + 1
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
