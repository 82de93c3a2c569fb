// Shapes that several operations share.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  static let registryName = Member.required("RegistryName", .string, at: .label, jsonName: "registryName")
  static let schemaName = Member.required("SchemaName", .string, at: .label, jsonName: "schemaName")
  static let schemaVersion = Member.optional("SchemaVersion", .string, at: .query("schemaVersion"))
  static let description = Member.optional("Description", .string(0...256))
  static let type = Shape.choice("OpenApi3", "JSONSchemaDraft4")
  static let content = Shape.string(1...100_000)
  static let tagsShape = Shape.map(.string, .string)
  static let tags = Member.optional("Tags", tagsShape, jsonName: "tags")

  /// A time out of milliseconds since 1970.
  static func time(_ milliseconds: Int64) -> Value { .time(Timestamp(milliseconds: milliseconds)) }

  /// The kind of document that a call names.
  static func type(_ call: Call, _ member: String = "Type") -> SchemaType? {
    call.input.string(ifAny: member).flatMap(SchemaType.init(rawValue:))
  }

  // MARK: Pages

  /// The members that every list takes.
  static let paging: [Member] = [
    .optional("Limit", .integer(1...100), at: .query("limit")),
    .optional("NextToken", .string, at: .query("nextToken")),
  ]

  /// A page of a list that is sorted by key.
  static func page<Item>(
    _ items: [Item],
    _ call: Call,
    as member: String,
    key: (Item) -> String,
    _ value: (Item) -> Value
  ) throws(SchemasError) -> Value {
    var rest = items[...]
    if let token = call.input.string(ifAny: "NextToken") {
      guard let last = PageToken.key(of: token) else {
        throw SchemasError("BadRequestException", "NextToken is not one that a list of this service gave.")
      }
      rest = items.drop { key($0) <= last }
    }
    let shown = rest.prefix(call.input.integer(ifAny: "Limit") ?? 100)
    let isMore = shown.count < rest.count
    return [
      member: .list(shown.map(value)),
      "NextToken": .maybe(isMore ? shown.last.map { PageToken.token(for: key($0)) } : nil),
    ]
  }
}
