// A pipe as it is kept: what is asked of it, and where it stands. Whoever asks for something says what the pipe is to be
// (`desired`) and leaves it on the way there (`current`); the engine brings it there.
//
//   CREATING ─► RUNNING ─► STOPPING ─► STOPPED ─► STARTING ─► RUNNING
//                  └─► UPDATING ─► RUNNING             any ─► DELETING ─► gone

/// A pipe.
public struct PipeRecord: Codable, Sendable, Equatable {
  /// What a pipe is to be.
  public enum DesiredState: String, Codable, Sendable, CaseIterable {
    /// Taking messages.
    case running = "RUNNING"
    /// Taking none.
    case stopped = "STOPPED"
    /// Gone.
    case deleted = "DELETED"
  }

  /// Where a pipe stands.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// It takes messages.
    case running = "RUNNING"
    /// It takes none.
    case stopped = "STOPPED"
    /// It was made just now.
    case creating = "CREATING"
    /// It was changed just now.
    case updating = "UPDATING"
    /// It ends.
    case deleting = "DELETING"
    /// It begins to take messages.
    case starting = "STARTING"
    /// It finishes what it has taken.
    case stopping = "STOPPING"
    /// It could not begin when it was made.
    case createFailed = "CREATE_FAILED"
    /// It could not begin after a change.
    case updateFailed = "UPDATE_FAILED"
    /// It could not begin.
    case startFailed = "START_FAILED"

    /// Whether the engine is about to bring it elsewhere.
    public var isPassing: Bool {
      switch self {
      case .creating, .updating, .deleting, .starting, .stopping: true
      case .running, .stopped, .createFailed, .updateFailed, .startFailed: false
      }
    }

    /// Where a pipe stands that cannot go on from here.
    var failed: State {
      switch self {
      case .creating: .createFailed
      case .updating: .updateFailed
      default: .startFailed
      }
    }
  }

  /// What is asked of it.
  public var definition: PipeDefinition
  /// Tags.
  public var tags: [String: String]
  /// What it is to be.
  public var desired: DesiredState
  /// Where it stands.
  public var current: State
  /// Why it stands there, if it could not go on.
  public var reason: String?
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// When it was changed, in milliseconds since 1970.
  public var modifiedAt: Int64
  /// Counts what was asked of it: whoever works on what was asked before must not report on it.
  var version = 1
}
