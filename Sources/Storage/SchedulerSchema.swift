// The tables of module Schedules. There may be a million schedules, so what is due is found by an index and not by reading
// them.

extension Schema {
  /// `due_at` is when a schedule fires next, `occurrence` the time that this firing is for, in seconds: they differ by
  /// the place in a flexible window. Both are empty when it does not fire any more. Tokens of deletions are kept for a
  /// while, so that a repeated request gets the same answer.
  static let scheduler = """
    CREATE TABLE schedule_groups (
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      name TEXT NOT NULL,
      document BLOB NOT NULL,
      PRIMARY KEY (account, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE schedules (
      schedule INTEGER PRIMARY KEY,
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      group_name TEXT NOT NULL,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      due_at INTEGER,
      occurrence INTEGER,
      document BLOB NOT NULL,
      UNIQUE (account, region, group_name, name)
    );
    CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL;
    CREATE TABLE schedule_deletions (
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      token TEXT NOT NULL,
      resource TEXT NOT NULL,
      deleted_at INTEGER NOT NULL,
      PRIMARY KEY (account, region, token, resource)
    ) WITHOUT ROWID;
    CREATE INDEX schedule_deletions_by_time ON schedule_deletions (deleted_at);
    """
}
