// Sets of characters as sorted ranges of code points, and their case folding.

/// A set of code points.
///
/// Surrogates are members like any other: the matcher's text may hold a lone one (three bytes), as JSON allows it.
struct ScalarSet: Equatable {
  /// Ascending, neither overlapping nor touching.
  private(set) var ranges: [ClosedRange<UInt32>]

  init(_ ranges: [ClosedRange<UInt32>] = []) {
    self.ranges = []
    var sorted = ranges
    sorted.sort { $0.lowerBound < $1.lowerBound }
    for range in sorted {
      if let last = self.ranges.last, range.lowerBound <= last.upperBound &+ 1 {
        self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        self.ranges.append(range)
      }
    }
  }

  /// Every code point.
  static let all = ScalarSet([0...0x10FFFF])

  /// Every code point but the newline: `.` without the `s` flag.
  static let notNewline = ScalarSet([0...9, 11...0x10FFFF])

  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  var inverted: ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return ScalarSet(result)
  }

  func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }

  /// The set with every character that is the same in another case.
  var foldingCase: ScalarSet {
    var added = ranges
    for range in ranges {
      for pair in CaseOrbits.pairs(in: range) { added.append(pair.to...pair.to) }
    }
    return ScalarSet(added)
  }

  // MARK: Named sets

  static let digits = ScalarSet([0x30...0x39])
  static let spaces = ScalarSet([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
  static let wordCharacters = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])

  /// `d`, `s` and `w`: ASCII only, as in RE2.
  static func perlClass(_ letter: UInt8) -> ScalarSet? {
    switch letter {
    case UInt8(ascii: "d"): digits
    case UInt8(ascii: "s"): spaces
    case UInt8(ascii: "w"): wordCharacters
    default: nil
    }
  }

  /// `[:alpha:]` and the like: ASCII only, as in RE2.
  static func posixClass(_ name: String) -> ScalarSet? {
    switch name {
    case "alnum": ScalarSet([0x30...0x39, 0x41...0x5A, 0x61...0x7A])
    case "alpha": ScalarSet([0x41...0x5A, 0x61...0x7A])
    case "ascii": ScalarSet([0...0x7F])
    case "blank": ScalarSet([0x09...0x09, 0x20...0x20])
    case "cntrl": ScalarSet([0...0x1F, 0x7F...0x7F])
    case "digit": digits
    case "graph": ScalarSet([0x21...0x7E])
    case "lower": ScalarSet([0x61...0x7A])
    case "print": ScalarSet([0x20...0x7E])
    case "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E])
    case "space": ScalarSet([0x09...0x0D, 0x20...0x20])
    case "upper": ScalarSet([0x41...0x5A])
    case "word": wordCharacters
    case "xdigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
    default: nil
    }
  }
}

/// Which characters are the same but for their case (Unicode's simple mappings, one character to one).
enum CaseOrbits {
  /// Every pair of different characters with the same folding, sorted by the first.
  private static let pairs: [(from: UInt32, to: UInt32)] = {
    var classes: [UInt32: [UInt32]] = [:]
    for value: UInt32 in 0x41..<0x1E944 {
      // The dotted and the dotless i fold in Turkish only.
      guard value != 0x130, value != 0x131, let scalar = Unicode.Scalar(value),
        scalar.properties.isCased || scalar.properties.changesWhenCaseMapped
      else { continue }
      // Up, then down: brings the Kelvin sign to k and both sigmas together.
      let folded = single(single(scalar, \.uppercaseMapping), \.lowercaseMapping)
      classes[folded.value, default: []].append(value)
    }
    var pairs: [(UInt32, UInt32)] = []
    for members in classes.values where members.count > 1 {
      for from in members {
        for to in members where to != from { pairs.append((from, to)) }
      }
    }
    return pairs.sorted { $0.0 < $1.0 }
  }()

  /// The pairs whose first character is in a range.
  static func pairs(in range: ClosedRange<UInt32>) -> ArraySlice<(from: UInt32, to: UInt32)> {
    let start = firstIndex(atLeast: range.lowerBound)
    let end = firstIndex(atLeast: range.upperBound + 1)
    return pairs[start..<end]
  }

  private static func firstIndex(atLeast value: UInt32) -> Int {
    var (low, high) = (0, pairs.count)
    while low < high {
      let middle = (low + high) / 2
      if pairs[middle].from < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func single(
    _ scalar: Unicode.Scalar,
    _ mapping: KeyPath<Unicode.Scalar.Properties, String>
  ) -> Unicode.Scalar {
    let mapped = scalar.properties[keyPath: mapping].unicodeScalars
    guard let first = mapped.first, mapped.count == 1 else { return scalar }
    return first
  }
}
