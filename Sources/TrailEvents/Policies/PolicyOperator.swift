// The operators of conditions. A name is taken apart once, when the policy is read: set prefix, comparison, negation,
// `IfExists`. What a value has to look like is the comparison's to say, so that a policy is refused when it is set and
// not silently without effect ever after.

/// The operator of a condition, such as `ForAnyValue:StringNotLikeIfExists`.
struct PolicyOperator: Sendable, Equatable {
  /// What a request's values have to do with the policy's.
  enum Quantifier: Sendable { case forAll, forAny }

  /// How two values are compared.
  enum Comparison: Sendable, Equatable {
    case text, textIgnoringCase, like, arn, bool, null, address
    case number(Order), date(Order)
  }

  /// Numbers and dates.
  enum Order: Sendable, Equatable {
    case equal, less, lessOrEqual, greater, greaterOrEqual

    func holds(_ left: Double, _ right: Double) -> Bool {
      switch self {
      case .equal: left == right
      case .less: left < right
      case .lessOrEqual: left <= right
      case .greater: left > right
      case .greaterOrEqual: left >= right
      }
    }
  }

  let comparison: Comparison
  let isNegated: Bool
  let quantifier: Quantifier?
  /// Whether it holds for a request that does not have the key.
  let ifExists: Bool

  private static let known: [String: (comparison: Comparison, isNegated: Bool)] = [
    "stringequals": (.text, false), "stringnotequals": (.text, true),
    "stringequalsignorecase": (.textIgnoringCase, false), "stringnotequalsignorecase": (.textIgnoringCase, true),
    "stringlike": (.like, false), "stringnotlike": (.like, true), "binaryequals": (.text, false),
    "numericequals": (.number(.equal), false), "numericnotequals": (.number(.equal), true),
    "numericlessthan": (.number(.less), false), "numericlessthanequals": (.number(.lessOrEqual), false),
    "numericgreaterthan": (.number(.greater), false), "numericgreaterthanequals": (.number(.greaterOrEqual), false),
    "dateequals": (.date(.equal), false), "datenotequals": (.date(.equal), true),
    "datelessthan": (.date(.less), false), "datelessthanequals": (.date(.lessOrEqual), false),
    "dategreaterthan": (.date(.greater), false), "dategreaterthanequals": (.date(.greaterOrEqual), false),
    "bool": (.bool, false), "ipaddress": (.address, false), "notipaddress": (.address, true),
    "arnequals": (.arn, false), "arnnotequals": (.arn, true), "arnlike": (.arn, false), "arnnotlike": (.arn, true),
    "null": (.null, false),
  ]

  /// Reads an operator's name; nothing if there is none of it.
  init?(_ text: String) {
    var name = text.lowercased()
    var quantifier: Quantifier?
    for (prefix, kind) in [("forallvalues:", Quantifier.forAll), ("foranyvalue:", .forAny)] where name.hasPrefix(prefix)
    {
      name.removeFirst(prefix.count)
      quantifier = kind
    }
    let ifExists = name.hasSuffix("ifexists")
    if ifExists { name.removeLast("ifexists".count) }
    guard let known = Self.known[name], !(ifExists && name == "null") else { return nil }
    comparison = known.comparison
    isNegated = known.isNegated
    self.quantifier = quantifier
    self.ifExists = ifExists
  }

  /// Whether a value of a policy is one that can be compared so.
  func takes(_ value: String) -> Bool {
    if value.contains("${") { return true }
    return switch comparison {
    case .text, .textIgnoringCase, .like, .arn: true
    case .bool, .null: ["true", "false"].contains(value.lowercased())
    case .address: AddressRange(value) != nil
    case .number: Double(value) != nil
    case .date: Self.seconds(value) != nil
    }
  }

  /// Whether a value of a request fits one of a policy; not for `Null`, which looks at no value.
  func fits(_ text: String, _ value: PolicyText) -> Bool {
    switch comparison {
    case .text: value.plain == text
    case .textIgnoringCase, .bool: value.plain.lowercased() == text.lowercased()
    case .like: TextGlob.matches(value, text)
    case .arn: TextGlob.matches(arn: value, text)
    case .address: AddressRange(value.plain)?.contains(text) ?? false
    case .number(let order): Self.compare(Double(text), Double(value.plain), order)
    case .date(let order): Self.compare(Self.seconds(text), Self.seconds(value.plain), order)
    case .null: false
    }
  }

  private static func compare(_ left: Double?, _ right: Double?, _ order: Order) -> Bool {
    guard let left, let right else { return false }
    return order.holds(left, right)
  }

  /// Seconds since 1970 of a time in ISO 8601, of a day alone, or of such a number.
  private static func seconds(_ text: String) -> Double? {
    if let number = Double(text), text.utf8.count > 4 { return number }
    for time in [text, text + "T00:00:00Z"] {
      let bytes = Array(time.utf8)
      if let found = bytes.withUnsafeBytes({ EventTime($0) }) { return Double(found.seconds) }
    }
    return nil
  }
}
