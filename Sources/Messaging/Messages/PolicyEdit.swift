// AddPermission and RemovePermission: a statement goes into a policy's JSON, or out of it, and the rest stays as written.

internal import EventPatterns

/// Edits of a policy's text.
enum PolicyEdit {
  /// The statement that gives accounts actions on a resource.
  static func statement(
    _ label: String,
    accounts: [String],
    actions: [String],
    resource: String
  ) throws(MessagingError) -> JSONValue {
    let isLabel = label.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
    guard isLabel, (1...80).contains(label.utf8.count) else {
      throw .value(label, of: "Label", "It may only have letters, digits, hyphens and underscores, 1 to 80 of them.")
    }
    guard !accounts.isEmpty else { throw .missing("PrincipalId") }
    guard !actions.isEmpty else { throw .missing("Actions") }
    for account in accounts where account.utf8.count != 12 || Int(account) == nil {
      throw .value("[\(account)]", of: "PrincipalId", "Unable to verify.")
    }
    func list(_ items: [String]) -> JSONValue {
      items.count == 1 ? .string(items[0]) : .array(items.map { .string($0) })
    }
    return .members([
      "Sid": .string(label), "Effect": "Allow".json,
      "Principal": .members(["AWS": list(accounts.map { "arn:aws:iam::\($0):root" })]),
      "Action": list(actions), "Resource": .string(resource),
    ])
  }

  /// The policy with the statement; a new policy when there was none.
  static func adding(_ statement: JSONValue, labelled label: String, to text: String?) throws(MessagingError) -> String
  {
    var (policy, statements) = try parts(of: text)
    guard !statements.contains(where: { $0["Sid"]?.string == label }) else {
      throw .value(label, of: "Label", "Already exists.")
    }
    statements.append(statement)
    policy["Statement"] = .array(statements)
    return JSONValue.object(policy).text
  }

  /// The policy without a statement; empty when it was the last one, nothing when there is none of the label.
  static func removing(_ label: String, from text: String?) throws(MessagingError) -> String? {
    var (policy, statements) = try parts(of: text)
    let before = statements.count
    statements.removeAll { $0["Sid"]?.string == label }
    if statements.count == before { return nil }
    if statements.isEmpty { return "" }
    policy["Statement"] = .array(statements)
    return JSONValue.object(policy).text
  }

  private static func parts(of text: String?) throws(MessagingError) -> (policy: JSONObject, statements: [JSONValue]) {
    guard let text else {
      return (JSONObject([("Version", "2008-10-17".json), ("Id", "__default_policy_ID".json)]), [])
    }
    guard case .object(let policy)? = try? JSONValue(parsing: text) else {
      throw .value(text, of: "Policy", "The policy is not a JSON object.")
    }
    switch policy["Statement"] {
    case .array(let items)?: return (policy, items)
    case let single?: return (policy, [single])
    case nil: return (policy, [])
    }
  }
}

extension String {
  /// The text as a JSON string.
  fileprivate var json: JSONValue { .string(self) }
}
