// What a value must look like. A shape is declared once, where the operation is; decoding, validation, encoding and the
// documentation all read it.

/// What a value on the wire must look like.
public struct Shape: Sendable {
  /// The kind of value.
  public indirect enum Kind: Sendable {
    /// Text.
    case string
    /// A whole number of 32 bits.
    case integer
    /// A whole number of 64 bits.
    case long
    /// A number with a fraction.
    case double
    /// True or false.
    case boolean
    /// A point in time.
    case timestamp
    /// Bytes: base64 in JSON and XML.
    case blob
    /// Free JSON.
    case document
    /// Items of one shape.
    case list(Shape)
    /// Names with values.
    case map(key: Shape, value: Shape)
    /// Named members.
    case structure(Structure)
  }

  /// The kind of value.
  public var kind: Kind
  /// How many characters, bytes, items or entries there may be.
  public var length: ClosedRange<Int>?
  /// The least and the greatest number.
  public var range: ClosedRange<Double>?
  /// What all of the text must match.
  public var pattern: TextPattern?
  /// The texts that are allowed; any if there are none.
  public var choices: [String] = []
  /// The element name of items in XML (query: `Names.member.1`).
  public var itemName = "member"
  /// The element names of keys and values of a map in XML.
  public var entryNames = (key: "key", value: "value")
  /// Whether items and entries have no element around them in XML.
  public var isFlattened = false
  /// How JSON writes a time, if not as epoch seconds.
  public var timestampFormat: TimestampFormat?

  /// Wraps a kind without constraints.
  public init(_ kind: Kind) { self.kind = kind }
}

/// How a time is written.
public enum TimestampFormat: Sendable {
  /// Seconds since 1970.
  case epochSeconds
  /// `2026-01-01T00:00:00Z`
  case iso8601
}

extension Shape {
  /// Any text.
  public static let string = Shape(.string)
  /// A whole number of 32 bits.
  public static let integer = Shape(.integer)
  /// A whole number of 64 bits.
  public static let long = Shape(.long)
  /// A number.
  public static let double = Shape(.double)
  /// True or false.
  public static let boolean = Shape(.boolean)
  /// A point in time.
  public static let timestamp = Shape(.timestamp)
  /// Bytes.
  public static let blob = Shape(.blob)
  /// Free JSON.
  public static let document = Shape(.document)

  /// Text of so many characters, all of it matching a pattern.
  public static func string(_ length: some RangeExpression<Int>, pattern: TextPattern? = nil) -> Shape {
    var shape = Shape(.string)
    shape.length = closed(length)
    shape.pattern = pattern
    return shape
  }

  /// One of these texts.
  public static func choice(_ choices: String...) -> Shape {
    var shape = Shape(.string)
    shape.choices = choices
    return shape
  }

  /// A whole number of 32 bits in a range.
  public static func integer(_ range: some RangeExpression<Int>) -> Shape { number(.integer, range) }

  /// A whole number of 64 bits in a range.
  public static func long(_ range: some RangeExpression<Int>) -> Shape { number(.long, range) }

  /// So many items of a shape.
  public static func list(_ item: Shape, _ length: some RangeExpression<Int> = 0...Int.max) -> Shape {
    var shape = Shape(.list(item))
    shape.length = closed(length)
    return shape
  }

  /// So many entries of shapes.
  public static func map(_ key: Shape, _ value: Shape, _ length: some RangeExpression<Int> = 0...Int.max) -> Shape {
    var shape = Shape(.map(key: key, value: value))
    shape.length = closed(length)
    return shape
  }

  /// These members.
  public static func structure(_ members: Structure) -> Shape { Shape(.structure(members)) }

  /// The list without an element around its items in XML, each item called by a name: SQS's `Attribute.1.Name`.
  public func flattened(_ itemName: String? = nil) -> Shape {
    var shape = self
    shape.isFlattened = true
    if let itemName { shape.itemName = itemName }
    return shape
  }

  /// The list with another name than `member` for its items in XML.
  public func items(named name: String) -> Shape {
    var shape = self
    shape.itemName = name
    return shape
  }

