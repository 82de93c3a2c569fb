// The tables, as a list of named migrations. A migration that has been released is never changed or removed: a new
// format is a new entry at the end. Which ones a file has had is recorded in the file, so an older Signalbox can tell
// that it does not know everything in it and refuses.
//
// All times are milliseconds since 1970. Big columns come last, so that lists do not read them.

internal import GRDB

/// The format of the database file.
enum Schema {
  /// How a file's format compares to what this version knows.
  enum Format: Equatable {
    case older
    case current
    case newer(unknown: [String])
  }

  /// "SgBx": marks the file as ours for `file` and for ourselves.
  static let applicationID: Int32 = 0x5367_4278

  private static let migrations: [(name: String, sql: String)] = [
    ("journal", journal),
    ("deliveries", deliveries),
    ("queues", queues),
    ("topics", topics),
    ("queues of accounts", queuesOfAccounts),
    ("buses", buses),
    ("topics of accounts", topicsOfAccounts),
    ("identities", identities),
    ("pipes", pipes),
    ("schema registries", schemaRegistries),
    ("scheduler", scheduler),
    ("ledger without index of settlements", "DROP INDEX deliveries_settled;"),
    ("secret checks", secretChecks),
    ("confirmations of subscriptions", confirmationsOfSubscriptions),
  ]

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for (name, sql) in migrations {
      migrator.registerMigration(name) { try $0.execute(sql: sql) }
    }
    return migrator
  }

  /// Compares a file with what this version knows.
  static func format(of pool: DatabasePool, path: String) throws(StorageError) -> Format {
    do {
      return try pool.read { db in
        let mark = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard mark == applicationID || tables == 0 else {
          throw StorageError.damaged(path: path, detail: "a database of another program")
        }
        let migrator = Self.migrator
        let applied = try migrator.appliedIdentifiers(db)
        let known = Set(migrations.map(\.name))
        if !applied.isSubset(of: known) { return .newer(unknown: applied.subtracting(known).sorted()) }
        return applied == known ? .current : .older
      }
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// Brings a file to the current format.
  static func migrate(_ pool: DatabasePool, path: String) throws(StorageError) {
    do {
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA application_id = \(applicationID)") }
      try migrator.migrate(pool)
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// Events in the order in which they were accepted; how far sources have been read and consumers have come.
  ///
  /// AUTOINCREMENT, because a sequence number must not be used again after the newest events were pruned.
  private static let journal = """
    CREATE TABLE journal (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      event_id TEXT NOT NULL UNIQUE,
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      journalled_at INTEGER NOT NULL,
      envelope BLOB NOT NULL
    );
    CREATE TABLE consumers (
      name TEXT NOT NULL PRIMARY KEY,
      sequence INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE source_cursors (
      source TEXT NOT NULL PRIMARY KEY,
      position TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE source_files (
      source TEXT NOT NULL,
      path TEXT NOT NULL,
      size INTEGER NOT NULL,
      modified_at INTEGER NOT NULL,
      records INTEGER NOT NULL,
      is_finished INTEGER NOT NULL,
      note TEXT NOT NULL,
      PRIMARY KEY (source, path)
    ) WITHOUT ROWID;
    """

  /// Outbox and ledger in one.
  ///
  /// A delivery is a row from its decision on, `state = 'pending'` makes it work to do, and
  /// the same row is its record afterwards. So a delivery id is unique for as long as the record is kept, and settling
  /// is one update.
  private static let deliveries = """
    CREATE TABLE deliveries (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      delivery_id TEXT NOT NULL UNIQUE,
      event_sequence INTEGER,
      event_id TEXT NOT NULL,
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      rule_id TEXT NOT NULL,
      rule_title TEXT NOT NULL,
      rule_set_hash TEXT NOT NULL,
      step_id TEXT NOT NULL,
      target_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      state TEXT NOT NULL,
      reason TEXT NOT NULL,
      decided_at INTEGER NOT NULL,
      queued_at INTEGER NOT NULL,
      next_attempt_at INTEGER NOT NULL,
      settled_at INTEGER,
      attempts INTEGER NOT NULL,
      parameters TEXT NOT NULL,
      payload BLOB NOT NULL,
      event BLOB
    );
    CREATE INDEX deliveries_due ON deliveries (target_id, next_attempt_at) WHERE state = 'pending';
    CREATE INDEX deliveries_unsettled ON deliveries (event_sequence) WHERE state = 'pending';
    CREATE INDEX deliveries_by_rule ON deliveries (rule_id);
    CREATE INDEX deliveries_by_event ON deliveries (event_id);
    CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;
    CREATE TABLE attempts (
      attempt_number INTEGER PRIMARY KEY,
      delivery INTEGER NOT NULL REFERENCES deliveries (number) ON DELETE CASCADE,
      attempt INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER NOT NULL,
      error_code TEXT,
      summary TEXT NOT NULL,
      output TEXT NOT NULL
    );
    CREATE INDEX attempts_by_delivery ON attempts (delivery);
    """

  /// Queues and their messages.
  ///
  /// `receipt` is the secret part of the newest receipt handle. `source_queue` is where a
  /// message in a dead-letter queue came from; `delivery_id` is set when it came from the outbox instead.
  static let queues = """
    CREATE TABLE queues (
      queue INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      created_at INTEGER NOT NULL,
      visibility_timeout INTEGER NOT NULL DEFAULT 30000,
      retention INTEGER NOT NULL DEFAULT 345600000,
      delay INTEGER NOT NULL DEFAULT 0,
      max_receive_count INTEGER,
      dead_letter_queue TEXT
    );
    CREATE TABLE messages (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      queue INTEGER NOT NULL REFERENCES queues (queue) ON DELETE CASCADE,
      message_id TEXT NOT NULL DEFAULT (lower(
        hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'
          || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
      sent_at INTEGER NOT NULL,
      visible_at INTEGER NOT NULL,
      receive_count INTEGER NOT NULL DEFAULT 0,
      first_received_at INTEGER,
      receipt TEXT,
      source_queue TEXT,
      delivery_id TEXT,
      attributes TEXT NOT NULL,
      body BLOB NOT NULL
    );
    CREATE INDEX messages_visible ON messages (queue, visible_at);
    CREATE INDEX messages_received ON messages (queue, receive_count) WHERE receive_count > 0;
    CREATE INDEX messages_sent ON messages (queue, sent_at);
    CREATE INDEX messages_by_id ON messages (message_id);
    CREATE INDEX messages_by_delivery ON messages (delivery_id) WHERE delivery_id IS NOT NULL;
    CREATE TABLE message_deduplication (
      queue INTEGER NOT NULL REFERENCES queues (queue) ON DELETE CASCADE,
      deduplication_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      sent_at INTEGER NOT NULL,
      PRIMARY KEY (queue, deduplication_id)
    ) WITHOUT ROWID;
    """

  /// Topics fan out to queues and to targets.
  static let topics = """
    CREATE TABLE topics (
      name TEXT NOT NULL PRIMARY KEY,
      created_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE subscriptions (
      topic TEXT NOT NULL REFERENCES topics (name) ON DELETE CASCADE,
      kind TEXT NOT NULL,
      endpoint TEXT NOT NULL,
      PRIMARY KEY (topic, kind, endpoint)
    ) WITHOUT ROWID;
    """

  /// Users, roles, policies and access keys of accounts; documents are JSON. There are no secrets in them.
  private static let identities = """
    CREATE TABLE identities (
      account TEXT NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      document TEXT NOT NULL,
      PRIMARY KEY (account, kind, name)
    ) WITHOUT ROWID;
    """
}
