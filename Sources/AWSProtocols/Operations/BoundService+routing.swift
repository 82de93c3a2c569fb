// From a request to one operation of a service.

/// Why no operation of a service was found, and how to say it.
public struct RoutingFailure: Error, Sendable {
  /// The error.
  public var error: AWSError
  /// How the client wants to read it.
  public var format: AnswerFormat
}

extension BoundService {
  /// Whether `X-Amz-Target` names this service.
  public func takes(target: String) -> Bool {
    protocols.contains { wire in
      if case .json(_, let prefix) = wire { target.hasPrefix(prefix + ".") } else { false }
    }
  }

  /// Whether a REST operation lives at a method and path.
  public func takes(method: String, path: String) -> Bool {
    protocols.contains(.restJSON) && operations.contains { $0.http?.labels(of: path, method: method) != nil }
  }

  /// The operation that a request asks for.
  ///
  /// - Parameter wanted: what the request says of it, if that has been read already.
  public func exchange(
    for request: WireRequest,
    _ wanted: WantedOperation? = nil
  ) throws(RoutingFailure) -> Exchange {
    let wanted = wanted ?? WantedOperation(request)
    if let target = wanted.target {
      for case .json(let version, let prefix) in protocols where target.hasPrefix(prefix + ".") {
        let format = AnswerFormat.json(version: Self.version(in: request) ?? version)
        return try exchange(named: String(target.dropFirst(prefix.count + 1)), format)
      }
    }
    if let action = wanted.action {
      for case .query(let namespace) in protocols { return try exchange(named: action, .query(namespace: namespace)) }
    }
    if protocols.contains(.restJSON) {
      if let found = restOperation(request) {
        return Exchange(self, found.operation, .restJSON, labels: found.labels)
      }
      let error = AnswerFormat.restJSON.unknownOperation("\(request.method) \(request.path)")
      throw RoutingFailure(error: error, format: .restJSON)
    }
    let format = answerFormat(for: request)
    let error =
      switch format {
      case .query: AWSError("MissingAction", "The request must contain the parameter Action.")
      default:
        format.unknownOperation(
          wanted.target ?? "",
          reason: wanted.target == nil ? "The request has no header X-Amz-Target, which says what it wants." : nil
        )
      }
    throw RoutingFailure(error: error, format: format)
  }

  /// The operation that lives at a request's method and path: of several, the one with the most literal parts.
  private func restOperation(_ request: WireRequest) -> (operation: BoundOperation, labels: [String: String])? {
    var best: (operation: BoundOperation, labels: [String: String], literals: Int)?
    for operation in operations {
      guard let route = operation.http, let labels = route.labels(of: request.path, method: request.method),
        route.literals > best?.literals ?? -1
      else { continue }
      best = (operation, labels, route.literals)
    }
    return best.map { ($0.operation, $0.labels) }
  }

  /// Whether an operation that a request may be asking for can be called without a signature, as far as the head tells.
  public func mayBeOpen(_ head: WireRequest, _ wanted: WantedOperation) -> Bool {
    if let name = wanted.name { return operation(named: name)?.isOpen ?? false }
    return restOperation(head)?.operation.isOpen ?? false
  }

  /// How answers to a request are written, as far as its head tells.
  public func answerFormat(for head: WireRequest) -> AnswerFormat {
    let isQuery = head.headers["x-amz-target"] == nil && (head.isForm || head.query.contains("Action="))
    for wire in protocols {
      switch wire {
      case .query(let namespace) where isQuery: return .query(namespace: namespace)
      case .json(let version, _) where !isQuery: return .json(version: Self.version(in: head) ?? version)
      case .restJSON where !isQuery: return .restJSON
      default: continue
      }
    }
    switch protocols.first {
    case .json(let version, _): return .json(version: version)
    case .query(let namespace): return .query(namespace: namespace)
    case .restJSON, nil: return .restJSON
    }
  }

  private func exchange(named name: String, _ format: AnswerFormat) throws(RoutingFailure) -> Exchange {
    guard let operation = operation(named: name) else {
      let reason = missing[name].map { "\(name) is not offered here: \($0)" }
      throw RoutingFailure(error: format.unknownOperation(name, reason: reason), format: format)
    }
    return Exchange(self, operation, format)
  }

  private static func version(in request: WireRequest) -> String? {
    guard let type = request.headers["content-type"], type.hasPrefix("application/x-amz-json-1.") else { return nil }
    return type.hasPrefix("application/x-amz-json-1.0") ? "1.0" : "1.1"
  }
}

extension AnswerFormat {
  /// How answers to a request for no service that is here are written.
  public init(guessedFrom head: WireRequest) {
    let type = head.headers["content-type"] ?? ""
    if head.headers["x-amz-target"] != nil || type.hasPrefix("application/x-amz-json-1.") {
      self = .json(version: type.hasPrefix("application/x-amz-json-1.0") ? "1.0" : "1.1")
    } else if head.isForm || head.query.contains("Action=") {
      self = .query(namespace: "https://signalbox.invalid/")
    } else {
      self = .restJSON
    }
  }
}
