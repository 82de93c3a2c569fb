// Who may call. The catalog is in memory and every change is on the disk before it is seen; keys that come from the
// settings are never written.

public import AWSProtocols
internal import Foundation
internal import GRDB
public import Storage
internal import Synchronization

/// An account from the settings.
public struct ConfiguredAccount: Sendable, Hashable {
  /// A user from the settings.
  public struct User: Sendable, Hashable {
    /// The name.
    public var name: String
    /// Access keys.
    public var keys: [RootKey]

    /// Makes a user.
    public init(name: String, keys: [RootKey] = []) {
      self.name = name
      self.keys = keys
    }
  }

  /// A role from the settings.
  public struct Role: Sendable, Hashable {
    /// The name.
    public var name: String
    /// Who may take it, as a policy document; the role's own account if nil.
    public var trustPolicy: String?

    /// Makes a role.
    public init(name: String, trustPolicy: String? = nil) {
      self.name = name
      self.trustPolicy = trustPolicy
    }
  }

  /// Twelve digits.
  public var id: String
  /// Access keys of the root.
  public var rootKeys: [RootKey]
  /// Users.
  public var users: [User]
  /// Roles.
  public var roles: [Role]

  /// Makes an account.
  public init(id: String, rootKeys: [RootKey] = [], users: [User] = [], roles: [Role] = []) {
    self.id = id
    self.rootKeys = rootKeys
    self.users = users
    self.roles = roles
  }
}

/// The accounts, users, roles and keys of an installation.
public final class Identities: Sendable {
  /// The account that owns what no other account does.
  public let defaultAccount: String
  let keyRing: KeyRing
  private let database: EmbeddedDatabase?
  private let catalog: Mutex<IdentityCatalog>
  /// Changes take turns: each is decided on the catalog that the one before it left.
  private let changes = ChangeQueue()

  /// Reads what is stored and adds what the settings say. Blocks.
  ///
  /// - Parameter database: where changes are kept; nowhere if nil.
  public init(
    database: EmbeddedDatabase?,
    keyRing: KeyRing,
    defaultAccount: String,
    accounts: [ConfiguredAccount]
  ) throws(StorageError) {
    self.database = database
    self.keyRing = keyRing
    self.defaultAccount = defaultAccount
    var catalog = IdentityCatalog()
    for account in accounts { Self.add(account, to: &catalog) }
    catalog.markConfigured()
    if let database {
      let rows = try database.read { db in
        try Row.fetchAll(db, sql: "SELECT account, kind, name, document FROM identities").map { row in
          (row["account"] as String, row["kind"] as String, row["name"] as String, row["document"] as String)
        }
      }
      for (account, kind, name, document) in rows { Self.read(account, kind, name, document, into: &catalog) }
      _ = catalog.takeChanged()
    }
    self.catalog = Mutex(catalog)
  }

  /// What there is now.
  var snapshot: IdentityCatalog { catalog.withLock { $0 } }

  /// Changes the catalog; what changed is on the disk when this returns.
  func change<R: Sendable>(_ body: @Sendable @escaping (inout IdentityCatalog) throws -> R) async throws -> R {
    try await changes.run { [self] in
      var copy = snapshot
      let result = try body(&copy)
      let changed = copy.takeChanged()
      if let refused = changed.first(where: copy.configured.contains) {
        throw AWSError(
          "UnmodifiableEntity",
          "\(refused.name) comes from the settings file and can only be changed there.",
          status: 400
        )
      }
      if let database, !changed.isEmpty {
        let rows = changed.map { ($0, Self.document(of: $0, in: copy)) }
        try database.write { db in
          for (key, document) in rows {
            if let document {
              try db.execute(
                sql: "INSERT OR REPLACE INTO identities (account, kind, name, document) VALUES (?, ?, ?, ?)",
                arguments: [key.account, key.kind.rawValue, key.name, document]
              )
            } else {
              try db.execute(
                sql: "DELETE FROM identities WHERE account = ? AND kind = ? AND name = ?",
                arguments: [key.account, key.kind.rawValue, key.name]
              )
            }
          }
        }
      }
      catalog.withLock { $0 = copy }
      return result
    }
  }

