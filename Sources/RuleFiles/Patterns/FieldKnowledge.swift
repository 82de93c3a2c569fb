// What we know about names in patterns: which fields are text although they look like numbers, and what match
// expressions are called.

/// Names of fields and match expressions.
enum FieldKnowledge {
  /// The match expressions of EventBridge and of the extended language.
  static let operatorNames: Set<String> = [
    "prefix", "suffix", "equals-ignore-case", "anything-but", "wildcard", "numeric", "cidr", "exists", "exactly",
    "regex", "contains", "all-of", "equals-field",
  ]

  /// Match expressions whose names are also names of fields in CloudTrail's records.
  static let operatorsThatMayBeFields: Set<String> = [
    "prefix", "suffix", "wildcard", "cidr", "exists", "exactly", "regex", "contains", "numeric",
  ]

  /// Match expressions that take text.
  static func takesText(_ name: String) -> Bool {
    switch name {
    case "prefix", "suffix", "equals-ignore-case", "wildcard", "cidr", "regex", "contains", "equals-field": true
    default: false
    }
  }

  /// Fields that hold text of digits: a plain scalar there keeps its source text.
  private static let textFields: Set<String> = [
    "account", "accountId", "recipientAccountId", "awsAccountId", "ownerId", "sourceAccount", "targetAccountId",
    "eventVersion",
  ]

  /// Whether the field of a path holds text even where the file has a number.
  static func isText(_ path: [String]) -> Bool {
    guard let last = path.last?.split(separator: ".").last else { return false }
    return textFields.contains(String(last)) || (path.count == 1 && ["version", "id", "time"].contains(path[0]))
  }
}
