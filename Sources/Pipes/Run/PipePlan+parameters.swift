// What a pipe tells a service elsewhere besides the payload: the parameters of its target, under the names that targets of
// rules have for them, so that a service is called the same way whoever calls it. Texts in them may be paths into the event.

internal import EventPatterns

/// A parameter whose texts may be paths into the event.
enum PipeParameter: Sendable {
  case text(PipeText)
  case list([PipeParameter])
  case members([(name: String, value: PipeParameter)])
  case plain(JSONValue)

  /// Throws ``PipeError`` for a text that begins as a path and is none.
  init(_ value: JSONValue) throws(PipeError) {
    switch value {
    case .string(let text): self = .text(try PipeText(text))
    case .array(let items):
      var list: [PipeParameter] = []
      for item in items { list.append(try PipeParameter(item)) }
      self = .list(list)
    case .object(let object):
      var members: [(name: String, value: PipeParameter)] = []
      for member in object.members { members.append((member.name, try PipeParameter(member.value))) }
      self = .members(members)
    default: self = .plain(value)
    }
  }

  /// The value for an event.
  func value(for event: PipeEvent) -> JSONValue {
    switch self {
    case .text(let text): .string(text.text(for: event))
    case .list(let items): .array(items.map { $0.value(for: event) })
    case .members(let members): .object(JSONObject(members.map { ($0.name, $0.value.value(for: event)) }))
    case .plain(let value): value
    }
  }
}

extension PipePlan {
  /// What the parameters of services are called where a rule's targets have another name for them.
  private static let ruleNames = [
    "KinesisStreamParameters": "KinesisParameters", "EcsTaskParameters": "EcsParameters",
    "BatchJobParameters": "BatchParameters",
  ]

  static func parameters(
    of target: PipeTarget,
    _ bus: BusTexts
  ) throws(PipeError) -> [(name: String, value: PipeParameter)] {
    var parameters: [(name: String, value: PipeParameter)] = []
    for (name, text) in target.others.sorted(by: { $0.key < $1.key }) {
      guard let value = try? JSONValue(parsing: text) else { continue }
      parameters.append((ruleNames[name] ?? name, try PipeParameter(value)))
    }
    if let queue = target.queue {
      var members: [(name: String, value: PipeParameter)] = []
      if let group = queue.groupID { members.append(("MessageGroupId", .text(try PipeText(group)))) }
      if let id = queue.deduplicationID { members.append(("MessageDeduplicationId", .text(try PipeText(id)))) }
      parameters.append(("SqsParameters", .members(members)))
    }
    if PipeDestination.Kind(target.arn) == .bus {
      var members: [(name: String, value: PipeParameter)] = [
        ("Source", .text(bus.source)), ("DetailType", .text(bus.detailType)),
        ("Resources", .list(bus.resources.map { .text($0) })),
      ]
      if let time = bus.time { members.append(("Time", .text(time))) }
      parameters.append(("EventBridgeParameters", .members(members)))
    }
    return parameters
  }
}
