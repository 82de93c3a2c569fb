// A registry holds schemas. Two of them are not anybody's: `aws.events` comes with Signalbox and is only read,
// `discovered-schemas` is filled by discoverers.

public import TrailEvents

/// A registry of schemas.
public struct Registry: Sendable, Equatable {
  /// The registry of the schemas that come with Signalbox.
  public static let builtIn = "aws.events"
  /// The registry of what discoverers have learned.
  public static let discovered = "discovered-schemas"

  /// Its name.
  public var name: String
  /// What it is for.
  public var description: String?
  /// Its tags.
  public var tags: [String: String]

  /// Describes a registry.
  public init(name: String, description: String? = nil, tags: [String: String] = [:]) {
    self.name = name
    self.description = description
    self.tags = tags
  }

  /// The ARN; the registry that comes with Signalbox belongs to no account.
  public func arn(in scope: Scope) -> String { Self.arn("registry/\(name)", of: name, in: scope) }

  /// The ARN of something in a registry.
  static func arn(_ resource: String, of registry: String, in scope: Scope) -> String {
    let account = registry == builtIn ? "" : scope.account
    return ARN(service: "schemas", region: scope.region, account: account, resource: resource).description
  }

  /// Refuses a name that no registry can have.
  static func check(name: String) throws(SchemasError) {
    guard isName(name, longest: 64) else {
      throw .badRequest(
        "RegistryName is not valid: it has 1 to 64 characters out of letters, digits, and . - _ @."
      )
    }
  }

  /// Whether a text is a name of 1 to so many characters.
  static func isName(_ text: String, longest: Int) -> Bool {
    !text.isEmpty && text.utf8.count <= longest
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || ".-_@".utf8.contains(byte)
      }
  }

  /// Refuses to change what comes with Signalbox, or what only discoverers change.
  static func checkWritable(_ name: String) throws(SchemasError) {
    guard name != builtIn, name != discovered else {
      throw .forbidden("The registry \(name) is managed: it cannot be changed.")
    }
  }
}

/// A schema, without its documents.
public struct RegisteredSchema: Sendable, Equatable {
  /// The registry that it is in.
  public var registry: String
  /// Its name.
  public var name: String
  /// The kind of its newest document.
  public var type: SchemaType
  /// What it is for.
  public var description: String?
  /// Its tags.
  public var tags: [String: String]
  /// When it was changed, in milliseconds since 1970.
  public var modifiedAt: Int64
  /// How many versions there are.
  public var versionCount: Int

  /// Describes a schema.
  public init(
    registry: String,
    name: String,
    type: SchemaType,
    description: String? = nil,
    tags: [String: String] = [:],
    modifiedAt: Int64,
    versionCount: Int
  ) {
    self.registry = registry
    self.name = name
    self.type = type
    self.description = description
    self.tags = tags
    self.modifiedAt = modifiedAt
    self.versionCount = versionCount
  }

  /// The ARN.
  public func arn(in scope: Scope) -> String { Registry.arn("schema/\(registry)/\(name)", of: registry, in: scope) }

  /// Refuses a name that no schema can have.
  static func check(name: String) throws(SchemasError) {
    guard Registry.isName(name, longest: longestName) else {
      throw .badRequest("SchemaName is not valid: it has 1 to 385 characters out of letters, digits, and . - _ @.")
    }
  }

  /// The most characters of a name.
  static let longestName = 385
}

/// A version of a schema.
public struct SchemaVersion: Sendable, Equatable {
  /// Its number, from 1; numbers are not used again.
  public var number: Int
  /// What kind of document it is.
  public var type: SchemaType
  /// When it was made, in milliseconds since 1970.
  public var createdAt: Int64
  /// The document.
  public var content: String
}

/// How much there may be, for each account and Region. These are AWS's quotas.
public struct SchemaLimits: Sendable, Equatable {
  /// Registries that are made, without the managed ones.
  public var registries = 10
  /// Schemas in a registry.
  public var schemas = 100
  /// Schemas that discoverers find; what is found beyond is passed over.
  public var discoveredSchemas = 200
  /// Versions of a schema. Discoverers let go of the oldest.
  public var versions = 100
  /// Discoverers.
  public var discoverers = 10
  /// How much of an event is learned.
  public var inference = InferenceLimits()

  /// Makes the limits that AWS has.
  public init() {}
}
