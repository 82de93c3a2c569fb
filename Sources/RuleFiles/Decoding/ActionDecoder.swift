// `kind: Action` documents and inline actions, out of YAML whose shape has been checked.

import EventPatterns

extension ActionDefinition {
  /// Decodes an action; nothing if its type is unknown or it says nothing to run.
  ///
  /// `names` are what the placeholders of an inline action may name besides its parameters.
  init?(_ node: YAMLNode, id: String, names: [String] = [], _ context: inout DecodingContext) {
    let parameters = (node["params"]?.members ?? []).map { Parameter($0, &context) }
    let names = parameters.map(\.name) + names
    guard let executable = Executable(node, names: names, &context) else { return nil }
    var environment: [(name: String, value: EnvironmentValue)] = []
    for member in node["env"]?.members ?? [] {
      if !Identifier.isEnvironmentName(member.key) {
        let message = "'\(member.key)' is not the name of an environment variable"
        context.log.report(.invalidValue, at: member.keyPosition, message, hint: "use A-Z, 0-9 and _")
      }
      if let secret = member.value.members == nil ? nil : member.value.secret {
        environment.append((member.key, .secret(secret)))
      } else if member.value.text != nil, let template = context.template(member.value, names: names) {
        environment.append((member.key, .template(template)))
      }
    }
    self.init(
      id: id,
      description: node["description"]?.text,
      executable: executable,
      parameters: parameters,
      environment: environment,
      emits: node["emits"]?.itemsOrSelf.map(\.json) ?? [],
      isIdempotent: node["idempotent"]?.boolean ?? false,
      policy: DeliveryPolicy(node, &context),
      secrets: (node["env"]?.members ?? []).compactMap(\.value.locatedSecret),
      position: node.position
    )
  }
}

extension ActionDefinition.Executable {
  fileprivate init?(_ node: YAMLNode, names: [String], _ context: inout DecodingContext) {
    switch node["type"]?.text {
    case "command":
      guard let items = node["argv"]?.itemsOrSelf, !items.isEmpty else { return nil }
      var arguments: [Located<Template>] = []
      for item in items {
        guard let text = item.text else { continue }
        // An argument is text, whatever YAML takes it for: `[kill, -9, 012]`.
        let node = YAMLNode(
          content: .scalar(YAMLScalar(text: text, isPlain: false, textColumn: item.scalar?.textColumn)),
          position: item.position
        )
        if let template = context.template(node, names: names) { arguments.append(template) }
      }
      if let program = arguments.first, !program.value.placeholders.isEmpty {
        let message = "the program of a command cannot come from a placeholder"
        context.log.report(
          .invalidValue,
          at: program.position,
          message,
          hint: "name the program, or use several actions"
        )
      }
      self = .command(argv: arguments)
    case "script":
      guard let name = node["file"], let text = name.text else { return nil }
      let path = DecodingContext.path(of: text, besides: name.position.file)
      let hint = "the path counts from the rule file's folder"
      if text.hasPrefix("/") || !context.files.holds(path) {
        let message = "the script '\(text)' is not a file of the repository"
        let program = "for a program of the system write `type: command`"
        context.log.report(.missingFile, at: name.position, message, hint: "\(hint); \(program)")
      } else {
        do {
          _ = try context.files.read(path)
        } catch {
          let message = "the script '\(text)' cannot be read: \(error)"
          context.log.report(.missingFile, at: name.position, message, hint: hint)
        }
      }
      self = .script(file: path, interpreter: node["interpreter"]?.texts ?? [])
    default: return nil
    }
  }
}

extension ActionDefinition.Parameter {
  fileprivate init(_ member: YAMLMember, _ context: inout DecodingContext) {
    let node = member.value
    self.init(
      name: member.key,
      type: node["type"]?.word() ?? .string,
      match: node["match"].flatMap { match in match.text.map { Located($0, at: match.position) } },
      defaultValue: node["default"]?.text,
      description: node["description"]?.text
    )
    if member.key.isEmpty || !member.key.utf8.allSatisfy(FieldPathReader.isPlain) {
      let hint = "use letters, digits, '-' and '_'"
      context.log.report(.invalidValue, at: member.keyPosition, "'\(member.key)' is not a parameter's name", hint: hint)
    }
    if let match { context.checkExpression(match) }
    if let defaultValue, let refusal = refusal(of: defaultValue) {
      let place = node["default"]?.position ?? node.position
      context.log.report(.invalidValue, at: place, "the default of '\(name)' \(refusal)")
    }
  }
}
