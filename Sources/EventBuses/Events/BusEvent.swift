// An event on its way onto a bus.

internal import EventPatterns
public import TrailEvents

/// An event for a bus, with its envelope.
public struct BusEvent: Sendable, Equatable {
  /// What it is known by in the journal: its id, or for a replayed event also the replay's name.
  public var identity: String
  /// The event, as the rest of Signalbox knows it.
  public var event: TrailEvent
  /// Whether it is a management event of CloudTrail that only reads: most rules do not get those.
  public var isReadOnlyManagementEvent: Bool
  /// Whether it is the record of a call that moves data, such as a `ReceiveMessage`, and no trail logs those.
  ///
  /// In AWS such a call is no event on any bus (EventBridge User Guide, "Events from AWS services via CloudTrail"). Here
  /// it is in the journal and the rules of files see it, but for steps into the engine's own queues, topics and buses.
  public var isUnloggedDataEvent: Bool
  /// The ARNs of the rules that see it; all of them if there are none.
  public var ruleFilter: Set<String>
  /// The AWS X-Ray trace header that it was put with, which queues get as `AWSTraceHeader`. It is with the event only while
  /// rules decide about it: journal and archives do not keep it.
  public var traceHeader: String?

  /// Makes an event.
  public init(
    _ event: TrailEvent,
    identity: String? = nil,
    isReadOnlyManagementEvent: Bool = false,
    isUnloggedDataEvent: Bool = false,
    ruleFilter: Set<String> = []
  ) {
    self.event = event
    self.isUnloggedDataEvent = isUnloggedDataEvent
    self.identity = identity ?? event.eventID
    self.isReadOnlyManagementEvent = isReadOnlyManagementEvent
    self.ruleFilter = ruleFilter
  }

  /// Takes an event of a source; a record of CloudTrail says itself whether it only reads.
  public init(ofSource event: TrailEvent) {
    let isCall = event.detailType == "AWS API Call via CloudTrail"
    self.init(event, isReadOnlyManagementEvent: isCall && Self.saysReadOnly(event.envelope))
  }

  private static func saysReadOnly(_ envelope: [UInt8]) -> Bool {
    guard let detail = (try? JSONValue(parsing: envelope))?["detail"] else { return false }
    return detail["readOnly"] == .bool(true) && detail["managementEvent"] != .bool(false)
      && isRead(detail["eventName"]?.string ?? "")
  }

  /// Whether the name of a call is one that rules in state `ENABLED` do not get when the call only reads.
  ///
  /// EventBridge goes by the name, and lets two of STS's through (EventBridge User Guide, "Receiving read-only management
  /// events from AWS services"): an `AssumeRole` or a `Decrypt` is read-only for CloudTrail, and reaches every rule.
  public static func isRead(_ call: String) -> Bool {
    let reads = ["Get", "List", "Describe"]
    return reads.contains(where: call.hasPrefix) && !["GetFederationToken", "GetSessionToken"].contains(call)
  }

  /// The same event, as a replay sends it: it has the replay's name after its Region.
  func replayed(as name: String, for rules: Set<String>) -> BusEvent? {
    guard case .object(var object)? = try? JSONValue(parsing: event.envelope) else { return nil }
    object["replay-name"] = nil
    let place = object.members.firstIndex { $0.name == "resources" } ?? object.members.endIndex
    object.members.insert(("replay-name", .string(name)), at: place)
    var copy = event
    copy.envelope = JSONValue.object(object).bytes
    return BusEvent(copy, identity: "\(event.eventID)@\(name)", ruleFilter: rules)
  }
}

extension TrailEvent {
  /// Writes the envelope of an event that is made here.
  ///
  /// - Parameter detail: a JSON object, which goes in as it is.
  public init(
    id: String,
    detailType: String,
    source: String,
    scope: Scope,
    time: Int64,
    resources: [String] = [],
    detail: [UInt8]
  ) {
    var envelope: [UInt8] = []
    envelope.reserveCapacity(detail.count + 256)
    func member(_ name: StaticString, _ value: String) {
      envelope.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
      JSONEscapes.appendQuoted(value, to: &envelope)
    }
    member(#"{"version":"0","id":"#, id)
    member(#","detail-type":"#, detailType)
    member(#","source":"#, source)
    member(#","account":"#, scope.account)
    member(#","time":"#, EventClock.text(time))
    member(#","region":"#, scope.region)
    envelope += #","resources":["#.utf8
    for (index, resource) in resources.enumerated() {
      if index > 0 { envelope.append(UInt8(ascii: ",")) }
      JSONEscapes.appendQuoted(resource, to: &envelope)
    }
    envelope += "],\"detail\":".utf8
    envelope += detail
    envelope.append(UInt8(ascii: "}"))
    self.init(
      eventID: id,
      envelope: envelope,
      source: source,
      detailType: detailType,
      account: scope.account,
      region: scope.region,
      time: time
    )
  }
}
