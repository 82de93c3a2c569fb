// What the head of a request tells: which service it is for, whose key signed it, when and what. Whoever is refused here
// is refused before a byte of the body is held in memory.

public import AWSProtocols

/// A request as far as its head goes.
public struct Arrival: Sendable {
  /// Who calls if the signature holds.
  struct Signatory: Sendable {
    let caller: CallerIdentity
    /// What the body has to be compared with; nothing if signatures are not checked.
    let claim: CheckedClaim?
  }

  let begin: ContinuousClock.Instant
  let requestID: String
  let time: Timestamp
  let head: WireRequest
  let origin: RequestOrigin
  let wanted: WantedOperation
  let claim: SignatureClaim?
  let service: BoundService?
  let signatory: Signatory?
  let format: AnswerFormat
  /// Why the request is refused as it stands; its body need not be read.
  public let refusal: AWSError?
  /// The largest body that the request may have, in bytes.
  public let largestBody: Int
}

extension APIFront {
  /// The largest body of whoever has not signed: enough for a form that says what it wants.
  static let largestUnsignedBody = 64 << 10
  /// The most parameters of a query string.
  private static let mostParameters = 1_000

  /// Looks at the head of a request, and at nothing else.
  public func arrival(of head: WireRequest, from origin: RequestOrigin) -> Arrival {
    let time = surroundings.now()
    var head = head
    head.body = []
    let wanted = WantedOperation(head)
    var claim: SignatureClaim?
    var signatory: Arrival.Signatory?
    var refusal: AWSError?
    var service = service(for: head, wanted, nil)
    var format = AnswerFormat(guessedFrom: head)
    do throws(SignatureFailure) {
      guard head.query.utf8.count(where: { $0 == UInt8(ascii: "&") }) < Self.mostParameters else {
        throw .incomplete("A query string has at most \(Self.mostParameters) parameters.")
      }
      claim = try SignatureClaim(head)
      service = self.service(for: head, wanted, claim)
      format = service?.answerFormat(for: head) ?? format
      signatory = try self.signatory(head, claim, service, time)
      if signatory == nil { try checkUnsigned(head, wanted, service) }
    } catch {
      format = service?.answerFormat(for: head) ?? format
      refusal = error.error(in: format)
    }
    return Arrival(
      begin: .now,
      requestID: surroundings.newID(),
      time: time,
      head: head,
      origin: origin,
      wanted: wanted,
      claim: claim,
      service: service,
      signatory: signatory,
      format: format,
      refusal: refusal,
      largestBody: largestBody(service, isSigned: signatory != nil)
    )
  }

  private func largestBody(_ service: BoundService?, isSigned: Bool) -> Int {
    guard isSigned else { return Self.largestUnsignedBody }
    // Where nobody signs, a form may be what says which service it is for.
    return service?.largestBody
      ?? (checksSignatures ? Self.largestUnsignedBody : services.map(\.largestBody).max() ?? 0)
  }

  /// Who calls if the signature holds; nothing if nobody has signed and signatures are checked.
  private func signatory(
    _ head: WireRequest,
    _ claim: SignatureClaim?,
    _ service: BoundService?,
    _ now: Timestamp
  ) throws(SignatureFailure) -> Arrival.Signatory? {
    guard checksSignatures else {
      let known = claim.flatMap { claim in try? identities.owner(of: claim, now: now) }
      let root = CallerIdentity.root(of: identities.defaultAccount, accessKeyID: claim?.accessKeyID ?? "")
      return Arrival.Signatory(caller: known?.0 ?? root, claim: nil)
    }
    guard let claim else { return nil }
    let (caller, secret) = try identities.owner(of: claim, now: now)
    if let service, !service.signingNames.contains(claim.service) {
      throw .mismatch("Credential should be scoped to correct service: '\(service.signingNames.first ?? service.id)'.")
    }
    let checked = try CheckedClaim(claim, head: head, secret: secret, now: now, keys: signingKeys)
    return Arrival.Signatory(caller: caller, claim: checked)
  }

  /// A request without a signature goes on only if it may be for an operation that is open to everybody.
  private func checkUnsigned(
    _ head: WireRequest,
    _ wanted: WantedOperation,
    _ service: BoundService?
  ) throws(SignatureFailure) {
    let candidates = service.map { [$0] } ?? services
    let saysInBody = wanted.name == nil && head.method == "POST" && head.isForm
    let length = head.headers["content-length"].flatMap { Int($0) } ?? 0
    guard length <= Self.largestUnsignedBody, saysInBody || candidates.contains(where: { $0.mayBeOpen(head, wanted) })
    else { throw .missing }
  }

  // MARK: Where

  /// The service that a request is for: by `X-Amz-Target`, by what it is signed for, by `Action` and `Version`, by path.
  func service(for request: WireRequest, _ wanted: WantedOperation, _ claim: SignatureClaim?) -> BoundService? {
    if let target = wanted.target { return services.first { $0.takes(target: target) } }
    if let name = claim?.service {
      let candidates = services.filter { $0.signingNames.contains(name) }
      return candidates.first { $0.takes(method: request.method, path: request.path) } ?? candidates.first
    }
    if let action = wanted.action {
      return services.first { service in
        service.operation(named: action) != nil && (wanted.version == nil || service.version == wanted.version)
      }
    }
    return services.first { $0.takes(method: request.method, path: request.path) }
  }

  /// What a request for something that is not here is answered with.
  func unroutable(_ wanted: WantedOperation, _ claim: SignatureClaim?, _ format: AnswerFormat) -> AWSError {
    if let target = wanted.target {
      return AWSError("UnknownOperationException", "No service here knows the target \(target.prefix(128)).")
    }
    if let claim {
      return AWSError("UnknownOperationException", "The service '\(claim.service)' is not offered here.", status: 404)
    }
    if let action = wanted.action {
      return AWSError("InvalidAction", "The action \(action.prefix(128)) is not valid for this endpoint.")
    }
    if case .query = format { return AWSError("MissingAction", "The request must contain the parameter Action.") }
    return AWSError("UnknownOperationException", "No service here takes this method and path.", status: 404)
  }
}
