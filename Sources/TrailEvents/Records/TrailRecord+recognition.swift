// Which objects are taken as records and events, and what the others lack: one answer for log files, standard input and
// the events of rule tests.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension TrailRecord {
  /// Whether the object is a CloudTrail record or an EventBridge event.
  package var isTaken: Bool { fields.isEnvelope || (fields.isRecord && !isForeign) }

  /// S3 and SNS notifications have `Records` with an `eventSource` too: `aws:s3`, where CloudTrail has a domain name.
  private var isForeign: Bool {
    FieldText.quotable(bytes, fields[.eventSource]).map(Self.isForeign(source:)) ?? false
  }

  /// Whether an `eventSource` is that of a notification.
  static func isForeign(source: UnsafeRawBufferPointer) -> Bool {
    let prefix: StaticString = "aws:"
    guard source.count >= prefix.utf8CodeUnitCount, let start = source.baseAddress else { return false }
    return memcmp(start, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
  }

  /// What an object with a `detail` lacks to be an EventBridge event, as `has 'detail' but no 'source'`; nothing for
  /// anything else.
  var incompleteEvent: String? {
    guard fields[.detail] != nil else { return nil }
    let missing = [(RecordFields.Field.detailType, "'detail-type'"), (.source, "'source'")]
      .filter { fields[$0.0] == nil }.map(\.1)
    return missing.isEmpty ? nil : "has 'detail' but no \(missing.joined(separator: " and no "))"
  }

  /// Why the sources would not take a JSON object for an event, as `it has 'detail' but no 'source'`; nothing if they
  /// would.
  package static func lack(of object: [UInt8]) -> String? {
    object.withUnsafeBytes { bytes in
      do throws(TrailEventError) {
        let record = try TrailRecord(checking: bytes)
        if record.isTaken { return nil }
        if let name = ForeignDocument.name(of: bytes) { return "it is \(name), not a CloudTrail record" }
        if let incomplete = record.incompleteEvent { return "it \(incomplete)" }
        return "it has neither 'detail-type' nor 'eventName' nor anything else that events have"
      } catch {
        return error.message
      }
    }
  }
}
