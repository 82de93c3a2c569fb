// Why there is no answer. Texts name the server (scheme, host, port) and nothing else of the URL: paths of webhooks
// and query strings are often secrets themselves.

/// A request that got no answer.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The request cannot be sent: its URL, method or a header is not well formed.
    case invalidRequest = "invalid-request"
    /// The address policy does not allow the server.
    case refusedByPolicy = "refused-by-policy"
    /// The name could not be resolved.
    case nameLookup = "dns"
    /// No connection could be made.
    case connect
    /// TLS failed: certificate, protocol or handshake.
    case tls
    /// There was no answer in time.
    case timeout
    /// The connection broke before the answer was complete, or what came was not HTTP.
    case broken
    /// The answer is larger than the request allows.
    case tooLarge = "too-large"
    /// The redirects have no end, or lead where they must not.
    case redirect
    /// The task was cancelled or the client shut down.
    case cancelled
    /// A fault of our own.
    case `internal`
  }

  /// What kind of failure it was.
  public var code: Code
  /// What happened, for a person; never holds a path, a query, user information or a header.
  public var message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }

  /// Whether the same request may succeed later.
  public var isRetryable: Bool {
    switch code {
    case .invalidRequest, .refusedByPolicy, .tooLarge, .redirect: false
    case .nameLookup, .connect, .tls, .timeout, .broken, .cancelled, .internal: true
    }
  }
}
