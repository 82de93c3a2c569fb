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
  public func exchange(for request: WireRequest) throws(RoutingFailure) -> Exchange {
    if let target = request.headers["x-amz-target"] {
      for case .json(let version, let prefix) in protocols where target.hasPrefix(prefix + ".") {
        let format = AnswerFormat.json(version: Self.version(in: request) ?? version)
        return try exchange(named: String(target.dropFirst(prefix.count + 1)), format)
      }
    }
    for case .query(let namespace) in protocols {
      let format = AnswerFormat.query(namespace: namespace)
      if let action = Self.action(of: request) { return try exchange(named: action, format) }
    }
    if protocols.contains(.restJSON) {
      var best: (operation: BoundOperation, labels: [String: String], literals: Int)?
      for operation in operations {
        guard let route = operation.http, let labels = route.labels(of: request.path, method: request.method),
          route.literals > best?.literals ?? -1
        else { continue }
        best = (operation, labels, route.literals)
      }
      if let best { return Exchange(self, best.operation, .restJSON, labels: best.labels) }
      let error = AnswerFormat.restJSON.unknownOperation("\(request.method) \(request.path)")
      throw RoutingFailure(error: error, format: .restJSON)
    }
    let format = answerFormat
    let error =
      switch format {
      case .query: AWSError("MissingAction", "The request must contain the parameter Action.")
      default: format.unknownOperation(request.headers["x-amz-target"] ?? "without X-Amz-Target")
      }
    throw RoutingFailure(error: error, format: format)
  }

  /// How answers are written if the request does not say.
  public var answerFormat: AnswerFormat {
    switch protocols.first {
    case .json(let version, _): .json(version: version)
    case .query(let namespace): .query(namespace: namespace)
    case .restJSON, nil: .restJSON
    }
  }

  /// The `Action` of a query request, in the query string or the form.
  public static func action(of request: WireRequest) -> String? {
    parameter("Action", of: request)
  }

  /// A parameter of a query request.
  public static func parameter(_ name: String, of request: WireRequest) -> String? {
    if let value = request.queryParameters.last(where: { $0.name == name })?.value { return value }
    guard request.method == "POST",
      request.headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") ?? false
    else { return nil }
    return FormText.form(request.body).last { $0.name == name }?.value
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
