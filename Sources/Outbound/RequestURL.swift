// The parts of a URL that decide where a request goes, read by the same parser that will send it: two parsers that
// disagree on where the host begins are how address checks get fooled.

import CCurl

/// An http or https URL, taken apart.
struct RequestURL: Equatable {
  var scheme: String
  /// The host in lower case, without brackets; IPv4 in whatever notation has become four decimal numbers.
  var host: String
  var port: String

  /// What may be said of the URL in public.
  var origin: String {
    let shown = host.contains(":") ? "[\(host)]" : host
    let isDefault = port == (scheme == "https" ? "443" : "80")
    return "\(scheme)://\(shown)\(isDefault ? "" : ":" + port)"
  }

  /// The host as the `Host` header says it: with the port, where that is not the scheme's own.
  var authority: String { String(origin.dropFirst(scheme.utf8.count + 3)) }

  init(parsing text: String) throws(HTTPError) {
    guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
      throw HTTPError(.invalidRequest, "The URL holds a blank or control character; write it as %20 and the like")
    }
    guard let parts = curl_url() else { throw HTTPError(.internal, "Out of memory while reading a URL") }
    defer { curl_url_cleanup(parts) }
    let code = curl_url_set(parts, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME))
    guard code == CURLUE_OK else {
      throw HTTPError(.invalidRequest, "The URL is not one: \(String(cString: curl_url_strerror(code)))")
    }
    func part(_ what: CURLUPart, _ flags: Int32 = 0) -> String? {
      var found: UnsafeMutablePointer<CChar>?
      guard curl_url_get(parts, what, &found, UInt32(flags)) == CURLUE_OK, let found else { return nil }
      defer { curl_free(found) }
      return String(cString: found)
    }
    guard let scheme = part(CURLUPART_SCHEME)?.lowercased(), scheme == "http" || scheme == "https" else {
      throw HTTPError(.invalidRequest, "The URL must begin with https:// or http://")
    }
    guard let host = part(CURLUPART_HOST)?.lowercased(), !host.isEmpty else {
      throw HTTPError(.invalidRequest, "The URL names no host")
    }
    self.scheme = scheme
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    self.port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT) ?? ""
  }
}

extension HTTPRequest {
  /// What the `Host` header of a request to this URL says: whoever signs a request signs that, too.
  public static func host(of url: String) throws(HTTPError) -> String {
    try RequestURL(parsing: url).authority
  }

  /// Whether a request to this URL leaves the machine without TLS, and can be read on its way.
  public static func isReadable(_ url: String) throws(HTTPError) -> Bool {
    let parts = try RequestURL(parsing: url)
    let isHere = ["localhost", "::1"].contains(parts.host) || parts.host.hasSuffix(".localhost")
    // Any notation of an address has become four decimal numbers; a name has no number at its end.
    let isLoopback = parts.host.hasPrefix("127.") && parts.host.allSatisfy { $0 == "." || $0.isWholeNumber }
    return parts.scheme == "http" && !isHere && !isLoopback
  }
}
