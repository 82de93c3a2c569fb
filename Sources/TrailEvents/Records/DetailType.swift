// The `detail-type` of CloudTrail events on an EventBridge bus, from the record's `eventType` and `eventCategory`.

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
    func `is`(_ field: RecordFields.Field, _ text: StaticString) -> Bool {
      guard let value = FieldText.quotable(bytes, fields[field]), value.count == text.utf8CodeUnitCount else {
        return false
      }
      return value.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    if `is`(.eventType, "AwsApiCall") {
      return `is`(.eventCategory, "NetworkActivity") ? networkActivity : apiCall
    }
    if `is`(.eventType, "AwsServiceEvent") { return serviceEvent }
    if `is`(.eventType, "AwsConsoleAction") { return consoleAction }
    if `is`(.eventType, "AwsConsoleSignIn") { return nil }
    if `is`(.eventType, "AwsCloudTrailInsight") { return insight }
    if `is`(.eventType, "AwsVpceEvent") || `is`(.eventCategory, "NetworkActivity") { return networkActivity }
    if fields[.eventType] == nil {
      // Old records (eventVersion 1.01) have no eventType.
      if fields[.insightDetails] != nil { return insight }
      if `is`(.eventName, "ConsoleLogin") { return nil }
    }
    return apiCall
  }
}
