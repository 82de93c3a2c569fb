// PutRule and what follows it. Rules of files are found like any other, and refuse to be changed.

public import EventPatterns
internal import RuleFiles
internal import TrailEvents

/// What PutRule is given; it replaces all of it.
public struct RuleSettings: Sendable, Equatable {
  /// What events the rule takes.
  public var pattern: String?
  /// When it fires on its own.
  public var schedule: String?
  /// Whether it takes events.
  public var state: BusRule.State
  /// What it is for.
  public var description: String?
  /// The role for its targets.
  public var roleARN: String?

  /// Makes settings.
  public init(
    pattern: String? = nil,
    schedule: String? = nil,
    state: BusRule.State = .enabled,
    description: String? = nil,
    roleARN: String? = nil
  ) {
    self.pattern = pattern
    self.schedule = schedule
    self.state = state
    self.description = description
    self.roleARN = roleARN
  }
}

extension Catalog {
  /// The rule, or `ResourceNotFoundException`.
  public func rule(_ name: String, on bus: BusReference) throws(BusError) -> BusRule {
    _ = try self.bus(bus)
    if let rule = self[bus.scope].rules[BusRule.key(bus: bus.name, name: name)] ?? fileRule(name, on: bus.name) {
      return rule
    }
    throw .notFound("Rule \(name) does not exist on EventBus \(bus.name).")
  }

  /// The rules of a bus whose names begin so, those of files included, in the order of their names.
  public func rules(on bus: BusReference, prefix: String? = nil) throws(BusError) -> [BusRule] {
    _ = try self.bus(bus)
    let own = self[bus.scope].rules(of: bus.name)
    let names = Set(own.map(\.name))
    return (own + (fileRules[bus.name] ?? []).filter { !names.contains($0.name) })
      .filter { $0.name.hasPrefix(prefix ?? "") }
      .sorted { $0.name < $1.name }
  }

  /// The names of the rules of a bus that have a target with an ARN.
  public func ruleNames(withTarget arn: String, on bus: BusReference) throws(BusError) -> [String] {
    try rules(on: bus).filter { $0.targets.contains { $0.arn == arn } }.map(\.name)
  }

  /// Makes a rule or replaces its settings; targets stay.
  ///
  /// - Returns: the rule's ARN.
  @discardableResult
  public mutating func putRule(
    _ name: String,
    _ settings: RuleSettings,
    tags: [ResourceTag] = [],
    on bus: BusReference,
    by caller: String,
    now: Int64
  ) throws(BusError) -> String {
    let settings = try checked(settings, on: bus)
    _ = try self.bus(bus)
    // Also where both are there already: one of them has to go, and it is not the file's that the API may write.
    if fileRule(name, on: bus.name) != nil { throw Self.standsInAFile(name) }
    let old = self[bus.scope].rules[BusRule.key(bus: bus.name, name: name)]
    if let manager = old?.managedBy { throw .managed("Rule \(name) is managed by \(manager).") }
    guard old != nil || self[bus.scope].rules(of: bus.name).count < limits.rulesPerBus else { throw .limit() }
    // To enable a rule again starts its rate anew, as to change it does.
    let keepsTime = old?.schedule == settings.schedule && old?.state == settings.state
    let rule = BusRule(
      name: name,
      bus: bus.name,
      pattern: settings.pattern,
      schedule: settings.schedule,
      state: settings.state,
      description: settings.description,
      roleARN: settings.roleARN,
      createdBy: old?.createdBy ?? caller,
      createdAt: old?.createdAt ?? now,
      scheduledAt: keepsTime ? old?.scheduledAt ?? now : now,
      targets: old?.targets ?? []
    )
    self[bus.scope].rules[rule.key] = rule
    let arn = rule.arn(in: bus.scope)
    // AWS takes tags when a rule is made, and leaves them alone when it is changed.
    if old == nil, !tags.isEmpty { try tag(arn, tags, in: bus.scope) }
    return arn
  }

