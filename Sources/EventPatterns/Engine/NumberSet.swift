// Which of many numbers an event has brought up: a bit each, so that what is remembered about an event stays in the
// nearest cache even when there are hundreds of thousands of rules.

/// A set of numbers below a bound, in scratch memory. Whoever puts numbers in lists them, so that clearing
/// costs as much as was done, and not as much as there is room for.
struct NumberSet {
  private let words: UnsafeMutablePointer<UInt64>

  /// - Parameter bound: what all numbers are below.
  init(bound: Int) {
    let count = bound / 64 + 1
    words = .allocate(capacity: count)
    words.initialize(repeating: 0, count: count)
  }

  func free() { words.deallocate() }

  @inline(__always)
  func contains(_ number: UInt32) -> Bool {
    words[Int(number &>> 6)] &>> UInt64(number & 63) & 1 != 0
  }

  /// Adds a number; whether it is new.
  @inline(__always)
  func insert(_ number: UInt32) -> Bool {
    let bit: UInt64 = 1 &<< UInt64(number & 63)
    let word = words + Int(number &>> 6)
    if word.pointee & bit != 0 { return false }
    word.pointee |= bit
    return true
  }

  /// Takes out all numbers, which are those that a buffer lists.
  @inline(__always)
  func removeAll(_ listed: GrowBuffer<UInt32>) {
    for index in 0..<listed.count { words[Int(listed[index] &>> 6)] = 0 }
  }
}
