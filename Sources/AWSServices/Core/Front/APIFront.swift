// The front of all services: a request comes in as bytes, and whatever it is, an answer goes out that its client
// understands. Route, believe, read, do, record: in this order, each step a function of its own.

public import AWSProtocols
internal import Foundation
public import Logging
internal import TrailEvents

/// Where a request came from.
public struct RequestOrigin: Sendable, Hashable {
  /// The client's IP address.
  public var address: String
  /// `http` or `https`
  public var scheme: String
  /// The version of TLS, as CloudTrail writes it.
  public var tlsVersion: String?

  /// Makes an origin.
  public init(address: String, scheme: String = "http", tlsVersion: String? = nil) {
    self.address = address
    self.scheme = scheme
    self.tlsVersion = tlsVersion
  }
}

/// The front of all services.
public struct APIFront: Sendable {
  /// What a front needs of the world.
  public struct Surroundings: Sendable {
    /// The present.
    public var now: @Sendable () -> Timestamp
    /// A new random id, in the form of a UUID.
    public var newID: @Sendable () -> String
    /// Takes the record of a call; returns when the caller may have the answer.
    public var capture: @Sendable (CallOutcome) async -> Void
    /// Counts a call and its seconds.
    public var measure: @Sendable (_ service: String, _ operation: String, _ status: Int, _ seconds: Double) -> Void

    /// Makes surroundings.
    public init(
      now: @escaping @Sendable () -> Timestamp,
      newID: (@Sendable () -> String)? = nil,
      capture: @escaping @Sendable (CallOutcome) async -> Void = { _ in },
      measure: @escaping @Sendable (String, String, Int, Double) -> Void = { _, _, _, _ in }
    ) {
      self.now = now
      self.newID = newID ?? { UUID().uuidString.lowercased() }
      self.capture = capture
      self.measure = measure
    }
  }

  let services: [BoundService]
  let identities: Identities
  let region: String
  let checksSignatures: Bool
  let surroundings: Surroundings
  let logger: Logger

  /// Makes a front.
  ///
  /// - Parameters:
  ///   - region: the Region of calls that name none.
  ///   - checksSignatures: whether callers must prove who they are.
  public init(
    services: [BoundService],
    identities: Identities,
    region: String,
    checksSignatures: Bool = true,
    surroundings: Surroundings,
    logger: Logger
  ) {
    self.services = services
    self.identities = identities
    self.region = region
    self.checksSignatures = checksSignatures
    self.surroundings = surroundings
    self.logger = logger
  }

  /// Answers a request.
  ///
  /// - Parameter signedBody: the body as it was signed, where it is not the request's own: before it was taken out of
  ///   its pieces or inflated.
  public func answer(_ request: WireRequest, from origin: RequestOrigin, signedBody: [UInt8]? = nil) async
    -> WireResponse
  {
    let start = ContinuousClock.now
    let requestID = surroundings.newID()
    let time = surroundings.now()
    let claim = Result { () throws(SignatureFailure) in try SignatureClaim(request) }
    let claimed = (try? claim.get()) ?? nil
    let service = service(for: request, claimed)
    var outcome = CallOutcome(
      requestID: requestID,
      caller: .nobody,
      account: identities.defaultAccount,
      region: claimed?.region ?? region,
      time: time,
      eventSource: service?.eventSource ?? "signalbox.amazonaws.com",
      apiVersion: service?.version ?? "",
      eventName: Self.wantedName(request),
      isReadOnly: false,
      category: .management,
      sourceAddress: origin.address,
      userAgent: request.headers["user-agent"] ?? "",
      host: request.headers["host"] ?? "",
      tlsVersion: origin.tlsVersion
    )
    let response: WireResponse
    if let service {
      response = await answer(request, origin, service, claim, signedBody ?? request.body, &outcome)
    } else {
      let format = Self.guessedFormat(request)
      let error = Self.unroutable(request, claimed, format)
      outcome.error = error
      response = format.response(error, requestID: requestID)
    }
    if service != nil { await surroundings.capture(outcome) }
    let spent = (ContinuousClock.now - start).components
    surroundings.measure(
      service?.id ?? "none",
      service?.operation(named: outcome.eventName) == nil ? "none" : outcome.eventName,
      response.status,
      Double(spent.seconds) + Double(spent.attoseconds) / 1e18
    )
    return response
  }

