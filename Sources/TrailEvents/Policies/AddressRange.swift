// Ranges of IP addresses, as conditions on `aws:SourceIp` have them. Addresses are compared as bits, whatever way they are
// written; an IPv4 address in IPv6's clothes is the IPv4 address.

/// A range of IPv4 or IPv6 addresses: `203.0.113.0/24`, `2001:db8::/32`, or one address.
struct AddressRange {
  private let base: [UInt8]
  private let bits: Int

  /// Reads a range; nothing if it is none.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2, let base = Self.bytes(first) else { return nil }
    var bits = base.count * 8
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]), given <= bits else {
        return nil
      }
      bits = given
    }
    self.base = base
    self.bits = bits
  }

  /// Whether an address lies in it.
  func contains(_ address: String) -> Bool {
    guard let bytes = Self.bytes(Substring(address)), bytes.count == base.count else { return false }
    for (index, pair) in zip(bytes, base).enumerated() {
      let left = bits - index * 8
      if left <= 0 { return true }
      let mask: UInt8 = left >= 8 ? 0xFF : 0xFF << (8 - UInt8(left))
      if pair.0 & mask != pair.1 & mask { return false }
    }
    return true
  }

  /// The 4 or 16 bytes of an address.
  private static func bytes(_ text: Substring) -> [UInt8]? {
    guard text.contains(":") else { return version4(text) }
    var text = text
    if let zone = text.firstIndex(of: "%") { text = text[..<zone] }
    guard let bytes = version6(text) else { return nil }
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    return isMapped ? Array(bytes.suffix(4)) : bytes
  }

  private static func version4(_ text: Substring) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { part in part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8(part) : nil }
    return parts.count == 4 && bytes.count == 4 ? bytes : nil
  }

  private static func version6(_ text: Substring) -> [UInt8]? {
    guard let gap = text.firstRange(of: "::") else {
      let bytes = groups(text)
      return bytes?.count == 16 ? bytes : nil
    }
    let (head, tail) = (text[..<gap.lowerBound], text[gap.upperBound...])
    guard let left = head.isEmpty ? [] : groups(head), let right = tail.isEmpty ? [] : groups(tail),
      left.count + right.count <= 14
    else { return nil }
    return left + [UInt8](repeating: 0, count: 16 - left.count - right.count) + right
  }

  private static func groups(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.contains(".") {
        guard let last = version4(part) else { return nil }
        bytes += last
      } else {
        guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16), part.first != "+" else {
          return nil
        }
        bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
      }
    }
    return bytes
  }
}
