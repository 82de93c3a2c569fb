// A delivery that is given up leaves its event in a dead-letter queue, with the attributes that EventBridge puts on one
// (Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events"), so that tools written for
// EventBridge's read ours. It is written by the transaction that settles the delivery: there is no moment in which the
// event is in neither place.

internal import Foundation
internal import GRDB

/// Why a delivery was given up, and where its event goes.
public struct DeadLetter: Sendable, Equatable {
  /// The limit of the retry policy that was reached.
  public enum ExhaustedCondition: String, Sendable {
    /// The attempts allowed were made.
    case maximumRetryAttempts = "MaximumRetryAttempts"
    /// The event became too old.
    case maximumEventAge = "MaximumEventAgeInSeconds"
  }

  /// Names of message attributes on a dead letter.
  public enum Attribute {
    /// The rule's ARN.
    public static let ruleARN = "RULE_ARN"
    /// The target's ARN.
    public static let targetARN = "TARGET_ARN"
    /// EventBridge's error code.
    public static let errorCode = "ERROR_CODE"
    /// What happened, for a person.
    public static let errorMessage = "ERROR_MESSAGE"
    /// The limit that was reached; absent when a retry would have been pointless.
    public static let exhaustedRetryCondition = "EXHAUSTED_RETRY_CONDITION"
    /// How many retries were made after the first attempt.
    public static let retryAttempts = "RETRY_ATTEMPTS"
    /// The schedule's ARN, in the place of a rule's.
    public static let scheduleARN = "SCHEDULE_ARN"
    /// The time that a schedule's target was to be invoked at.
    public static let scheduledTime = "SCHEDULED_TIME"
    /// The id of a schedule's invocation.
    public static let executionID = "EXECUTION_ID"
    /// Whether the body is not the whole input of a schedule's target: never, here.
    public static let isPayloadTruncated = "IS_PAYLOAD_TRUNCATED"
    /// Our own: the delivery that a redrive puts back into the outbox.
    public static let deliveryID = "SIGNALBOX_DELIVERY_ID"
  }

  /// The `SenderId` of what EventBridge itself sends to queues, on every queue in AWS: the user that it sends as.
  public static let eventBridgeSender = "AIDAJXNJGGKNS7OSV23OI"

  /// The parameter of a delivery that has the attributes of a topic's message, as queues store them: they are part of the
  /// dead letter, and no header of a request.
  public static let messageAttributes = "message-attributes"

  /// The dead-letter queue's name.
  public var queue: String
  /// EventBridge's error code.
  public var errorCode: String
  /// What happened, for a person; never holds secrets.
  public var errorMessage: String
  /// The limit that was reached, nil for a permanent failure.
  public var exhausted: ExhaustedCondition?
  /// The target's ARN, if it has one of its own.
  public var targetARN: String?

  /// Makes a dead letter.
  public init(
    queue: String,
    errorCode: String,
    errorMessage: String,
    exhausted: ExhaustedCondition?,
    targetARN: String? = nil
  ) {
    self.targetARN = targetARN
    self.queue = queue
    self.errorCode = errorCode
    self.errorMessage = errorMessage
    self.exhausted = exhausted
  }

  /// The ARN of a rule: `arn:aws:events:REGION:ACCOUNT:rule/ID`, with the region and account of the event; a rule that
  /// is named by its ARN has that.
  public static func ruleARN(region: String, account: String, rule: String) -> String {
    rule.hasPrefix("arn:") ? rule : "arn:aws:events:\(region):\(account):rule/\(rule)"
  }

  /// The ARN of a target, `arn:aws:events:REGION:ACCOUNT:target/ID`, or of an action, `…:action/ID`.
  ///
  /// It follows the rule's, because a webhook or a script has no ARN in AWS.
  public static func targetARN(region: String, account: String, target: String, kind: DeliveryKind) -> String {
    "arn:aws:events:\(region):\(account):\(kind == .run ? "action" : "target")/\(target)"
  }

