// An HTTP endpoint behind EventBridge's API: credentials from its connection, a limit of its own on requests a second
// that all rules share, and EventBridge's judgement of what is worth another attempt.

internal import Delivery
internal import EventPatterns
internal import Outbound
internal import TrailEvents

/// Sends events to an API destination.
struct APIDestinationTarget: Target {
  let arn: ARN
  let settings: RuleTarget
  let engine: BusEngine

  /// EventBridge waits this long for an answer.
  private static let timeout = Duration.seconds(5)

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let name = String(arn.name.prefix { $0 != "/" })
    let region = engine.directory.snapshot.catalog[arn.scope]
    guard let destination = region.destinations[name], destination.arn(in: arn.scope) == arn.description else {
      throw DeliveryFailure(.noResource, "there is no API destination \(arn)", retryable: false)
    }
    guard let connection = ARN(destination.connectionARN).map({ String($0.name.prefix { $0 != "/" }) }),
      let known = region.connections[connection]
    else {
      throw DeliveryFailure(.noResource, "there is no connection \(destination.connectionARN)", retryable: false)
    }
    guard let parameters = region.secrets[connection] else {
      throw DeliveryFailure(.noPermissions, "the connection \(connection) is not authorized", retryable: false)
    }
    var token: String?
    if let oauth = parameters.oauth, parameters.authorization == .clientCredentials {
      token = try await engine.token(for: known, oauth, in: arn.scope)
    }
    do {
      try await engine.limiters.wait(for: arn.description, rate: destination.rateLimit, clock: engine.clock)
    } catch {
      throw DeliveryFailure(.internalError, "the attempt was cut short", retryable: true)
    }
    let made = DestinationRequest(
      destination: destination,
      parameters: parameters,
      target: settings.http,
      values: Dictionary(request.parameters.map { ($0.name, $0.value) }) { $1 }
    )
    let hasBody = destination.method != "GET" && destination.method != "HEAD"
    let outgoing = HTTPRequest(
      method: destination.method,
      url: made.url,
      headers: made.headers(token: token),
      body: hasBody ? made.body(request.payload) : [],
      timeout: Self.timeout,
      connectTimeout: Self.timeout,
      network: engine.settings.network,
      responseCap: max(4096, request.answerLimit),
      maximumRedirects: 0
    )
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await engine.settings.http.send(outgoing)
    } catch {
      throw DestinationOutcome.failure(for: error)
    }
    if [401, 407].contains(response.status), token != nil {
      // The next attempt gets a new token.
      engine.tokens.forget(known.identifier, token: token)
    }
    let now = engine.clock.now.seconds
    if let failure = DestinationOutcome.failure(for: response, now: now) { throw failure }
    let wanted = request.answerLimit > 0 ? response.body : []
    return DeliveryReceipt(summary: "HTTP \(response.status)", answer: wanted)
  }
}

/// What an answer means for a delivery. Pure.
enum DestinationOutcome {
  static func failure(for response: HTTPResponse, now: Int64) -> DeliveryFailure? {
    let status = response.status
    guard !(200...299).contains(status) else { return nil }
    let code: DeliveryFailure.Code =
      switch status {
      case 429: .throttling
      case 401, 403, 407: .noPermissions
      default: .errorFromTarget
      }
    var isRetryable = [401, 407, 409, 429].contains(status) || (500...599).contains(status)
    var wait: Duration?
    if let text = response.header("retry-after") {
      if let seconds = Int64(text) {
        // A negative wait says that there is no point in trying again.
        if seconds < 0 { isRetryable = false } else { wait = .seconds(min(seconds, 86_400)) }
      } else if let date = HTTPDate.seconds(parsing: text) {
        wait = .seconds(min(max(0, date - now), 86_400))
      }
    }
    return DeliveryFailure(
      code,
      "the endpoint answered HTTP \(status)",
      retryable: isRetryable,
      retryAfter: isRetryable ? wait : nil
    )
  }

  static func failure(for error: HTTPError) -> DeliveryFailure {
    switch error.code {
    case .timeout: DeliveryFailure(.timeout, error.message, retryable: true)
    case .refusedByPolicy: DeliveryFailure(.noPermissions, error.message, retryable: false)
    case .invalidRequest: DeliveryFailure(.invalidParameter, error.message, retryable: false)
    case .redirect, .tooLarge: DeliveryFailure(.errorFromTarget, error.message, retryable: false)
    case .cancelled, .internal: DeliveryFailure(.internalError, error.message, retryable: true)
    case .nameLookup, .connect, .tls, .broken:
      DeliveryFailure(.connectionFailure, error.message, retryable: true)
    }
  }
}
