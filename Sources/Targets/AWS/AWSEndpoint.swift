// The way to a service: where it is, whose keys sign, and one signed request there.

public import AWSProtocols
internal import Delivery
internal import EventPatterns
public import Outbound

/// An endpoint of AWS's, or one that is compatible, and the keys to sign with.
public struct AWSEndpoint: Sendable {
  /// The address of the endpoint, `https://host` with a path if need be; AWS's own for service and Region if nil.
  public var address: String?
  /// The Region that is signed for; the resource's own if nil.
  public var region: String?
  /// The keys; asked for each request, so that a file that changes takes effect.
  public var credentials: @Sendable () -> SigningCredentials
  /// Which addresses may be reached.
  public var network: AddressPolicy
  /// How long one request may take.
  public var timeout: Duration

  /// Makes an endpoint.
  public init(
    address: String? = nil,
    region: String? = nil,
    network: AddressPolicy = .public,
    timeout: Duration = .seconds(10),
    credentials: @escaping @Sendable () -> SigningCredentials
  ) {
    self.address = address
    self.region = region
    self.network = network
    self.timeout = timeout
    self.credentials = credentials
  }

  /// Whether a text can be the name of a Region. It becomes a part of the host of AWS's endpoints, and often comes from an
  /// ARN that somebody put into a rule: who that is must not choose the host that requests, and a session's token, go to.
  public static func isRegion(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
  }

  /// The Region that is signed for.
  func region(or given: String) throws(DeliveryFailure) -> String {
    let region = self.region ?? given
    guard Self.isRegion(region) else {
      let what = region.isEmpty ? "no Region is named" : "'\(printableText(region.prefix(100).utf8))' is not a Region"
      throw DeliveryFailure(.invalidParameter, "\(what); `region` of the endpoint can name one", retryable: false)
    }
    return region
  }

  /// What is wrong with an address; nothing if requests can go there.
  public static func complaint(aboutAddress address: String) -> String? {
    do {
      let host = try HTTPRequest.host(of: address)
      if address.contains("@") { return "an endpoint has no user in it" }
      if address.contains("?") || address.contains("#") { return "an endpoint ends before `?` and `#`" }
      if try HTTPRequest.isReadable(address) { return "without TLS an endpoint has to be on this machine" }
      return host.isEmpty ? "the endpoint names no host" : nil
    } catch {
      return error.message
    }
  }
}

/// Sends calls.
struct AWSClient: Sendable {
  /// An answer with what may be recorded of it.
  struct Answer: Sendable {
    var problem: AWSProblem?
    var status: Int
    var record: String
    var retryAfter: Duration?
    /// The result, for a call that is waited for.
    var result: [UInt8] = []
  }

  /// How much of an answer is read, and how much goes into the record.
  private static let answerCap = 1 << 20
  private static let recordCap = 4096
  /// How long the result of a function or execution may take, as with EventBridge Pipes.
  private static let longestWait = Duration.seconds(300)

  let http: HTTPClient
  let version: String
  let now: @Sendable () -> Delivery.Instant

  /// - Parameter answerLimit: how many bytes of a result are wanted.
  func send(
    _ call: AWSCall,
    to service: AWSService,
    at endpoint: AWSEndpoint,
    region: String,
    answerLimit: Int = 0
  ) async throws(DeliveryFailure) -> Answer {
    let credentials = endpoint.credentials()
    let response: HTTPResponse
    do throws(HTTPError) {
      var request = try request(call, service, endpoint, region, credentials)
      request.responseCap = max(Self.answerCap, answerLimit)
      response = try await http.send(request)
    } catch {
      throw WebhookOutcome.failure(for: error, retryOn: .standard)
    }
    let redactor = Redactor([credentials.secret, credentials.sessionToken].compactMap(\.self))
    let kept = Array(response.body.prefix(Self.recordCap))
    let isCut = response.isTruncated || kept.count < response.body.count
    var problem = AWSProblem(in: response, of: call, service.wire)
    if let message = problem?.message { problem?.message = redactor.redacted(message) }
    return Answer(
      problem: problem,
      status: response.status,
      record: redactor.redacted(kept, isCut: isCut) + (isCut ? "\n[cut]" : ""),
      retryAfter: response.header("retry-after").flatMap { WebhookOutcome.retryAfter($0, now: now().seconds) },
      result: problem == nil ? call.answer?(response.body) ?? [] : []
    )
  }

  private func request(
    _ call: AWSCall,
    _ service: AWSService,
    _ endpoint: AWSEndpoint,
    _ region: String,
    _ credentials: SigningCredentials
  ) throws(HTTPError) -> HTTPRequest {
    let (origin, base) = Self.parts(of: endpoint.address ?? service.address(in: region, for: call.operation))
    var headers: [(String, String)] = [("Host", try HTTPRequest.host(of: origin))] + call.headers
    let body: [UInt8]
    switch (call.body, service.wire) {
    case (.form(let form), _):
      var fields = [(name: "Action", value: call.operation)]
      if case .query(let version) = service.wire { fields.append(("Version", version)) }
      headers.append(("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"))
      let pairs = (fields + form).map {
        "\(WireRequest.percentEncoded($0.name))=\(WireRequest.percentEncoded($0.value))"
      }
      body = Array(pairs.joined(separator: "&").utf8)
    case (.json(let value), .json(let version, let prefix)):
      headers.append(("Content-Type", "application/x-amz-json-\(version)"))
      headers.append(("X-Amz-Target", "\(prefix).\(call.operation)"))
      body = value.bytes
    case (.json(let value), _):
      headers.append(("Content-Type", "application/json"))
      body = value.bytes
    case (.bytes(let bytes), _):
      headers.append(("Content-Type", "application/json"))
      body = bytes
    }
    let signed = WireRequest("POST", base + call.path, headers: Headers(headers), body: body)
      .signed(
        with: credentials,
        region: region,
        service: service.id,
        at: Timestamp(milliseconds: now().milliseconds)
      )
    return HTTPRequest(
      method: "POST",
      url: origin + base + call.path,
      headers: signed.headers.entries.map { HTTPHeader($0.name, $0.value, isSecret: $0.name == "x-amz-security-token") }
        + [HTTPHeader("User-Agent", "Signalbox/\(self.version)")],
      body: body,
      timeout: call.answer == nil ? endpoint.timeout : max(endpoint.timeout, Self.longestWait),
      connectTimeout: min(endpoint.timeout, .seconds(10)),
      network: endpoint.network,
      responseCap: Self.answerCap,
      // A signature is for one place.
      maximumRedirects: 0
    )
  }

  /// An address as what stands before its path, and the path without a slash at its end.
  static func parts(of address: String) -> (origin: String, base: String) {
    let start = address.firstRange(of: "://")?.upperBound ?? address.startIndex
    let slash = address[start...].firstIndex(of: "/") ?? address.endIndex
    var base = String(address[slash...])
    while base.hasSuffix("/") { base.removeLast() }
    return (String(address[..<slash]), base)
  }
}
