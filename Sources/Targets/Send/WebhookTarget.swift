// An HTTP endpoint. One attempt is one request; what its answer means for the delivery is decided in WebhookOutcome.

import Delivery
import EventPatterns
import Outbound

/// Posts payloads to a URL.
struct WebhookTarget: Target {
  /// A webhook with every reference resolved.
  struct Settings: Sendable {
    var url: String
    var method = "POST"
    var headers: [HTTPHeader] = []
    var signer: WebhookSigner?
    var proxy: String?
    var network = AddressPolicy.public
    var timeout: Duration = .seconds(10)
    var retryOn: RetryConditions = .standard
    /// What must not show up in records.
    var secrets: [String] = []
  }

  /// How much of an answer goes into the record.
  static let answerCap = 4096

  private let settings: Settings
  private let http: HTTPClient
  private let userAgent: String
  private let now: @Sendable () -> Instant
  private let redactor: Redactor

  init(_ settings: Settings, http: HTTPClient, version: String, now: @escaping @Sendable () -> Instant) {
    self.settings = settings
    self.http = http
    self.now = now
    userAgent = "Signalbox/\(version)"
    redactor = Redactor(settings.secrets)
  }

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await http.send(httpRequest(for: request))
    } catch {
      throw WebhookOutcome.failure(for: error, retryOn: settings.retryOn)
    }
    let isCut = response.isTruncated || response.body.count > Self.answerCap
    var answer = redactor.redacted(Array(response.body.prefix(Self.answerCap)), isCut: isCut)
    if isCut { answer += "\n[cut]" }
    if let failure = WebhookOutcome.failure(
      for: response,
      retryOn: settings.retryOn,
      answer: answer,
      now: now().seconds
    ) {
      throw failure
    }
    let wanted = request.answerLimit > 0 ? response.body : []
    return DeliveryReceipt(summary: "HTTP \(response.status)", output: answer, answer: wanted)
  }

  private func httpRequest(for request: DeliveryRequest) -> HTTPRequest {
    var headers = [
      HTTPHeader("Content-Type", Self.contentType(of: request.payload)),
      HTTPHeader("User-Agent", userAgent),
    ]
    let timestamp = now().seconds
    headers.append(HTTPHeader("webhook-id", request.deliveryID))
    headers.append(HTTPHeader("webhook-timestamp", String(timestamp)))
    if let signer = settings.signer {
      let signature = signer.signature(id: request.deliveryID, timestamp: timestamp, body: request.payload)
      headers.append(HTTPHeader("webhook-signature", signature))
    }
    for header in settings.headers {
      headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
    }
    return HTTPRequest(
      method: settings.method,
      url: settings.url,
      headers: headers + settings.headers,
      body: request.payload,
      timeout: settings.timeout,
      connectTimeout: min(settings.timeout, .seconds(10)),
      proxy: settings.proxy,
      network: settings.network,
      responseCap: max(Self.answerCap, request.answerLimit)
    )
  }

  /// JSON objects and lists go out as JSON, every other text as text.
  static func contentType(of payload: [UInt8]) -> String {
    let first = payload.first { !" \t\r\n".utf8.contains($0) }
    let mayBeJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    let isJSON = mayBeJSON && (try? JSONValue(parsing: payload)) != nil
    return isJSON ? "application/json" : "text/plain; charset=utf-8"
  }
}
