// All decoded documents together, and the checks that need more than one of them.

import EventPatterns

/// The decoded documents of a repository.
struct DecodedSet {
  private(set) var rules: [Rule] = []
  private(set) var targets: [TargetDefinition] = []
  private(set) var actions: [ActionDefinition] = []
  private(set) var lists: [ValueList] = []

  /// Decodes documents.
  init(
    _ documents: [RuleDocument],
    defaultsOf: (_ file: String) -> FolderDefaults,
    _ context: inout DecodingContext
  ) {
    for document in documents {
      // What has no id of its own is decoded all the same, for what there is to say about it.
      let id = document.id ?? "?"
      let node = document.node
      switch document.kind {
      case .target:
        if let target = TargetDefinition(node, id: id, &context) { targets.append(target) }
      case .action:
        if let action = ActionDefinition(node, id: id, &context) { actions.append(action) }
      case .list:
        let items = node["items"]?.itemsOrSelf.map(\.json) ?? []
        let description = node["description"]?.text
        lists.append(ValueList(id: id, description: description, items: items, position: node.position))
      case .rule:
        let decoded = DecodedRule(node, id: id, defaults: defaultsOf(node.position.file), &context)
        rules.append(decoded.rule)
        targets += decoded.targets
        actions += decoded.actions
      case .correlation: Self.checkCorrelation(node, defaults: defaultsOf(node.position.file), &context)
      }
    }
  }

  private static func checkCorrelation(
    _ node: YAMLNode,
    defaults: FolderDefaults,
    _ context: inout DecodingContext
  ) {
    for rule in node["rules"]?.itemsOrSelf ?? [] { _ = context.reference(rule, to: .rule) }
    let wanted: Stage = node["stage"]?.word() ?? .notify
    let stage = defaults.maxStage.map { min($0, wanted) } ?? wanted
    guard stage.isLive else { return }
    context.log.report(
      .notAvailableYet,
      at: node["kind"]?.position ?? node.position,
      "correlations are not available yet, and this one is live (stage \(stage.rawValue))",
      hint: "set `stage: shadow` or `draft`"
    )
  }

  // MARK: Checks across documents

  /// Checks what documents ask of each other.
  func checkReferences(_ context: inout DecodingContext) {
    let targets = Dictionary(self.targets.map { ($0.id, $0) }) { first, _ in first }
    let actions = Dictionary(self.actions.map { ($0.id, $0) }) { first, _ in first }
    for (id, position) in context.queueReferences {
      guard let target = targets[id] else { continue }
      if case .queue = target.settings { continue }
      let message = "'\(id)' is a \(target.settings.type) and has to be a queue"
      context.log.report(.notAQueue, at: position, message, hint: "name a target with `type: queue`")
    }
    checkCycles(targets, &context)
    checkQueues(targets, &context)
    for rule in rules {
      for step in rule.steps {
        switch step.operation {
        case .run(let id):
          if let action = actions[id] { Self.checkParameters(of: step, action, &context) }
        case .send(let id):
          if let target = targets[id] { Self.checkTarget(target, of: step, in: rule, targets, &context) }
        }
      }
    }
  }

  private static func checkParameters(
    of step: Step,
    _ action: ActionDefinition,
    _ context: inout DecodingContext
  ) {
    let known = action.parameters.map(\.name)
    for given in step.parameters where !known.contains(given.name) {
      let hint =
        known.isEmpty ? "it has none; declare it under `params`" : Suggestion.hint(for: given.name, among: known)
      let message = "the action '\(action.id)' has no parameter '\(given.name)'"
      context.log.report(.unknownParameter, at: given.value.position, message, hint: hint)
    }
    for given in step.parameters {
      guard let parameter = action.parameters.first(where: { $0.name == given.name }),
        let text = given.value.value.fixedText, let refusal = parameter.refusal(of: text)
      else { continue }
      let message = "the value of '\(given.name)' \(refusal)"
      context.log.report(.invalidValue, at: given.value.position, message, hint: "the action '\(action.id)' refuses it")
    }
    for parameter in action.parameters where parameter.defaultValue == nil {
      guard !step.parameters.contains(where: { $0.name == parameter.name }) else { continue }
      let message = "the action '\(action.id)' needs the parameter '\(parameter.name)'"
      context.log.report(.missingParameter, at: step.position, message, hint: "add `with: {\(parameter.name): …}`")
    }
  }

