// The EventBridge envelope around a CloudTrail record:
//
//   {"version":"0","id":…,"detail-type":…,"source":…,"account":…,"time":…,"region":…,"resources":[],"detail":RECORD}
//
// RECORD is the file's bytes, untouched: rules see what CloudTrail wrote, numbers and key order included. One buffer is
// used again for every record, so that matching a log file allocates nothing per event.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Writes envelopes into a buffer of its own; one per thread.
public struct EnvelopeWriter: ~Copyable {
  private var buffer: [UInt8] = []
  private let signIn: [UInt8]
  private(set) var parts = Parts()

  /// Where the values of the envelope written last stand in it (as JSON, quotes included).
  struct Parts {
    var detailType = 0..<0
    var source = 0..<0
    var account = 0..<0
    var time = 0..<0
    var region = 0..<0
  }

  /// Makes a writer.
  public init(_ conventions: EnvelopeConventions = EnvelopeConventions()) {
    signIn = FieldText.escaped(conventions.consoleSignIn.utf8)
    buffer.reserveCapacity(8192)
  }

  /// Hands the event for a record to a closure: the record's own bytes if it is an envelope already.
  public mutating func withEnvelope<Result, Failure: Error>(
    of record: TrailRecord,
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if record.isEnvelope { return try body(record.bytes) }
    write(record)
    return try buffer.withUnsafeBufferPointer { (envelope) throws(Failure) in
      try body(UnsafeRawBufferPointer(envelope))
    }
  }

  /// The envelope as an array of its own.
  public mutating func envelope(of record: TrailRecord) -> [UInt8] {
    if record.isEnvelope { return Array(record.bytes) }
    write(record)
    return buffer
  }

  private mutating func write(_ record: TrailRecord) {
    let (bytes, fields) = (record.bytes, record.fields)
    buffer.removeAll(keepingCapacity: true)

    append(#"{"version":"0","id":""#)
    if let id = FieldText.quotable(bytes, fields[.eventID]), Self.isUUID(id) {
      buffer.append(contentsOf: id)
    } else {
      buffer.append(contentsOf: ContentHash.uuid(bytes))
    }

    append(#"","detail-type":"#)
    parts.detailType = quoted { writer in
      if let name = DetailType.name(of: fields, in: bytes) {
        writer.append(name)
      } else {
        writer.buffer.append(contentsOf: writer.signIn)
      }
    }

    append(#","source":"#)
    parts.source = quoted { writer in writer.appendSource(record) }

    append(#","account":"#)
    parts.account = quoted { writer in
      if let account = FieldText.quotable(bytes, fields[.recipientAccountID]) {
        writer.buffer.append(contentsOf: account)
      } else {
        writer.append(escaping: record.ownerAccount.utf8)
      }
    }

    append(#","time":"#)
    parts.time = quoted { writer in (record.time ?? EventTime(seconds: 0)).append(to: &writer.buffer) }

    append(#","region":"#)
    parts.region = quoted { writer in
      if let region = FieldText.quotable(bytes, fields[.awsRegion]) { writer.buffer.append(contentsOf: region) }
    }

    append(#","resources":[],"detail":"#)
    buffer.append(contentsOf: bytes)
    buffer.append(UInt8(ascii: "}"))
  }

  /// `aws.` and the name of the service: `s3.amazonaws.com` becomes `aws.s3`.
  private mutating func appendSource(_ record: TrailRecord) {
    append("aws.")
    if let source = FieldText.quotable(record.bytes, record.fields[.eventSource]), !source.isEmpty {
      buffer.append(contentsOf: source[..<Self.serviceEnd(in: source)])
    } else if let span = record.fields[.insightDetails], let source = record.member(.eventSource, of: span) {
      var source = source
      source.withUTF8 { text in
        let bytes = UnsafeRawBufferPointer(text)
        append(escaping: bytes[..<Self.serviceEnd(in: bytes)])
      }
    } else {
      append("cloudtrail")
    }
  }

  /// Where a service's name ends in an `eventSource`: before `.amazonaws.com` (or `.amazonaws.com.cn`), else at the
  /// first dot.
  static func serviceEnd(in source: UnsafeRawBufferPointer) -> Int {
    let domain: StaticString = ".amazonaws.com"
    let length = domain.utf8CodeUnitCount
    func isDomain(at end: Int) -> Bool {
      guard end > 0, let start = source.baseAddress else { return false }
      return memcmp(start + end, domain.utf8Start, length) == 0
    }
    if isDomain(at: source.count - length) { return source.count - length }
    if isDomain(at: source.count - length - 3) { return source.count - length - 3 }
    return source.firstIndex(of: UInt8(ascii: ".")) ?? source.count
  }

  /// Whether a text has the shape 8-4-4-4-12 of hexadecimal digits.
  static func isUUID(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count == 36 else { return false }
    // Bit n is set where a hyphen belongs.
    let hyphens: UInt64 = 1 << 8 | 1 << 13 | 1 << 18 | 1 << 23
    var fits = true
    for index in 0..<36 {
      let byte = text[index]
      let isDigit = byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6
      let wantsHyphen = hyphens >> UInt64(index) & 1 == 1
      fits = fits && (wantsHyphen ? byte == UInt8(ascii: "-") : isDigit)
    }
    return fits
  }

  private mutating func quoted(_ body: (inout EnvelopeWriter) -> Void) -> Range<Int> {
    let start = buffer.count
    buffer.append(UInt8(ascii: "\""))
    body(&self)
    buffer.append(UInt8(ascii: "\""))
    return start..<buffer.count
  }

  private mutating func append(_ text: StaticString) {
    buffer.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func append(escaping text: some Sequence<UInt8>) {
    buffer.append(contentsOf: FieldText.escaped(text))
  }
}
