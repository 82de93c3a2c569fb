// The hash of names and values: eight bytes at a time, seeded, good enough that nobody can send keys that collide.

/// A keyed hash of bytes (multiply-and-fold, after wyhash).
struct ByteHash: Sendable {
  /// Drawn anew by each process.
  let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// Hashes bytes. Reads no byte outside them.
  @inline(__always)
  func callAsFunction(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    let raw = UnsafeRawPointer(bytes)
    var state = seed ^ (UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15)
    let (first, last): (UInt64, UInt64)
    // Most texts are of 8 to 16 bytes: two words that overlap are all of them, and no loop has to guess the length.
    if count >= 8 {
      var offset = 0
      while offset &+ 16 < count {
        let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        state = Self.fold(state ^ word, 0xA076_1D64_78BD_642F)
        offset &+= 8
      }
      first = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      last = raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      first = UInt64(raw.loadUnaligned(as: UInt32.self))
      last = UInt64(raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
    } else if count > 0 {
      first = UInt64(bytes[0]) | UInt64(bytes[count &>> 1]) &<< 8
      last = UInt64(bytes[count &- 1])
    } else {
      (first, last) = (0, 0)
    }
    // The seed is in both factors: a known one could be made 0, and the other would not count.
    state = Self.fold(state ^ first, last ^ seed ^ 0xE703_7ED1_A0B4_28DB)
    return Self.fold(state, 0x8EBC_6AF0_9C88_C6E3)
  }

  /// Hashes bytes.
  func callAsFunction(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { self($0, buffer.count) } ?? self.empty
    }
  }

  private var empty: UInt64 { withUnsafePointer(to: UInt8(0)) { self($0, 0) } }

  /// Hashes two words.
  @inline(__always)
  func callAsFunction(_ first: UInt64, _ second: UInt64) -> UInt64 {
    Self.fold(first ^ seed, second ^ 0xA076_1D64_78BD_642F)
  }

  /// Hashes one word.
  @inline(__always)
  func callAsFunction(_ word: UInt64) -> UInt64 {
    Self.fold(Self.fold(seed ^ word, 0xA076_1D64_78BD_642F), 0x8EBC_6AF0_9C88_C6E3)
  }
}
