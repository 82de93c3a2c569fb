// Bytes, eight at a time: what the scanner and the indexes ask of names and values most.

/// One of 64 bits (modulo 64) to know a text by. Tells the names of CloudTrail records apart well, better than what else
/// takes three instructions.
@inline(__always)
func textBit(_ first: UInt8, _ last: UInt8, _ length: Int) -> UInt64 {
  UInt64(first) &+ UInt64(last) &* 2 &+ UInt64(truncatingIfNeeded: length) &* 4
}

/// Whether two runs of bytes are the same; eight at a time, reading nothing outside them.
@inline(__always)
func bytesEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  let (a, b) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
  /// Whether as many bytes as the type has are the same from an offset on.
  @inline(__always)
  func same<Word: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: Word.Type) -> Bool {
    a.loadUnaligned(fromByteOffset: offset, as: Word.self) == b.loadUnaligned(fromByteOffset: offset, as: Word.self)
  }
  // The last load overlaps the one before rather than count single bytes.
  if count >= 8 {
    if count <= 16 { return same(0, UInt64.self) && same(count &- 8, UInt64.self) }
    var offset = 0
    while offset < count &- 8 {
      guard same(offset, UInt64.self) else { return false }
      offset &+= 8
    }
    return same(count &- 8, UInt64.self)
  }
  if count >= 4 { return same(0, UInt32.self) && same(count &- 4, UInt32.self) }
  if count >= 2 { return same(0, UInt16.self) && same(count &- 2, UInt16.self) }
  return count == 0 || left[0] == right[0]
}

/// Whether some bytes hold a byte.
@inline(__always)
func holds(_ byte: UInt8, in text: UnsafePointer<UInt8>, _ length: Int) -> Bool {
  // The usual trick: a byte that is wanted becomes 0, and only such bytes borrow from their top bit.
  let ones: UInt64 = 0x0101_0101_0101_0101
  let wanted = UInt64(byte) &* ones
  var index = 0
  while index &+ 8 <= length {
    let word = UnsafeRawPointer(text).loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ wanted
    if (word &- ones) & ~word & ones &<< 7 != 0 { return true }
    index &+= 8
  }
  while index < length {
    if text[index] == byte { return true }
    index &+= 1
  }
  return false
}
