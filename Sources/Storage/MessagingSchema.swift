// The tables of module Messaging since accounts and regions have queues and topics of their own.

extension Schema {
  /// Queues belong to an account and a region, and have everything that SQS says of a queue.
  ///
  /// Account and region are empty for queues of the engine's own account and region, which the settings name: those are
  /// the ones that rule files and commands see. `dead_letter_queue` names a queue of the same account and region. What
  /// is read with every message has a column; `more` is the rest, as JSON.
  ///
  /// A message's number is its FIFO sequence number, too, so it must never be used again.
  static let queuesOfAccounts = """
    CREATE TABLE queues_new (
      queue INTEGER PRIMARY KEY AUTOINCREMENT,
      account TEXT NOT NULL DEFAULT '',
      region TEXT NOT NULL DEFAULT '',
      name TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      modified_at INTEGER NOT NULL DEFAULT 0,
      purged_at INTEGER NOT NULL DEFAULT 0,
      visibility_timeout INTEGER NOT NULL DEFAULT 30000,
      retention INTEGER NOT NULL DEFAULT 345600000,
      delay INTEGER NOT NULL DEFAULT 0,
      receive_wait INTEGER NOT NULL DEFAULT 0,
      maximum_message_size INTEGER NOT NULL DEFAULT 1048576,
      max_receive_count INTEGER,
      dead_letter_queue TEXT,
      is_fifo INTEGER NOT NULL DEFAULT 0,
      deduplicates_content INTEGER NOT NULL DEFAULT 0,
      deduplicates_by_group INTEGER NOT NULL DEFAULT 0,
      more TEXT NOT NULL DEFAULT '{}',
      tags TEXT NOT NULL DEFAULT '{}',
      UNIQUE (account, region, name)
    );
    INSERT INTO queues_new (
      queue, name, created_at, modified_at, visibility_timeout, retention, delay, max_receive_count, dead_letter_queue)
    SELECT
      queue, name, created_at, created_at, visibility_timeout, retention, delay, max_receive_count, dead_letter_queue
    FROM queues;
    UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'queues') WHERE name = 'queues_new';
    DROP TABLE queues;
    ALTER TABLE queues_new RENAME TO queues;
    CREATE TABLE messages_new (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      queue INTEGER NOT NULL REFERENCES queues (queue) ON DELETE CASCADE,
      message_id TEXT NOT NULL DEFAULT (lower(
        hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'
          || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
      sent_at INTEGER NOT NULL,
      visible_at INTEGER NOT NULL,
      receive_count INTEGER NOT NULL DEFAULT 0,
      first_received_at INTEGER,
      received_at INTEGER,
      receipt TEXT,
      source_queue TEXT,
      delivery_id TEXT,
      group_id TEXT,
      deduplication_id TEXT,
      sender_id TEXT,
      trace_header TEXT,
      attributes TEXT NOT NULL,
      body BLOB NOT NULL
    );
    INSERT INTO messages_new (
      number, queue, message_id, sent_at, visible_at, receive_count, first_received_at, receipt, source_queue,
      delivery_id, attributes, body)
    SELECT
      number, queue, message_id, sent_at, visible_at, receive_count, first_received_at, receipt, source_queue,
      delivery_id, attributes, body
    FROM messages;
    UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'messages')
    WHERE name = 'messages_new';
    INSERT INTO sqlite_sequence (name, seq)
    SELECT 'messages_new', seq FROM sqlite_sequence
    WHERE name = 'messages' AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'messages_new');
    DROP TABLE messages;
    ALTER TABLE messages_new RENAME TO messages;
    CREATE INDEX messages_visible ON messages (queue, visible_at);
    CREATE INDEX messages_received ON messages (queue, receive_count) WHERE receive_count > 0;
    CREATE INDEX messages_sent ON messages (queue, sent_at);
    CREATE INDEX messages_by_delivery ON messages (delivery_id) WHERE delivery_id IS NOT NULL;
    CREATE INDEX messages_in_groups ON messages (queue, number) WHERE group_id IS NOT NULL;
    ALTER TABLE message_deduplication ADD COLUMN number INTEGER;
    CREATE TABLE deleted_queues (
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      name TEXT NOT NULL,
      deleted_at INTEGER NOT NULL,
      PRIMARY KEY (account, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE message_move_tasks (
      task INTEGER PRIMARY KEY AUTOINCREMENT,
      handle TEXT NOT NULL UNIQUE,
      source INTEGER NOT NULL REFERENCES queues (queue) ON DELETE CASCADE,
      destination INTEGER,
      rate INTEGER,
      status TEXT NOT NULL,
      failure TEXT,
      moved INTEGER NOT NULL DEFAULT 0,
      to_move INTEGER NOT NULL,
      through INTEGER NOT NULL,
      started_at INTEGER NOT NULL
    );
    CREATE INDEX message_move_tasks_by_source ON message_move_tasks (source);
    """

