// One condition on one value: what a pattern's match expressions come down to after parsing.

/// A test of a single value of a field.
enum Predicate: Sendable, Hashable {
  /// A string, byte by byte.
  case string([UInt8])
  /// `true`, `false` or `null`.
  case literal(ValueKind)
  /// A number: by value where it has one, else by spelling.
  case number(text: [UInt8], value: Double?)
  /// A string that is an IP address in a network; a literal address is the network that holds only it.
  case address(IPNetwork)
  /// A string that begins with a text.
  case prefix([UInt8])
  /// A string that ends with a text.
  case suffix([UInt8])
  /// A string that is, begins with or ends with a text in any case.
  case caseless(CaselessText, CaselessText.Anchor)
  /// A string that fits a text with stars.
  case wildcard(Wildcard)
  /// A number in a range; `inStrings` also takes strings that spell a number (an extension).
  case numeric(NumericRange, inStrings: Bool)
  /// The field is there, as a leaf.
  case exists
  /// The field is not there.
  case absent
  /// Any value but those excluded.
  case anythingBut(Exclusion)
  /// A string that holds a match of a regular expression (an extension).
  case regex(RegexProgram)
  /// The field's values together satisfy every one of these (an extension).
  case allOf([Predicate])
  /// A value that the field at another path has too (an extension).
  case equalsField([UInt8])
}

/// What `anything-but` leaves out.
enum Exclusion: Sendable, Hashable {
  /// These strings, byte by byte (IP addresses too: only this spelling).
  case strings([[UInt8]])
  /// Numbers with these values.
  case numbers([Double])
  /// Strings that begin with one of these.
  case prefixes([[UInt8]])
  /// Strings that end with one of these.
  case suffixes([[UInt8]])
  /// Strings that are one of these in any case.
  case caseless([CaselessText])
  /// Strings that fit one of these.
  case wildcards([Wildcard])

  /// What is excluded, as predicates of which a string must satisfy none; nothing for what is not about strings.
  var members: [Predicate]? {
    switch self {
    case .strings(let texts): texts.map { .string($0) }
    case .prefixes(let texts): texts.map { .prefix($0) }
    case .suffixes(let texts): texts.map { .suffix($0) }
    case .caseless(let texts): texts.map { .caseless($0, .whole) }
    case .wildcards(let wildcards): wildcards.map { .wildcard($0) }
    case .numbers: nil
    }
  }
}

/// The kinds of leaf values in an event.
enum ValueKind: UInt8, Sendable {
  case string, number, true_, false_, null
}

extension ValueKind: CustomStringConvertible {
  /// The literal as JSON writes it, or the name of the kind.
  var description: String {
    switch self {
    case .string: "string"
    case .number: "number"
    case .true_: "true"
    case .false_: "false"
    case .null: "null"
    }
  }
}

/// A leaf value of an event: strings unescaped, numbers as they were spelled.
struct LeafValue {
  var kind: ValueKind
  var text: UnsafeBufferPointer<UInt8>
}

extension Predicate {
  /// Whether a value satisfies the predicate on its own.
  ///
  /// `absent`, `allOf` and `equalsField` are not about one value; whoever asks about those looks at the whole event,
  /// and here they hold for no value.
  func holds(for value: LeafValue, scratch: inout RegexScratch) -> Bool {
    switch self {
    case .exists: return true
    case .absent, .allOf, .equalsField: return false
    case .literal(let kind): return value.kind == kind
    case .number(let text, let number):
      guard value.kind == .number else { return false }
      guard let number else { return value.text.elementsEqual(text) }
      return ComparableNumber.value(of: value.text) == number
    case .numeric(let range, let inStrings):
      let number: Double? =
        switch value.kind {
        case .number: ComparableNumber.value(of: value.text)
        case .string where inStrings: ComparableNumber.value(spelledBy: value.text)
        default: nil
        }
      // Not `map(range.contains)`: that allocates a closure for each value.
      guard let number else { return false }
      return range.contains(number)
    case .anythingBut(let exclusion): return !exclusion.holds(for: value)
    case .string, .address, .prefix, .suffix, .caseless, .wildcard, .regex:
      return value.kind == .string && holds(forString: value.text, scratch: &scratch)
    }
  }

  private func holds(forString text: UnsafeBufferPointer<UInt8>, scratch: inout RegexScratch) -> Bool {
    switch self {
    case .string(let wanted): text.count == wanted.count && text.elementsEqual(wanted)
    case .address(let network): if let address = IPAddress(text) { network.contains(address) } else { false }
    case .prefix(let prefix): text.starts(with: prefix)
    case .suffix(let suffix): text.ends(with: suffix)
    case .caseless(let wanted, let anchor): wanted.matches(text, anchor)
    case .wildcard(let wildcard): wildcard.matches(text)
    case .regex(let program): program.matches(text, scratch: &scratch)
    default: false
    }
  }
}

extension Exclusion {
  /// Whether a value is one of those left out.
  func holds(for value: LeafValue) -> Bool {
    if case .numbers(let numbers) = self {
      guard value.kind == .number, let number = ComparableNumber.value(of: value.text) else { return false }
      return numbers.contains(number)
    }
    guard value.kind == .string else { return false }
    return switch self {
    case .strings(let strings): strings.contains { value.text.elementsEqual($0) }
    case .prefixes(let prefixes): prefixes.contains { value.text.starts(with: $0) }
    case .suffixes(let suffixes): suffixes.contains { value.text.ends(with: $0) }
    case .caseless(let texts): texts.contains { $0.matches(value.text, .whole) }
    case .wildcards(let wildcards): wildcards.contains { $0.matches(value.text) }
    case .numbers: false
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes end with these.
  func ends(with suffix: [UInt8]) -> Bool {
    count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
  }
}

extension ComparableNumber {
  /// The value of a string that spells a JSON number, for `as: number`.
  static func value(spelledBy text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let base = text.baseAddress, !text.isEmpty, numberEnd(base, 0, text.count) == text.count else { return nil }
    return value(of: text)
  }
}
