// What a request says of the operation that it wants, read once and without reading its input: before anybody knows
// who calls, nothing more than this is looked at.

/// What a request says of the operation that it wants.
public struct WantedOperation: Sendable, Hashable {
  /// The header `X-Amz-Target`.
  public let target: String?
  /// `Action`, in the query string or the form.
  public let action: String?
  /// `Version`, in the query string or the form.
  public let version: String?

  /// Looks at a request; at its form only if it has one and the head does not say.
  public init(_ request: WireRequest) {
    target = request.headers["x-amz-target"]
    let parameters = request.query.contains("Action=") ? request.queryParameters : []
    if let named = parameters.last(where: { $0.name == "Action" })?.value {
      action = named
      version = parameters.last { $0.name == "Version" }?.value
    } else if target == nil, request.method == "POST", request.isForm, !request.body.isEmpty {
      let found = FormText.first(["Action", "Version"], in: request.body)
      action = found["Action"]
      version = found["Version"]
    } else {
      action = nil
      version = nil
    }
  }

  /// The operation's name as the client spells it; nothing if it is said by method and path.
  public var name: String? {
    guard let target else { return action }
    return target.lastIndex(of: ".").map { String(target[target.index(after: $0)...]) } ?? target
  }
}

extension WireRequest {
  /// Whether the body is a form, by its type.
  public var isForm: Bool {
    headers["content-type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
  }
}
