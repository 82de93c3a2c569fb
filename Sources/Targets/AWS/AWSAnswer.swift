// What a service's answer means for a delivery, as EventBridge judges it. Pure. A success is what says that it is one: an
// answer of 200 may hold failures of its parts, and a page of HTML is nobody's answer.

internal import Delivery
internal import EventPatterns
internal import Outbound

/// Why a call was not carried out.
struct AWSProblem: Error, Equatable {
  /// The service's code: `ResourceNotFoundException`.
  var code: String
  /// What the service says about it.
  var message: String
  /// The HTTP status.
  var status: Int
  /// Whether a part of the call was carried out: to call again would do that twice.
  var isPartial = false
}

extension AWSProblem {
  /// What is wrong with an answer; nothing for a success.
  init?(in response: HTTPResponse, of call: AWSCall, _ wire: AWSService.Wire) {
    let status = response.status
    let text = String(decoding: response.body, as: UTF8.self)
    let json = try? JSONValue(parsing: response.body)
    guard (200...299).contains(status) else {
      let inHeader = response.header("x-amzn-errortype").map { String($0.prefix { $0 != ":" }) }
      let type = inHeader ?? json?["__type"]?.string ?? json?["code"]?.string ?? Self.element("Code", of: text) ?? ""
      self.init(
        code: String(type.split(separator: "#").last ?? ""),
        message: json?["message"]?.string ?? json?["Message"]?.string ?? Self.element("Message", of: text) ?? "",
        status: status
      )
      return
    }
    if let error = response.header("x-amz-function-error") {
      self.init(code: "FunctionError", message: "the function failed: \(error)", status: status)
    } else if let failed = json.flatMap({ Self.failedPart(of: call, $0) }) {
      self.init(code: failed.code, message: failed.message, status: status, isPartial: failed.isPartial)
    } else if !Self.isAnswer(text, json, call, wire) {
      self.init(
        code: "UnreadableAnswer",
        message: "the answer is none of \(call.operation)'s; is this the service's endpoint?",
        status: status
      )
    } else {
      return nil
    }
  }

  private static func isAnswer(_ text: String, _ json: JSONValue?, _ call: AWSCall, _ wire: AWSService.Wire) -> Bool {
    switch wire {
    case .query: text.contains("<\(call.operation)Response")
    case .json: text.isEmpty || json?.object != nil
    // The answer to an invocation is the function's.
    case .rest: call.operation == "Invoke" || text.isEmpty || json?.object != nil
    }
  }

  private static func element(_ name: String, of xml: String) -> String? {
    guard let start = xml.firstRange(of: "<\(name)>"),
      let end = xml[start.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    return String(xml[start.upperBound..<end.lowerBound])
  }

  /// The first part of a call that an answer of 200 says was not carried out.
  private static func failedPart(
    of call: AWSCall,
    _ answer: JSONValue
  ) -> (code: String, message: String, isPartial: Bool)? {
    // What a function answers is its own, whatever it looks like.
    if call.operation == "Invoke" { return nil }
    // RunTask: tasks that could not be placed.
    if let failure = answer["failures"]?.items.first {
      let reason = failure["reason"]?.string ?? ""
      let detail = failure["detail"]?.string.map { ": \($0)" } ?? ""
      let isPlace = reason != "MISSING"
      return (isPlace ? "TaskLimitExceeded" : "TaskNotFound", reason + detail, answer["tasks"]?.items.isEmpty == false)
    }
    // StartSyncExecution: an execution that ended, and how.
    if call.operation == "StartSyncExecution", let status = answer["status"]?.string, status != "SUCCEEDED" {
      let reasons = [answer["error"]?.string, answer["cause"]?.string].compactMap(\.self)
      return ("ExecutionError", (["the execution ended as \(status)"] + reasons).joined(separator: ": "), false)
    }
    if let rejected = answer["rejectedLogEventsInfo"]?.object, !rejected.members.isEmpty {
      return ("RejectedLogEvents", JSONValue.object(rejected).text, false)
    }
    // BatchWriteItem: items that found no room.
    if let items = answer["UnprocessedItems"]?.object, !items.members.isEmpty {
      return ("ProvisionedThroughputExceeded", "some of the items were not processed", false)
    }
    let counts = ["FailedEntryCount", "FailedRecordCount", "FailedPutCount"]
    let lists = ["Entries", "Records", "RequestResponses", "Failed"]
    let isCounted = counts.contains { if case .number(let text)? = answer[$0] { text != "0" } else { false } }
    guard isCounted || answer["Failed"]?.items.isEmpty == false else { return nil }
    let failed = lists.lazy.flatMap { answer[$0]?.items ?? [] }.first { $0["ErrorCode"] != nil || $0["Code"] != nil }
    return (
      (failed?["ErrorCode"] ?? failed?["Code"])?.string ?? "",
      (failed?["ErrorMessage"] ?? failed?["Message"])?.string ?? "a part of the call failed", false
    )
  }
}

// MARK: Judgement

extension AWSProblem {
  private typealias Judgement = (words: [String], code: DeliveryFailure.Code, isRetryable: Bool)

