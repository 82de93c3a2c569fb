// From Hummingbird's requests to ours and back. Health and metrics have paths of their own; all else is for the front.

internal import AWSProtocols
internal import AWSServices
internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOSSL

/// Answers requests of one listener.
struct APIResponder: Sendable {
  let front: APIFront
  let settings: HTTPSettings
  let budget: BodyBudget
  /// Whether the engine does its work: for `/readyz`.
  let isReady: @Sendable () -> Bool
  /// What services publish at paths of their own, for everybody: PEM text by path.
  let documents: @Sendable (String) async -> String?
  /// The text of `/metrics`.
  let metrics: @Sendable () async -> String

  @Sendable @concurrent
  func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
    let isHead = request.method == .head
    guard let head = Self.wireHead(of: request) else {
      let error = AWSError("MalformedHttpRequestException", "A request names its host once.")
      return try await send(front.refuse(WireRequest("GET", "/"), error), isHead: isHead, writer)
    }
    if let own = await ownAnswer(request) { return try await send(own, isHead: isHead, writer) }
    if !settings.checksSignatures, let objection = BrowserGuard.objection(to: head.headers) {
      let error = AWSError("AccessDenied", objection, status: 403)
      return try await send(front.refuse(head, error), isHead: isHead, writer)
    }
    let arrival = front.arrival(of: head, from: await origin(channel))
    let share = budget.share()
    defer { share.giveBack() }
    let limit = min(settings.largestBody, arrival.largestBody)
    var body = Result<[UInt8], AWSError>.success([])
    if arrival.refusal == nil {
      do {
        guard Self.length(head) ?? 0 <= limit else { throw BodyRefusal.tooLarge }
        if head.headers["expect"]?.lowercased() == "100-continue" {
          try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        body = .success(try await request.body.collected(limit: limit, from: share))
      } catch let refusal as BodyRefusal {
        body = .failure(refusal.error)
      }
    }
    var response = await front.answer(arrival, body: body, departure: Self.departure(from: channel)) {
      (packed) throws(AWSError) in try Self.unpacked(packed, head.headers, limit: limit, share)
    }
    // A body that nobody reads is passed over if it is small; else the connection ends with the answer.
    if Self.isUnread(arrival, body), !Self.isStream(channel), Self.length(head) ?? .max > Self.passedOver {
      response.headers["connection"] = "close"
    }
    try await send(response, isHead: isHead, writer)
  }

  // MARK: The request

  /// The largest body that is read only to come to the next request.
  private static let passedOver = 64 << 10

  /// The head as the front knows it; nothing if it names no host, or two.
  private static func wireHead(of request: Request) -> WireRequest? {
    var headers: [(String, String)] = request.headers.map { ($0.name.canonicalName, $0.value) }
    let hosts = headers.lazy.filter { $0.0 == "host" }.map(\.1)
    if let authority = request.head.authority {
      // Of HTTP/1.1 this is the first `Host`; of HTTP/2 the client's, beside which it may say the same again.
      guard hosts.allSatisfy({ $0 == authority }) else { return nil }
      headers.removeAll { $0.0 == "host" }
      headers.append(("host", authority))
    } else if hosts.count != 1 {
      return nil
    }
    var head = WireRequest(request.method.rawValue, request.head.path ?? "/")
    head.headers = Headers(headers)
    return head
  }

  private static func length(_ head: WireRequest) -> Int? { head.headers["content-length"].flatMap { Int($0) } }

  private static func isUnread(_ arrival: Arrival, _ body: Result<[UInt8], AWSError>) -> Bool {
    if arrival.refusal != nil { return true }
    if case .failure = body { return true }
    return false
  }

  private static func unpacked(
    _ packed: [UInt8],
    _ headers: Headers,
    limit: Int,
    _ share: BodyBudget.Share
  ) throws(AWSError) -> [UInt8] {
    do throws(BodyRefusal) {
      let bytes = try UnpackedBody(packed, headers, limit: limit).bytes
      try share.take(max(0, bytes.count - packed.count))
      return bytes
    } catch {
      throw error.error
    }
  }

  // MARK: The connection

  /// Whether a channel is a stream of HTTP/2: its parent is the connection, whose parent is the listener.
  private static func isStream(_ channel: any Channel) -> Bool { channel.parent?.parent != nil }

  private static func departure(from channel: any Channel) -> Departure {
    Departure {
      let (gone, continuation) = AsyncStream.makeStream(of: Never.self)
      channel.eventLoop.execute {
        let watch = try? channel.pipeline.syncOperations.handler(type: RequestWatch.self)
        guard let watch else { return continuation.finish() }
        watch.whenGone { continuation.finish() }
      }
      for await _ in gone {}
    }
  }

  private func origin(_ channel: any Channel) async -> RequestOrigin {
    let address = channel.remoteAddress?.ipAddress ?? channel.parent?.remoteAddress?.ipAddress ?? "127.0.0.1"
    guard settings.tls != nil else { return RequestOrigin(address: address) }
    // A stream of HTTP/2 is a channel of its own within the connection's.
    var version = try? await channel.nioSSL_tlsVersion().get()
    if version == nil, let connection = channel.parent { version = try? await connection.nioSSL_tlsVersion().get() }
    return RequestOrigin(address: address, scheme: "https", tlsVersion: version == .tlsv12 ? "TLSv1.2" : "TLSv1.3")
  }

  private func ownAnswer(_ request: Request) async -> WireResponse? {
    guard request.method == .get || request.method == .head, request.headers[.authorization] == nil else { return nil }
    let plain: Headers = ["content-type": "text/plain; charset=utf-8"]
    switch request.head.path {
    case "/healthz": return WireResponse(status: 200, headers: plain, body: Array("ok\n".utf8))
    case "/readyz":
      let ready = isReady()
      return WireResponse(
        status: ready ? 200 : 503,
        headers: plain,
        body: Array((ready ? "ready\n" : "not ready\n").utf8)
      )
    case "/metrics":
      let type: Headers = ["content-type": "text/plain; version=0.0.4; charset=utf-8"]
      return WireResponse(status: 200, headers: type, body: Array(await metrics().utf8))
    default:
      guard let path = request.head.path, path.hasSuffix(".pem"), let text = await documents(path) else { return nil }
      let type: Headers = ["content-type": "application/x-pem-file"]
      return WireResponse(status: 200, headers: type, body: Array(text.utf8))
    }
  }

  @concurrent
  private func send(_ response: WireResponse, isHead: Bool, _ writer: consuming ResponseWriter) async throws {
    var fields = HTTPFields()
    for (name, value) in response.headers.entries {
      guard let name = HTTPField.Name(name) else { continue }
      fields.append(HTTPField(name: name, value: value))
    }
    fields[.contentLength] = String(response.body.count)
    fields[.date] = front.httpDate
    let head = HTTPResponse(status: .init(code: response.status), headerFields: fields)
    if isHead || response.body.isEmpty {
      try await writer.writeResponse(head)
    } else {
      try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }
  }
}
