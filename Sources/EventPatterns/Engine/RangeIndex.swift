// Which of many ranges a number lies in.
//
// The ranges of a field are sorted by their lower ends, so those that begin at or below the number are a run from the
// first on. Of those, whole blocks are passed over whose highest upper end is still below the number:
//
//     ranges by lower end   1…9   2…3   4…5   4…90 │ 6…7   8…20  ...     number 50: begin at or below it: all
//     highest upper end of a block of 4         90 │ 20                  the second block is passed over

/// The frozen ranges of many fields. Their ends belong to them (`NumericRange.closedEnds`).
struct RangeIndex {
  /// The ranges of one field.
  struct Run: BitwiseCopyable {
    var first: UInt32 = 0
    var count: UInt32 = 0
    /// Where the highest upper ends of its blocks begin, and of its superblocks.
    var firstBlock: UInt32 = 0
    var firstSuperblock: UInt32 = 0
  }

  /// How many ranges are a block, and blocks a superblock.
  private static let blockSize = 16

  /// Per range. Each is asked for many ranges in a row, and seldom with the others.
  private let lowers, uppers: UnsafePointer<Double>
  private let predicates: UnsafePointer<UInt32>
  /// Of blocks, and of superblocks.
  private let highest: UnsafePointer<Double>

  /// Collects ranges, one field after the other.
  struct Builder {
    fileprivate var lowers: [Double] = []
    fileprivate var uppers: [Double] = []
    fileprivate var predicates: [UInt32] = []
    fileprivate var highest: [Double] = []

    /// Adds the ranges of a field.
    mutating func add(_ entries: [(range: NumericRange, predicate: UInt32)]) -> Run {
      let sorted = entries.map { (ends: $0.range.closedEnds, predicate: $0.predicate) }
        .sorted { ($0.ends.lower, $0.predicate) < ($1.ends.lower, $1.predicate) }
      var run = Run(first: UInt32(lowers.count), count: UInt32(sorted.count))
      lowers += sorted.map(\.ends.lower)
      uppers += sorted.map(\.ends.upper)
      predicates += sorted.map(\.predicate)
      let blocks = Self.maxima(of: sorted.map(\.ends.upper))
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
    lowers = arena.freeze(builder.lowers)
    uppers = arena.freeze(builder.uppers)
    predicates = arena.freeze(builder.predicates)
    highest = arena.freeze(builder.highest)
  }

  /// Appends the predicate of every range of a field that a number lies in.
  ///
  /// - Complexity: logarithmic in the ranges, plus sixteen times the answers, plus a 256th of the ranges that begin below
  ///   the number.
  func find(_ run: Run, _ number: Double, into found: inout GrowBuffer<UInt32>) {
    let end = countBeginning(atOrBelow: number, run)
    let size = Self.blockSize
    var block = 0
    while block &* size < end {
      if block & (size &- 1) == 0, highest[Int(run.firstSuperblock) &+ block / size] < number {
        block &+= size
        continue
      }
      if highest[Int(run.firstBlock) &+ block] >= number {
        append(Int(run.first) &+ block &* size, min(end &- block &* size, size), number, to: &found)
      }
      block &+= 1
    }
  }

  /// How many ranges of a run, which is sorted by lower ends, begin at or below a number.
  @inline(__always)
  private func countBeginning(atOrBelow number: Double, _ run: Run) -> Int {
    let lowers = lowers + Int(run.first)
    var low = 0
    var end = Int(run.count)
    while low < end {
      let middle = (low &+ end) &>> 1
      if lowers[middle] <= number { low = middle &+ 1 } else { end = middle }
    }
    return end
  }

  /// Appends those of a few ranges that end at or above a number. Which do is hard to foretell, so nothing is jumped over.
  @inline(__always)
  private func append(_ first: Int, _ count: Int, _ number: Double, to found: inout GrowBuffer<UInt32>) {
    found.reserve(found.count &+ count)
    var end = found.count
    for index in first..<(first &+ count) {
      (found.base + end).initialize(to: predicates[index])
      end &+= uppers[index] >= number ? 1 : 0
    }
    found.count = end
  }
}
