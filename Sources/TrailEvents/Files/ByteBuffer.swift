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
  var start = 0
  var end = 0

  init(capacity: Int) {
    self.capacity = max(capacity, 64)
    base = .allocate(byteCount: self.capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// The bytes in use.
  var used: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + start, count: end - start) }

  /// The room after the bytes in use.
  var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end) }

  /// Moves the bytes in use to the front and makes sure that there is room for more.
  mutating func makeRoom(_ wanted: Int) {
    let count = end - start
    if count + wanted > capacity {
      let larger = max(capacity * 2, count + wanted)
      let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
      moved.copyMemory(from: base + start, byteCount: count)
      base.deallocate()
      base = moved
      capacity = larger
    } else if start > 0 {
      memmove(base, base + start, count)
    }
    start = 0
    end = count
  }
}
