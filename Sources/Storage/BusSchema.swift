// The tables of module EventBuses: the control plane of EventBridge's API, and what archives keep.

extension Schema {
  /// One row per resource; what the columns of each kind are is told by the document. Archived events have a copy of
  /// their own, because the journal forgets.
  static let buses = """
    CREATE TABLE bus_resources (
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      kind TEXT NOT NULL,
      key TEXT NOT NULL,
      document BLOB NOT NULL,
      PRIMARY KEY (account, region, kind, key)
    ) WITHOUT ROWID;
    CREATE TABLE archived_events (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      archive TEXT NOT NULL,
      event_id TEXT NOT NULL,
      event_time INTEGER NOT NULL,
      archived_at INTEGER NOT NULL,
      size INTEGER NOT NULL,
      envelope BLOB NOT NULL,
      UNIQUE (archive, event_id)
    );
    CREATE INDEX archived_events_by_time ON archived_events (archive, event_time);
    """
}
