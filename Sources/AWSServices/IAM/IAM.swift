// AWS Identity and Access Management, as far as clients call it around the other services: roles for rules, schedules and
// pipes, users with access keys, policies. Identity policies are kept and given back; what is enforced are trust
// policies of roles and the policies of resources.

public import AWSProtocols
internal import EventPatterns
internal import TrailEvents

/// AWS Identity and Access Management.
public enum IAM {
  /// The service.
  public static let service = Service<Identities>(
    id: "iam",
    title: "AWS Identity and Access Management",
    protocols: [.query(namespace: "https://iam.amazonaws.com/doc/2010-05-08/")],
    version: "2010-05-08",
    validation: .code("ValidationError"),
    operations: roleOperations + userOperations + keyOperations + policyOperations + inlinePolicyOperations
      + attachmentOperations + tagOperations + accountOperations
  )

  static let noSuchEntity = ErrorShape("NoSuchEntity", status: 404)
  static let entityAlreadyExists = ErrorShape("EntityAlreadyExists", status: 409)
  static let deleteConflict = ErrorShape("DeleteConflict", status: 409)
  static let limitExceeded = ErrorShape("LimitExceeded", status: 409)
  static let malformedPolicy = ErrorShape("MalformedPolicyDocument")
  static let invalidInput = ErrorShape("InvalidInput")
  static let unmodifiable = ErrorShape("UnmodifiableEntity")
  static let usual = [noSuchEntity, limitExceeded, unmodifiable]

  // MARK: Shapes

  static let name = Shape.string(1...64, pattern: #"[\w+=,.@-]+"#)
  static let policyName = Shape.string(1...128, pattern: #"[\w+=,.@-]+"#)
  static let path = Shape.string(1...512, pattern: #"(/)|(/[!-~]+/)"#)
  static let arn = Shape.string(20...2048)
  static let document = Shape.string(1...131_072)
  static let tags = Shape.list(
    .structure([.required("Key", .string(1...128)), .required("Value", .string(0...256))]),
    0...50
  )
  static let paging: Structure = [.optional("Marker", .string(1...)), .optional("MaxItems", .integer(1...1000))]
  static let pagingOutput: Structure = [.optional("IsTruncated", .boolean), .optional("Marker", .string)]

  // MARK: Documents

  /// A policy document that is JSON and an object.
  static func checked(_ document: String) throws(AWSError) -> String {
    guard case .object? = try? JSONValue(parsing: document) else {
      throw malformedPolicy("Syntax errors in policy.")
    }
    if let objection = (try? ResourcePolicy(parsing: document))?.objection {
      throw malformedPolicy("Syntax errors in policy: \(objection).")
    }
    return document
  }

  /// A trust policy.
  static func checkedTrust(_ document: String) throws(AWSError) -> String {
    do {
      _ = try ResourcePolicy(checking: document, namesPrincipals: false)
    } catch {
      throw malformedPolicy("This policy contains invalid Json: \(error.message)")
    }
    return document
  }

  /// A document as IAM gives it back: percent-encoded.
  static func encoded(_ document: String) -> Value {
    .string(WireRequest.percentEncoded(document))
  }

  // MARK: Pages

  /// A page of a sorted list, after the item that the marker names.
  static func page<T>(
    _ items: [T],
    _ input: Input,
    key: (T) -> String,
    _ name: String,
    _ output: (T) -> Value
  ) -> Value {
    let start = input.string(ifAny: "Marker").flatMap { marker in items.firstIndex { key($0) > marker } }
    let rest = input.has("Marker") ? (start.map { Array(items[$0...]) } ?? []) : items
    let page = rest.prefix(input.integer(ifAny: "MaxItems") ?? 100)
    var fields: Fields = ["IsTruncated": .bool(page.count < rest.count)]
    if page.count < rest.count { fields["Marker"] = .maybe(page.last.map(key)) }
    fields[name] = .list(page.map(output))
    return .fields(fields)
  }

  static func time(_ milliseconds: Int64) -> Value { .time(Timestamp(milliseconds: milliseconds)) }

  static func tagList(_ tags: [String: String]) -> Value {
    .list(tags.sorted { $0.key < $1.key }.map { ["Key": .string($0.key), "Value": .string($0.value)] })
  }

  static func tagMap(_ input: Input) -> [String: String] {
    Dictionary(
      input.structures("Tags").map { ($0.string("Key"), $0.string("Value")) },
      uniquingKeysWith: { $1 }
    )
  }
}

extension Value {
  /// The structure with one member more.
  func adding(_ name: String, _ value: Value) -> Value {
    guard case .fields(var fields) = self else { return self }
    fields[name] = value
    return .fields(fields)
  }
}
