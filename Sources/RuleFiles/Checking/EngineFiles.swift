// Names that the engine keeps for itself.

/// The engine's own files.
public enum EngineFiles {
  /// What the names of the engine's own files in the data directory begin with: the database, what SQLite keeps beside it,
  /// the lock.
  public static let prefix = "signalbox."
}
