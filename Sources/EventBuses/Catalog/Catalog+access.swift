// Who may do what with a bus. Its account may do everything that the policy does not deny; others, what it allows. Only what
// names a bus by its ARN reaches one of another account: putting events, showing it, its rules and tags.

internal import EventPatterns
public import TrailEvents

extension Catalog {
  /// Refuses what a bus's policy does not open to a caller.
  ///
  /// - Parameters:
  ///   - action: such as `events:PutRule`.
  ///   - rule: the rule that it is about. A statement may name the bus or the rule.
  ///   - pattern: the pattern that the rule is to have.
  ///   - conditions: what else conditions may want to know.
  ///   - now: in milliseconds since 1970.
  public func authorize(
    _ caller: PolicyCaller,
    _ action: String,
    on bus: BusReference,
    rule: String? = nil,
    pattern: String? = nil,
    conditions: [String: [String]] = [:],
    now: Int64
  ) throws(BusError) {
    let isOwner = caller.principal.account == bus.scope.account
    let policy = self[bus.scope].bus(bus.name)?.policy
    // Most policies deny nothing, and most callers are the owner.
    if isOwner, policy?.contains("Deny") != true { return }
    var decision = ResourcePolicy.Decision.silent
    if let document = policy.flatMap({ try? ResourcePolicy(parsing: $0) }) {
      var known = caller.conditions.merging(conditions) { $1 }
      if let rule {
        let creator = self[bus.scope].rules[BusRule.key(bus: bus.name, name: rule)]?.createdBy
        known["events:creatorAccount"] = [creator ?? caller.principal.account].compactMap(\.self)
      }
      if let pattern { known.merge(Self.conditions(of: pattern)) { $1 } }
      var request = PolicyRequest(
        principal: caller.principal,
        action: action,
        resource: bus.arn,
        conditions: known,
        now: now
      )
      if let rule { request.resources.append(BusRule.arn(rule, on: bus)) }
      decision = document.decision(request)
    }
    if isOwner ? decision != .denied : decision == .allowed { return }
    let why =
      decision == .denied
      ? "with an explicit deny in a resource-based policy"
      : "because no resource-based policy allows the \(action) action"
    throw .denied(
      "User: \(caller.name) is not authorized to perform: \(action) on resource: "
        + "\(rule.map { BusRule.arn($0, on: bus) } ?? bus.arn) \(why)"
    )
  }

  /// Whether an account as a whole may do something with a bus.
  public func allows(_ account: String, _ action: String, on bus: BusReference, now: Int64 = 0) -> Bool {
    (try? authorize(.account(account), action, on: bus, now: now)) != nil
  }

  /// The bus that the ARN of a bus or a rule is about, and the rule.
  public static func place(ofARN text: String) -> (bus: BusReference, rule: String?)? {
    if let (bus, rule) = BusRule.parse(arn: text) { return (bus, rule) }
    guard let arn = ARN(text), arn.service == "events", arn.type == "event-bus" else { return nil }
    return (BusReference(scope: arn.scope, name: arn.name), nil)
  }

  /// What conditions may want to know of a pattern: the sources and detail types that it asks for by name.
  private static func conditions(of pattern: String) -> [String: [String]] {
    guard let value = try? JSONValue(parsing: pattern) else { return [:] }
    var conditions: [String: [String]] = [:]
    for name in ["source", "detail-type"] {
      guard case .array(let items)? = value[name] else { continue }
      let texts = items.compactMap(\.string)
      // One that is matched in another way is none that a policy could have meant.
      conditions["events:\(name)"] = texts.count == items.count ? texts : texts + ["*"]
    }
    return conditions
  }
}
