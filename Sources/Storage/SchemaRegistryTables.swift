// The tables of module Schemas: registries, schemas with their versions, discoverers, and what discoverers are still to
// look at.

extension Schema {
  /// Tags are JSON. `shape` is what a discoverer has learned about a kind of event so far: the next event is merged into
  /// that. A row of `bus_arrivals` says that an event of the journal was on a bus whose events are looked at.
  static let schemaRegistries = """
    CREATE TABLE schema_registries (
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      name TEXT NOT NULL,
      description TEXT,
      tags TEXT NOT NULL,
      policy TEXT,
      policy_revision TEXT,
      PRIMARY KEY (account, region, name)
    ) WITHOUT ROWID;
    CREATE TABLE schemas (
      schema INTEGER PRIMARY KEY AUTOINCREMENT,
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      registry TEXT NOT NULL,
      name TEXT NOT NULL,
      type TEXT NOT NULL,
      description TEXT,
      tags TEXT NOT NULL,
      modified_at INTEGER NOT NULL,
      newest_version INTEGER NOT NULL,
      shape BLOB,
      UNIQUE (account, region, registry, name)
    );
    CREATE TABLE schema_versions (
      schema INTEGER NOT NULL REFERENCES schemas (schema) ON DELETE CASCADE,
      version INTEGER NOT NULL,
      type TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      client_token TEXT,
      content BLOB NOT NULL,
      PRIMARY KEY (schema, version)
    ) WITHOUT ROWID;
    CREATE TABLE schema_code_bindings (
      schema INTEGER NOT NULL,
      version INTEGER NOT NULL,
      language TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      modified_at INTEGER NOT NULL,
      PRIMARY KEY (schema, version, language),
      FOREIGN KEY (schema, version) REFERENCES schema_versions (schema, version) ON DELETE CASCADE
    ) WITHOUT ROWID;
    CREATE TABLE schema_discoverers (
      account TEXT NOT NULL,
      region TEXT NOT NULL,
      id TEXT NOT NULL,
      bus TEXT NOT NULL,
      description TEXT,
      state TEXT NOT NULL,
      is_cross_account INTEGER NOT NULL,
      tags TEXT NOT NULL,
      PRIMARY KEY (account, region, id)
    ) WITHOUT ROWID;
    CREATE TABLE bus_arrivals (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      bus TEXT NOT NULL,
      event_id TEXT NOT NULL
    );
    """
}
