// Scratch memory that is kept from event to event: it grows to what the largest event needed and then stays. And memory
// that is written once.

import CSignalbox

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
///
/// Large tables share chunks of huge pages (2 MiB): an event's way through the tables of many rules touches a page here
/// and a page there, and with pages of 4 KiB the processor would look most of them up in the page tables, which costs
/// more than the look at the memory itself. Where the system has no huge pages, the chunks are ordinary memory.
final class FrozenArena {
  private static let hugePage = 2 << 20
  /// What is smaller has an allocation of its own: few rules are to take little memory.
  private static let smallestShared = 256 << 10

  private var blocks: [UnsafeMutableRawPointer] = []
  /// The rest of the last chunk.
  private var rest = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private(set) var bytes = 0
  /// How many of them each part takes.
  private(set) var parts: [(part: PatternSet.Statistics.Part, bytes: Int)] = []

  /// Copies an array into memory of the arena.
  func freeze<Element: BitwiseCopyable>(_ array: [Element]) -> UnsafePointer<Element> {
    let size = array.count * MemoryLayout<Element>.stride
    let memory = memory(of: size).bindMemory(to: Element.self, capacity: array.count)
    memory.initialize(from: array, count: array.count)
    bytes += size
    return UnsafePointer(memory)
  }

  /// Memory from a cache line's start, so that a record of 16 or 32 bytes is in one line and not in two.
  private func memory(of size: Int) -> UnsafeMutableRawPointer {
    guard size >= Self.smallestShared else { return allocate(max(size, 1), alignment: 64) }
    let rounded = (size + 63) & ~63
    if rest.count < rounded {
      let chunk = (rounded + Self.hugePage - 1) & ~(Self.hugePage - 1)
      let start = allocate(chunk, alignment: Self.hugePage)
      sb_prefer_huge_pages(start, chunk)
      // Of two beginnings the one with more room is kept.
      let left = chunk - rounded
      if left > rest.count { rest = UnsafeMutableRawBufferPointer(start: start + rounded, count: left) }
      return start
    }
    guard let start = rest.baseAddress else { return allocate(size, alignment: 64) }
    rest = UnsafeMutableRawBufferPointer(start: start + rounded, count: rest.count - rounded)
    return start
  }

  private func allocate(_ size: Int, alignment: Int) -> UnsafeMutableRawPointer {
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
    blocks.append(block)
    return block
  }

  /// Says which part all that was frozen since the last part belongs to.
  func finish(_ part: PatternSet.Statistics.Part) {
    parts.append((part, bytes - parts.reduce(0) { $0 + $1.bytes }))
  }

  deinit {
    for block in blocks { block.deallocate() }
  }
}
