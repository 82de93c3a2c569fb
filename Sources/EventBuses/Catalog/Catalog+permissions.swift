// PutPermission and RemovePermission: the statements of a bus's policy.

internal import EventPatterns
internal import TrailEvents

/// The statement that PutPermission is to make.
public struct PermissionSettings: Sendable, Equatable {
  /// Its `Sid`.
  public var statementID: String
  /// What is allowed, such as `events:PutEvents`.
  public var action: String
  /// An account, or `*`.
  public var principal: String
  /// A condition on the caller: type (`StringEquals`), key (`aws:PrincipalOrgID`) and value.
  public var condition: Condition?

  /// A condition.
  public struct Condition: Sendable, Equatable {
    /// The operator.
    public var type: String
    /// The key.
    public var key: String
    /// The value.
    public var value: String

    /// Makes a condition.
    public init(type: String, key: String, value: String) {
      self.type = type
      self.key = key
      self.value = value
    }
  }

  /// Makes settings.
  public init(statementID: String, action: String, principal: String, condition: Condition? = nil) {
    self.statementID = statementID
    self.action = action
    self.principal = principal
    self.condition = condition
  }
}

extension Catalog {
  /// Adds a statement to a bus's policy, or replaces the one with the same `Sid`.
  public mutating func putPermission(
    _ permission: PermissionSettings,
    on bus: BusReference,
    now: Int64
  ) throws(BusError) {
    var changed = try self.bus(bus)
    let principal: JSONValue =
      permission.principal == "*"
      ? .string("*") : .members(["AWS": .string("arn:aws:iam::\(permission.principal):root")])
    var statement = JSONObject([
      ("Sid", .string(permission.statementID)), ("Effect", .string("Allow")), ("Principal", principal),
      ("Action", .string(permission.action)), ("Resource", .string(bus.arn)),
    ])
    if let condition = permission.condition {
      statement["Condition"] = .object(
        JSONObject([(condition.type, .object(JSONObject([(condition.key, .string(condition.value))])))])
      )
    }
    let others = Self.statements(of: changed.policy).filter { $0["Sid"]?.string != permission.statementID }
    try set(Self.document(others + [.object(statement)]), of: &changed, bus, now: now)
  }

  /// Puts a whole policy in place of what there was.
  public mutating func putPolicy(_ policy: String, on bus: BusReference, now: Int64) throws(BusError) {
    var changed = try self.bus(bus)
    guard (try? ResourcePolicy(parsing: policy))?.statements.isEmpty != true else {
      throw .validation("Parameter Policy is not valid. Reason: The policy has no statement.")
    }
    try set(policy, of: &changed, bus, now: now)
  }

  private mutating func set(
    _ policy: String,
    of changed: inout EventBus,
    _ bus: BusReference,
    now: Int64
  ) throws(BusError) {
    do throws(ResourcePolicy.Malformed) {
      _ = try ResourcePolicy(checking: policy)
    } catch {
      throw .validation(
        "Parameter Policy is not valid. Reason: The policy is not a valid JSON policy document: \(error.message)."
      )
    }
    guard policy.utf8.count <= limits.policyLength else {
      throw BusError(
        "PolicyLengthExceededException",
        "The policy of event bus \(bus.name) would be longer than \(limits.policyLength) characters."
      )
    }
    changed.policy = policy
    changed.modifiedAt = now
    self[bus.scope].buses[bus.name] = changed
  }

  /// Removes a statement, or (nil) the whole policy.
  public mutating func removePermission(
    _ statementID: String?,
    on bus: BusReference,
    now: Int64
  ) throws(BusError) {
    var changed = try self.bus(bus)
    guard let statementID else {
      changed.policy = nil
      changed.modifiedAt = now
      self[bus.scope].buses[bus.name] = changed
      return
    }
    guard changed.policy != nil else { throw .notFound("EventBus does not have a policy.") }
    let all = Self.statements(of: changed.policy)
    let left = all.filter { $0["Sid"]?.string != statementID }
    guard left.count < all.count else {
      throw .notFound("Statement with the provided id does not exist.")
    }
    changed.policy = left.isEmpty ? nil : Self.document(left)
    changed.modifiedAt = now
    self[bus.scope].buses[bus.name] = changed
  }

  private static func statements(of policy: String?) -> [JSONValue] {
    guard let policy, let document = try? JSONValue(parsing: policy) else { return [] }
    switch document["Statement"] {
    case .array(let statements)?: return statements
    case let statement?: return [statement]
    case nil: return []
    }
  }

  private static func document(_ statements: [JSONValue]) -> String {
    JSONValue.members(["Version": .string("2012-10-17"), "Statement": .array(statements)]).text
  }
}
