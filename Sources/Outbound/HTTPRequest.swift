// One request as the caller wants it, plain data.

/// A header line of a request or a response.
public struct HTTPHeader: Sendable, Hashable {
  /// The name; case does not matter.
  public var name: String
  /// The value.
  public var value: String
  /// Whether the value must not reach another server than the one it was meant for, by a redirect.
  public var isSecret: Bool

  /// Makes a header line.
  public init(_ name: String, _ value: String, isSecret: Bool = false) {
    self.name = name
    self.value = value
    self.isSecret = isSecret
  }
}

/// An HTTP request and the bounds it has to keep.
public struct HTTPRequest: Sendable {
  /// What happens when a response is larger than `responseCap`.
  public enum Overflow: Sendable, Hashable {
    /// The beginning is kept, `isTruncated` says so.
    case truncate
    /// The request fails as `tooLarge`.
    case fail
  }

  /// The method, in capitals.
  public var method: String
  /// The `http` or `https` URL.
  public var url: String
  /// The header lines, in order.
  public var headers: [HTTPHeader]
  /// The body; empty for none.
  public var body: [UInt8]
  /// The time for everything, redirects included.
  public var timeout: Duration
  /// The time for name look-up, connection and TLS handshake.
  public var connectTimeout: Duration
  /// The URL of the HTTP proxy to go through; nothing goes straight.
  ///
  /// `http_proxy` and its kin are never read.
  ///
  /// The proxy's own address is not subject to `network`: whoever configured it meant it. What the proxy reaches cannot
  /// be seen from here, so of the target only address literals and `localhost` are judged; the proxy must refuse the rest.
  public var proxy: String?
  /// Which addresses may be reached, redirects included.
  public var network: AddressPolicy
  /// How many bytes of the response's body are kept.
  public var responseCap: Int
  /// What happens beyond `responseCap`.
  public var overflow: Overflow
  /// How many redirects are followed.
  ///
  /// 301, 302, 307 and 308 repeat the request as it was, body included; 303 is followed for GET and HEAD only, so that a
  /// body never gets lost. Never from https to http. To another origin, `Authorization`, `Cookie` and secret headers
  /// stay behind.
  public var maximumRedirects: Int
  /// Whether `Accept: */*` goes along where no header says what is accepted.
  public var acceptsAnything = true
  /// The encodings of an answer that are asked for, such as `gzip,deflate`; it is decoded before it is counted.
  public var encodings: String?
  /// Whether an answer whose body cannot be decoded is none; who looks at its status only need not ask again.
  public var needsBody = true
  /// A PEM file of certificate authorities to trust instead of the system's.
  public var certificateAuthorities: String?

  /// Makes a request with safe bounds.
  public init(
    method: String = "GET",
    url: String,
    headers: [HTTPHeader] = [],
    body: [UInt8] = [],
    timeout: Duration = .seconds(10),
    connectTimeout: Duration = .seconds(5),
    proxy: String? = nil,
    network: AddressPolicy = .public,
    responseCap: Int = 64 * 1024,
    overflow: Overflow = .truncate,
    maximumRedirects: Int = 5,
    certificateAuthorities: String? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.proxy = proxy
    self.network = network
    self.responseCap = responseCap
    self.overflow = overflow
    self.maximumRedirects = maximumRedirects
    self.certificateAuthorities = certificateAuthorities
  }
}
