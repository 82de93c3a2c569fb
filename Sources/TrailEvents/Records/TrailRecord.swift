// A record where it lies in a file: a view of bytes that somebody else owns.

/// One CloudTrail record or EventBridge event in a buffer, valid as long as the buffer is.
public struct TrailRecord {
  /// The JSON object, byte for byte as the file has it.
  public let bytes: UnsafeRawBufferPointer
  /// The line of the file on which the record begins, from 1.
  public let line: Int
  /// Where the record begins in the (decompressed) file, in bytes.
  public let offset: Int
  /// Where the known members stand in `bytes`.
  let fields: RecordFields

  init(bytes: UnsafeRawBufferPointer, fields: RecordFields, line: Int, offset: Int) {
    self.bytes = bytes
    self.fields = fields
    self.line = line
    self.offset = offset
  }

  /// Checks one whole JSON object that holds nothing else but white space around it.
  public init(checking text: UnsafeRawBufferPointer) throws(TrailEventError) {
    let walker = RecordWalker(text)
    var fields = RecordFields()
    let start = walker.skipWhitespace(0)
    guard start < text.count else { throw TrailEventError(message: "there is no record: the text is empty", offset: 0) }
    guard text[start] == UInt8(ascii: "{") else {
      throw TrailEventError(message: "a record is a JSON object, and this text does not begin with {", offset: start)
    }
    let end: Int
    do throws(WalkFailure) {
      switch try walker.walk(from: start, fields: &fields) {
      case .end(let offset), .records(let offset): end = offset
      }
    } catch {
      throw TrailEventError(error, count: text.count)
    }
    let rest = walker.skipWhitespace(end)
    guard rest == text.count else {
      throw TrailEventError(message: "there is more text after the end of the record", offset: rest)
    }
    fields.subtract(start)
    self.init(bytes: UnsafeRawBufferPointer(rebasing: text[start..<end]), fields: fields, line: 1, offset: start)
  }

  /// Whether this is already an EventBridge event (it has `detail-type`, `source` and `detail`).
  public var isEnvelope: Bool { fields.isEnvelope }

  /// The event's id: a record's `eventID`, or an id derived from the bytes when it has none.
  public var eventID: String {
    if isEnvelope { return envelopeEventID }
    if let id = FieldText.string(bytes, fields[.eventID]), !id.isEmpty { return id }
    return String(decoding: ContentHash.uuid(bytes), as: UTF8.self)
  }

  /// CloudTrail events keep the record's id, so that a record and the event made of it are the same event.
  private var envelopeEventID: String {
    if let type = FieldText.string(bytes, fields[.detailType]), type.hasSuffix(" via CloudTrail"),
      let span = fields[.detail], let inner = member(.eventID, of: span), !inner.isEmpty
    {
      return inner
    }
    if let id = FieldText.string(bytes, fields[.id]), !id.isEmpty { return id }
    return String(decoding: ContentHash.uuid(bytes), as: UTF8.self)
  }

  /// When it happened: `eventTime` of a record, `time` of an event.
  var time: EventTime? {
    FieldText.quotable(bytes, fields[isEnvelope ? .time : .eventTime]).flatMap(EventTime.init)
  }

  /// The account of a record that names no recipient.
  var ownerAccount: String {
    if let span = fields[.userIdentity], let account = member(.accountID, of: span) { return account }
    return FieldText.string(bytes, fields[.accountID]) ?? ""
  }

  /// The text of a member of an object inside the record.
  func member(_ field: RecordFields.Field, of span: Range<Int>) -> String? {
    guard bytes[span.lowerBound] == UInt8(ascii: "{") else { return nil }
    let inner = UnsafeRawBufferPointer(rebasing: bytes[span])
    var fields = RecordFields()
    guard (try? RecordWalker(inner).walk(from: 0, fields: &fields)) != nil else { return nil }
    return FieldText.string(inner, fields[field])
  }
}

/// Why bytes are not a record or an event.
public struct TrailEventError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was wrong and what was expected.
  public var message: String
  /// The offset of the offending byte.
  public var offset: Int

  /// Makes an error at a byte offset.
  public init(message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  init(_ failure: WalkFailure, count: Int) {
    switch failure {
    case .endOfBytes: self.init(message: "the text ends before the JSON value does", offset: count)
    case .malformed(let problem, let offset): self.init(message: problem.rawValue, offset: offset)
    }
  }

  /// The message and the place.
  public var description: String { "\(message) (at byte \(offset))" }
}
