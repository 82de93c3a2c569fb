// SNS's delivery policy: how often and how long an HTTP endpoint that fails is tried again.

internal import EventPatterns

/// When failed deliveries to an HTTP endpoint are tried again.
public struct DeliveryRetries: Sendable, Equatable {
  /// How many retries follow the first attempt, 0 to 100.
  public var count = 3
  /// The shortest wait before a retry, in seconds.
  public var shortestDelay = 20
  /// The longest wait before a retry, in seconds.
  public var longestDelay = 20
  /// At most so many deliveries a second; nil for no limit.
  public var ratePerSecond: Int?
  /// The `Content-Type` of what is posted; text unless set.
  public var contentType: String?

  /// SNS's defaults: three retries, 20 seconds apart.
  public init() {}

  /// Reads a delivery policy of a topic (`{"http": {"defaultHealthyRetryPolicy": …}}`) or of a subscription
  /// (`{"healthyRetryPolicy": …}`).
  public init(parsing text: String) throws(MessagingError) {
    func invalid(_ reason: String) -> MessagingError { TopicService.invalid("DeliveryPolicy: \(reason)") }
    guard let value = try? JSONValue(parsing: text), case .object = value else { throw invalid("Unable to parse JSON") }
    let http = value["http"] ?? value
    let retry = http["healthyRetryPolicy"] ?? http["defaultHealthyRetryPolicy"]
    count = Self.integer(retry?["numRetries"]) ?? count
    shortestDelay = Self.integer(retry?["minDelayTarget"]) ?? shortestDelay
    longestDelay = Self.integer(retry?["maxDelayTarget"]) ?? max(longestDelay, shortestDelay)
    let throttle = http["throttlePolicy"] ?? http["defaultThrottlePolicy"]
    ratePerSecond = Self.integer(throttle?["maxReceivesPerSecond"])
    contentType = (http["requestPolicy"] ?? http["defaultRequestPolicy"])?["headerContentType"]?.string
    guard (0...100).contains(count) else { throw invalid("numRetries must be between 0 and 100") }
    guard (1...3600).contains(shortestDelay), (shortestDelay...3600).contains(longestDelay) else {
      throw invalid("minDelayTarget and maxDelayTarget must be between 1 and 3600, the second not below the first")
    }
    if let ratePerSecond, ratePerSecond < 1 { throw invalid("maxReceivesPerSecond must be at least 1") }
  }

  private static func integer(_ value: JSONValue?) -> Int? {
    if case .number(let text)? = value { Int(text) } else { nil }
  }

  /// The policy that holds, as SNS shows it.
  static func effective(_ text: String?) -> String {
    let policy = text.flatMap { try? DeliveryRetries(parsing: $0) } ?? DeliveryRetries()
    let throttle = policy.ratePerSecond.map { ",\"defaultThrottlePolicy\":{\"maxReceivesPerSecond\":\($0)}" } ?? ""
    return """
      {"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":\(policy.shortestDelay),\
      "maxDelayTarget":\(policy.longestDelay),"numRetries":\(policy.count),"numMaxDelayRetries":0,\
      "numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,\
      "defaultRequestPolicy":{"headerContentType":"\(policy.contentType ?? "text/plain; charset=UTF-8")"}\(throttle)}}
      """
  }
}
