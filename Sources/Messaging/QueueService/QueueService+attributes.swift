// What is said of a queue: its attributes, and the permissions in its policy.

internal import GRDB
internal import Storage
internal import TrailEvents

extension QueueService {
  /// A queue's attributes by name, with its approximate counts (which are exact).
  ///
  /// - Parameter names: which; `All` gives all that the queue has.
  public func attributes(
    of address: QueueAddress,
    named names: [String],
    as caller: MessagingCaller
  ) async throws(MessagingError) -> [String: String] {
    for name in names
    where name != "All" && !QueueAttributes.settable.contains(name) && !QueueAttributes.readOnly.contains(name) {
      throw MessagingError(.invalidAttributeName, "Unknown Attribute \(name).")
    }
    let now = now()
    return try await fetch { [self] db in
      let row = try open(address, for: "GetQueueAttributes", as: caller, db)
      var attributes = row.attributes
      attributes.more = Self.more(row.moreText)
      var values = attributes.values(of: address)
      values["CreatedTimestamp"] = "\(row.createdAt / 1000)"
      values["LastModifiedTimestamp"] = "\(row.modifiedAt / 1000)"
      if names.contains(where: { $0 == "All" || $0.hasPrefix("Approximate") }) {
        let counts = try Queues.counts(row, now: now, db)
        values["ApproximateNumberOfMessages"] = "\(counts.visible)"
        values["ApproximateNumberOfMessagesNotVisible"] = "\(counts.inFlight)"
        values["ApproximateNumberOfMessagesDelayed"] = "\(counts.delayed)"
      }
      return names.contains("All") ? values : values.filter { names.contains($0.key) }
    }
  }

  /// Sets attributes by name; those not named stay.
  public func setAttributes(
    of address: QueueAddress,
    to values: [String: String],
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    let now = now()
    try await transact { [self] db in
      let row = try open(address, for: "SetQueueAttributes", as: caller, db)
      var attributes = row.attributes
      attributes.more = Self.more(row.moreText)
      try attributes.set(values)
      try Self.write(try resolved(attributes, of: address, db), to: row.key, now: now, db)
    }
  }

  /// What other accounts can be given.
  private static let grantable: Set<String> = [
    "*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues",
    "PurgeQueue", "ReceiveMessage", "SendMessage",
  ]

  /// Adds a statement to a queue's policy.
  public func addPermission(
    _ label: String,
    accounts: [String],
    actions: [String],
    to address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    for action in actions where !Self.grantable.contains(action) {
      throw .value("SQS:\(action)", of: "ActionName", "Only the queue owner is allowed to invoke this action.")
    }
    let statement = try PolicyEdit.statement(
      label,
      accounts: accounts,
      actions: actions.map { "SQS:\($0)" },
      resource: address.arn.description
    )
    try await editPolicy(of: address, for: "AddPermission", as: caller) { text throws(MessagingError) in
      try PolicyEdit.adding(statement, labelled: label, to: text)
    }
  }

  /// Takes a statement out of a queue's policy.
  public func removePermission(
    _ label: String,
    from address: QueueAddress,
    as caller: MessagingCaller
  ) async throws(MessagingError) {
    try await editPolicy(of: address, for: "RemovePermission", as: caller) { text throws(MessagingError) in
      guard let edited = try PolicyEdit.removing(label, from: text) else {
        throw .value(label, of: "Label", "can't find label on existing policy.")
      }
      return edited.isEmpty ? nil : edited
    }
  }

  private func editPolicy(
    of address: QueueAddress,
    for action: String,
    as caller: MessagingCaller,
    _ edit: @escaping @Sendable (String?) throws(MessagingError) -> String?
  ) async throws(MessagingError) {
    let now = now()
    try await transact { [self] db in
      let row = try open(address, for: action, as: caller, db)
      var attributes = row.attributes
      attributes.more = Self.more(row.moreText)
      attributes.more.policy = try edit(attributes.more.policy)
      try Self.write(attributes, to: row.key, now: now, db)
    }
  }

  // MARK: Rows

  /// The attributes with the redrive policy checked against the queues that there are.
  func resolved(
    _ attributes: QueueAttributes,
    of address: QueueAddress,
    _ db: Database
  ) throws -> QueueAttributes {
    guard let redrive = attributes.redrive, let target = QueueAddress(arn: redrive.deadLetterQueue) else {
      return attributes
    }
    func refused(_ reason: String) -> MessagingError {
      let policy = #"{"deadLetterTargetArn":"\#(target.arn)","maxReceiveCount":"\#(redrive.maxReceiveCount)"}"#
      return .value(policy, of: "RedrivePolicy", reason)
    }
    guard target.scope == address.scope else {
      throw refused("Dead-letter queue must be in the same account and Region as the source queue.")
    }
    guard let row = try find(target, db) else { throw refused("Dead letter target does not exist.") }
    guard (row.attributes.fifo == nil) == (attributes.fifo == nil) else {
      throw refused("Dead-letter queue must be same type of queue as the source.")
    }
    if let text = Self.more(row.moreText).redriveAllowPolicy,
      try !RedriveAllowPolicy(parsing: text).allows(address)
    {
      throw refused("The dead-letter queue's redrive allow policy does not allow this source queue.")
    }
    var attributes = attributes
    attributes.redrive?.deadLetterQueue = target.name
    return attributes
  }

  static func write(_ attributes: QueueAttributes, to key: Int64, now: Int64, _ db: Database) throws {
    try db.execute(
      sql: """
        UPDATE queues SET modified_at = ?, visibility_timeout = ?, retention = ?, delay = ?, receive_wait = ?,
          maximum_message_size = ?, max_receive_count = ?, dead_letter_queue = ?, is_fifo = ?,
          deduplicates_content = ?, deduplicates_by_group = ?, more = ?
        WHERE queue = ?
        """,
      arguments: [
        now, attributes.visibilityTimeout, attributes.retention, attributes.delay, attributes.receiveWait,
        attributes.maximumMessageSize, attributes.redrive?.maxReceiveCount, attributes.redrive?.deadLetterQueue,
        attributes.fifo != nil, attributes.fifo?.deduplicatesContent ?? false,
        attributes.fifo?.deduplicatesByGroup ?? false, try json(attributes.more), key,
      ]
    )
  }
}
