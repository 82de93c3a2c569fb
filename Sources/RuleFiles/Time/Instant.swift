// Points in time as rule files and records write them: RFC 3339, whole seconds in UTC.

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z.
public struct Instant: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Seconds since 1970, UTC.
  public var seconds: Int64

  /// The point this many seconds after the start of 1970.
  public init(seconds: Int64) {
    self.seconds = seconds
  }

  /// Reads an RFC 3339 date and time, or a plain date, which means its first second in UTC.
  ///
  /// Fractions of a second are read and dropped.
  public init(parsing text: String) throws(NotationError) {
    var reader = DigitReader(text)
    let year = try reader.number(digits: 4, in: 0...9999, "a year")
    try reader.expect("-")
    let month = try reader.number(digits: 2, in: 1...12, "a month")
    try reader.expect("-")
    let lastDay = CivilDate.daysIn(month: month, year: year)
    let day = try reader.number(digits: 2, in: 1...lastDay, "a day of that month")
    let midnight = CivilDate(year: year, month: month, day: day).daysSince1970 * 86_400
    if reader.isAtEnd {
      seconds = midnight
      return
    }
    guard reader.skip("T") || reader.skip("t") || reader.skip(" ") else {
      throw NotationError(
        "a T and a time were expected after the date, such as 2027-03-31T12:00:00Z",
        at: reader.offset
      )
    }
    let hour = try reader.number(digits: 2, in: 0...23, "an hour")
    try reader.expect(":")
    let minute = try reader.number(digits: 2, in: 0...59, "a minute")
    try reader.expect(":")
    let second = try reader.number(digits: 2, in: 0...60, "a second")
    if reader.skip(".") { try reader.skipDigits() }
    let zone = try reader.zoneOffset()
    guard reader.isAtEnd else { throw NotationError("nothing may follow the time zone", at: reader.offset) }
    seconds = midnight + Int64(hour * 3600 + minute * 60 + second) - zone
  }

  /// Orders by time.
  public static func < (left: Instant, right: Instant) -> Bool { left.seconds < right.seconds }

  /// The point as RFC 3339 in UTC: `2027-03-31T12:00:00Z`.
  public var description: String {
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let date = CivilDate(daysSince1970: days)
    let rest = Int(seconds - days * 86_400)
    return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))T"
      + "\(padded(rest / 3600)):\(padded(rest / 60 % 60)):\(padded(rest % 60))Z"
  }

  private func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// A cursor over fixed-width digits.
private struct DigitReader {
  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { offset >= bytes.count }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard offset < bytes.count, UInt32(bytes[offset]) == character.value else { return false }
    offset += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(NotationError) {
    guard skip(character) else {
      throw NotationError("'\(character)' was expected: write an instant as 2027-03-31T12:00:00Z", at: offset)
    }
  }

  mutating func number(digits: Int, in range: ClosedRange<Int>, _ what: String) throws(NotationError) -> Int {
    let end = offset + digits
    guard end <= bytes.count,
      let value = String(decoding: bytes[offset..<end], as: UTF8.self).plainNumber.map({ Int($0) })
    else {
      throw NotationError("\(what) of \(digits) digits was expected: write 2027-03-31T12:00:00Z", at: offset)
    }
    guard range.contains(value) else {
      throw NotationError("\(value) is not \(what) (\(range.lowerBound) to \(range.upperBound))", at: offset)
    }
    offset = end
    return value
  }

  mutating func skipDigits() throws(NotationError) {
    let start = offset
    while offset < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[offset] { offset += 1 }
    guard offset > start else { throw NotationError("digits were expected after the decimal point", at: offset) }
  }

  /// The seconds that local time is ahead of UTC.
  mutating func zoneOffset() throws(NotationError) -> Int64 {
    if skip("Z") || skip("z") { return 0 }
    let sign: Int64
    if skip("+") {
      sign = 1
    } else if skip("-") {
      sign = -1
    } else {
      throw NotationError("a time zone was expected: Z for UTC, or an offset such as +02:00", at: offset)
    }
    let hours = try number(digits: 2, in: 0...23, "an hour of the offset")
    try expect(":")
    let minutes = try number(digits: 2, in: 0...59, "a minute of the offset")
    return sign * Int64(hours * 3600 + minutes * 60)
  }
}
