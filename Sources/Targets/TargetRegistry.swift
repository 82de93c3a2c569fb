// Every type of target and action: name, what it is for, and how one is made, in one place. Help, documentation and the
// engine read the same entries, so a new type is one entry and one file.

import AWSProtocols
public import Delivery
import Foundation
import Outbound
public import RuleFiles
import TrailEvents

/// The types of targets and actions.
public enum TargetRegistry {
  /// One type of target, for `send` steps.
  public struct TargetType: Sendable {
    /// The `type` in rule files.
    public let name: String
    /// What it is for, in one line.
    public let summary: String
    /// The definition of its settings in the JSON Schema of rule files.
    public let schema: String
    /// Makes a target; nothing while the type is not available yet.
    let make: (@Sendable (TargetDefinition, TargetContext) throws(TargetSetupError) -> any Target)?

    /// Whether targets of the type can be made.
    public var isAvailable: Bool { make != nil }
  }

  /// One type of action, for `run` steps.
  public struct ActionType: Sendable {
    /// The `type` in rule files.
    public let name: String
    /// What it is for, in one line.
    public let summary: String
    /// The definition of its settings in the JSON Schema of rule files.
    public let schema: String
    /// Makes what runs.
    let make: @Sendable (ActionDefinition, TargetContext) throws(TargetSetupError) -> any Target
  }

  /// The types of targets, in the order of documentation.
  public static let targetTypes: [TargetType] = [
    TargetType(
      name: "webhook",
      summary: "Posts to an HTTP endpoint, signed as Standard Webhooks says",
      schema: "webhook",
      make: webhook
    ),
    TargetType(name: "queue", summary: "Sends to a queue with SQS's semantics", schema: "queue", make: queue),
    TargetType(name: "topic", summary: "Gives every subscription its copy, as SNS does", schema: "topic", make: topic),
    TargetType(name: "bus", summary: "Hands the event to the rules of another bus", schema: "bus", make: bus),
    TargetType(name: "file", summary: "Appends JSON lines to a file and rotates it", schema: "file", make: file),
    TargetType(name: "stdout", summary: "Writes JSON lines to standard output", schema: "stdout", make: stdout),
    TargetType(name: "log-group", summary: "Writes to a log group", schema: "log-group", make: nil),
    TargetType(name: "lake", summary: "Stores in an event data store of the Lake", schema: "lake", make: nil),
    TargetType(name: "aws", summary: "Calls an AWS or compatible endpoint", schema: "aws", make: aws),
  ]

  /// The types of actions, in the order of documentation.
  public static let actionTypes: [ActionType] = [
    ActionType(name: "command", summary: "Runs a program with arguments", schema: "command", make: process),
    ActionType(name: "script", summary: "Runs a file of the repository", schema: "script", make: process),
  ]

  /// Makes the target of a definition.
  public static func target(
    for definition: TargetDefinition,
    in context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    let type = definition.settings.type
    let available = targetTypes.filter(\.isAvailable).map(\.name).joined(separator: ", ")
    guard let entry = targetTypes.first(where: { $0.name == type }) else {
      throw TargetSetupError("\(place(definition)): there is no target type \(type); there are \(available)")
    }
    guard let make = entry.make else {
      throw TargetSetupError(
        "\(place(definition)): targets of type \(type) are not available yet; there are \(available)"
      )
    }
    return try make(definition, context)
  }

  /// Makes what runs the action of a definition.
  public static func target(
    for definition: ActionDefinition,
    in context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    let type = definition.executable.type
    guard let entry = actionTypes.first(where: { $0.name == type }) else {
      let available = actionTypes.map(\.name).joined(separator: ", ")
      throw TargetSetupError("\(definition.position): there is no action type \(type); there are \(available)")
    }
    return try entry.make(definition, context)
  }

  // MARK: Constructors

  private static func place(_ definition: TargetDefinition) -> String {
    "\(definition.position): target '\(definition.id)'"
  }

  private static func unexpected(_ definition: TargetDefinition) -> TargetSetupError {
    TargetSetupError("\(place(definition)): its settings belong to type \(definition.settings.type)")
  }

