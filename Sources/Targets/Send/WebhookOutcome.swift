// What an answer, or none, means for a delivery. Pure.

import Delivery
import Outbound
import RuleFiles

/// Which failures of a webhook are worth another attempt.
enum RetryConditions: Sendable, Equatable {
  /// Signalbox's own judgement: see `Docs/targets.md`.
  case standard
  /// What the target's `retry: {on: …}` lists, and nothing else.
  case only([DeliveryPolicy.RetryCondition])

  func includes(status: Int) -> Bool {
    switch self {
    case .standard:
      [401, 407, 408, 409, 425, 429].contains(status) || (500...599).contains(status)
    case .only(let conditions):
      conditions.contains(.status(status)) || conditions.contains(.statusClass(status / 100))
    }
  }

  var includesNetwork: Bool {
    switch self {
    case .standard: true
    case .only(let conditions): conditions.contains(.network)
    }
  }
}

/// The meaning of answers.
enum WebhookOutcome {
  /// The longest wait that a `Retry-After` may ask for; the delivery's own age limit may end it sooner.
  static let longestRetryAfter: Int64 = 7 * 86_400

  /// Why an answer is a failure; nothing for a success.
  static func failure(
    for response: HTTPResponse,
    retryOn: RetryConditions,
    answer: String,
    now: Int64
  ) -> DeliveryFailure? {
    let status = response.status
    guard !(200...299).contains(status) else { return nil }
    let waits = status == 429 || status == 503
    return DeliveryFailure(
      code(for: status),
      "the endpoint answered HTTP \(status)\(hint(for: status))",
      retryable: retryOn.includes(status: status),
      retryAfter: waits ? response.header("retry-after").flatMap { retryAfter($0, now: now) } : nil,
      output: answer
    )
  }

  /// Why a request without an answer failed.
  static func failure(for error: HTTPError, retryOn: RetryConditions) -> DeliveryFailure {
    let code: DeliveryFailure.Code =
      switch error.code {
      case .timeout: .timeout
      case .refusedByPolicy: .noPermissions
      case .invalidRequest: .invalidParameter
      case .tooLarge, .redirect: .errorFromTarget
      case .cancelled, .internal: .internalError
      case .nameLookup, .connect, .tls, .broken: .connectionFailure
      }
    // Faults of our own and a shut-down say nothing about the endpoint, so `on` has no say in them.
    let isOurs = error.code == .cancelled || error.code == .internal
    return DeliveryFailure(code, error.message, retryable: error.isRetryable && (isOurs || retryOn.includesNetwork))
  }

  /// The wait that `Retry-After` asks for: seconds, or an HTTP date.
  static func retryAfter(_ text: String, now: Int64) -> Duration? {
    let text = String(text.drop { $0 == " " })
    if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return .seconds(min(Int64(text) ?? .max, longestRetryAfter))
    }
    guard let date = HTTPDate.seconds(parsing: text) else { return nil }
    return .seconds(min(max(0, date.subtractingReportingOverflow(now).partialValue), longestRetryAfter))
  }

  private static func code(for status: Int) -> DeliveryFailure.Code {
    switch status {
    case 401, 403, 407: .noPermissions
    case 404, 410: .noResource
    case 400, 413, 415, 422: .invalidParameter
    case 408, 504: .timeout
    case 429: .throttling
    default: .errorFromTarget
    }
  }

  private static func hint(for status: Int) -> String {
    switch status {
    case 300...399: ", a redirect that is not followed; set `url` to where the endpoint is now"
    case 401, 403: "; check the secret it wants"
    case 404, 410: "; check `url`"
    case 407: "; check `proxy`"
    case 413: "; make `input` smaller"
    default: ""
    }
  }
}
