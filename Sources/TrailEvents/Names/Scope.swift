// Every resource belongs to an account and a Region; nothing of one is seen from another unless a policy says so.

/// The account and Region that a resource belongs to.
public struct Scope: Sendable, Hashable, Codable {
  /// Twelve digits.
  public var account: String
  /// The Region, such as `us-east-1`.
  public var region: String

  /// Makes a scope.
  public init(account: String, region: String) {
    self.account = account
    self.region = region
  }
}