  /// Topics and subscriptions belong to accounts, as queues do; what rule files subscribe stays as it was.
  ///
  /// A subscription's `protocol` is `queue` or `target` for what rule files say, and SNS's name for one that came through
  /// its API. `token` is what confirms it. `signing_keys` has the key that SNS messages are signed with.
  static let topicsOfAccounts = """
    CREATE TABLE topics_new (
      topic INTEGER PRIMARY KEY AUTOINCREMENT,
      account TEXT NOT NULL DEFAULT '',
      region TEXT NOT NULL DEFAULT '',
      name TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      attributes TEXT NOT NULL DEFAULT '{}',
      tags TEXT NOT NULL DEFAULT '{}',
      UNIQUE (account, region, name)
    );
    INSERT INTO topics_new (name, created_at) SELECT name, created_at FROM topics;
    CREATE TABLE subscriptions_new (
      subscription INTEGER PRIMARY KEY AUTOINCREMENT,
      topic INTEGER NOT NULL REFERENCES topics (topic) ON DELETE CASCADE,
      identifier TEXT NOT NULL UNIQUE DEFAULT (lower(
        hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'
          || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
      protocol TEXT NOT NULL,
      endpoint TEXT NOT NULL,
      owner TEXT NOT NULL DEFAULT '',
      is_confirmed INTEGER NOT NULL DEFAULT 1,
      token TEXT,
      attributes TEXT NOT NULL DEFAULT '{}',
      UNIQUE (topic, protocol, endpoint)
    );
    INSERT INTO subscriptions_new (topic, protocol, endpoint)
    SELECT t.topic, s.kind, s.endpoint FROM subscriptions AS s JOIN topics_new AS t ON t.name = s.topic;
    DROP TABLE subscriptions;
    DROP TABLE topics;
    ALTER TABLE topics_new RENAME TO topics;
    ALTER TABLE subscriptions_new RENAME TO subscriptions;
    CREATE TABLE topic_deduplication (
      topic INTEGER NOT NULL REFERENCES topics (topic) ON DELETE CASCADE,
      deduplication_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      sent_at INTEGER NOT NULL,
      PRIMARY KEY (topic, deduplication_id)
    ) WITHOUT ROWID;
    CREATE TABLE topic_sequences (number INTEGER PRIMARY KEY AUTOINCREMENT);
    CREATE TABLE signing_keys (
      purpose TEXT NOT NULL PRIMARY KEY,
      private_key TEXT NOT NULL,
      certificate TEXT NOT NULL
    ) WITHOUT ROWID;
    """

  /// Who may end a subscription without a signature, and the way back for those that were ended so.
  ///
  /// `is_authenticated` is SNS's ConfirmationWasAuthenticated: queues that the account of their own subscribed were
  /// confirmed by the signed call itself. `ended_subscriptions` has what the token in an UnsubscribeConfirmation restores.
  static let confirmationsOfSubscriptions = """
    ALTER TABLE subscriptions ADD COLUMN is_authenticated INTEGER NOT NULL DEFAULT 0;
    UPDATE subscriptions SET is_authenticated = 1
    WHERE protocol = 'sqs' AND is_confirmed AND endpoint LIKE 'arn:%:sqs:%:' || owner || ':%';
    CREATE TABLE ended_subscriptions (
      token TEXT NOT NULL PRIMARY KEY,
      topic INTEGER NOT NULL REFERENCES topics (topic) ON DELETE CASCADE,
      identifier TEXT NOT NULL,
      protocol TEXT NOT NULL,
      endpoint TEXT NOT NULL,
      owner TEXT NOT NULL,
      attributes TEXT NOT NULL,
      ended_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX ended_subscriptions_by_topic ON ended_subscriptions (topic);
    """
}
