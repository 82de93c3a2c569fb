// A call as a CloudTrail record: who, from where, what, with what answer. Names are spelled as CloudTrail spells them
// (first letter in lower case), secrets are left out, and what is larger than CloudTrail takes is left out, too.

public import AWSProtocols
internal import EventPatterns

/// What became of a call.
public struct CallOutcome: Sendable {
  /// The id of the request.
  public var requestID: String
  /// Who called.
  public var caller: CallerIdentity
  /// The account and region that the call was about.
  public var account: String
  /// The Region.
  public var region: String
  /// When the call arrived.
  public var time: Timestamp
  /// The service's `eventSource`.
  public var eventSource: String
  /// The service's API version.
  public var apiVersion: String
  /// The operation's name, or what the client asked for.
  public var eventName: String
  /// Whether the operation changes nothing.
  public var isReadOnly: Bool
  /// Management or data.
  public var category: EventCategory
  /// Where the call came from.
  public var sourceAddress: String
  /// What the client says it is.
  public var userAgent: String
  /// The host name that the client called.
  public var host: String
  /// The version of TLS, if there was any.
  public var tlsVersion: String?
  /// What went in.
  public var input: (structure: Structure, fields: Fields)?
  /// What came out.
  public var output: (structure: Structure, fields: Fields)?
  /// What went wrong.
  public var error: AWSError?

  /// The CloudTrail record.
  public func record(eventID: String) -> [UInt8] {
    var object = JSONObject()
    object["eventVersion"] = .string("1.11")
    object["userIdentity"] = identity
    object["eventTime"] = .string(time.iso8601)
    object["eventSource"] = .string(eventSource)
    object["eventName"] = .string(eventName)
    object["awsRegion"] = .string(region)
    object["sourceIPAddress"] = .string(sourceAddress)
    object["userAgent"] = .string(Self.cut(userAgent))
    if let error {
      object["errorCode"] = .string(Self.cut(error.shape.code))
      object["errorMessage"] = .string(Self.cut(error.message))
    }
    object["requestParameters"] = Self.parameters(input)
    object["responseElements"] = isReadOnly || error != nil ? .null : Self.parameters(output)
    object["requestID"] = .string(requestID)
    object["eventID"] = .string(eventID)
    object["readOnly"] = .bool(isReadOnly)
    object["eventType"] = .string("AwsApiCall")
    if !apiVersion.isEmpty { object["apiVersion"] = .string(apiVersion) }
    object["managementEvent"] = .bool(category == .management)
    object["recipientAccountId"] = .string(account)
    object["eventCategory"] = .string(category.rawValue)
    if let tlsVersion {
      object["tlsDetails"] = .members([
        "tlsVersion": .string(tlsVersion), "clientProvidedHostHeader": .string(Self.cut(host)),
      ])
    }
    return JSONValue.object(object).bytes
  }

  private var identity: JSONValue {
    var object = JSONObject()
    object["type"] = .string(caller.kind.rawValue)
    guard caller.kind != .unknown else {
      if !caller.accessKeyID.isEmpty { object["accessKeyId"] = .string(Self.cut(caller.accessKeyID)) }
      return .object(object)
    }
    object["principalId"] = .string(caller.principalID)
    object["arn"] = .string(caller.arn)
    object["accountId"] = .string(caller.account)
    object["accessKeyId"] = .string(caller.accessKeyID)
    if caller.kind == .user, let name = caller.userName { object["userName"] = .string(name) }
    if let start = caller.sessionStart {
      var session = JSONObject()
      if let issuer = caller.issuerARN {
        session["sessionIssuer"] = .members([
          "type": .string(caller.kind == .assumedRole ? "Role" : caller.kind == .root ? "Root" : "IAMUser"),
          "principalId": .string(String(caller.principalID.prefix { $0 != ":" })),
          "arn": .string(issuer),
          "accountId": .string(caller.account),
          "userName": .string(caller.userName ?? ""),
        ])
      }
      session["attributes"] = .members(["creationDate": .string(start.iso8601), "mfaAuthenticated": .string("false")])
      object["sessionContext"] = .object(session)
    }
    return .object(object)
  }

  // MARK: Parameters

  /// What CloudTrail takes of parameters, in bytes.
  static let largestParameters = 100 * 1024

  private static func parameters(_ part: (structure: Structure, fields: Fields)?) -> JSONValue {
    guard let part, !part.fields.entries.isEmpty else { return .null }
    let json = json(part.structure, part.fields)
    if case .object(let object) = json, object.members.isEmpty { return .null }
    guard json.bytes.count <= largestParameters else { return .members(["truncated": .bool(true)]) }
    return json
  }

  private static func json(_ structure: Structure, _ fields: Fields) -> JSONValue {
    var object = JSONObject()
    for member in structure.members {
      let value = fields[member.name]
      if case .absent = value { continue }
      let name = member.name.lowerFirst
      object[name] = member.isSecret ? .string("HIDDEN_DUE_TO_SECURITY_REASONS") : json(member.shape, value)
    }
    return .object(object)
  }

  private static func json(_ shape: Shape, _ value: Value) -> JSONValue {
    switch (shape.kind, value) {
    case (.structure(let structure), .fields(let fields)): return json(structure, fields)
    case (.list(let item), .list(let items)): return .array(items.map { json(item, $0) })
    case (.map(_, let inner), .fields(let fields)):
      return .object(JSONObject(fields.entries.map { ($0.name, json(inner, $0.value)) }))
    case (_, .time(let time)): return .string(time.iso8601)
    default: return shape.json(value)
    }
  }

  /// What CloudTrail takes of short texts: 1 KB.
  private static func cut(_ text: String) -> String {
    guard text.utf8.count > 1024 else { return text }
    var count = 0
    return String(
      text.prefix { character in
        count += character.utf8.count
        return count <= 1024
      }
    )
  }
}
