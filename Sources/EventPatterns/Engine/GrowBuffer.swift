// Scratch memory that is kept from event to event: it grows to what the largest event needed and then stays.

/// A growing array without reference counting, bounds traps or exclusivity checks, for scratch memory on the hot path.
///
/// Whoever owns one calls `free()`; indices are the owner's to keep below `count`.
struct GrowBuffer<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int
  var count = 0

  init(capacity: Int) {
    self.capacity = max(capacity, 16)
    base = .allocate(capacity: self.capacity)
  }

  /// Gives the memory back; the buffer must not be used after.
  func free() { base.deallocate() }

  /// Makes room for a number of elements in all; what is beyond `count` is uninitialised.
  @inline(__always)
  mutating func reserve(_ wanted: Int) {
    if wanted > capacity { grow(to: wanted) }
  }

  @inline(never)
  private mutating func grow(to wanted: Int) {
    let larger = max(wanted, capacity * 2)
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    memory.initialize(from: base, count: count)
    base.deallocate()
    base = memory
    capacity = larger
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    reserve(count &+ 1)
    (base + count).initialize(to: element)
    count &+= 1
  }

  /// Appends where there is known to be room.
  @inline(__always)
  mutating func appendToReserved(_ element: Element) {
    (base + count).initialize(to: element)
    count &+= 1
  }

  @inline(__always)
  subscript(index: Int) -> Element {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }
}

/// Tables that are built once and then only read, by any number of threads.
///
/// The tables live as long as the arena, which frees them all. Nobody writes to a table after `freeze` has returned.
final class FrozenArena {
  private var blocks: [UnsafeMutableRawPointer] = []
  private(set) var bytes = 0
  /// How many of them each part takes.
  private(set) var parts: [(part: PatternSet.Statistics.Part, bytes: Int)] = []

  /// Copies an array into memory of the arena.
  func freeze<Element: BitwiseCopyable>(_ array: [Element]) -> UnsafePointer<Element> {
    let size = array.count * MemoryLayout<Element>.stride
    // From a cache line's start, so that a record of 16 or 32 bytes is in one line and not in two.
    let block = UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: 64)
    let memory = block.bindMemory(to: Element.self, capacity: array.count)
    memory.initialize(from: array, count: array.count)
    blocks.append(block)
    bytes += size
    return UnsafePointer(memory)
  }

  /// Says which part all that was frozen since the last part belongs to.
  func finish(_ part: PatternSet.Statistics.Part) {
    parts.append((part, bytes - parts.reduce(0) { $0 + $1.bytes }))
  }

  deinit {
    for block in blocks { block.deallocate() }
  }
}
