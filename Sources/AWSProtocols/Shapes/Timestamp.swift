// Points in time as the protocols write them: epoch seconds in JSON, ISO 8601 in XML, HTTP dates in headers.

/// A point in time in milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970.
  public var milliseconds: Int64

  /// Wraps milliseconds since 1970.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Wraps whole seconds since 1970; stays at the ends of the range instead of overflowing.
  public init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    milliseconds = overflow ? (seconds < 0 ? .min : .max) : product
  }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 { milliseconds >= 0 ? milliseconds / 1000 : -((999 - milliseconds) / 1000) }

  /// Orders by time.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

  /// Reads an ISO 8601 time such as `2026-01-01T00:00:00Z`, with or without fractions, with `Z` or an offset.
  public init?(iso8601 text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return value
    }
    func has(_ character: Unicode.Scalar, _ index: Int) -> Bool {
      index < bytes.count && bytes[index] | 0x20 == UInt8(ascii: character) | 0x20
    }
    guard let year = number(0..<4), has("-", 4), let month = number(5..<7), has("-", 7), let day = number(8..<10),
      has("T", 10), let hour = number(11..<13), has(":", 13), let minute = number(14..<16), has(":", 16),
      let second = number(17..<19), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    var index = 19
    var millisecond = 0
    if has(".", index) {
      var digits = 0
      index += 1
      while let digit = number(index..<index + 1) {
        if digits < 3 { millisecond = millisecond * 10 + digit }
        digits += 1
        index += 1
      }
      guard digits > 0 else { return nil }
      for _ in min(digits, 3)..<3 { millisecond *= 10 }
    }
    var offset = 0
    if has("Z", index) {
      index += 1
    } else if has("+", index) || has("-", index) {
      guard let hours = number(index + 1..<index + 3), has(":", index + 3), let minutes = number(index + 4..<index + 6)
      else { return nil }
      offset = (hours * 60 + minutes) * (bytes[index] == UInt8(ascii: "-") ? -60 : 60)
      index += 6
    }
    guard index == bytes.count else { return nil }
    let days = Self.days(year: Int64(year), month: Int64(month), day: Int64(day))
    let inDay = Int64(hour * 3600 + minute * 60 + second - offset)
    self.init(milliseconds: (days * 86_400 + inDay) * 1000 + Int64(millisecond))
  }

  /// Reads the compact form that signatures use: `20260101T000000Z`.
  public init?(basic text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 16, digits[8] == UInt8(ascii: "T"), digits[15] == UInt8(ascii: "Z") else { return nil }
    let part = { (range: Range<Int>) in String(decoding: digits[range], as: UTF8.self) }
    self.init(
      iso8601: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
    )
  }

  /// `2026-01-01T00:00:00Z`
  public var iso8601: String {
    let parts = civil
    return "\(parts.year, 4)-\(parts.month, 2)-\(parts.day, 2)T\(parts.hour, 2):\(parts.minute, 2):\(parts.second, 2)Z"
  }

  /// `2026-01-01T00:00:00.000Z`
  public var iso8601WithMilliseconds: String {
    "\(iso8601.dropLast()).\(Int(milliseconds - seconds * 1000), 3)Z"
  }

  /// `20260101T000000Z`
  public var basic: String { iso8601.filter { $0 != "-" && $0 != ":" } }

  /// `Thu, 01 Jan 2026 00:00:00 GMT`
  public var httpDate: String {
    let parts = civil
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int((parts.days % 7 + 7) % 7)]
    return "\(weekday), \(parts.day, 2) \(Self.months[parts.month - 1]) \(parts.year, 4) "
      + "\(parts.hour, 2):\(parts.minute, 2):\(parts.second, 2) GMT"
  }

  /// `Jan 1, 2026, 12:00:00 AM`, which is how CloudTrail prints times of parameters and answers.
  ///
  /// - Parameter comma: whether there is one after the year; records of older services (IAM) have none.
  public func recordText(comma: Bool = true) -> String {
    let parts = civil
    let hour = parts.hour % 12 == 0 ? 12 : parts.hour % 12
    return "\(Self.months[parts.month - 1]) \(parts.day), \(parts.year, 4)\(comma ? "," : "") "
      + "\(hour):\(parts.minute, 2):\(parts.second, 2) \(parts.hour < 12 ? "AM" : "PM")"
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// Seconds since 1970 as JSON prints them: `1767225600`, or `1767225600.125`.
  public var epochText: String {
    let rest = milliseconds - seconds * 1000
    guard rest != 0 else { return String(seconds) }
    return "\(Double(milliseconds) / 1000)"
  }

  private var civil: (days: Int64, year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    let clamped = min(max(seconds, -62_167_219_200), 253_402_300_799)
    let days = (clamped - (clamped % 86_400 + 86_400) % 86_400) / 86_400
    let rest = Int(clamped - days * 86_400)
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    return (days, Int(year), Int(month), Int(day), rest / 3600, rest / 60 % 60, rest % 60)
  }

  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension DefaultStringInterpolation {
  /// A number with leading zeros.
  fileprivate mutating func appendInterpolation(_ number: Int, _ width: Int) {
    let digits = String(number)
    appendLiteral(String(repeating: "0", count: max(0, width - digits.count)) + digits)
  }
}
