// Names and ARNs of EventBridge's resources.

public import TrailEvents

/// A bus: where it is and what it is called.
public struct BusReference: Sendable, Hashable {
  /// Its account and Region.
  public var scope: Scope
  /// Its name.
  public var name: String

  /// Makes a reference.
  public init(scope: Scope, name: String = EventBus.defaultName) {
    self.scope = scope
    self.name = name
  }

  /// Takes what a caller in a scope wrote: a name, an ARN, or nothing for the default bus.
  public init(_ text: String?, from scope: Scope) {
    if let text, let arn = ARN(text), arn.service == "events", arn.type == "event-bus" {
      self.init(scope: arn.scope, name: arn.name)
    } else {
      self.init(scope: scope, name: text ?? EventBus.defaultName)
    }
  }

  /// The ARN.
  public var arn: String { ARN(service: "events", in: scope, resource: "event-bus/\(name)").description }
}

extension BusRule {
  /// The ARN of a rule: the default bus is not named in it.
  public static func arn(_ name: String, on bus: BusReference) -> String { resource(name, on: bus).description }

  static func resource(_ name: String, on bus: BusReference) -> ARN {
    let path = bus.name == EventBus.defaultName ? name : "\(bus.name)/\(name)"
    return ARN(service: "events", in: bus.scope, resource: "rule/\(path)")
  }

  /// The ARN, in an account and Region.
  public func arn(in scope: Scope) -> String { Self.arn(name, on: BusReference(scope: scope, name: bus)) }

  /// The bus and rule that an ARN names.
  static func parse(arn text: String) -> (bus: BusReference, name: String)? {
    guard let arn = ARN(text), arn.service == "events", arn.type == "rule" else { return nil }
    guard let slash = arn.name.lastIndex(of: "/") else { return (BusReference(scope: arn.scope), arn.name) }
    let bus = String(arn.name[..<slash])
    return (BusReference(scope: arn.scope, name: bus), String(arn.name[arn.name.index(after: slash)...]))
  }
}

extension Archive {
  /// The ARN of an archive.
  public static func arn(_ name: String, in scope: Scope) -> String {
    ARN(service: "events", in: scope, resource: "archive/\(name)").description
  }
}

extension Replay {
  /// The ARN, in an account and Region.
  public func arn(in scope: Scope) -> String {
    ARN(service: "events", in: scope, resource: "replay/\(name)").description
  }
}

extension Connection {
  /// The ARN, in an account and Region.
  public func arn(in scope: Scope) -> String {
    ARN(service: "events", in: scope, resource: "connection/\(name)/\(identifier)").description
  }

  /// The ARN of the secret that AWS would keep it in.
  public func secretARN(in scope: Scope) -> String {
    ARN(
      service: "secretsmanager",
      in: scope,
      resource: "secret:events!connection/\(name)/\(secretIdentifier)"
    ).description
  }
}

extension APIDestination {
  /// The ARN, in an account and Region.
  public func arn(in scope: Scope) -> String {
    ARN(service: "events", in: scope, resource: "api-destination/\(name)/\(identifier)").description
  }
}

extension PartnerSource {
  /// The ARN of a source: it belongs to no account.
  public static func arn(_ name: String, in scope: Scope) -> String {
    ARN(service: "events", region: scope.region, account: "", resource: "event-source/\(name)").description
  }
}

extension BusEndpoint {
  /// The ARN, in an account and Region.
  public func arn(in scope: Scope) -> String {
    ARN(service: "events", in: scope, resource: "endpoint/\(name)").description
  }

  /// The id, with the label that tells its Region.
  public var endpointID: String { "\(identifier).veo" }

  /// The URL that it would have in AWS.
  public var url: String { "https://\(endpointID).endpoint.events.amazonaws.com" }
}
