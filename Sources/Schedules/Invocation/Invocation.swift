// An invocation as a row of the outbox. It has all that is needed to make it: what becomes of its schedule, which may be
// gone as soon as it has fired, does not matter to it.

internal import Decisions
internal import EventPatterns
internal import RuleFiles
internal import Storage
internal import TrailEvents

/// An invocation of a schedule's target.
struct Invocation: Sendable {
  /// Names of what an invocation brings along beside its input.
  enum Parameter {
    static let role = "role"
    static let messageGroup = "message-group"
    static let source = "source"
    static let detailType = "detail-type"
  }

  let lane: InvocationLane
  private let id: String
  private let schedule: ARN
  private let name: String
  private let scope: Scope
  private let target: ScheduleTarget
  private let time: RuleFiles.Instant

  init(of schedule: ScheduleRecord, at occurrence: RuleFiles.Instant, in scope: Scope) {
    let definition = schedule.definition
    target = definition.target
    name = definition.name
    time = occurrence
    self.scope = scope
    self.schedule = definition.arn(in: scope)
    id = StableID.invocation(of: self.schedule.description, since: schedule.timedAt, at: occurrence.seconds)
    lane = InvocationLane(target, in: scope)
  }

  /// The row.
  func delivery(now: Int64) -> DecidedDelivery {
    var parameters = [
      DeliveryParameter(name: DeadLetter.Attribute.scheduledTime, value: time.description),
      DeliveryParameter(name: Parameter.role, value: target.roleARN),
    ]
    let others = [
      (Parameter.messageGroup, target.messageGroupID), (Parameter.source, target.event?.source),
      (Parameter.detailType, target.event?.detailType),
    ]
    for case (let name, let value?) in others { parameters.append(DeliveryParameter(name: name, value: value)) }
    for (name, value) in target.others.sorted(by: { $0.key < $1.key }) {
      parameters.append(DeliveryParameter(name: name, value: value))
    }
    return DecidedDelivery(
      deliveryID: StableID.delivery(event: id, rule: schedule.description, step: "target"),
      eventID: id,
      ruleID: schedule.description,
      ruleTitle: name,
      ruleSetHash: "",
      stepID: "target",
      targetID: lane.text,
      kind: .send,
      state: .pending,
      decidedAt: now,
      parameters: parameters,
      payload: Array(input.utf8)
    )
  }

  /// The input with what is known of the invocation; the number of the attempt is put in when there is one.
  private var input: String {
    guard let text = target.input else { return notification }
    guard text.contains("<aws.scheduler.") else { return text }
    return text.replacing("<aws.scheduler.schedule-arn>", with: schedule.description)
      .replacing("<aws.scheduler.scheduled-time>", with: time.description)
      .replacing("<aws.scheduler.execution-id>", with: id)
  }

  /// What a target gets that is handed nothing else.
  private var notification: String {
    JSONValue.members([
      "version": .string("0"),
      "id": .string(id),
      "detail-type": .string("Scheduled Event"),
      "source": .string("aws.scheduler"),
      "account": .string(scope.account),
      "time": .string(time.description),
      "region": .string(scope.region),
      "resources": .array([.string(schedule.description)]),
      // A text, as AWS sends it.
      "detail": .string("{}"),
    ]).text
  }
}

/// The lane of invocations: those of one target, with one policy, of one account and Region.
struct InvocationLane: Sendable, Equatable {
  private static let mark = "scheduler"

  var scope: Scope
  var target: String
  var retryAttempts: Int
  var retryAge: Int
  var deadLetterARN: String?

  init(_ target: ScheduleTarget, in scope: Scope) {
    self.scope = scope
    self.target = target.arn
    retryAttempts = target.retryAttempts
    retryAge = target.retryAge
    deadLetterARN = target.deadLetterARN
  }

  /// Reads a lane's name; nothing for the lanes of others.
  init?(_ text: String) {
    let parts = text.split(separator: "|", maxSplits: 6, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 7, parts[0] == Self.mark, let attempts = Int(parts[3]), let age = Int(parts[4]) else {
      return nil
    }
    scope = Scope(account: parts[1], region: parts[2])
    retryAttempts = attempts
    retryAge = age
    deadLetterARN = parts[5].isEmpty ? nil : parts[5]
    target = parts[6]
  }

  /// Its name; `|` stands in none of its parts but the last.
  var text: String {
    "\(Self.mark)|\(scope.account)|\(scope.region)|\(retryAttempts)|\(retryAge)|\(deadLetterARN ?? "")|\(target)"
  }
}
