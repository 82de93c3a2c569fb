// The queues and topics that a rule set's definitions call for, made or brought up to date before its rules go live.

internal import Messaging
public import RuleFiles
public import Storage

/// Makes the queues and topics of a rule set.
public enum MessagingSetup {
  /// Makes what the definitions call for; queues and topics that are there get the attributes written in the rule files.
  ///
  /// Blocks until all is on the disk. Nothing is ever removed: messages may still lie there.
  ///
  /// - Parameter now: in milliseconds since 1970.
  public static func prepare(
    _ targets: [TargetDefinition],
    in database: EmbeddedDatabase,
    now: Int64
  ) throws(StorageError) {
    let queueNames = Dictionary(targets.compactMap { target in queueName(of: target).map { (target.id, $0) } }) { $1 }
    for target in targets {
      guard case .queue(let queue) = target.settings else { continue }
      var attributes = QueueAttributes()
      if let timeout = queue.visibilityTimeout { attributes.visibilityTimeout = timeout.seconds * 1000 }
      if let retention = queue.retention { attributes.retention = retention.seconds * 1000 }
      if let other = queue.redriveTo {
        attributes.redrive = QueueAttributes.RedrivePolicy(
          deadLetterQueue: queueNames[other] ?? other,
          maxReceiveCount: queue.maxReceiveCount ?? defaultMaxReceiveCount
        )
      }
      try database.queues.create(queue.name, attributes: attributes, now: now)
    }
    for target in targets {
      guard case .topic(let subscriptions) = target.settings else { continue }
      let subscribers = subscriptions.map { queueNames[$0].map(Subscriber.queue) ?? .target($0) }
      try database.topics.set(topicName(of: target), subscribers: subscribers, now: now)
    }
  }

  /// How often a message of a queue with a dead-letter queue is received unless the rule file says so.
  static let defaultMaxReceiveCount = 10

  /// The name of the queue that a target stands for; nothing for targets of other types.
  public static func queueName(of target: TargetDefinition) -> String? {
    target.queueName
  }

  /// The name of a topic target's topic: its id, for an inline target with a dot between rule and step.
  static func topicName(of target: TargetDefinition) -> String {
    TargetDefinition.queueName(of: target.id)
  }
}
