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
  /// Whether the engine does its work: for `/readyz`.
  let isReady: @Sendable () -> Bool
  /// What services publish at paths of their own, for everybody: PEM text by path.
  let documents: @Sendable (String) async -> String?
  /// The text of `/metrics`.
  let metrics: @Sendable () async -> String

  @Sendable @concurrent
  func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
    if let own = await ownAnswer(request) {
      return try await send(own, isHead: request.method == .head, writer)
    }
    var wire = WireRequest(request.method.rawValue, request.head.path ?? "/")
    var headers: [(String, String)] = request.headers.map { ($0.name.canonicalName, $0.value) }
    if let authority = request.head.authority { headers.append(("host", authority)) }
    wire.headers = Headers(headers)
    let response: WireResponse
    do {
      if let length = wire.headers["content-length"].flatMap({ Int($0) }), length > settings.largestBody {
        throw BodyRefusal.tooLarge
      }
      if wire.headers["expect"]?.lowercased() == "100-continue" {
        try await writer.writeInformationalHead(HTTPResponse(status: .continue))
      }
      let packed = try await request.body.collected(limit: settings.largestBody, within: settings.requestTimeout)
      wire.body = try UnpackedBody(packed, wire.headers, limit: settings.largestBody).bytes
      response = await front.answer(wire, from: origin(channel), signedBody: packed)
    } catch let refusal as BodyRefusal {
      var refused = front.refuse(wire, refusal.error)
      refused.headers["connection"] = "close"
      response = refused
    }
    try await send(response, isHead: request.method == .head, writer)
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