  private static func webhook(
    _ definition: TargetDefinition,
    _ context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    guard case .webhook(let webhook) = definition.settings else { throw unexpected(definition) }
    let reader = SecretReader(environment: context.environment)
    let user = place(definition)
    var settings = WebhookTarget.Settings(url: try reader.value(of: webhook.url, for: user))
    settings.method = webhook.method
    if case .secret = webhook.url { settings.secrets += Redactor.parts(ofURL: settings.url) }
    for header in webhook.headers {
      let value = try reader.value(of: header.value, for: "\(user), header \(header.name)")
      var isSecret = false
      if case .secret = header.value { isSecret = true }
      if isSecret { settings.secrets += Redactor.parts(ofHeader: value) }
      settings.headers.append(HTTPHeader(header.name, value, isSecret: isSecret))
    }
    if let reference = webhook.signingSecret {
      let secret = try reader.value(of: reference, for: user)
      settings.secrets += Redactor.parts(ofSigningSecret: secret)
      do throws(TargetSetupError) {
        settings.signer = try WebhookSigner(secret: secret)
      } catch {
        throw TargetSetupError("\(user): \(reference): \(error.message)")
      }
    }
    if let proxy = webhook.proxy {
      settings.proxy = try reader.value(of: proxy, for: user)
      if case .secret = proxy { settings.secrets.append(settings.proxy ?? "") }
    }
    settings.network = definition.network == .any ? .any : .public
    if let timeout = definition.policy.timeout { settings.timeout = .seconds(timeout.seconds) }
    if let conditions = definition.policy.retryOn { settings.retryOn = .only(conditions) }
    return WebhookTarget(settings, http: context.http, version: context.version, now: context.now)
  }

  private static func queue(
    _ definition: TargetDefinition,
    _ context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    guard let name = MessagingSetup.queueName(of: definition) else { throw unexpected(definition) }
    guard let database = context.database else { throw TargetSetupError("\(place(definition)): there is no database") }
    return QueueTarget(queue: name, database: database, now: context.now)
  }

  private static func topic(
    _ definition: TargetDefinition,
    _ context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    guard let database = context.database else { throw TargetSetupError("\(place(definition)): there is no database") }
    return TopicTarget(
      topic: MessagingSetup.topicName(of: definition),
      database: database,
      served: context.topics,
      now: context.now
    )
  }

  private static func bus(
    _ definition: TargetDefinition,
    _ context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    guard case .bus(let name) = definition.settings else { throw unexpected(definition) }
    guard let publish = context.publish else {
      throw TargetSetupError("\(place(definition)): this command has no buses; `signalbox run` has")
    }
    return BusTarget(bus: name, publish: publish)
  }

