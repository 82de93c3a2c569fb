// CloudTrail's and EventBridge's instants: `2023-07-10T12:26:23Z`, whole seconds, UTC.

/// An instant in whole seconds since 1970, read from and written as RFC 3339.
struct EventTime: Equatable {
  /// Seconds since 1970-01-01T00:00:00Z.
  var seconds: Int64

  /// Wraps seconds since 1970.
  init(seconds: Int64) { self.seconds = seconds }

  /// Reads an RFC 3339 time; fractions of a second are dropped, offsets are resolved, no zone is UTC.
  init?(_ text: UnsafeRawBufferPointer) {
    func number(_ start: Int, _ length: Int) -> Int64? {
      guard start + length <= text.count else { return nil }
      var value: Int64 = 0
      for byte in text[start..<start + length] {
        guard byte &- UInt8(ascii: "0") < 10 else { return nil }
        value = value * 10 + Int64(byte &- UInt8(ascii: "0"))
      }
      return value
    }
    func has(_ character: Unicode.Scalar, _ index: Int) -> Bool {
      index < text.count && text[index] | 0x20 == UInt8(ascii: character) | 0x20
    }
    guard text.count >= 19, has("-", 4), has("-", 7), has("T", 10) || has(" ", 10), has(":", 13), has(":", 16),
      let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
      let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
      (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    var at = 19
    if has(".", at) {
      at += 1
      guard number(at, 1) != nil else { return nil }
      while number(at, 1) != nil { at += 1 }
    }
    var offset: Int64 = 0
    if has("Z", at) {
      at += 1
    } else if has("+", at) || has("-", at) {
      guard let hours = number(at + 1, 2), has(":", at + 3), let minutes = number(at + 4, 2), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (text[at] == UInt8(ascii: "-") ? -60 : 60)
      at += 6
    }
    guard at == text.count else { return nil }
    seconds =
      Self.daysSince1970(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second - offset
  }

  /// Whether `append` would write this time, which was read from a text, as that very text.
  func isWritten(as text: UnsafeRawBufferPointer) -> Bool {
    text.count == 20 && text[10] == UInt8(ascii: "T") && text[17] < UInt8(ascii: "6") && text[19] == UInt8(ascii: "Z")
  }

  /// Appends the time as `2023-07-10T12:26:23Z`; years outside 0 to 9999 are clamped.
  func append(to output: inout [UInt8]) {
    let clamped = min(max(seconds, -62_167_219_200), 253_402_300_799)
    let day = (clamped - (clamped % 86_400 + 86_400) % 86_400) / 86_400
    let time = clamped - day * 86_400
    let date = Self.civil(day)
    func digits(_ value: Int64, _ width: Int) {
      var divisor: Int64 = width == 4 ? 1000 : 10
      while divisor > 0 {
        output.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
        divisor /= 10
      }
    }
    digits(date.year, 4)
    output.append(UInt8(ascii: "-"))
    digits(date.month, 2)
    output.append(UInt8(ascii: "-"))
    digits(date.day, 2)
    output.append(UInt8(ascii: "T"))
    digits(time / 3600, 2)
    output.append(UInt8(ascii: ":"))
    digits(time / 60 % 60, 2)
    output.append(UInt8(ascii: ":"))
    digits(time % 60, 2)
    output.append(UInt8(ascii: "Z"))
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970 of a date in the proleptic Gregorian calendar. Years are counted from March, so that the leap
  /// day is the last one, in eras of 400 years (146,097 days).
  private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `daysSince1970`.
  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