  /// The map with other names than `key` and `value` in XML.
  public func entries(key: String, value: String) -> Shape {
    var shape = self
    shape.entryNames = (key, value)
    return shape
  }

  /// The time as ISO 8601 in JSON too.
  public var iso8601: Shape {
    var shape = self
    shape.timestampFormat = .iso8601
    return shape
  }

  private static func number(_ kind: Kind, _ range: some RangeExpression<Int>) -> Shape {
    var shape = Shape(kind)
    let limits = closed(range)
    shape.range = Double(limits.lowerBound)...Double(limits.upperBound)
    return shape
  }

  private static func closed(_ range: some RangeExpression<Int>) -> ClosedRange<Int> {
    switch range {
    case let range as ClosedRange<Int>: range
    case let range as PartialRangeFrom<Int>: range.lowerBound...Int.max
    case let range as PartialRangeThrough<Int>: Int.min...range.upperBound
    case let range as Range<Int>: ClosedRange(range)
    default: Int.min...Int.max
    }
  }
}

/// What stands where in a request or answer of the REST protocols.
public enum MemberLocation: Sendable, Equatable {
  /// In the body, with the others.
  case body
  /// In the path, at `{Name}`; a `{Name+}` takes slashes too.
  case label
  /// In the query string, under this name.
  case query(String)
  /// In a header.
  case header(String)
  /// The whole body.
  case payload
}

/// A named part of a structure.
public struct Member: Sendable {
  /// The name, as AWS documents it.
  public var name: String
  /// What the value must look like.
  public var shape: Shape
  /// Whether a request without it is refused.
  public var isRequired: Bool
  /// The name in JSON.
  public var jsonName: String
  /// The name in forms and XML; lists that are flattened have their items' name here.
  public var queryName: String
  /// Where it stands in REST protocols.
  public var location: MemberLocation
  /// Whether it must not appear in logs and CloudTrail records.
  public var isSecret: Bool

  /// A member that must be there.
  public static func required(
    _ name: String,
    _ shape: Shape,
    at location: MemberLocation = .body,
    jsonName: String? = nil,
    queryName: String? = nil,
    secret: Bool = false
  ) -> Member {
    Member(name, shape, isRequired: true, location, jsonName, queryName, secret)
  }

  /// A member that may be left out.
  public static func optional(
    _ name: String,
    _ shape: Shape,
    at location: MemberLocation = .body,
    jsonName: String? = nil,
    queryName: String? = nil,
    secret: Bool = false
  ) -> Member {
    Member(name, shape, isRequired: false, location, jsonName, queryName, secret)
  }

  private init(
    _ name: String,
    _ shape: Shape,
    isRequired: Bool,
    _ location: MemberLocation,
    _ jsonName: String?,
    _ queryName: String?,
    _ isSecret: Bool
  ) {
    self.name = name
    self.shape = shape
    self.isRequired = isRequired
    self.location = location
    self.jsonName = jsonName ?? name
    self.queryName = queryName ?? name
    self.isSecret = isSecret
  }
}

/// The members of an input, an output or a part of one.
public struct Structure: Sendable, ExpressibleByArrayLiteral {
  /// The members, in the order in which XML writes them.
  public let members: [Member]
  private let byJSONName: [String: Int]
  private let byName: [String: Int]

  /// A structure of members.
  public init(_ members: [Member]) {
    self.members = members
    byJSONName = Dictionary(members.indices.map { (members[$0].jsonName, $0) }, uniquingKeysWith: { first, _ in first })
    byName = Dictionary(members.indices.map { (members[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A structure of members.
  public init(arrayLiteral elements: Member...) { self.init(elements) }

  /// The member that AWS's documentation calls so.
  public func member(named name: String) -> Member? { byName[name].map { members[$0] } }

  /// The member that has this name in a JSON body.
  public func member(inJSON name: String) -> Member? { byJSONName[name].map { members[$0] } }

  /// These members and others.
  public static func + (a: Structure, b: Structure) -> Structure { Structure(a.members + b.members) }
}
