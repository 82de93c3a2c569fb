// Memory that grows, without the zeroing and the reference counts of an array.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A block of bytes of which `start..<end` is in use.
struct ByteBuffer: ~Copyable {
  private(set) var base: UnsafeMutableRawPointer
  private(set) var capacity: Int
  private let memory: LogFileMemory?
  var start = 0
  var end = 0

  /// - Parameter memory: where blocks are taken from and given back to; nothing is the system.
  init(capacity: Int, memory: LogFileMemory? = nil) {
    self.memory = memory
    let block = memory.take(capacity)
    (base, self.capacity) = (block.base, block.capacity)
  }

  deinit { memory.give(LogFileMemory.Block(base: base, capacity: capacity)) }

  /// The bytes in use.
  var used: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + start, count: end - start) }

  /// The room after the bytes in use.
  var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end) }

  /// Moves the bytes in use to the front and makes sure that there is room for more.
  mutating func makeRoom(_ wanted: Int) {
    let count = end - start
    if count + wanted > capacity {
      let larger = memory.take(max(capacity * 2, count + wanted))
      larger.base.copyMemory(from: base + start, byteCount: count)
      memory.give(LogFileMemory.Block(base: base, capacity: capacity))
      (base, capacity) = (larger.base, larger.capacity)
    } else if start > 0 {
      memmove(base, base + start, count)
    }
    start = 0
    end = count
  }
}
