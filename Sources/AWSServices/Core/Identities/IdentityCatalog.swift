// Accounts, users, roles, policies and access keys, as a value. Operations change a copy; the store writes what changed.

/// What IAM knows of users, roles and groups alike.
struct Principal: Codable, Hashable, Sendable {
  var name: String
  var path: String
  var id: String
  /// Milliseconds since 1970.
  var createdAt: Int64
  var tags: [String: String] = [:]
  /// Inline policies, by name.
  var policies: [String: String] = [:]
  /// The ARNs of managed policies.
  var attached: [String] = []
  var permissionsBoundary: String?
  /// Only of groups: the names of their users.
  var members: [String]?
  /// Only roles have what follows.
  var trustPolicy: String?
  var description: String?
  var maximumSession: Int?

  func arn(_ kind: IdentityKind, in account: String) -> String {
    "arn:aws:iam::\(account):\(kind.rawValue)\(path)\(name)"
  }
}

extension Principal {
  /// Whether a user is in this group; names differ by more than case.
  func hasMember(_ user: String) -> Bool { members?.contains { $0.lowercased() == user.lowercased() } ?? false }
}

/// A managed policy.
struct ManagedPolicy: Codable, Hashable, Sendable {
  struct Version: Codable, Hashable, Sendable {
    var number: Int
    var document: String
    /// Milliseconds since 1970.
    var createdAt: Int64
  }

  var name: String
  var path: String
  var id: String
  var description: String?
  /// Milliseconds since 1970.
  var createdAt: Int64
  var updatedAt: Int64
  var tags: [String: String] = [:]
  var versions: [Version]
  var defaultVersion: Int
  var lastVersion: Int

  func arn(in account: String) -> String { "arn:aws:iam::\(account):policy\(path)\(name)" }
}

/// An access key of a user, or of an account's root.
struct AccessKey: Codable, Hashable, Sendable {
  var id: String
  var account: String
  /// The user; nothing for the root.
  var user: String?
  var isActive = true
  /// Milliseconds since 1970.
  var createdAt: Int64
  /// A secret from the settings; others are derived, and never stored.
  var givenSecret: String?

  enum CodingKeys: String, CodingKey { case id, account, user, isActive, createdAt }
}

/// What a row of the identity table is.
enum IdentityKind: String, Sendable, CaseIterable {
  case user, role, group, policy, accessKey
}

/// Where a row of the identity table is.
struct IdentityKey: Hashable, Sendable {
  var account: String
  var kind: IdentityKind
  var name: String
}

/// All identities.
struct IdentityCatalog: Sendable {
  private(set) var users: [IdentityKey: Principal] = [:]
  private(set) var roles: [IdentityKey: Principal] = [:]
  private(set) var groups: [IdentityKey: Principal] = [:]
  private(set) var policies: [IdentityKey: ManagedPolicy] = [:]
  private(set) var accessKeys: [String: AccessKey] = [:]
  /// What comes from the settings: it can be used and read, not changed.
  private(set) var configured: Set<IdentityKey> = []
  /// What has changed since the last time that somebody asked.
  private(set) var changed: Set<IdentityKey> = []

  /// What has changed; asking begins anew.
  mutating func takeChanged() -> Set<IdentityKey> {
    defer { changed = [] }
    return changed
  }

  subscript(user name: String, in account: String) -> Principal? {
    get { users[IdentityKey(account: account, kind: .user, name: name.lowercased())] }
    set { set(\.users, IdentityKey(account: account, kind: .user, name: name.lowercased()), newValue) }
  }

  subscript(role name: String, in account: String) -> Principal? {
    get { roles[IdentityKey(account: account, kind: .role, name: name.lowercased())] }
    set { set(\.roles, IdentityKey(account: account, kind: .role, name: name.lowercased()), newValue) }
  }

  subscript(group name: String, in account: String) -> Principal? {
    get { groups[IdentityKey(account: account, kind: .group, name: name.lowercased())] }
    set { set(\.groups, IdentityKey(account: account, kind: .group, name: name.lowercased()), newValue) }
  }

  subscript(policy name: String, in account: String) -> ManagedPolicy? {
    get { policies[IdentityKey(account: account, kind: .policy, name: name.lowercased())] }
    set { set(\.policies, IdentityKey(account: account, kind: .policy, name: name.lowercased()), newValue) }
  }

  subscript(accessKey id: String) -> AccessKey? {
    get { accessKeys[id] }
    set {
      let account = newValue?.account ?? accessKeys[id]?.account ?? ""
      accessKeys[id] = newValue
      changed.insert(IdentityKey(account: account, kind: .accessKey, name: id))
    }
  }

  func users(of account: String) -> [Principal] { Self.sorted(users, account, \.name) }
  func roles(of account: String) -> [Principal] { Self.sorted(roles, account, \.name) }
  func groups(of account: String) -> [Principal] { Self.sorted(groups, account, \.name) }
  func policies(of account: String) -> [ManagedPolicy] { Self.sorted(policies, account, \.name) }

  /// All that managed policies can be attached to.
  func holders(of account: String) -> [Principal] { users(of: account) + roles(of: account) + groups(of: account) }

  /// The groups that a user is in.
  func groups(withMember user: String, in account: String) -> [Principal] {
    groups(of: account).filter { $0.hasMember(user) }
  }

  func accessKeys(of account: String, user: String?) -> [AccessKey] {
    accessKeys.values.filter { $0.account == account && $0.user?.lowercased() == user?.lowercased() }
      .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
  }

  /// Everything that now exists is from the settings.
  mutating func markConfigured() {
    configured = Set(users.keys).union(roles.keys).union(policies.keys)
    for key in accessKeys.values {
      configured.insert(IdentityKey(account: key.account, kind: .accessKey, name: key.id))
    }
    changed = []
  }

  private mutating func set<T>(_ table: WritableKeyPath<Self, [IdentityKey: T]>, _ key: IdentityKey, _ value: T?) {
    self[keyPath: table][key] = value
    changed.insert(key)
  }

  private static func sorted<T>(_ table: [IdentityKey: T], _ account: String, _ name: KeyPath<T, String>) -> [T] {
    table.filter { $0.key.account == account }.map(\.value).sorted { $0[keyPath: name] < $1[keyPath: name] }
  }
}
