// Where the few fields that Signalbox itself needs stand in a record: spans of bytes, not values.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The places of known top-level members of one JSON object. Of duplicate names the last one counts.
struct RecordFields {
  /// A member that envelopes, sources or the recognition of files need.
  enum Field: Int {
    // CloudTrail records.
    case eventID, eventTime, eventType, eventSource, eventName, eventVersion, eventCategory, awsRegion
    case recipientAccountID, userIdentity, insightDetails, accountID
    // EventBridge envelopes.
    case detailType, detail, source, id, time, account, region
    // Other files that CloudTrail writes.
    case records, message, digest

    /// The field of a member name (the bytes between the quotes); names written with escapes are not known.
    @inline(__always)
    init?(name: UnsafePointer<UInt8>, length: Int) {
      func matches(_ text: StaticString) -> Bool {
        memcmp(name, text.utf8Start, length) == 0
      }
      switch length {
      case 2 where matches("id"): self = .id
      case 4 where matches("time"): self = .time
      case 6:
        if matches("detail") {
          self = .detail
        } else if matches("source") {
          self = .source
        } else if matches("region") {
          self = .region
        } else {
          return nil
        }
      case 7:
        if matches("eventID") || matches("eventId") {
          self = .eventID
        } else if matches("account") {
          self = .account
        } else if matches("Records") {
          self = .records
        } else if matches("Message") {
          self = .message
        } else {
          return nil
        }
      case 9:
        if matches("eventTime") {
          self = .eventTime
        } else if matches("eventType") {
          self = .eventType
        } else if matches("eventName") {
          self = .eventName
        } else if matches("awsRegion") {
          self = .awsRegion
        } else if matches("accountId") {
          self = .accountID
        } else {
          return nil
        }
      case 11:
        if matches("eventSource") {
          self = .eventSource
        } else if matches("detail-type") {
          self = .detailType
        } else {
          return nil
        }
      case 12:
        if matches("userIdentity") {
          self = .userIdentity
        } else if matches("eventVersion") {
          self = .eventVersion
        } else {
          return nil
        }
      case 13:
        if matches("eventCategory") {
          self = .eventCategory
        } else if matches("digestEndTime") {
          self = .digest
        } else {
          return nil
        }
      case 14:
        if matches("insightDetails") {
          self = .insightDetails
        } else if matches("digestS3Object") || matches("digestS3Bucket") {
          self = .digest
        } else {
          return nil
        }
      case 15 where matches("digestStartTime"): self = .digest
      case 18 where matches("recipientAccountId"): self = .recipientAccountID
      default: return nil
      }
    }
  }

  private var spans = [22 of (start: Int, end: Int)](repeating: (0, 0))

  /// The span of a field's value in the walked buffer, or nothing.
  subscript(_ field: Field) -> Range<Int>? {
    let span = spans[field.rawValue]
    return span.end > span.start ? span.start..<span.end : nil
  }

  /// Notes the value of a field.
  @inline(__always)
  mutating func set(_ field: Field, from start: Int, to end: Int) {
    spans[field.rawValue] = (start, end)
  }

  /// Moves all spans: the bytes now begin later in (or at another place of) the buffer.
  mutating func subtract(_ offset: Int) {
    for index in spans.indices where spans[index].end > 0 {
      spans[index].start -= offset
      spans[index].end -= offset
    }
  }

  /// Whether this object looks like a CloudTrail record: it has at least one of the members that only records have.
  var isRecord: Bool {
    self[.eventVersion] != nil || self[.eventTime] != nil || self[.eventName] != nil || self[.eventSource] != nil
      || self[.eventType] != nil || self[.eventID] != nil || self[.insightDetails] != nil
      || self[.userIdentity] != nil
  }

  /// Whether this object is an EventBridge event.
  var isEnvelope: Bool { self[.detailType] != nil && self[.detail] != nil && self[.source] != nil }

  /// Whether this object is a digest file: nothing else has a member of a digest's own, so one is enough.
  var isDigest: Bool { self[.digest] != nil }
}
