// Where CloudTrail puts its files, read back from a path:
//
//   [prefix/]AWSLogs/[o-…/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_XXXXXXXXXXXXXXXX.json.gz
//   [prefix/]AWSLogs/[o-…/]ACCOUNT/CloudTrail-Digest/REGION/…/ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOME_YYYYMMDDTHHMMSSZ.json.gz
//   [prefix/]AWSLogs/[o-…/]ACCOUNT/CloudTrail-Insight/REGION/…
//
// People copy files out of their folders, so the file's name is read first and the folders only fill gaps.

/// What a path in CloudTrail's layout says about the file.
public struct TrailPath: Sendable, Hashable {
  /// What CloudTrail writes.
  public enum Kind: String, Sendable {
    /// Log files with records.
    case log = "CloudTrail"
    /// Digests for the validation of log files.
    case digest = "CloudTrail-Digest"
    /// Log files with Insight records.
    case insight = "CloudTrail-Insight"
  }

  /// What the file is.
  public var kind: Kind
  /// The account whose events these are: twelve digits.
  public var account: String
  /// The Region of the events.
  public var region: String
  /// The organization (`o-…`) whose trail wrote the file, if it is one's.
  public var organization: String?
  /// When the file was written (a digest: the end of its hour), as `YYYYMMDDTHHmmZ`, which sorts by time.
  public var time: String

  /// Reads a path; nil if neither its name nor its folders are CloudTrail's.
  public init?(_ path: String) {
    let folders = path.split(separator: "/").map(String.init)
    guard let name = folders.last else { return nil }
    organization = folders.first { $0.hasPrefix("o-") && $0.count >= 12 }

    let parts = name.prefix { $0 != "." }.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
    if parts.count >= 5, Self.isAccount(parts[0]), let kind = Kind(rawValue: parts[1]),
      let time = parts[3...].first(where: Self.isTime)
    {
      self.kind = kind
      account = parts[0]
      region = parts[2]
      self.time = time
      return
    }

    guard let index = folders.lastIndex(where: { Kind(rawValue: $0) != nil }), index > 0,
      let kind = Kind(rawValue: folders[index]), Self.isAccount(folders[index - 1]), folders.count >= index + 6
    else { return nil }
    self.kind = kind
    account = folders[index - 1]
    region = folders[index + 1]
    let date = folders[index + 2..<index + 5].joined()
    guard date.utf8.count == 8, date.utf8.allSatisfy(Self.isDigit) else { return nil }
    time = date
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private static func isAccount(_ text: String) -> Bool { text.utf8.count == 12 && text.utf8.allSatisfy(isDigit) }

  /// `20230710T1220Z`, with seconds in digests.
  private static func isTime(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 14 || bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes.last == UInt8(ascii: "Z")
    else { return false }
    return bytes[..<8].allSatisfy(isDigit) && bytes[9..<bytes.count - 1].allSatisfy(isDigit)
  }
}
