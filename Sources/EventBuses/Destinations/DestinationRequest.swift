// The request to an API destination: URL, query, headers and body out of the destination, its connection, the target and
// the event. Pure; sending it is APIDestinationTarget's.

internal import EventPatterns
internal import Foundation
internal import Outbound

/// What a request to an API destination is made of.
struct DestinationRequest {
  /// What EventBridge sets itself, and nobody may set otherwise.
  private static let reserved: Set<String> = [
    "host", "content-length", "connection", "user-agent", "accept-encoding", "range", "transfer-encoding", "te",
    "trailer", "upgrade", "via", "expect", "date",
  ]

  let destination: APIDestination
  /// The connection's parameters with their secrets.
  let parameters: ConnectionParameters
  let target: RuleTarget.HTTPParameters?
  /// The values of the target's parameters that are paths into the event.
  let values: [String: String]

  /// The URL with its path values and query.
  var url: String {
    var url = destination.endpoint
    for (index, value) in (target?.pathValues ?? []).enumerated() {
      guard let star = url.firstIndex(of: "*") else { break }
      url.replaceSubrange(star...star, with: Self.encoded(values["path:\(index)"] ?? value))
    }
    var query: [(String, String)] = (target?.query ?? [:]).sorted { $0.key < $1.key }.map { name, value in
      (name, values["query:\(name)"] ?? value)
    }
    // The connection has the last word.
    for parameter in parameters.invocation?.query ?? [] {
      query.removeAll { $0.0 == parameter.key }
      query.append((parameter.key, parameter.value))
    }
    guard !query.isEmpty else { return url }
    let text = query.map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }.joined(separator: "&")
    return url + (url.contains("?") ? "&" : "?") + text
  }

  /// Whether there is a value for each `*` of the URL.
  var hasAllPathValues: Bool { (target?.pathValues ?? []).count >= destination.places }

  /// The headers, those that authorize included.
  func headers(token: String?) -> [HTTPHeader] {
    var headers: [HTTPHeader] = [
      HTTPHeader("User-Agent", "Amazon/EventBridge/ApiDestinations"),
      HTTPHeader("Range", "bytes=0-1048575"),
      HTTPHeader("Connection", "close"),
      HTTPHeader("Content-Type", "application/json; charset=utf-8"),
    ]
    func set(_ header: HTTPHeader) {
      guard !Self.reserved.contains(header.name.lowercased()) else { return }
      headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
      headers.append(header)
    }
    for (name, value) in (target?.headers ?? [:]).sorted(by: { $0.key < $1.key }) {
      set(HTTPHeader(name, Self.oneLine(values["header:\(name)"] ?? value)))
    }
    for parameter in parameters.invocation?.headers ?? [] {
      set(HTTPHeader(parameter.key, parameter.value, isSecret: parameter.isSecret))
    }
    switch parameters.authorization {
    case .basic:
      let pair = "\(parameters.username ?? ""):\(parameters.password ?? "")"
      set(HTTPHeader("Authorization", "Basic \(Data(pair.utf8).base64EncodedString())", isSecret: true))
    case .apiKey:
      set(HTTPHeader(parameters.apiKeyName ?? "x-api-key", parameters.apiKeyValue ?? "", isSecret: true))
    case .clientCredentials:
      if let token { set(HTTPHeader("Authorization", "Bearer \(token)", isSecret: true)) }
    }
    return headers
  }

  /// The body: the payload, with the connection's members if it is an object.
  func body(_ payload: [UInt8]) -> [UInt8] {
    guard let additions = parameters.invocation?.body, !additions.isEmpty,
      case .object(var object)? = try? JSONValue(parsing: payload)
    else { return payload }
    for addition in additions { object[addition.key] = .string(addition.value) }
    return JSONValue.object(object).bytes
  }

  /// A request for a token.
  static func tokenRequest(_ oauth: ConnectionParameters.OAuth) -> HTTPRequest {
    var form = [
      ("grant_type", "client_credentials"), ("client_id", oauth.clientID), ("client_secret", oauth.clientSecret),
    ]
    for parameter in oauth.http?.body ?? [] {
      form.removeAll { $0.0 == parameter.key }
      form.append((parameter.key, parameter.value))
    }
    var headers = [
      HTTPHeader("User-Agent", "Amazon/EventBridge/ApiDestinations"), HTTPHeader("Accept", "application/json"),
    ]
    for parameter in oauth.http?.headers ?? [] {
      headers.append(HTTPHeader(parameter.key, parameter.value, isSecret: parameter.isSecret))
    }
    var url = oauth.endpoint
    var query = (oauth.http?.query ?? []).map { ($0.key, $0.value) }
    var body: [UInt8] = []
    if oauth.method == "GET" {
      query = form + query
    } else {
      headers.append(HTTPHeader("Content-Type", "application/x-www-form-urlencoded"))
      body = Array(form.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&").utf8)
    }
    if !query.isEmpty {
      url += (url.contains("?") ? "&" : "?") + query.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
    }
    return HTTPRequest(method: oauth.method, url: url, headers: headers, body: body, timeout: .seconds(5))
  }

  /// All values that must not show up in a record.
  var secrets: [String] {
    var secrets = [parameters.password, parameters.apiKeyValue, parameters.oauth?.clientSecret].compactMap(\.self)
    for list in [parameters.invocation, parameters.oauth?.http].compactMap(\.self) {
      secrets += (list.headers + list.query + list.body).filter(\.isSecret).map(\.value)
    }
    return secrets.filter { !$0.isEmpty }
  }

  private static func oneLine(_ text: String) -> String {
    String(decoding: text.utf8.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
  }

  private static func encoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
