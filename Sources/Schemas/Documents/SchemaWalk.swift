// Where schemas stand within a schema. Both kinds of document have schemas under these keywords; everything else in an
// object is not a schema, and the names of properties are nobody's keywords.

internal import EventPatterns

/// What stands under a keyword of a schema.
enum SchemaKeyword {
  /// A schema.
  case schema
  /// A list of schemas.
  case list
  /// Schemas by name.
  case map
  /// A schema, or a list of them: `items` in Draft 4.
  case schemaOrList
  /// A schema, or true or false.
  case schemaOrBool
  /// Schemas or lists of names, by name: `dependencies` in Draft 4.
  case dependencies

  /// What stands under a keyword; nothing if it is no schema.
  static func named(_ name: String, in type: SchemaType) -> SchemaKeyword? {
    switch (name, type) {
    case ("properties", _): .map
    case ("patternProperties", .jsonSchemaDraft4), ("definitions", .jsonSchemaDraft4): .map
    case ("allOf", _), ("anyOf", _), ("oneOf", _): .list
    case ("not", _): .schema
    case ("items", .openAPI3): .schema
    case ("items", .jsonSchemaDraft4): .schemaOrList
    case ("additionalItems", .jsonSchemaDraft4), ("additionalProperties", _): .schemaOrBool
    case ("dependencies", .jsonSchemaDraft4): .dependencies
    default: nil
    }
  }
}