  private static func file(
    _ definition: TargetDefinition,
    _ context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    guard case .file(let file) = definition.settings else { throw unexpected(definition) }
    let path = file.path.hasPrefix("/") ? file.path : "\(context.dataDirectory)/\(file.path)"
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    let engine = EngineOwnership(dataDirectory: context.dataDirectory)
    // Before the folder is made: it might be one in the engine's place.
    guard !engine.owns(path) else { throw engineFile(path, definition) }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw TargetSetupError("\(place(definition)): the folder \(folder.path) cannot be made; check its permissions")
    }
    guard !engine.owns(path) else { throw engineFile(path, definition) }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw TargetSetupError("\(place(definition)): \(path) is a folder; name a file in it")
    }
    var limits = RotatingFile.Limits()
    if let size = file.maxSize { limits.size = size }
    if let keep = file.keep { limits.keep = keep }
    let rotating = RotatingFile(path: path, limits: limits)
    let writer = LineWriter { lines throws(LineWriteError) in try rotating.append(lines) }
    return lineTarget(definition, writer, "appended to \(path)")
  }

  private static func engineFile(_ path: String, _ definition: TargetDefinition) -> TargetSetupError {
    TargetSetupError(
      "\(place(definition)): \(path) is a file of the engine's own (\(EngineFiles.prefix)… in the data directory), and "
        + "lines in it would destroy it; choose another path"
    )
  }

  private static func stdout(
    _ definition: TargetDefinition,
    _ context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    lineTarget(definition, context.standardOutput, "written to standard output")
  }

  private static func lineTarget(_ definition: TargetDefinition, _ writer: LineWriter, _ summary: String) -> LineTarget
  {
    var target = LineTarget(writer: writer, summary: summary)
    if let timeout = definition.policy.timeout { target.timeout = .seconds(timeout.seconds) }
    return target
  }

  private static func aws(
    _ definition: TargetDefinition,
    _ context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    guard case .aws(let aws) = definition.settings else { throw unexpected(definition) }
    let user = place(definition)
    guard let arn = ARN(aws.arn), let service = AWSService.named(in: arn), let resource = service.resource(of: arn)
    else {
      throw TargetSetupError("\(user): nothing can be sent to \(aws.arn); Docs/forwarding.md lists what can")
    }
    if let address = aws.endpoint, let complaint = AWSEndpoint.complaint(aboutAddress: address) {
      throw TargetSetupError("\(user): endpoint: \(complaint)")
    }
    if let region = aws.region, !AWSEndpoint.isRegion(region) {
      throw TargetSetupError("\(user): region: '\(region)' is not a Region")
    }
    let reader = SecretReader(environment: context.environment)
    let credentials = SigningCredentials(
      accessKeyID: try reader.value(of: aws.credentials.accessKeyID, for: user),
      secret: try reader.value(of: aws.credentials.secretAccessKey, for: user),
      sessionToken: try aws.credentials.sessionToken.map { token throws(TargetSetupError) in
        try reader.value(of: token, for: user)
      }
    )
    var endpoint = AWSEndpoint(
      address: aws.endpoint,
      region: aws.region,
      network: definition.network == .any ? .any : .public,
      credentials: { credentials }
    )
    if let timeout = definition.policy.timeout { endpoint.timeout = .seconds(timeout.seconds) }
    return AWSTarget(
      arn: arn,
      service: service,
      resource: resource,
      endpoint: endpoint,
      parameters: aws.parameters,
      accounts: nil,
      client: AWSClient(http: context.http, version: context.version, now: context.now)
    )
  }

  private static func process(
    _ definition: ActionDefinition,
    _ context: TargetContext
  ) throws(TargetSetupError) -> any Target {
    let user = "\(definition.position): action '\(definition.id)'"
    var settings: ProcessAction.Settings
    do throws(TargetSetupError) {
      var parameters: [ParameterRule] = []
      for parameter in definition.parameters {
        parameters.append(
          try ParameterRule(
            name: parameter.name,
            type: parameter.type,
            match: parameter.match?.value,
            defaultValue: parameter.defaultValue
          )
        )
      }
      switch definition.executable {
      case .command(let argv):
        settings = try ProcessAction.Settings(
          command: argv.map(\.value),
          id: definition.id,
          parameters: parameters,
          directory: absolute(URL(fileURLWithPath: definition.position.file).deletingLastPathComponent().path)
        )
      case .script(let file, let interpreter):
        settings = ProcessAction.Settings(
          script: absolute(file),
          interpreter: interpreter,
          id: definition.id,
          parameters: parameters
        )
      }
    } catch {
      throw TargetSetupError("\(user): \(error.message)")
    }
    let inherited = InheritedEnvironment(context.environment)
    settings.environment = inherited.variables
    settings.secrets = inherited.secrets
    let reader = SecretReader(environment: context.environment)
    for variable in definition.environment {
      // Templates are rendered with the plan and come with each delivery.
      guard case .secret(let reference) = variable.value else { continue }
      let value = try reader.value(of: reference, for: "\(user), env \(variable.name)")
      guard !value.utf8.contains(0) else { throw TargetSetupError("\(user): env \(variable.name) holds a NUL byte") }
      settings.environment.removeAll { $0.name == variable.name }
      settings.environment.append((variable.name, value))
      settings.secrets.append(value)
    }
    if let timeout = definition.policy.timeout { settings.timeout = .seconds(timeout.seconds) }
    settings.isIdempotent = definition.isIdempotent
    return ProcessAction(settings: settings, processes: context.processes)
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).path
  }
}
