// Where nobody has to sign, whatever reaches the port is believed, and a web page reaches the ports of the machine that
// shows it: by a link or a form to 127.0.0.1, or by a name of its own that it lets point there. Programs name the
// machine by its loopback names and send no `Origin`; browsers cannot help saying who sent them.

internal import AWSProtocols

/// Tells the requests of web pages from those of programs.
enum BrowserGuard {
  /// What speaks against a request to a server that believes everybody; nothing if a program sent it.
  static func objection(to headers: Headers) -> String? {
    let host = headers["host"] ?? ""
    guard isLoopback(host) else {
      return
        "Without signatures only requests to this machine's own names are taken, and '\(host.prefix(64))' is none: "
        + "use localhost or 127.0.0.1."
    }
    if let origin = headers["origin"] {
      let authority = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).last ?? ""
      guard origin.contains("://"), isLoopback(String(authority)) else {
        return "Without signatures web pages of '\(origin.prefix(64))' are not served."
      }
    }
    guard headers["sec-fetch-site"]?.lowercased() != "cross-site" else {
      return "Without signatures requests that another site's page sends are not served."
    }
    return nil
  }

  /// Whether a host, with a port or without, can only be this machine.
  static func isLoopback(_ authority: String) -> Bool {
    var host = Substring(authority.lowercased())
    if host.hasPrefix("[") {
      guard let end = host.firstIndex(of: "]") else { return false }
      return host[host.index(after: host.startIndex)..<end] == "::1" && isPort(host[host.index(after: end)...])
    }
    if let colon = host.firstIndex(of: ":") {
      guard isPort(host[colon...]) else { return false }
      host = host[..<colon]
    }
    if host == "localhost" || host.hasSuffix(".localhost") { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty
      || text.first == ":" && text.count > 1 && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
