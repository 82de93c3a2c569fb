// The rules of rule files, as buses see them.

public import Decisions
public import Delivery
internal import EventPatterns
internal import RuleFiles
internal import Storage

/// A rule set that is in force on the buses.
public struct FileRules: Sendable {
  /// The rules.
  public var rules: RuleSet
  /// The ways to their targets and actions.
  public var routes: RouteTable

  /// Makes a set.
  public init(rules: RuleSet, routes: RouteTable) {
    self.rules = rules
    self.routes = routes
  }

  /// Whether what a step sends is handed on within the engine, where calls of its API get at it.
  func staysHere(_ target: String, _ kind: DeliveryKind) -> Bool {
    guard kind == .send else { return false }
    return switch rules.repository.target(target)?.settings {
    case .queue, .topic, .bus: true
    default: false
    }
  }

  /// The rules as the API shows them: managed, and not to be changed there.
  ///
  /// Drafts take no events, and shadow rules let nothing out; both show as disabled.
  func managedRules(now: Int64) -> [String: [BusRule]] {
    var rules: [String: [BusRule]] = [:]
    for rule in self.rules.repository.rules {
      let steps = rule.steps.map { step in
        RuleTarget(id: step.id, arn: "arn:aws:events:::target/\(step.reference)")
      }
      rules[rule.bus, default: []].append(
        BusRule(
          name: rule.id,
          bus: rule.bus,
          pattern: rule.pattern.map { String(decoding: $0.json, as: UTF8.self) },
          schedule: rule.schedule?.description,
          state: rule.stage.isLive ? .enabled : .disabled,
          description: rule.title.isEmpty ? rule.description : rule.title,
          managedBy: "signalbox",
          createdBy: "signalbox",
          isFromFile: true,
          createdAt: now,
          scheduledAt: now,
          targets: steps
        )
      )
    }
    return rules.mapValues { $0.sorted { $0.name < $1.name } }
  }
}
