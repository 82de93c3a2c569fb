// One `send` on its way: an easy handle, what has come so far, and the redirects behind it. Lives on the client's thread.

import CCurl
import Glibc

/// One request under way.
final class Transfer {
  let order: TransferOrder
  let easy: UnsafeMutableRawPointer
  private var headerLines: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>
  private let deadline: ContinuousClock.Instant
  private var target: RequestURL
  private var redirectCount = 0
  /// Whether a redirect has led away from the origin the secrets are for.
  private var hasLeftOrigin = false

  // Written by libcurl's callbacks, on the same thread.
  private var received = ReceivedParts()
  private var objection: String?

  static let cancelled = HTTPError(.cancelled, "The request was cancelled")

  init(_ order: TransferOrder) throws(HTTPError) {
    let request = order.request
    self.order = order
    target = try RequestURL(parsing: request.url)
    try Self.check(request)
    guard let easy = curl_easy_init() else { throw HTTPError(.internal, "libcurl has no memory for a request") }
    self.easy = easy
    deadline = .now + request.timeout
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    setBounds()
    setCallbacks()
    setBody()
    try aim(at: request.url)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerLines)
    errorText.deallocate()
  }

  // MARK: Setting up

  /// Refuses what would let a value become another header line, or the method another request.
  private static func check(_ request: HTTPRequest) throws(HTTPError) {
    let tokenMarks = Set("!#$%&'*+-.^_`|~".utf8)
    func isToken(_ text: String) -> Bool {
      !text.isEmpty
        && text.utf8.allSatisfy { byte in
          tokenMarks.contains(byte) || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
        }
    }
    guard isToken(request.method) else { throw HTTPError(.invalidRequest, "The method is not an HTTP method") }
    for header in request.headers {
      guard isToken(header.name) else {
        throw HTTPError(.invalidRequest, "A header's name may only hold letters, digits and !#$%&'*+-.^_`|~")
      }
      guard !header.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
        throw HTTPError(.invalidRequest, "The value of header \(header.name) holds a line break or control character")
      }
    }
  }

  private func set(_ option: CURLoption, _ value: Int) {
    _ = signalbox_curl_set_long(easy, option, value)
  }

  private func setBounds() {
    let request = order.request
    _ = signalbox_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_NOSIGNAL, 1)
    // Giving up on a name look-up must not wait for its end: that would hold up everybody on this thread.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // Over TLS, wait for a connection that may turn out to multiplex instead of opening one for each request.
    set(CURLOPT_PIPEWAIT, target.scheme == "https" ? 1 : 0)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // "" also keeps libcurl from looking for http_proxy and no_proxy in the environment.
    _ = signalbox_curl_set_text(easy, CURLOPT_PROXY, request.proxy ?? "")
    _ = signalbox_curl_set_text(easy, CURLOPT_NOPROXY, "")
    if let encodings = request.encodings { _ = signalbox_curl_set_text(easy, CURLOPT_ACCEPT_ENCODING, encodings) }
    if let file = request.certificateAuthorities { _ = signalbox_curl_set_text(easy, CURLOPT_CAINFO, file) }
    _ = signalbox_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
  }

  private func setBody() {
    let request = order.request
    switch (request.method, request.body.isEmpty) {
    case ("GET", true): set(CURLOPT_HTTPGET, 1)
    case ("HEAD", true): set(CURLOPT_NOBODY, 1)
    default:
      _ = signalbox_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
      request.body.withUnsafeBytes { bytes in
        let empty: StaticString = ""
        let start = bytes.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
        _ = signalbox_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
      }
      _ = signalbox_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  /// Points the handle at a URL: the first one or where a redirect leads.
  private func aim(at url: String) throws(HTTPError) {
    let request = order.request
    if request.proxy != nil, let objection = request.network.objection(toHost: target.host) {
      throw refusal(objection)
    }
    let left = deadline - .now
    guard left > .zero else { throw HTTPError(.timeout, "\(target.origin) gave no answer within \(request.timeout)") }
    set(CURLOPT_TIMEOUT_MS, max(1, left.milliseconds))
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, min(left, request.connectTimeout).milliseconds))
    _ = signalbox_curl_set_text(easy, CURLOPT_URL, url)

    curl_slist_free_all(headerLines)
    headerLines = nil
    // "Expect:" keeps libcurl from waiting for a "100 Continue" that many servers never send.
    headerLines = curl_slist_append(headerLines, "Expect:")
    if !request.acceptsAnything { headerLines = curl_slist_append(headerLines, "Accept:") }
    for header in request.headers {
      let name = header.name.lowercased()
      if hasLeftOrigin, header.isSecret || ["authorization", "cookie", "proxy-authorization"].contains(name) {
        continue
      }
      // libcurl takes "Name;" for a header without value; "Name:" would remove it.
      headerLines = curl_slist_append(
        headerLines,
        header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
      )
    }
    _ = signalbox_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headerLines)
  }

  // MARK: Callbacks

  private func setCallbacks() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = signalbox_curl_on_header(
      easy,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        return transfer.received.appendHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      },
      context
    )
    _ = signalbox_curl_on_body(
      easy,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer.received.appendBody(chunk, within: transfer.order.request)
      },
      context
    )
    _ = signalbox_curl_on_open_socket(
      easy,
      { context, _, address in
        guard let context, let address else { return -1 }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().openSocket(for: address)
      },
      context
    )
    _ = signalbox_curl_on_request(
      easy,
      { context, address, _, _, _ in
        guard let context, let address else { return CURL_PREREQFUNC_ABORT }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        return transfer.mayUseConnection(to: String(cString: address)) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
      },
      context
    )
  }

  /// Makes the socket for an address libcurl is about to connect to, or refuses (-1).
  private func openSocket(for address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    // The proxy's address is the operator's choice; see `HTTPRequest.proxy`.
    if order.request.proxy == nil, order.request.network != .any {
      guard let target = IPAddress(signalbox_curl_address(address)) else {
        objection = "not an IP address"
        return -1
      }
      if let found = order.request.network.objection(to: target) {
        objection = found
        return -1
      }
    }
    let wanted = address.pointee
    // Close-on-exec: commands started meanwhile must not hold our connections.
    return socket(wanted.family, wanted.socktype | Int32(SOCK_CLOEXEC.rawValue), wanted.protocol)
  }

  /// Judges a connection that may have been opened for another request, under another policy.
  private func mayUseConnection(to text: String) -> Bool {
    guard order.request.proxy == nil, order.request.network != .any else { return true }
    objection = IPAddress(parsing: text).map { order.request.network.objection(to: $0) } ?? "not an IP address"
    return objection == nil
  }

  // MARK: The end of an exchange

  /// Whether the exchange ended in a redirect that has to be followed; the handle is then ready to go again.
  func redirects(after code: CURLcode) throws(HTTPError) -> Bool {
    guard code == CURLE_OK, order.request.maximumRedirects > 0 else { return false }
    switch info(CURLINFO_RESPONSE_CODE) {
    case 301, 302, 307, 308: break
    case 303 where ["GET", "HEAD"].contains(order.request.method): break
    default: return false
    }
    var location: UnsafePointer<CChar>?
    _ = signalbox_curl_get_text(easy, CURLINFO_REDIRECT_URL, &location)
    guard let location else { return false }
    let url = String(cString: location)
    guard redirectCount < order.request.maximumRedirects else {
      throw HTTPError(.redirect, "\(target.origin) redirects more than \(order.request.maximumRedirects) times")
    }
    let next: RequestURL
    do throws(HTTPError) {
      next = try RequestURL(parsing: url)
    } catch {
      throw HTTPError(.redirect, "\(target.origin) redirects to something that is not an http or https URL")
    }
    guard target.scheme == "http" || next.scheme == "https" else {
      throw HTTPError(.redirect, "\(target.origin) redirects from https to http")
    }
    redirectCount += 1
    if next != target { hasLeftOrigin = true }
    target = next
    received = ReceivedParts()
    try aim(at: url)
    return true
  }

  /// The answer, or why there is none.
  func response(after code: CURLcode) throws(HTTPError) -> HTTPResponse {
    let isGood =
      code == CURLE_OK || code == CURLE_WRITE_ERROR && received.hasEnough
      || code == CURLE_BAD_CONTENT_ENCODING && !order.request.needsBody
    guard isGood else { throw failure(code) }
    return HTTPResponse(
      status: info(CURLINFO_RESPONSE_CODE),
      headers: received.headers,
      body: received.body,
      isTruncated: received.isTruncated,
      version: info(CURLINFO_HTTP_VERSION) == Int(CURL_HTTP_VERSION_2_0) ? "2" : "1.1",
      redirects: redirectCount,
      timings: HTTPResponse.Timings(
        nameLookup: time(CURLINFO_NAMELOOKUP_TIME_T),
        connect: time(CURLINFO_CONNECT_TIME_T),
        tlsHandshake: time(CURLINFO_APPCONNECT_TIME_T),
        firstByte: time(CURLINFO_STARTTRANSFER_TIME_T),
        total: time(CURLINFO_TOTAL_TIME_T)
      )
    )
  }

  private func info(_ what: CURLINFO) -> Int {
    var value = 0
    _ = signalbox_curl_get_long(easy, what, &value)
    return value
  }

  private func time(_ what: CURLINFO) -> Duration {
    var value: curl_off_t = 0
    _ = signalbox_curl_get_size(easy, what, &value)
    return .microseconds(Int64(value))
  }

  private func refusal(_ objection: String) -> HTTPError {
    HTTPError(.refusedByPolicy, "\(target.origin) is \(objection); only public addresses may be reached")
  }

  private func failure(_ code: CURLcode) -> HTTPError {
    if let objection, code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK { return refusal(objection) }
    if received.isTooLarge {
      return HTTPError(.tooLarge, "\(target.origin) sent more than \(order.request.responseCap) bytes")
    }
    let through = order.request.proxy == nil ? target.origin : "\(target.origin) through the proxy"
    let said = String(cString: curl_easy_strerror(code))
    switch code.failureCode {
    case .timeout:
      let isConnected = time(CURLINFO_PRETRANSFER_TIME_T) > .zero
      let limit = isConnected ? order.request.timeout : min(order.request.connectTimeout, order.request.timeout)
      return HTTPError(
        .timeout,
        "\(through) \(isConnected ? "gave no answer" : "could not be connected") within \(limit)"
      )
    case .nameLookup:
      return HTTPError(.nameLookup, "The name of \(through) could not be resolved")
    case .tls:
      let detail = String(cString: errorText)
      return HTTPError(.tls, "TLS with \(target.origin) failed: \(detail.isEmpty ? said : detail)")
    case .connect:
      let reason = info(CURLINFO_OS_ERRNO)
      let words = reason == 0 ? said : String(cString: strerror(Int32(reason)))
      return HTTPError(.connect, "\(through) could not be connected: \(words)")
    case .broken:
      return HTTPError(.broken, "The exchange with \(through) broke: \(said)")
    case let other:
      return HTTPError(other, "The request to \(through) failed: \(said)")
    }
  }
}

extension Duration {
  /// Whole milliseconds, rounded down.
  fileprivate var milliseconds: Int {
    Int(clamping: components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}

extension CURLcode {
  /// Our kind of failure for libcurl's.
  fileprivate var failureCode: HTTPError.Code {
    switch self {
    case CURLE_OPERATION_TIMEDOUT: .timeout
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameLookup
    case CURLE_COULDNT_CONNECT, CURLE_PROXY: .connect
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
      .tls
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM,
      CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
      .broken
    case CURLE_URL_MALFORMAT: .invalidRequest
    default: .internal
    }
  }
}
