// Amazon Resource Names: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, where RESOURCE may hold colons and slashes.

/// An Amazon Resource Name.
public struct ARN: Sendable, Hashable, CustomStringConvertible {
  /// `aws`, or another of AWS's partitions.
  public var partition: String
  /// The service, such as `events`.
  public var service: String
  /// The Region; empty for global services.
  public var region: String
  /// The account; empty where names are unique in all of AWS.
  public var account: String
  /// All that follows.
  public var resource: String

  /// Makes a name.
  public init(service: String, region: String, account: String, resource: String, partition: String = "aws") {
    self.partition = partition
    self.service = service
    self.region = region
    self.account = account
    self.resource = resource
  }

  /// Makes the name of a resource of an account and Region.
  public init(service: String, in scope: Scope, resource: String) {
    self.init(service: service, region: scope.region, account: scope.account, resource: resource)
  }

  /// Reads a name; nothing if the text is none.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty, !parts[2].isEmpty, !parts[5].isEmpty else {
      return nil
    }
    self.init(
      service: String(parts[2]),
      region: String(parts[3]),
      account: String(parts[4]),
      resource: String(parts[5]),
      partition: String(parts[1])
    )
  }

  /// The account and Region.
  public var scope: Scope { Scope(account: account, region: region) }

  /// What follows the resource's first slash (`rule/NAME`) or colon (`function:NAME`).
  public var name: String {
    guard let end = resource.firstIndex(where: { $0 == "/" || $0 == ":" }) else { return resource }
    return String(resource[resource.index(after: end)...])
  }

  /// What stands before the resource's first slash or colon; all of it without one.
  public var type: String {
    String(resource.prefix { $0 != "/" && $0 != ":" })
  }

  /// The name as it is written.
  public var description: String { "arn:\(partition):\(service):\(region):\(account):\(resource)" }
}
