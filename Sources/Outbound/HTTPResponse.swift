// What came back, plain data.

/// The answer to a request: whatever its status, an answer is a success here.
public struct HTTPResponse: Sendable {
  /// How long the parts of the exchange took, each from its start.
  ///
  /// For a redirected request, those of the last exchange.
  public struct Timings: Sendable, Hashable {
    /// Until the name was resolved.
    public var nameLookup: Duration
    /// Until the connection stood.
    public var connect: Duration
    /// Until the TLS handshake was over; zero without one.
    public var tlsHandshake: Duration
    /// Until the first byte of the answer.
    public var firstByte: Duration
    /// Until the end.
    public var total: Duration
  }

  /// The status code.
  public var status: Int
  /// The header lines of the final answer, in order.
  public var headers: [HTTPHeader]
  /// The body, cut to the request's cap.
  public var body: [UInt8]
  /// Whether there was more body than the cap allows.
  public var isTruncated: Bool
  /// The HTTP version spoken: `1.1`, `2`.
  public var version: String
  /// How many redirects were followed.
  public var redirects: Int
  /// How long it took.
  public var timings: Timings

  /// The value of the first header line with this name.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}
