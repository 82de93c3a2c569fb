// Which of many ranges a number lies in.
//
// The ranges of a field are sorted by their lower ends, so those that begin at or below the number are a run from the
// first on. Of those, whole blocks are passed over whose highest upper end is still below the number:
//
//     ranges by lower end   1…9   2…3   4…5   4…90 │ 6…7   8…20  ...     number 50: begin at or below it: all
//     highest upper end of a block of 4         90 │ 20                  the second block is passed over

/// The frozen ranges of many fields.
struct RangeIndex {
  fileprivate struct Range: BitwiseCopyable {
    var lower: Double
    var upper: Double
    var predicate: UInt32
    var includesLower: Bool
    var includesUpper: Bool
  }

  /// The ranges of one field.
  struct Run: BitwiseCopyable {
    var first: UInt32 = 0
    var count: UInt32 = 0
    /// Where the highest upper ends of its blocks begin.
    var firstBlock: UInt32 = 0
    var firstSuperblock: UInt32 = 0
  }

  private static let blockSize = 16

  private let ranges: UnsafePointer<Range>
  /// Of sixteen ranges, and of sixteen blocks.
  private let highest: UnsafePointer<Double>

  /// Collects ranges, one field after the other.
  struct Builder {
    fileprivate var ranges: [Range] = []
    fileprivate var highest: [Double] = []

    /// Adds the ranges of a field.
    mutating func add(_ entries: [(range: NumericRange, predicate: UInt32)]) -> Run {
      let sorted = entries.sorted { ($0.range.lower, $0.predicate) < ($1.range.lower, $1.predicate) }
      var run = Run(first: UInt32(ranges.count), count: UInt32(sorted.count))
      ranges += sorted.map {
        Range(
          lower: $0.range.lower,
          upper: $0.range.upper,
          predicate: $0.predicate,
          includesLower: $0.range.includesLower,
          includesUpper: $0.range.includesUpper
        )
      }
      let blocks = Self.maxima(of: sorted.map(\.range.upper))
      run.firstBlock = UInt32(highest.count)
      highest += blocks
      run.firstSuperblock = UInt32(highest.count)
      highest += Self.maxima(of: blocks)
      return run
    }

    private static func maxima(of values: [Double]) -> [Double] {
      stride(from: 0, to: values.count, by: blockSize).map { start in
        values[start..<min(start + blockSize, values.count)].reduce(-.infinity, max)
      }
    }
  }

  /// Freezes what a builder collected.
  init(_ builder: Builder, arena: FrozenArena) {
    ranges = arena.freeze(builder.ranges)
    highest = arena.freeze(builder.highest)
  }

  /// Appends the predicate of every range of a field that a number lies in.
  ///
  /// - Complexity: logarithmic in the ranges, plus the answers, plus a 256th of the ranges that begin below the number.
  func find(_ run: Run, _ number: Double, into found: inout GrowBuffer<UInt32>) {
    let ranges = ranges + Int(run.first)
    var low = 0
    var end = Int(run.count)
    while low < end {
      let middle = (low &+ end) &>> 1
      if ranges[middle].lower <= number { low = middle &+ 1 } else { end = middle }
    }
    let size = Self.blockSize
    var index = 0
    while index < end {
      if index & (size &* size &- 1) == 0, highest[Int(run.firstSuperblock) &+ index / (size &* size)] < number {
        index &+= size &* size
        continue
      }
      if index & (size &- 1) == 0, highest[Int(run.firstBlock) &+ index / size] < number {
        index &+= size
        continue
      }
      let range = ranges + index
      if range.pointee.includesUpper ? number <= range.pointee.upper : number < range.pointee.upper,
        range.pointee.includesLower || range.pointee.lower < number
      {
        found.append(range.pointee.predicate)
      }
      index &+= 1
    }
  }
}