  private func checked(_ settings: RuleSettings, on bus: BusReference) throws(BusError) -> RuleSettings {
    var settings = settings
    if settings.pattern == "" { settings.pattern = nil }
    if settings.schedule == "" { settings.schedule = nil }
    guard settings.pattern != nil || settings.schedule != nil else {
      throw .validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    }
    if let schedule = settings.schedule {
      guard bus.name == EventBus.defaultName else {
        throw .validation("ScheduleExpression is supported only on the default event bus.")
      }
      guard (try? Schedule(parsing: schedule)) != nil else {
        throw .validation("Parameter ScheduleExpression is not valid.")
      }
    }
    if let pattern = settings.pattern { try check(pattern) }
    try Self.checkRole(settings.roleARN)
    return settings
  }

  /// Refuses a pattern that is none, or that is longer than the quota allows.
  func check(_ pattern: String) throws(BusError) {
    guard pattern.unicodeScalars.count <= limits.patternLength else {
      throw .limit(
        "The event pattern exceeds the maximum number of characters allowed, \(limits.patternLength)."
      )
    }
    _ = try Self.compiled(pattern)
  }

  /// Refuses what is no role's ARN.
  static func checkRole(_ text: String?) throws(BusError) {
    guard let text else { return }
    guard let arn = ARN(text), arn.service == "iam", arn.type == "role", !arn.name.isEmpty else {
      throw .validation("Parameter RoleArn is not valid. Reason: Provided Arn is not in correct format.")
    }
  }

  /// Compiles a pattern, or says in EventBridge's words why not.
  public static func compiled(_ pattern: String) throws(BusError) -> EventPattern {
    do throws(PatternError) {
      return try EventPattern(parsing: pattern)
    } catch {
      throw .invalidPattern(error.eventBridgeMessage(for: Array(pattern.utf8)))
    }
  }

  /// Removes a rule; one that is not there is no error.
  ///
  /// - Parameter force: also a rule that somebody manages on behalf of the account.
  public mutating func deleteRule(_ name: String, on bus: BusReference, force: Bool = false) throws(BusError) {
    _ = try self.bus(bus)
    try checkIsNoFileRule(name, on: bus)
    guard let rule = self[bus.scope].rules[BusRule.key(bus: bus.name, name: name)] else { return }
    try checkIsNotManaged(rule, force: force)
    guard rule.targets.isEmpty else { throw .validation("Rule can't be deleted since it has targets.") }
    self[bus.scope].rules[rule.key] = nil
    self[bus.scope].tags[rule.arn(in: bus.scope)] = nil
  }

  /// Switches a rule on or off.
  public mutating func setState(
    _ state: BusRule.State,
    of name: String,
    on bus: BusReference,
    now: Int64
  ) throws(BusError) {
    var rule = try rule(name, on: bus)
    try checkIsNoFileRule(name, on: bus)
    try checkIsNotManaged(rule, force: false)
    if rule.state == .disabled, state != .disabled { rule.scheduledAt = now }
    rule.state = state
    self[bus.scope].rules[rule.key] = rule
  }

  // MARK: Managed rules

  func fileRule(_ name: String, on bus: String) -> BusRule? {
    fileRules[bus]?.first { $0.name == name }
  }

  func checkIsNoFileRule(_ name: String, on bus: BusReference) throws(BusError) {
    // A rule that the API made before the file was written is the API's to remove.
    guard self[bus.scope].rules[BusRule.key(bus: bus.name, name: name)] == nil, fileRule(name, on: bus.name) != nil
    else { return }
    throw Self.standsInAFile(name)
  }

  static func standsInAFile(_ name: String) -> BusError {
    .managed("Rule \(name) is defined in a rule file of this installation; change it there.")
  }

  /// The ARNs of the API's rules that have the bus and name of a rule in a file: clients see these only.
  var rulesNamedLikeThoseOfFiles: [String] {
    regions.flatMap { scope, region in
      region.rules.values.filter { fileRule($0.name, on: $0.bus) != nil }.map { $0.arn(in: scope) }
    }
    .sorted()
  }

  func checkIsNotManaged(_ rule: BusRule, force: Bool) throws(BusError) {
    guard let manager = rule.managedBy, !force else { return }
    throw .managed("Rule \(rule.name) is managed by \(manager); set Force to change it all the same.")
  }
}
