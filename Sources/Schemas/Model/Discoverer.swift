// A discoverer looks at the events of one bus and keeps the schemas of the kinds of event that it sees.

public import TrailEvents

/// A discoverer.
public struct Discoverer: Sendable, Equatable {
  /// Whether it looks.
  public enum State: String, Sendable {
    /// It looks.
    case started = "STARTED"
    /// It does not.
    case stopped = "STOPPED"
  }

  /// Its id, made of the name of the bus: there is one for a bus.
  public var id: String
  /// The ARN of the bus.
  public var busARN: String
  /// What it is for.
  public var description: String?
  /// Whether it looks.
  public var state = State.started
  /// Whether it looks at events of other accounts too.
  public var isCrossAccount = true
  /// Its tags.
  public var tags: [String: String] = [:]

  /// The ARN.
  public func arn(in scope: Scope) -> String {
    ARN(service: "schemas", in: scope, resource: "discoverer/\(id)").description
  }

  /// The id of the discoverer of a bus: `events-event-bus-default`.
  static func id(ofBus name: String) -> String { "events-event-bus-\(name)" }
}
