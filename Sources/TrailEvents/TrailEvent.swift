// What the rest of Signalbox works with: one event, in the shape it would have on an EventBridge bus.

/// One CloudTrail record as an EventBridge event.
public struct TrailEvent: Sendable, Equatable {
  /// The record's `eventID`, or an id derived from the record's bytes when it has none: the key for de-duplication.
  public var eventID: String
  /// The event as JSON: version, id, detail-type, source, account, time, region, resources and, as `detail`, the
  /// record's bytes verbatim.
  public var envelope: [UInt8]
  /// The sender: `aws.` and the service (`aws.s3`).
  public var source: String
  /// What kind of event it is: `AWS API Call via CloudTrail` and the like.
  public var detailType: String
  /// The account that received the event: twelve digits, or empty when the record does not say.
  public var account: String
  /// The Region of the event, or empty when the record does not say.
  public var region: String
  /// When it happened, in seconds since 1970; 0 when the record does not say.
  public var time: Int64

  /// Makes an event of its parts.
  public init(
    eventID: String,
    envelope: [UInt8],
    source: String,
    detailType: String,
    account: String,
    region: String,
    time: Int64
  ) {
    self.eventID = eventID
    self.envelope = envelope
    self.source = source
    self.detailType = detailType
    self.account = account
    self.region = region
    self.time = time
  }

  /// Makes the event for a CloudTrail record, or takes an EventBridge event as it is.
  ///
  /// Throws ``TrailEventError`` if the bytes are not one well-formed JSON object.
  public init(
    record: [UInt8],
    conventions: EnvelopeConventions = EnvelopeConventions()
  ) throws(TrailEventError) {
    var writer = EnvelopeWriter(conventions)
    self = try record.withUnsafeBufferPointer { (bytes) throws(TrailEventError) in
      TrailEvent(try TrailRecord(checking: UnsafeRawBufferPointer(bytes)), writer: &writer)
    }
  }

  /// Makes the event for a record that a reader has found.
  public init(_ record: TrailRecord, writer: inout EnvelopeWriter) {
    let envelope = writer.envelope(of: record)
    let (bytes, fields, parts) = (record.bytes, record.fields, writer.parts)
    func text(_ part: Range<Int>, _ field: RecordFields.Field) -> String {
      if record.isEnvelope { return FieldText.string(bytes, fields[field]) ?? "" }
      return envelope.withUnsafeBytes { FieldText.string($0, part) ?? "" }
    }
    self.init(
      eventID: record.eventID,
      envelope: envelope,
      source: text(parts.source, .source),
      detailType: text(parts.detailType, .detailType),
      account: text(parts.account, .account),
      region: text(parts.region, .region),
      time: record.time?.seconds ?? 0
    )
  }
}
