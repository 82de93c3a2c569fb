// The entries of PutEvents: each is checked on its own and becomes an event or an error, in EventBridge's words.

internal import EventPatterns
internal import TrailEvents

/// An entry of a PutEvents request.
public struct EventEntry: Sendable, Equatable {
  /// When it happened, in seconds since 1970; now if it does not say.
  public var time: Int64?
  /// Who says so.
  public var source: String?
  /// What it is about.
  public var resources: [String]
  /// What kind of event it is.
  public var detailType: String?
  /// The details, a JSON object.
  public var detail: String?
  /// The bus, by name or ARN.
  public var bus: String?
  /// The AWS X-Ray trace header.
  public var traceHeader: String?

  /// Makes an entry.
  public init(
    time: Int64? = nil,
    source: String?,
    resources: [String] = [],
    detailType: String?,
    detail: String?,
    bus: String? = nil,
    traceHeader: String? = nil
  ) {
    self.time = time
    self.source = source
    self.resources = resources
    self.detailType = detailType
    self.detail = detail
    self.bus = bus
    self.traceHeader = traceHeader
  }

  /// What counts towards the size of a request: a time is 14 bytes.
  public var size: Int {
    (time == nil ? 0 : 14) + (source?.utf8.count ?? 0) + (detailType?.utf8.count ?? 0) + (detail?.utf8.count ?? 0)
      + resources.reduce(0) { $0 + $1.utf8.count }
  }

  /// What is wrong with it; nothing if it can become an event.
  ///
  /// - Parameter isPartner: partner sources begin with `aws.`, and nobody else's do.
  func problem(isPartner: Bool = false) -> BusError? {
    for (name, value) in [("Source", source), ("DetailType", detailType), ("Detail", detail)]
    where value?.isEmpty ?? true {
      return BusError("InvalidArgument", "Parameter \(name) is not valid. Reason: \(name) is a required argument.")
    }
    if !isPartner, source?.hasPrefix("aws.") == true {
      return BusError("NotAuthorizedForSourceException", "Not authorized for the source.")
    }
    guard let detail, Self.isObject(Array(detail.utf8)) else {
      return BusError("MalformedDetail", "Detail is malformed.")
    }
    return nil
  }

  /// Whether bytes are one JSON object and nothing else.
  private static func isObject(_ bytes: [UInt8]) -> Bool {
    var reader = JSONReader(bytes)
    guard (try? reader.next()) == .objectStart else { return false }
    while let token = try? reader.next() {
      guard token == .end else { continue }
      return bytes[reader.offset...].allSatisfy { " \n\r\t".utf8.contains($0) }
    }
    return false
  }

  /// What conditions of a bus's policy may want to know.
  var conditions: [String: [String]] {
    ["events:source": [source].compactMap(\.self), "events:detail-type": [detailType].compactMap(\.self)]
  }

  /// The event, for an entry without a problem.
  func event(id: String, in scope: Scope, now: Int64) -> TrailEvent {
    TrailEvent(
      id: id,
      detailType: detailType ?? "",
      source: source ?? "",
      scope: scope,
      time: time ?? now,
      resources: resources,
      detail: Array((detail ?? "{}").utf8)
    )
  }
}

/// What became of an entry.
public enum EntryResult: Sendable, Equatable {
  /// It was taken, under this id.
  case accepted(id: String)
  /// It was refused.
  case refused(BusError)
}
