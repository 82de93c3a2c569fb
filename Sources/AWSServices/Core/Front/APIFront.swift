// The front of all services: a request comes in as bytes, and whatever it is, an answer goes out that its client
// understands. First its head (`arrival`), because most of what is wrong shows there and a body costs memory; then the
// rest: believe, route, read, do, record, each a function of its own.

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
    /// Takes the record of a call; returns when the caller may have the answer, throws when the record is not stored.
    public var capture: @Sendable (CallOutcome) async throws -> Void
    /// Whether there is room for what calls bring; nothing is said when there is, and what to tell the caller else.
    public var lackOfRoom: @Sendable () -> String?
    /// Counts a call and its seconds.
    public var measure: @Sendable (_ service: String, _ operation: String, _ status: Int, _ seconds: Double) -> Void

    /// Makes surroundings.
    public init(
      now: @escaping @Sendable () -> Timestamp,
      newID: (@Sendable () -> String)? = nil,
      capture: @escaping @Sendable (CallOutcome) async throws -> Void = { _ in },
      lackOfRoom: @escaping @Sendable () -> String? = { nil },
      measure: @escaping @Sendable (String, String, Int, Double) -> Void = { _, _, _, _ in }
    ) {
      self.now = now
      self.newID = newID ?? { UUID().uuidString.lowercased() }
      self.capture = capture
      self.lackOfRoom = lackOfRoom
      self.measure = measure
    }
  }

  let services: [BoundService]
  let identities: Identities
  let region: String
  let checksSignatures: Bool
  let surroundings: Surroundings
  let logger: Logger
  let signingKeys = SigningKeys()

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

  /// The present, as HTTP writes it.
  public var httpDate: String { surroundings.now().httpDate }

  /// The answer to a request that is not even looked at.
  public func refuse(_ head: WireRequest, _ error: AWSError) -> WireResponse {
    AnswerFormat(guessedFrom: head).response(error, requestID: surroundings.newID())
  }

  /// Answers a request that is there as a whole.
  public func answer(_ request: WireRequest, from origin: RequestOrigin) async -> WireResponse {
    await answer(arrival(of: request, from: origin), body: .success(request.body))
  }

  /// Answers a request whose body has been read, or could not be.
  ///
  /// - Parameters:
  ///   - body: the body as it was signed, or why there is none; not looked at if the arrival was refused.
  ///   - departure: tells when the client is gone.
  ///   - unpack: takes a body out of what it was packed in, once it is known who sent it.
  public func answer(
    _ arrival: Arrival,
    body: Result<[UInt8], AWSError>,
    departure: Departure? = nil,
    unpack: ([UInt8]) throws(AWSError) -> [UInt8] = { body throws(AWSError) in body }
  ) async -> WireResponse {
    var course = Course(arrival)
    var response: WireResponse
    do {
      if let refusal = arrival.refusal { throw refusal }
      let body = try body.get()
      course.take(body)
      try believe(arrival, body, &course)
      try route(arrival, unpack(body), &course)
      response = try await perform(arrival, departure, &course)
    } catch {
      let error = error as? AWSError ?? internalFailure(error, course, arrival.requestID)
      course.error = error
      response = course.format.response(error, requestID: arrival.requestID)
    }
    if isRecorded(course) {
      do {
        try await surroundings.capture(outcome(of: course, arrival))
      } catch {
        response = course.format.response(Self.unrecorded, requestID: arrival.requestID)
      }
    }
    measure(course, arrival, response.status)
    return response
  }

  /// What a caller hears when the record of the call is not on the disk: all is not well, whatever the call did.
  private static let unrecorded = AWSError(
    "ServiceUnavailable",
    "The record of this call cannot be stored at the moment. The call may have been carried out.",
    status: 503
  )

  // MARK: Steps

  /// What has been found out about a request on its way.
  struct Course {
    /// How the answer is written.
    var format: AnswerFormat
    var caller = CallerIdentity.nobody
    var isBelieved = false
    var service: BoundService?
    var wanted: WantedOperation
    var request: WireRequest
    var exchange: Exchange?
    var input: Fields?
    var output: Fields?
    var error: AWSError?

    init(_ arrival: Arrival) {
      format = arrival.format
      service = arrival.service
      wanted = arrival.wanted
      request = arrival.head
    }

    /// Takes the body, and looks for what it says of the operation: the record of a call wants to name it, also of one
    /// that is not believed.
    mutating func take(_ body: [UInt8]) {
      request.body = body
      if request.headers["x-amz-target"] == nil { wanted = WantedOperation(request) }
    }
  }

  /// Whoever cannot be believed learns nothing, not even whether an operation exists.
  private func believe(_ arrival: Arrival, _ body: [UInt8], _ course: inout Course) throws(AWSError) {
    do throws(SignatureFailure) {
      try arrival.signatory?.claim?.verify(body: body)
    } catch {
      throw error.error(in: arrival.format)
    }
    if let signatory = arrival.signatory {
      course.caller = signatory.caller
      course.isBelieved = true
    }
  }

  /// Finds the operation; the body may have to say which it is.
  private func route(_ arrival: Arrival, _ body: [UInt8], _ course: inout Course) throws(AWSError) {
    course.take(body)
    course.service = arrival.service ?? service(for: course.request, course.wanted, arrival.claim)
    var exchange: Exchange?
    var failure: AWSError?
    if let service = course.service {
      do throws(RoutingFailure) {
        let found = try service.exchange(for: course.request, course.wanted)
        course.format = found.format
        exchange = found
      } catch {
        course.format = error.format
        failure = error.error
      }
    } else {
      failure = unroutable(course.wanted, arrival.claim, course.format)
    }
    // Who did not sign may call what is open to everybody, and hears of nothing else.
    guard course.isBelieved || exchange?.operation.isOpen ?? false else {
      throw SignatureFailure.missing.error(in: course.format)
    }
    if let failure { throw failure }
    course.exchange = exchange
  }

  /// Reads the input and does what is asked for.
  private func perform(
    _ arrival: Arrival,
    _ departure: Departure?,
    _ course: inout Course
  ) async throws -> WireResponse {
    guard let exchange = course.exchange else { throw AWSError.internalFailure }
    let host = arrival.head.headers["host"] ?? ""
    let endpoint = "\(arrival.origin.scheme)://\(host.isEmpty ? "localhost" : host)"
    var fields = try exchange.unvalidatedFields(of: course.request)
    exchange.fillFromPath(of: course.request, at: endpoint, &fields)
    course.input = fields
    var call = Call(
      input: try exchange.input(validating: fields),
      scope: scope(of: course, arrival),
      caller: course.caller,
      requestID: arrival.requestID,
      time: arrival.time,
      sourceAddress: arrival.origin.address,
      userAgent: arrival.head.headers["user-agent"] ?? "",
      endpoint: endpoint,
      isSecure: arrival.origin.scheme == "https",
      departure: departure
    )
    call.traceHeader = Self.traceHeader(of: arrival.head)
    if !exchange.operation.makesRoom, let lack = surroundings.lackOfRoom() {
      throw AWSError("ServiceUnavailable", lack, status: 503)
    }
    let output = try await exchange.operation.perform(call)
    if case .fields(let fields) = output { course.output = fields }
    return exchange.response(output, requestID: arrival.requestID)
  }

  /// The trace header of a request; nothing if it is none that a message could carry.
  private static func traceHeader(of head: WireRequest) -> String? {
    guard let text = head.headers["x-amzn-trace-id"], (1...2048).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else { return nil }
    return text
  }
}
