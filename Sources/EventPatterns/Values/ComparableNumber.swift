// When two spellings of a number are the same number.
//
// event-ruler (the reference for EventBridge's semantics) compares a number by value if a `Double` holds exactly what
// was written, that is, if the shortest decimal that stands for the double is the decimal in the text: `300`, `300.0`
// and `3.0e2` are one value. A number that a double cannot hold so (`9007199254740993`, `1e400`, most numbers of
// more than 17 digits) has no value to compare: it equals only its own spelling and lies in no range.
//
//     text        double              shortest decimal      comparable
//     3.0e2       300                 300                   yes, as 300
//     0.1         0.1000000000000…55  0.1                   yes, as 0.1
//     0.1000000000000000055…          0.1                   no: not what was written

/// Numbers as patterns compare them.
enum ComparableNumber {
  /// The value of a number in JSON spelling, or nothing if a double does not hold what was written.
  ///
  /// Plain numbers of up to 15 digits take the fast way: the digits fit a double and so does the power of ten, hence
  /// one correctly rounded operation gives the nearest double, and 15 digits survive the way to a double and back.
  @inline(__always)
  static func value(of text: UnsafeBufferPointer<UInt8>) -> Double? {
    var index = 0
    let negative = text.count > 0 && text[0] == UInt8(ascii: "-")
    if negative { index = 1 }
    var mantissa: UInt64 = 0
    var digits = 0
    var scale = 0
    var sawPoint = false
    while index < text.count {
      let byte = text[index]
      if byte &- UInt8(ascii: "0") < 10 {
        mantissa = mantissa &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
        digits += mantissa == 0 ? 0 : 1
        scale -= sawPoint ? 1 : 0
        if digits > 15 { return slowValue(of: text) }
      } else if byte == UInt8(ascii: ".") {
        sawPoint = true
      } else {
        return slowValue(of: text)
      }
      index += 1
    }
    guard scale >= -22 else { return slowValue(of: text) }
    let magnitude = Double(mantissa) / powersOfTen(-scale)
    return negative && magnitude != 0 ? -magnitude : magnitude
  }

  private static func powersOfTen(_ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<exponent { power *= 10 }  // exact up to 10^22
    return power
  }

  /// The general case: exponents, many digits.
  @inline(never)
  static func slowValue(of text: UnsafeBufferPointer<UInt8>) -> Double? {
    let string = String(decoding: text, as: UTF8.self)
    guard let value = Double(string), value.isFinite else { return nil }
    let written = Decimal(text)
    guard value != 0 else { return written.isZero ? 0 : nil }
    return written == Decimal(shortestOf: value) ? value : nil
  }

  /// A decimal in lowest terms: `digits` × 10^`exponent`, no zeros at either end of the digits.
  private struct Decimal: Equatable {
    var isNegative = false
    var digits: [UInt8] = []
    var exponent = 0

    var isZero: Bool { digits.isEmpty }

    init(_ text: some Sequence<UInt8>) {
      var sawPoint = false
      var iterator = text.makeIterator()
      reading: while let byte = iterator.next() {
        switch byte {
        case UInt8(ascii: "-"): isNegative = true
        case UInt8(ascii: "."): sawPoint = true
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
          var shift = 0
          var negative = false
          while let next = iterator.next() {
            if next == UInt8(ascii: "-") {
              negative = true
            } else if next != UInt8(ascii: "+") {
              // An exponent of more than six digits is beyond every double, whatever it is exactly.
              shift = min(shift * 10 + Int(next &- UInt8(ascii: "0")), 1_000_000)
            }
          }
          exponent += negative ? -shift : shift
          break reading
        default:
          digits.append(byte &- UInt8(ascii: "0"))
          if sawPoint { exponent -= 1 }
        }
      }
      while digits.last == 0 {
        digits.removeLast()
        exponent += 1
      }
      let leading = digits.prefix { $0 == 0 }.count
      digits.removeFirst(leading)
      if digits.isEmpty {
        exponent = 0
        isNegative = false
      }
    }

    /// The shortest decimal that reads back as the double, in the reference's spelling.
    ///
    /// The reference (Java's `Double.toString`) never uses fewer than two digits and then takes the two nearest to the
    /// value. That differs from the shortest only for the few smallest subnormals.
    init(shortestOf value: Double) {
      let smallest = Double.leastNonzeroMagnitude
      let steps = (value.magnitude / smallest)
      if steps <= 20 {
        // value = steps × 4.94065645841246544e-324; round to two digits.
        let scaled = UInt64(steps) * 494_065_645_841_246_544
        var unit: UInt64 = 1
        var exponent = -341
        while scaled / unit >= 100 {
          unit *= 10
          exponent += 1
        }
        let twoDigits = (scaled + unit / 2) / unit
        self.init("\(value < 0 ? "-" : "")\(twoDigits)e\(exponent)".utf8)
      } else {
        self.init(value.description.utf8)
      }
    }
  }
}

/// A range of numbers with open or closed ends.
struct NumericRange: Sendable, Hashable {
  var lower = -Double.infinity
  var includesLower = false
  var upper = Double.infinity
  var includesUpper = false

  /// Whether the range holds a value.
  @inline(__always)
  func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower) && (includesUpper ? value <= upper : value < upper)
  }

  /// The same range with ends that both belong to it: between a double and the next there is no other.
  var closedEnds: (lower: Double, upper: Double) {
    (includesLower ? lower : lower.nextUp, includesUpper ? upper : upper.nextDown)
  }
}
