// A rule set that is in force, with the ways to its targets. It is made aside, complete, and then swapped in; a
// generation with a mistake in it never comes into force.

internal import Decisions
internal import Delivery
internal import Foundation
public import RuleFiles
internal import Storage
internal import Targets

/// A loaded rule set.
struct RuleGeneration: Sendable {
  /// Counts reloads, from 1.
  var number: Int
  var rules: RuleSet
  var routes: RouteTable
  /// What is worth knowing about the rules, though it does not keep them from coming into force.
  var warnings: [Diagnostic]

  var hash: String { rules.repository.hash }
}

/// Why rules cannot come into force.
public struct RuleRefusal: Error, Sendable, CustomStringConvertible {
  /// What is wrong in the rule files.
  public var diagnostics: [Diagnostic]
  /// What is wrong around them: a secret that is not there, a target that cannot be made.
  public var problems: [String]

  /// Everything, a line each.
  public var description: String {
    (diagnostics.filter { $0.severity == .error }.map(\.description) + problems).joined(separator: "\n")
  }

  /// Whether something in the rule files is wrong; otherwise it is files that cannot be read, or what is around them.
  public var isAboutRules: Bool {
    diagnostics.contains { $0.severity == .error && $0.code != .unreadableFile }
  }
}

/// Makes generations of the rule set.
struct RuleKeeper: Sendable {
  let configuration: SignalboxConfiguration
  let context: TargetContext

  /// Reads the rules and makes everything that they need. Blocks.
  func load(number: Int, now: Int64) throws -> RuleGeneration {
    let loaded = RuleRepository.load(configuration.rules)
    guard let repository = loaded.repository else {
      throw RuleRefusal(diagnostics: loaded.diagnostics, problems: [])
    }
    if let target = repository.target(configuration.deadLetterQueue), target.queueName == nil {
      let message = "'\(target.id)' is the settings' queue of what could not be delivered, and this is no queue"
      let hint = "choose another id; what is given up would not come here"
      let refused = Diagnostic(.notAQueue, at: target.position, message, hint: hint)
      throw RuleRefusal(diagnostics: [refused], problems: [])
    }
    let rules: RuleSet
    do throws(Diagnostic) {
      rules = try RuleSet(repository)
    } catch {
      throw RuleRefusal(diagnostics: [error], problems: [])
    }
    let routes = try routes(of: repository)
    if let database = context.database { try MessagingSetup.prepare(repository.targets, in: database, now: now) }
    return RuleGeneration(
      number: number,
      rules: rules,
      routes: routes,
      warnings: loaded.diagnostics.filter { $0.severity == .warning }
    )
  }

  private func routes(of repository: RuleRepository) throws(RuleRefusal) -> RouteTable {
    var table = RouteTable()
    var problems: [String] = []
    func deadLetterQueue(_ policy: DeliveryPolicy) -> String {
      let id = policy.deadLetter ?? configuration.deadLetterQueue
      return repository.target(id).flatMap(MessagingSetup.queueName) ?? id
    }
    table.deadLetterQueue = deadLetterQueue(DeliveryPolicy())
    func add(
      _ kind: DeliveryKind,
      _ id: String,
      _ policy: DeliveryPolicy,
      _ position: SourcePosition,
      secrets: [Located<SecretReference>],
      isLive: Bool,
      _ make: () throws(TargetSetupError) -> any Target
    ) {
      do throws(TargetSetupError) {
        table[kind, id] = Route(
          target: try make(),
          policy: policy,
          defaults: configuration.defaults,
          deadLetterQueue: deadLetterQueue(policy)
        )
      } catch {
        // Something may still be in the outbox for what no live rule uses; but a rule that is only tried out must not
        // ask for secrets that are not there yet.
        guard isLive else { return }
        let place = "\(position): "
        let message = error.message.hasPrefix(place) ? String(error.message.dropFirst(place.count)) : error.message
        guard let missing = error.missing, let secret = secrets.first(where: { $0.value == missing }) else {
          problems.append("\(place)error: \(message)")
          return
        }
        problems.append(Diagnostic(.missingSecret, at: secret.position, message).description)
      }
    }
    let live = LiveDefinitions(repository)
    for target in repository.targets {
      add(
        .send,
        target.id,
        target.policy,
        target.position,
        secrets: target.secrets,
        isLive: live.targets.contains(target.id)
      ) {
        () throws(TargetSetupError) in
        try TargetRegistry.target(for: target, in: context)
      }
    }
    for action in repository.actions {
      add(
        .run,
        action.id,
        action.policy,
        action.position,
        secrets: action.secrets,
        isLive: live.actions.contains(action.id)
      ) {
        () throws(TargetSetupError) in
        try TargetRegistry.target(for: action, in: context)
      }
    }
    guard problems.isEmpty else { throw RuleRefusal(diagnostics: [], problems: problems) }
    return table
  }
}

/// The targets and actions that something can go to: those of rules at a live stage, and what topics hand on to.
package struct LiveDefinitions {
  /// The ids of targets that live rules send to, directly or through topics.
  package private(set) var targets: Set<String> = []
  /// The ids of actions that rules at the stage `enforce` run.
  package private(set) var actions: Set<String> = []

  /// Looks through the rules of a repository.
  package init(_ repository: RuleRepository) {
    var open: [String] = []
    for rule in repository.rules where rule.stage.isLive {
      for step in rule.steps {
        switch step.operation {
        case .send(let id): open.append(id)
        case .run(let id): if rule.stage == .enforce { actions.insert(id) }
        }
      }
    }
    while let id = open.popLast() {
      guard targets.insert(id).inserted, let target = repository.target(id) else { continue }
      if case .topic(let subscriptions) = target.settings { open += subscriptions }
    }
  }
}