  // MARK: Authentication

  /// Whose key signed, and the secret to check the signature with.
  public func owner(of claim: SignatureClaim, now: Timestamp) throws(SignatureFailure) -> (CallerIdentity, String) {
    if let token = claim.sessionToken {
      guard let claims = keyRing.claims(of: token), claims.accessKeyID == claim.accessKeyID else { throw .unknownKey }
      guard claims.end > now.milliseconds else { throw .expiredToken }
      return (claims.caller, keyRing.secret(of: claims.accessKeyID))
    }
    let snapshot = snapshot
    guard let key = snapshot[accessKey: claim.accessKeyID], key.isActive else { throw .unknownKey }
    let secret = key.givenSecret ?? keyRing.secret(of: key.id)
    guard let name = key.user else { return (.root(of: key.account, accessKeyID: key.id), secret) }
    guard let user = snapshot[user: name, in: key.account] else { throw .unknownKey }
    let caller = CallerIdentity(
      kind: .user,
      account: key.account,
      arn: user.arn(.user, in: key.account),
      principalID: user.id,
      accessKeyID: key.id,
      userName: user.name
    )
    return (caller, secret)
  }

  // MARK: Rows

  private static func add(_ account: ConfiguredAccount, to catalog: inout IdentityCatalog) {
    for key in account.rootKeys {
      catalog[accessKey: key.accessKeyID] =
        AccessKey(id: key.accessKeyID, account: account.id, createdAt: 0, givenSecret: key.secret)
    }
    for user in account.users {
      catalog[user: user.name, in: account.id] = Principal(
        name: user.name,
        path: "/",
        id: stableID("AIDA", account.id, user.name),
        createdAt: 0
      )
      for key in user.keys {
        catalog[accessKey: key.accessKeyID] = AccessKey(
          id: key.accessKeyID,
          account: account.id,
          user: user.name,
          createdAt: 0,
          givenSecret: key.secret
        )
      }
    }
    for role in account.roles {
      var principal = Principal(name: role.name, path: "/", id: stableID("AROA", account.id, role.name), createdAt: 0)
      principal.trustPolicy = role.trustPolicy ?? Self.trust(account.id)
      catalog[role: role.name, in: account.id] = principal
    }
  }

  static func trust(_ account: String) -> String {
    #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::\#(account):root"},"#
      + #""Action":"sts:AssumeRole"}]}"#
  }

  /// An id that is the same at every start: FNV-1a in the letters of AWS's ids.
  static func stableID(_ prefix: String, _ parts: String...) -> String {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in parts.joined(separator: "/").utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    var generator = SplitMix(state: state)
    return UniqueID.make(prefix, using: &generator)
  }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }

  private static func read(
    _ account: String,
    _ kind: String,
    _ name: String,
    _ document: String,
    into catalog: inout IdentityCatalog
  ) {
    guard let kind = IdentityKind(rawValue: kind),
      !catalog.configured.contains(IdentityKey(account: account, kind: kind, name: name))
    else { return }
    func decode<T: Decodable>(_ type: T.Type) -> T? { try? JSONDecoder().decode(type, from: Data(document.utf8)) }
    switch kind {
    case .user: catalog[user: name, in: account] = decode(Principal.self)
    case .role: catalog[role: name, in: account] = decode(Principal.self)
    case .group: catalog[group: name, in: account] = decode(Principal.self)
    case .policy: catalog[policy: name, in: account] = decode(ManagedPolicy.self)
    case .accessKey: catalog[accessKey: name] = decode(AccessKey.self)
    }
  }

  private static func document(of key: IdentityKey, in catalog: IdentityCatalog) -> String? {
    func encode(_ value: (some Encodable)?) -> String? {
      value.flatMap { try? JSONEncoder().encode($0) }.map { String(decoding: $0, as: UTF8.self) }
    }
    return switch key.kind {
    case .user: encode(catalog.users[key])
    case .role: encode(catalog.roles[key])
    case .group: encode(catalog.groups[key])
    case .policy: encode(catalog.policies[key])
    case .accessKey: encode(catalog.accessKeys[key.name])
    }
  }
}