  /// A queue as people know it: its name, or the ARN of one of another account or Region than the engine's own.
  public static func readable(_ queue: String) -> String {
    let parts = queue.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return queue }
    return parts[0].isEmpty ? String(parts[2]) : "arn:aws:sqs:\(parts[1]):\(parts[0]):\(parts[2])"
  }

  /// Puts the event of a delivery into the queue.
  ///
  /// `attempts` is what the settlement in progress adds.
  ///
  /// - Returns: false when the queue is a reference to one that is not there.
  @discardableResult
  func post(delivery number: Int64, attempts: Int, now: Int64, _ db: Database) throws -> Bool {
    guard let key = try QueueRows.deadLetterQueue(queue, now: now, db) else { return false }
    let sql = """
      SELECT d.delivery_id, d.rule_id, d.target_id, d.attempts, d.region, d.account, d.kind,
        coalesce(j.envelope, d.event, d.payload), d.event_id, d.parameters
      FROM deliveries AS d LEFT JOIN journal AS j ON j.sequence = d.event_sequence WHERE d.number = ?
      """
    guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [number]) else { return true }
    let deliveryID: String = row[0]
    if (row[2] as String).hasPrefix("sns:") {
      return try postNotification(row, delivery: deliveryID, to: key, now: now, db)
    }
    let region: String = row[4]
    let account: String = row[5]
    let kind = DeliveryKind(rawValue: row[6]) ?? .send
    let invocation = try Self.origin(rule: row[1], event: row[8], parameters: row[9])
    var attributes =
      invocation ?? [Attribute.ruleARN: Self.ruleARN(region: region, account: account, rule: row[1])]
    attributes.merge(
      [
        Attribute.targetARN: targetARN
          ?? Self.targetARN(region: region, account: account, target: row[2], kind: kind),
        Attribute.errorCode: errorCode,
        Attribute.errorMessage: errorMessage,
        Attribute.retryAttempts: String(max(0, (row[3] as Int) + attempts - 1)),
        Attribute.deliveryID: deliveryID,
      ]
    ) { $1 }
    attributes[Attribute.exhaustedRetryCondition] = exhausted?.rawValue
    try QueueRows.insertMessage(
      queue: key,
      body: try row.bytes(at: 7),
      attributes: try json(attributes),
      // A schedule sends with a role of its account.
      extras: QueueRows.Extras(senderID: invocation == nil ? Self.eventBridgeSender : account),
      deliveryID: deliveryID,
      visibleAt: now,
      now: now,
      db
    )
    return true
  }

  /// Puts a message of a topic into the queue as its subscriber would have got it.
  ///
  /// SNS adds nothing (Amazon SNS Developer Guide, "Amazon SNS dead-letter queues"): why it was given up stands in the
  /// record of the delivery.
  private func postNotification(
    _ row: Row,
    delivery deliveryID: String,
    to queue: Int64,
    now: Int64,
    _ db: Database
  ) throws -> Bool {
    let pairs = try JSONDecoder().decode([[String]].self, from: Data((row[9] as String).utf8))
    try QueueRows.insertMessage(
      queue: queue,
      body: try row.bytes(at: 7),
      attributes: pairs.first { $0.first == Self.messageAttributes }?.last ?? "{}",
      extras: QueueRows.Extras(senderID: "sns.amazonaws.com"),
      deliveryID: deliveryID,
      visibleAt: now,
      now: now,
      db
    )
    return true
  }

  /// What is said of the schedule that an invocation is of, in EventBridge Scheduler's words; nothing for rules.
  private static func origin(rule: String, event: String, parameters: String) throws -> [String: String]? {
    guard rule.hasPrefix("arn:"), rule.split(separator: ":").dropFirst(2).first == "scheduler" else { return nil }
    let pairs = try JSONDecoder().decode([[String]].self, from: Data(parameters.utf8))
    var attributes = [
      Attribute.scheduleARN: rule, Attribute.executionID: event, Attribute.isPayloadTruncated: "false",
    ]
    attributes[Attribute.scheduledTime] = pairs.first { $0.first == Attribute.scheduledTime }?.last
    return attributes
  }
}
