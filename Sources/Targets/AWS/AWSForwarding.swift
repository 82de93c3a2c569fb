// Which ARNs are forwarded, and where to. What no entry covers is not reached: nothing leaves without having been asked for.

public import Delivery
public import EventPatterns
public import Outbound
public import TrailEvents

/// The resources that deliveries are forwarded to.
public struct AWSForwarding: Sendable {
  /// Some resources and their endpoint.
  public struct Entry: Sendable {
    /// Services, by id: all of their resources.
    public var services: [String]
    /// ARNs, in which `*` stands for any text.
    public var arns: [String]
    /// The accounts whose rules, schedules and pipes may reach them: who uses the keys.
    public var accounts: [String]
    /// Where they are.
    public var endpoint: AWSEndpoint

    /// Makes an entry.
    public init(services: [String] = [], arns: [String] = [], accounts: [String], endpoint: AWSEndpoint) {
      self.services = services
      self.arns = arns
      self.accounts = accounts
      self.endpoint = endpoint
    }

    fileprivate func covers(_ arn: ARN, _ service: AWSService) -> Bool {
      services.contains(service.id) || arns.contains { TextGlob.matches($0, arn.description) }
    }
  }

  private let entries: [Entry]
  private let client: AWSClient

  /// Forwards what the entries cover; of several that do, the first holds.
  public init(
    _ entries: [Entry],
    http: HTTPClient,
    version: String,
    now: @escaping @Sendable () -> Delivery.Instant
  ) {
    self.entries = entries
    client = AWSClient(http: http, version: version, now: now)
  }

  /// Whether deliveries to a resource are forwarded.
  public func covers(_ arn: ARN) -> Bool { found(arn) != nil }

  /// The target that a resource is; nothing if it is not forwarded.
  ///
  /// - Parameter parameters: those of EventBridge's targets, by their names there. A delivery may bring more along.
  public func target(for arn: ARN, parameters: [String: JSONValue] = [:]) -> (any Target)? {
    guard let (service, resource, entry) = found(arn) else { return nil }
    return AWSTarget(
      arn: arn,
      service: service,
      resource: resource,
      endpoint: entry.endpoint,
      parameters: parameters,
      accounts: entry.accounts,
      client: client
    )
  }

  private func found(_ arn: ARN) -> (AWSService, AWSService.Resource, Entry)? {
    guard !entries.isEmpty, let service = AWSService.named(in: arn), let resource = service.resource(of: arn),
      let entry = entries.first(where: { $0.covers(arn, service) })
    else { return nil }
    return (service, resource, entry)
  }

  // MARK: Universal targets

  /// Calls any operation of a service.
  ///
  /// - Parameters:
  ///   - name: the service, as AWS's SDKs name it: `sfn`.
  ///   - operation: the operation: `StartExecution`.
  ///   - input: its parameters, a JSON object.
  ///   - scope: whose schedule it is, and the Region if the settings name no other.
  /// - Returns: nothing if the service is not forwarded.
  public func call(
    _ name: String,
    _ operation: String,
    input: [UInt8],
    scope: Scope
  ) async throws(DeliveryFailure) -> DeliveryReceipt? {
    guard let service = AWSService.all.first(where: { $0.sdkName == name.lowercased() }),
      let entry = entries.first(where: { $0.services.contains(service.id) })
    else { return nil }
    guard entry.accounts.contains(scope.account) else {
      throw AWSTarget.refusal(of: scope.account, "\(service.id):\(operation)")
    }
    guard !["Get", "List", "Describe"].contains(where: operation.hasPrefix) else {
      let message = "\(name):\(operation) only reads, and nobody would see its answer"
      throw DeliveryFailure(.invalidParameter, message, retryable: false)
    }
    guard let value = try? JSONValue(parsing: input), case .object = value else {
      let message = "the input of \(name):\(operation) is no JSON object"
      throw DeliveryFailure(.invalidParameter, message, retryable: false)
    }
    let call = try service.call(operation, with: value)
    let answer = try await client.send(
      call,
      to: service,
      at: entry.endpoint,
      region: try entry.endpoint.region(or: scope.region)
    )
    return try answer.receipt(of: "\(service.id) \(operation)")
  }
}
