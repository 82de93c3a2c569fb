// A call as a CloudTrail record: who, from where, what, with what answer. Names are spelled as CloudTrail spells them
// (first letter in lower case), secrets are left out, and what is larger than CloudTrail takes is left out, too.
//
// There is a record for every call, so it is written straight into one buffer, and the event around it is made of what
// is known here: nothing reads the record again.

public import AWSProtocols
internal import EventBuses
public import TrailEvents

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
  /// Whether the answer is in the record although nothing changed.
  public var recordsAnswer = false
  /// What the record names as the resource of the call.
  public var resource: RecordedResource?

  /// The CloudTrail record.
  public func record(eventID: String) -> [UInt8] {
    var record = RecordWriter(of: eventSource)
    record.open()
    record.member("eventVersion", "1.11")
    writeIdentity(to: &record)
    record.member("eventTime", time.iso8601)
    record.member("eventSource", eventSource)
    record.member("eventName", eventName)
    record.member("awsRegion", region)
    record.member("sourceIPAddress", sourceAddress)
    record.member("userAgent", Self.cut(userAgent))
    if let error {
      record.member("errorCode", Self.cut(error.shape.code))
      record.member("errorMessage", Self.cut(error.message))
    }
    record.parameters("requestParameters", input)
    let showsAnswer = error == nil && (recordsAnswer || !isReadOnly)
    record.parameters("responseElements", showsAnswer ? output : nil, withoutSecrets: true)
    record.member("requestID", requestID)
    record.member("eventID", eventID)
    record.member("readOnly", isReadOnly)
    writeResource(to: &record)
    record.member("eventType", "AwsApiCall")
    if !apiVersion.isEmpty { record.member("apiVersion", apiVersion) }
    record.member("managementEvent", category == .management)
    record.member("recipientAccountId", account)
    record.member("eventCategory", category.rawValue)
    if let tlsVersion {
      record.open("tlsDetails")
      record.member("tlsVersion", tlsVersion)
      record.member("clientProvidedHostHeader", Self.cut(host))
      record.close()
    }
    record.close()
    return record.bytes
  }

  /// The record as the event that `TrailEvent(record:)` would make of it.
  ///
  /// - Parameter eventID: a UUID in lower case.
  public func event(eventID: String) -> TrailEvent {
    let domain = ".amazonaws.com"
    let service =
      eventSource.hasSuffix(domain) ? eventSource.dropLast(domain.utf8.count) : eventSource.prefix { $0 != "." }
    return TrailEvent(
      id: eventID,
      detailType: "AWS API Call via CloudTrail",
      source: "aws.\(service)",
      scope: Scope(account: account, region: region),
      time: time.seconds,
      detail: record(eventID: eventID)
    )
  }

  /// Only of a call that went well: who is refused learns nothing, and nothing happened to the resource.
  private func writeResource(to record: inout RecordWriter) {
    guard error == nil, let resource, case .string(let arn) = input?.fields[resource.member] else { return }
    record.list("resources") { record in
      record.open()
      record.member("ARN", arn)
      record.member("accountId", ARN(arn)?.account ?? account)
      record.member("type", resource.type)
      record.close()
    }
  }

  private func writeIdentity(to record: inout RecordWriter) {
    record.open("userIdentity")
    defer { record.close() }
    record.member("type", caller.kind.rawValue)
    guard caller.kind != .unknown else {
      if !caller.accessKeyID.isEmpty { record.member("accessKeyId", Self.cut(caller.accessKeyID)) }
      return
    }
    record.member("principalId", caller.principalID)
    record.member("arn", caller.arn)
    record.member("accountId", caller.account)
    record.member("accessKeyId", caller.accessKeyID)
    if caller.kind == .user, let name = caller.userName { record.member("userName", name) }
    guard let start = caller.sessionStart else { return }
    record.open("sessionContext")
    if let issuer = caller.issuerARN {
      record.open("sessionIssuer")
      record.member("type", caller.kind == .assumedRole ? "Role" : caller.kind == .root ? "Root" : "IAMUser")
      record.member("principalId", String(caller.principalID.prefix { $0 != ":" }))
      record.member("arn", issuer)
      record.member("accountId", caller.account)
      record.member("userName", caller.userName ?? "")
      record.close()
    }
    record.open("attributes")
    record.member("creationDate", start.iso8601)
    record.member("mfaAuthenticated", "false")
    record.close()
    record.close()
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
