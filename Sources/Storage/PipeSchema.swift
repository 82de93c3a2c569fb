// The table of module Pipes.

extension Schema {
  /// One row per pipe: what was asked for and where it stands, as JSON. Messages under way are the source queue's.
  static let pipes = """
    CREATE TABLE pipes (
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      name TEXT NOT NULL,
      document BLOB NOT NULL,
      PRIMARY KEY (account, region, name)
    ) WITHOUT ROWID;
    """
}
