// A request and an answer as bytes and names, whoever carries them. The HTTP server fills and empties these; tests
// make them by hand.

/// Names and values where a name may come more than once; names are compared without case.
public struct Headers: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// The fields in their order, names in lower case.
  public private(set) var entries: [(name: String, value: String)] = []

  /// Headers in this order.
  public init(_ entries: some Sequence<(String, String)>) {
    for (name, value) in entries { self.entries.append((name.lowercased(), value)) }
  }

  /// Headers in this order.
  public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }

  /// The first value of a name. Setting replaces all, or removes.
  public subscript(name: String) -> String? {
    get {
      let name = name.lowercased()
      return entries.first { $0.name == name }?.value
    }
    set {
      let name = name.lowercased()
      entries.removeAll { $0.name == name }
      if let newValue { entries.append((name, newValue)) }
    }
  }

  /// All values of a name.
  public func all(_ name: String) -> [String] { entries.filter { $0.name == name }.map(\.value) }

  /// Same fields in the same order.
  public static func == (a: Headers, b: Headers) -> Bool {
    a.entries.count == b.entries.count
      && zip(a.entries, b.entries).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }

  /// Hashes the fields in order.
  public func hash(into hasher: inout Hasher) {
    for entry in entries {
      hasher.combine(entry.name)
      hasher.combine(entry.value)
    }
  }
}

/// A request.
public struct WireRequest: Sendable {
  /// `GET`, `POST` …
  public var method: String
  /// The path as it came, still percent-encoded.
  public var path: String
  /// The query string as it came, without `?`.
  public var query: String
  /// The header.
  public var headers: Headers
  /// The body, decoded from `Content-Encoding` and `aws-chunked`.
  public var body: [UInt8]

  /// Makes a request. A target may hold a query string after `?`.
  public init(_ method: String, _ target: String, headers: Headers = [:], body: [UInt8] = []) {
    self.method = method
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? "/"
    query = parts.count > 1 ? String(parts[1]) : ""
    self.headers = headers
    self.body = body
  }

  /// The parameters of the query string, decoded, in order.
  public var queryParameters: [(name: String, value: String)] { FormText.parameters(of: query) }
}

/// An answer.
public struct WireResponse: Sendable, Hashable {
  /// The HTTP status.
  public var status: Int
  /// The header.
  public var headers: Headers
  /// The body.
  public var body: [UInt8]

  /// Makes an answer.
  public init(status: Int, headers: Headers = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
