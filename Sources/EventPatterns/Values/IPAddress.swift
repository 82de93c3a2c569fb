// IP addresses as patterns read them: what Java's InetAddress takes for a literal, since that is what EventBridge uses.
//
// Known freedoms kept on purpose: octets may have leading zeros and are decimal (`010.0.0.1` is 10.0.0.1), groups may
// have more than four digits if their value fits, and `::ffff:a00:1` is the IPv4 address 10.0.0.1. Dotted quads inside
// IPv6 and zone ids are not addresses.

/// An IPv4 or IPv6 address.
struct IPAddress: Sendable, Hashable {
  /// The address, left-aligned: an IPv4 address fills the top 32 bits of `high`.
  var high: UInt64
  /// The lower half of an IPv6 address; 0 for IPv4.
  var low: UInt64
  /// Whether it is an IPv4 address.
  var isIPv4: Bool

  /// The number of bits of an address of this family.
  var width: Int { isIPv4 ? 32 : 128 }

  /// Reads an address literal.
  init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard text.count >= 2, text.count <= 128 else { return nil }
    // Cheap refusal first: most strings are no addresses. Either family starts with a hex digit or a colon.
    let first = text[0]
    guard first == UInt8(ascii: ":") || JSONEscapes.hexValue(first) != nil else { return nil }
    var colons = 0
    var dots = 0
    for byte in text {
      if byte == UInt8(ascii: ":") {
        colons += 1
      } else if byte == UInt8(ascii: ".") {
        dots += 1
      } else if JSONEscapes.hexValue(byte) == nil {
        return nil
      }
    }
    if colons == 0, dots == 3 {
      self.init(ipv4: text)
    } else if colons > 0, dots == 0 {
      self.init(ipv6: text)
    } else {
      return nil
    }
  }

  /// Reads an address literal.
  init?(_ text: [UInt8]) {
    guard let address = text.withUnsafeBufferPointer({ IPAddress($0) }) else { return nil }
    self = address
  }

  private init?(ipv4 text: UnsafeBufferPointer<UInt8>) {
    guard text.count <= 15 else { return nil }
    var address: UInt64 = 0
    var octet: UInt64 = 0
    var hasDigit = false
    for byte in text {
      if byte == UInt8(ascii: ".") {
        guard hasDigit else { return nil }
        address = address << 8 | octet
        octet = 0
        hasDigit = false
      } else {
        guard byte &- UInt8(ascii: "0") < 10 else { return nil }
        octet = octet * 10 + UInt64(byte &- UInt8(ascii: "0"))
        guard octet <= 255 else { return nil }
        hasDigit = true
      }
    }
    guard hasDigit else { return nil }
    self.init(high: (address << 8 | octet) << 32, low: 0, isIPv4: true)
  }

  private init?(ipv6 text: UnsafeBufferPointer<UInt8>) {
    var groups: (UInt64, UInt64) = (0, 0)
    var count = 0
    var gap = -1
    var group: UInt64 = 0
    var hasDigit = false
    var index = 0
    func store(_ value: UInt64) {
      if count < 4 {
        groups.0 |= value << UInt64(48 - 16 * count)
      } else {
        groups.1 |= value << UInt64(48 - 16 * (count - 4))
      }
      count += 1
    }
    if text[0] == UInt8(ascii: ":") {
      guard text[1] == UInt8(ascii: ":") else { return nil }
      index = 1
    }
    while index < text.count {
      let byte = text[index]
      index += 1
      if let digit = JSONEscapes.hexValue(byte) {
        group = group << 4 | UInt64(digit)
        guard group <= 0xFFFF else { return nil }
        hasDigit = true
      } else if hasDigit {
        guard index < text.count, count < 8 else { return nil }
        store(group)
        group = 0
        hasDigit = false
      } else {
        guard gap < 0 else { return nil }
        gap = count
      }
    }
    if hasDigit {
      guard count < 8 else { return nil }
      store(group)
    }
    if gap >= 0 {
      guard count < 8 else { return nil }
      (groups.0, groups.1) = Self.openGap(groups, at: gap, count: count)
    } else if count != 8 {
      return nil
    }
    if groups.0 == 0, groups.1 >> 32 == 0xFFFF {
      self.init(high: groups.1 << 32, low: 0, isIPv4: true)
    } else {
      self.init(high: groups.0, low: groups.1, isIPv4: false)
    }
  }

  /// Moves the groups from `gap` on to the end of the address: what `::` stands for.
  private static func openGap(_ groups: (UInt64, UInt64), at gap: Int, count: Int) -> (UInt64, UInt64) {
    func group(_ index: Int) -> UInt64 {
      index < 4 ? groups.0 >> UInt64(48 - 16 * index) & 0xFFFF : groups.1 >> UInt64(48 - 16 * (index - 4)) & 0xFFFF
    }
    var result: (UInt64, UInt64) = (0, 0)
    for target in 0..<8 {
      let source = target < gap ? target : target - (8 - count)
      guard target < gap || source >= gap else { continue }
      let value = group(source)
      if target < 4 {
        result.0 |= value << UInt64(48 - 16 * target)
      } else {
        result.1 |= value << UInt64(48 - 16 * (target - 4))
      }
    }
    return result
  }

  private init(high: UInt64, low: UInt64, isIPv4: Bool) {
    self.high = high
    self.low = low
    self.isIPv4 = isIPv4
  }

  /// The address with all but its first bits cleared.
  @inline(__always)
  func masked(to bits: Int) -> IPAddress {
    let highMask: UInt64 = bits >= 64 ? .max : bits == 0 ? 0 : .max << UInt64(64 - bits)
    let lowMask: UInt64 = bits <= 64 ? 0 : bits >= 128 ? .max : .max << UInt64(128 - bits)
    return IPAddress(high: high & highMask, low: low & lowMask, isIPv4: isIPv4)
  }
}

/// The addresses that share their first bits.
struct IPNetwork: Sendable, Hashable {
  /// The lowest address.
  var base: IPAddress
  /// How many leading bits are shared.
  var bits: Int

  /// The network of an address; host bits may be set.
  init(_ address: IPAddress, bits: Int) {
    self.base = address.masked(to: bits)
    self.bits = bits
  }

  /// Whether an address lies in the network. Families never mix (the reference lets `0.0.0.0/0` take IPv6 addresses).
  @inline(__always)
  func contains(_ address: IPAddress) -> Bool {
    address.isIPv4 == base.isIPv4 && address.masked(to: bits) == base
  }
}