  private static func checkTarget(
    _ target: TargetDefinition,
    of step: Step,
    in rule: Rule,
    _ targets: [String: TargetDefinition],
    _ context: inout DecodingContext
  ) {
    guard rule.stage.isLive else { return }
    var seen: Set<String> = []
    var open = [target]
    while let target = open.popLast() {
      guard seen.insert(target.id).inserted else { continue }
      if !target.settings.isAvailable {
        context.log.report(
          .notAvailableYet,
          at: step.position,
          "targets of type '\(target.settings.type)' are not available yet, and the rule is live "
            + "(stage \(rule.stage.rawValue))",
          hint: "send to another target, or set `stage: shadow` or `draft`"
        )
      }
      if case .bus(let name) = target.settings, name == rule.bus {
        let message = "the rule listens on the bus '\(name)' and would get its own events back"
        context.log.report(.referenceCycle, at: step.position, message, hint: "send to another bus")
      }
      if case .topic(let subscriptions) = target.settings { open += subscriptions.compactMap { targets[$0] } }
    }
  }

  /// Targets that stand for one queue have to agree about it, and no queue moves messages to itself.
  private func checkQueues(_ targets: [String: TargetDefinition], _ context: inout DecodingContext) {
    var first: [String: (target: TargetDefinition, wish: QueueWish)] = [:]
    for target in self.targets {
      guard case .queue(let queue) = target.settings else {
        if target.id == QueueLimits.deadLetterQueue {
          let message =
            "'\(target.id)' is the queue of what could not be delivered, and this is a \(target.settings.type)"
          let hint = "choose another id; what is given up would not come here"
          context.log.report(.notAQueue, at: target.position, message, hint: hint)
        }
        continue
      }
      let other = queue.redriveTo.flatMap { targets[$0] }?.queueName
      if other == queue.name, queue.redriveTo != target.id {
        let message =
          "the queue '\(queue.name)' would move messages to itself: '\(queue.redriveTo ?? "")' is the same queue"
        context.log.report(.referenceCycle, at: target.position, message, hint: "give one of them another name")
      }
      let wish = QueueWish(queue, redriveTo: other)
      if let known = first[queue.name], known.wish != wish {
        let message = "the queue '\(queue.name)' has other settings here than at '\(known.target.id)'"
        let hint = "write the same at \(known.target.position), use one target for both, or name another queue"
        context.log.report(.conflictingQueues, at: target.position, message, hint: hint)
      } else {
        first[queue.name] = (target, wish)
      }
    }
  }

  /// How a target wants its queue to behave.
  private struct QueueWish: Equatable {
    var times: [TimeSpan?]
    var maxReceiveCount: Int?
    var redriveTo: String?

    init(_ queue: TargetDefinition.Queue, redriveTo: String?) {
      times = [queue.visibilityTimeout, queue.retention]
      maxReceiveCount = queue.maxReceiveCount
      self.redriveTo = redriveTo
    }
  }

  /// Topics that hand copies to themselves, queues that move messages to themselves.
  private func checkCycles(_ targets: [String: TargetDefinition], _ context: inout DecodingContext) {
    func successors(_ target: TargetDefinition) -> [String] {
      switch target.settings {
      case .topic(let subscriptions): subscriptions
      case .queue(let queue): queue.redriveTo.map { [$0] } ?? []
      default: []
      }
    }
    for target in self.targets {
      var seen: Set<String> = []
      var open = successors(target)
      while let id = open.popLast() {
        if id == target.id {
          let message = "the target '\(id)' leads back to itself"
          context.log.report(.referenceCycle, at: target.position, message, hint: "remove one of the references")
          break
        }
        if seen.insert(id).inserted, let next = targets[id] { open += successors(next) }
      }
    }
  }

  /// The scripts of the actions with their texts, by path.
  func scripts(_ readFile: (String) throws(FileProblem) -> [UInt8]) -> [String: [UInt8]] {
    var scripts: [String: [UInt8]] = [:]
    for action in actions {
      if case .script(let file, _) = action.executable { scripts[file] = try? readFile(file) }
    }
    return scripts
  }
}
