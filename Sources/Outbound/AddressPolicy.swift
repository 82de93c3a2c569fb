// Which addresses a request may reach. A rule's author writes a URL, an event's author may steer where it leads (a
// redirect, a DNS answer that changes between check and use), and inside the network there are metadata services that
// hand out credentials to whoever asks. So the address is judged where it cannot change any more: when the socket
// for it is made, for every connection, and again when a connection is used once more.

/// The addresses that requests may go to.
public enum AddressPolicy: String, Sendable, Hashable, CaseIterable {
  /// Only addresses of the public Internet.
  case `public`
  /// Every address, the machine's own and the private networks' included.
  case any

  /// What the policy has against an address; nothing if it may be reached.
  public func objection(to address: IPAddress) -> String? {
    switch self {
    case .any: nil
    case .public: Self.specialUse(of: address)
    }
  }

  /// What the policy has against a host as it stands in a URL, as far as that can be told without resolving it.
  ///
  /// Only for requests through a proxy, where the proxy resolves the name.
  func objection(toHost host: String) -> String? {
    guard self == .public else { return nil }
    // A final dot only says that the name is complete.
    var name = host.lowercased()
    if name.hasSuffix(".") { name.removeLast() }
    if let address = IPAddress(parsing: name) { return objection(to: address) }
    return name == "localhost" || name.hasSuffix(".localhost") ? "a loopback name" : nil
  }

  private static func specialUse(of address: IPAddress) -> String? {
    address.bytes.count == 4 ? specialUseV4(of: address) : specialUseV6(of: address)
  }

  private static func specialUseV4(of address: IPAddress) -> String? {
    rangesV4.first { address.hasPrefix($0.prefix, bits: $0.bits) }?.name
  }

  private static func specialUseV6(of address: IPAddress) -> String? {
    // Forms that carry an IPv4 address lead to that address, so it is the one to judge.
    for form in embeddings where address.hasPrefix(form.prefix, bits: form.bits) {
      let inner = IPAddress(bytes: Array(address.bytes[form.offset..<form.offset + 4]))
      return specialUseV4(of: inner).map { "\($0), as \(form.name)" }
    }
    if let range = rangesV6.first(where: { address.hasPrefix($0.prefix, bits: $0.bits) }) { return range.name }
    // Everything the Internet routes is in 2000::/3.
    return address.hasPrefix([0x20], bits: 3) ? nil : "a reserved address"
  }

  private typealias Range = (prefix: [UInt8], bits: Int, name: String)

  /// The special-purpose IPv4 ranges (RFC 6890 and its registry), and the one public address that is a metadata service.
  private static let rangesV4: [Range] = [
    ([0], 8, "an unspecified address"),
    ([10], 8, "a private address"),
    ([100, 64], 10, "a carrier-grade NAT address"),
    ([127], 8, "a loopback address"),
    ([168, 63, 129, 16], 32, "a platform metadata address"),
    ([169, 254], 16, "a link-local address, where metadata services live"),
    ([172, 16], 12, "a private address"),
    ([192, 0, 0], 24, "a reserved address"),
    ([192, 0, 2], 24, "a documentation address"),
    ([192, 88, 99], 24, "a reserved address"),
    ([192, 168], 16, "a private address"),
    ([198, 18], 15, "a benchmarking address"),
    ([198, 51, 100], 24, "a documentation address"),
    ([203, 0, 113], 24, "a documentation address"),
    ([224], 4, "a multicast address"),
    ([240], 4, "a reserved address"),
  ]

  private static let rangesV6: [Range] = [
    ([UInt8](repeating: 0, count: 16), 128, "an unspecified address"),
    ([UInt8](repeating: 0, count: 15) + [1], 128, "a loopback address"),
    ([0x20, 0x01, 0x0D, 0xB8], 32, "a documentation address"),
    ([0x20, 0x01, 0x00], 23, "a reserved address"),
    ([0x3F, 0xFF, 0x00], 20, "a documentation address"),
    ([0xFC], 7, "a private address"),
    ([0xFE, 0x80], 10, "a link-local address"),
    ([0xFE, 0xC0], 10, "a private address"),
    ([0xFF], 8, "a multicast address"),
  ]

  /// IPv6 forms that stand for an IPv4 address, and where in the 16 bytes it is.
  private static let embeddings: [(prefix: [UInt8], bits: Int, offset: Int, name: String)] = [
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96, 12, "IPv4-mapped IPv6"),
    ([0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0], 96, 12, "NAT64"),
    ([0x20, 0x02], 16, 2, "6to4"),
  ]
}
