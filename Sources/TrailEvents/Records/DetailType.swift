// The `detail-type` of CloudTrail events on an EventBridge bus, from the record's `eventType` and `eventCategory`.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// How envelopes are written where AWS itself is of two minds.
public struct EnvelopeConventions: Sendable, Equatable {
  /// The detail-type of sign-in events: rules in use say "Sign In", one page of AWS's documentation prints "Signin".
  public var consoleSignIn: String

  /// Makes conventions; the default is what rules in use expect.
  public init(consoleSignIn: String = "AWS Console Sign In via CloudTrail") {
    self.consoleSignIn = consoleSignIn
  }
}

/// The kinds of CloudTrail events, by the names they have on a bus.
enum DetailType {
  static let apiCall: StaticString = "AWS API Call via CloudTrail"
  static let serviceEvent: StaticString = "AWS Service Event via CloudTrail"
  static let consoleAction: StaticString = "AWS Console Action via CloudTrail"
  static let insight: StaticString = "AWS Insight via CloudTrail"
  static let networkActivity: StaticString = "AWS Network Activity Event via CloudTrail"

  /// The fixed name for a record, or nothing for sign-ins, whose name is a setting.
  static func name(of fields: RecordFields, in bytes: UnsafeRawBufferPointer) -> StaticString? {
    let category = FieldText.quotable(bytes, fields[.eventCategory])
    if fields[.eventType] != nil {
      return name(ofType: FieldText.quotable(bytes, fields[.eventType]), category: category)
    }
    if reads(category, "NetworkActivity") { return networkActivity }
    // Old records (eventVersion 1.01) have no eventType.
    if fields[.insightDetails] != nil { return insight }
    return reads(FieldText.quotable(bytes, fields[.eventName]), "ConsoleLogin") ? nil : apiCall
  }

  /// The same for a record that has an `eventType`.
  static func name(ofType type: UnsafeRawBufferPointer?, category: UnsafeRawBufferPointer?) -> StaticString? {
    if reads(type, "AwsApiCall") { return reads(category, "NetworkActivity") ? networkActivity : apiCall }
    if reads(type, "AwsServiceEvent") { return serviceEvent }
    if reads(type, "AwsConsoleAction") { return consoleAction }
    if reads(type, "AwsConsoleSignIn") { return nil }
    if reads(type, "AwsCloudTrailInsight") { return insight }
    return reads(type, "AwsVpceEvent") || reads(category, "NetworkActivity") ? networkActivity : apiCall
  }

  private static func reads(_ value: UnsafeRawBufferPointer?, _ text: StaticString) -> Bool {
    guard let value, value.count == text.utf8CodeUnitCount, let start = value.baseAddress else { return false }
    return memcmp(start, text.utf8Start, value.count) == 0
  }
}
