// CloudTrail records against patterns, without writing their envelopes.
//
// A rule asks about many members of the record and few of the envelope. So the record is matched where it lies, as the
// `detail`, and of the envelope only what some rule asks about is worked out. That holds for a plain record: one that has
// an `eventSource`, and those members that count as strings without escapes. For any other an envelope is written; what
// matches is the same.

public import EventPatterns

/// Matches CloudTrail records and EventBridge events against patterns. It holds scratch memory, so use one per thread.
public struct RecordMatcher: ~Copyable {
  /// Members of the envelope that rules may ask about; `resources` is always empty.
  private enum Given: Int, CaseIterable {
    case version, id, detailType, source, account, time, region

    var name: String { self == .detailType ? "detail-type" : "\(self)" }
    var bit: UInt8 { 1 << UInt8(rawValue) }
  }

  /// Members of a record that tell what it is, or that the envelope is made of.
  private enum Observed: Int, CaseIterable {
    case eventSource, detailType, eventType, eventCategory, recipientAccountId, awsRegion, eventTime, eventID, eventId

    var name: String { self == .detailType ? "detail-type" : "\(self)" }

    /// The member of the envelope that is made of it; those without one are always looked at.
    var madeInto: Given? {
      switch self {
      case .eventSource, .detailType: nil
      case .eventType, .eventCategory: .detailType
      case .recipientAccountId: .account
      case .awsRegion: .region
      case .eventTime: .time
      case .eventID, .eventId: .id
      }
    }
  }

  private var details: DetailMatcher
  private var envelopes: EnvelopeWriter
  /// Where the text begins that was opened last.
  private(set) var openText: UnsafeRawPointer?
  /// Which members of the envelope some pattern asks about, one bit each.
  private let asked: UInt8
  /// The numbers that the observed members have with `details`.
  private let numbers: [Int]
  /// `source` as it is given: `aws.` and room for the service. Behind it the name of sign-ins.
  private let texts: UnsafeMutableRawBufferPointer
  private static let prefix: StaticString = "aws."
  private static let longestService = 124
  private static let signInStart = 128

  /// Prepares a matcher.
  public init(_ patterns: PatternSet, conventions: EnvelopeConventions = EnvelopeConventions()) {
    let asked = Given.allCases.reduce(0 as UInt8) { patterns.asks(about: $1.name) ? $0 | $1.bit : $0 }
    self.asked = asked
    var names: [String] = []
    var numbers: [Int] = []
    for member in Observed.allCases {
      let isNeeded = member.madeInto.map { asked & $0.bit != 0 } ?? true
      numbers.append(isNeeded ? names.count : -1)
      if isNeeded { names.append(member.name) }
    }
    self.numbers = numbers
    details = DetailMatcher(patterns, observing: names, giving: Given.allCases.map(\.name))
    envelopes = EnvelopeWriter(conventions)
    texts = .allocate(byteCount: Self.signInStart + conventions.consoleSignIn.utf8.count, alignment: 16)
    texts.copyBytes(from: UnsafeRawBufferPointer(start: Self.prefix.utf8Start, count: Self.prefix.utf8CodeUnitCount))
    UnsafeMutableRawBufferPointer(rebasing: texts[Self.signInStart...]).copyBytes(from: conventions.consoleSignIn.utf8)
  }

  deinit { texts.deallocate() }

  /// What patterns a record or an event matches; nothing if there are none, and it is not refused either.
  public mutating func match(_ record: TrailRecord) -> RecordMatch? {
    do throws(EventError) {
      let patterns = try Self.matches(record, &details, &envelopes)
      return patterns.isEmpty ? nil : RecordMatch(record, patterns: patterns)
    } catch {
      return RecordMatch(record, patterns: [], refusal: error)
    }
  }

  private static func matches(
    _ record: TrailRecord,
    _ details: inout DetailMatcher,
    _ envelopes: inout EnvelopeWriter
  ) throws(EventError) -> [Int] {
    try envelopes.withEnvelope(of: record) { (event) throws(EventError) in try details.matches(event: event) }
  }

  // MARK: Records in a text

  /// Takes a text of records, which stays where it is until the last has been read.
  mutating func open(_ text: UnsafeRawBufferPointer) {
    details.open(text)
    openText = text.baseAddress
  }

  /// Reads the object at an offset of the text and returns the offset behind it; nothing if it is broken or not whole.
  mutating func read(at offset: Int) -> Int? { details.read(at: offset) }

  /// The indices of the patterns that the record which was read matches, ascending; nothing if it is not plain, or no
  /// record.
  mutating func matchesOfRead() -> [Int]? {
    guard case .plain(let source) = observed(.eventSource), !source.isEmpty, !TrailRecord.isForeign(source: source),
      case .absent = observed(.detailType), giveEnvelope(source)
    else { return nil }
    return details.matches()
  }

  private mutating func observed(_ member: Observed) -> ObservedMember { details.observed(numbers[member.rawValue]) }

  private mutating func give(_ member: Given, _ text: UnsafeRawBufferPointer) { details.give(member.rawValue, text) }

  /// Gives what is asked of the envelope; false where that is not as plain as it nearly always is.
  private mutating func giveEnvelope(_ eventSource: UnsafeRawBufferPointer) -> Bool {
    let asked = asked
    func asks(_ member: Given) -> Bool { asked & member.bit != 0 }

    if asks(.source) {
      let service = UnsafeRawBufferPointer(rebasing: eventSource[..<EnvelopeWriter.serviceEnd(in: eventSource)])
      guard service.count <= Self.longestService else { return false }
      let start = Self.prefix.utf8CodeUnitCount
      UnsafeMutableRawBufferPointer(rebasing: texts[start...]).copyMemory(from: service)
      give(.source, UnsafeRawBufferPointer(rebasing: texts[..<(start + service.count)]))
    }
    if asks(.detailType) {
      guard case .plain(let type) = observed(.eventType) else { return false }
      var category: UnsafeRawBufferPointer?
      switch observed(.eventCategory) {
      case .plain(let text): category = text
      case .absent: break
      case .unusual: return false
      }
      if let name = DetailType.name(ofType: type, category: category) {
        give(.detailType, UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
      } else {
        give(.detailType, UnsafeRawBufferPointer(rebasing: texts[Self.signInStart...]))
      }
    }
    if asks(.account) {
      guard case .plain(let account) = observed(.recipientAccountId) else { return false }
      give(.account, account)
    }
    if asks(.region) {
      guard case .plain(let region) = observed(.awsRegion) else { return false }
      give(.region, region)
    }
    if asks(.time) {
      guard case .plain(let time) = observed(.eventTime), EventTime(time)?.isWritten(as: time) == true else {
        return false
      }
      give(.time, time)
    }
    if asks(.id) {
      guard case .plain(let id) = observed(.eventID), case .absent = observed(.eventId), EnvelopeWriter.isUUID(id)
      else { return false }
      give(.id, id)
    }
    if asks(.version) {
      let version: StaticString = "0"
      give(.version, UnsafeRawBufferPointer(start: version.utf8Start, count: version.utf8CodeUnitCount))
    }
    return true
  }
}