  private func answer(
    _ request: WireRequest,
    _ origin: RequestOrigin,
    _ service: BoundService,
    _ claim: Result<SignatureClaim?, SignatureFailure>,
    _ signedBody: [UInt8],
    _ outcome: inout CallOutcome
  ) async -> WireResponse {
    let requestID = outcome.requestID
    let routed = Result { () throws(RoutingFailure) in try service.exchange(for: request) }
    let exchange = try? routed.get()
    if let exchange {
      outcome.eventName = exchange.operation.name
      outcome.isReadOnly = exchange.operation.isReadOnly
      outcome.category = exchange.operation.category
    }
    let format: AnswerFormat
    switch routed {
    case .success(let exchange): format = exchange.format
    case .failure(let failure): format = failure.format
    }
    // Whoever cannot be believed learns nothing, not even whether an operation exists.
    do throws(SignatureFailure) {
      outcome.caller = try caller(
        request,
        claim.get(),
        service,
        signedBody,
        outcome.time,
        isOpen: exchange?.operation.isOpen ?? false
      )
    } catch {
      if case .success(let claim?) = claim { outcome.caller.accessKeyID = claim.accessKeyID }
      outcome.error = error.error(in: format)
      return format.response(error.error(in: format), requestID: requestID)
    }
    if !outcome.caller.account.isEmpty { outcome.account = outcome.caller.account }
    guard let exchange else {
      guard case .failure(let failure) = routed else { return format.response(.internalFailure, requestID: requestID) }
      outcome.error = failure.error
      return format.response(failure.error, requestID: requestID)
    }
    do {
      outcome.input = (exchange.operation.input, try exchange.unvalidatedFields(of: request))
      let call = Call(
        input: try exchange.input(of: request),
        scope: Scope(account: outcome.account, region: outcome.region),
        caller: outcome.caller,
        requestID: requestID,
        time: outcome.time,
        sourceAddress: outcome.sourceAddress,
        userAgent: outcome.userAgent,
        endpoint: "\(origin.scheme)://\(outcome.host.isEmpty ? "localhost" : outcome.host)"
      )
      let output = try await exchange.operation.perform(call)
      if case .fields(let fields) = output { outcome.output = (exchange.operation.output, fields) }
      return exchange.response(output, requestID: requestID)
    } catch {
      let answer: AWSError
      if let error = error as? AWSError {
        answer = error
      } else {
        answer = .internalFailure
        logger.error(
          "an API call failed inside: \(error)",
          metadata: ["operation": "\(service.id):\(exchange.operation.name)", "request": "\(requestID)"]
        )
      }
      outcome.error = answer
      return exchange.response(answer, requestID: requestID)
    }
  }

  /// Answers a request that was not even read to its end.
  public func refuse(_ request: WireRequest, _ error: AWSError) -> WireResponse {
    let claimed = (try? SignatureClaim(request)) ?? nil
    let format = service(for: request, claimed)?.answerFormat ?? Self.guessedFormat(request)
    return format.response(error, requestID: surroundings.newID())
  }

  /// The present, as HTTP writes it.
  public var httpDate: String { surroundings.now().httpDate }

  // MARK: Who

  private func caller(
    _ request: WireRequest,
    _ claim: SignatureClaim?,
    _ service: BoundService,
    _ body: [UInt8],
    _ now: Timestamp,
    isOpen: Bool
  ) throws(SignatureFailure) -> CallerIdentity {
    guard let claim else {
      if isOpen { return .nobody }
      guard !checksSignatures else { throw .missing }
      return .root(of: identities.defaultAccount, accessKeyID: "")
    }
    guard checksSignatures else {
      if let (caller, _) = try? identities.owner(of: claim, now: now) { return caller }
      return .root(of: identities.defaultAccount, accessKeyID: claim.accessKeyID)
    }
    try claim.checkTime(now)
    let (caller, secret) = try identities.owner(of: claim, now: now)
    guard service.signingNames.contains(claim.service) else {
      throw .mismatch("Credential should be scoped to correct service: '\(service.signingNames.first ?? service.id)'.")
    }
    try claim.verify(request, secret: secret, body: body)
    return caller
  }

  // MARK: Where

  /// The service that a request is for: by `X-Amz-Target`, by what it is signed for, by `Action` and `Version`, by path.
  private func service(for request: WireRequest, _ claim: SignatureClaim?) -> BoundService? {
    if let target = request.headers["x-amz-target"] { return services.first { $0.takes(target: target) } }
    if let name = claim?.service {
      let candidates = services.filter { $0.signingNames.contains(name) }
      return candidates.first { $0.takes(method: request.method, path: request.path) } ?? candidates.first
    }
    if let action = BoundService.action(of: request) {
      let version = BoundService.parameter("Version", of: request)
      return services.first { $0.operation(named: action) != nil && (version == nil || $0.version == version) }
    }
    return services.first { $0.takes(method: request.method, path: request.path) }
  }

  /// What the client called the operation, for the record of a call that was not understood.
  private static func wantedName(_ request: WireRequest) -> String {
    if let target = request.headers["x-amz-target"], let dot = target.lastIndex(of: ".") {
      return String(target[target.index(after: dot)...].prefix(128))
    }
    return String((BoundService.action(of: request) ?? request.method).prefix(128))
  }

  private static func guessedFormat(_ request: WireRequest) -> AnswerFormat {
    if request.headers["x-amz-target"] != nil { return .json(version: "1.1") }
    if BoundService.action(of: request) != nil { return .query(namespace: "https://signalbox.invalid/") }
    return .restJSON
  }

  private static func unroutable(_ request: WireRequest, _ claim: SignatureClaim?, _ format: AnswerFormat) -> AWSError {
    if let target = request.headers["x-amz-target"] {
      return AWSError("UnknownOperationException", "No service here knows the target \(target.prefix(128)).")
    }
    if let claim {
      return AWSError(
        "UnknownOperationException",
        "The service '\(claim.service.prefix(64))' is not offered here.",
        status: 404
      )
    }
    if let action = BoundService.action(of: request) {
      return AWSError("InvalidAction", "The action \(action.prefix(128)) is not valid for this endpoint.")
    }
    return AWSError("MissingAuthenticationToken", "Missing Authentication Token", status: 403)
  }
}