  /// What codes mean, by what stands in them; the first that fits holds.
  private static let judgements: [Judgement] = [
    (
      ["Throttl", "TooManyRequests", "ThroughputExceeded", "RequestLimitExceeded", "RateExceeded", "SlowDown"],
      .throttling, true
    ),
    // Somebody may bring a new token meanwhile.
    (["ExpiredToken", "TokenRefreshRequired"], .noPermissions, true),
    (
      [
        "AccessDenied", "AuthorizationError", "NotAuthorized", "Unauthorized", "UnrecognizedClient",
        "InvalidAccessKeyId",
        "InvalidClientTokenId", "InvalidSignature", "SignatureDoesNotMatch", "IncompleteSignature", "RequestExpired",
        "MissingAuthentication", "OptInRequired", "InvalidRole", "Forbidden",
      ], .noPermissions, false
    ),
    (
      ["NotFound", "DoesNotExist", "NonExistent", "NoSuch", "StateMachineDeleting"], .noResource, false
    ),
    (["LimitExceeded", "LimitReached", "QuotaExceeded", "ConcurrentRunsExceeded"], .resourceLimitExceeded, true),
    (
      ["Conflict", "ConcurrentModification", "ResourceInUse", "NotReady"],
      DeliveryFailure.Code(rawValue: "RESOURCE_MODIFICATION_COLLISION"), true
    ),
    (["RequestTimeout", "OperationTimeout"], .timeout, true),
    (
      ["Internal", "ServerException", "ServiceException", "Unavailable", "UnreadableAnswer"], .errorFromTarget, true
    ),
    (["FunctionError", "ExecutionError"], .errorFromTarget, false),
  ]

  /// The failure of a delivery.
  ///
  /// - Parameter call: what was called, for a person: `states StartExecution`.
  func failure(of call: String, retryAfter: Duration?, output: String) -> DeliveryFailure {
    var judgement = Self.judgements.first { $0.words.contains { code.contains($0) } }.map { ($0.code, $0.isRetryable) }
    // Services with few codes say in words what is not there.
    let isMissing = ["not found", "does not exist", "doesn't exist"].contains { message.lowercased().contains($0) }
    if code == "InvalidDocument" || judgement == nil && status == 400 && isMissing && code.hasPrefix("Client") {
      judgement = (.noResource, false)
    }
    let (kind, isRetryable) = judgement ?? Self.judgement(ofStatus: status)
    let what = code.isEmpty ? "HTTP \(status)" : code
    return DeliveryFailure(
      kind,
      "\(call): \(what)" + (message.isEmpty ? "" : ": \(printableText(message.prefix(1000).utf8))"),
      retryable: isRetryable && !isPartial,
      retryAfter: isRetryable ? retryAfter : nil,
      output: output
    )
  }

  private static func judgement(ofStatus status: Int) -> (DeliveryFailure.Code, Bool) {
    switch status {
    case 429: (.throttling, true)
    case 401, 403, 407: (.noPermissions, false)
    case 404, 410: (.noResource, false)
    case 408, 504: (.timeout, true)
    case 500...: (.errorFromTarget, true)
    case 300...399: (.errorFromTarget, false)
    default: (.invalidParameter, false)
    }
  }
}
