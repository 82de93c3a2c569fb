// GetDiscoveredSchema: the schema of a few events, without a discoverer.

internal import EventPatterns

extension SchemaRegistries {
  /// The document that all of these events follow.
  ///
  /// Events of EventBridge get the schema of an event; other JSON that of its value.
  public func discoveredSchema(of events: [String], as type: SchemaType) throws(SchemasError) -> String {
    var values: [JSONValue] = []
    for (index, text) in events.enumerated() {
      do throws(JSONError) {
        values.append(try JSONValue(parsing: text))
      } catch {
        throw .badRequest("Events.\(index + 1) is not JSON: \(error)")
      }
      guard case .object? = values.last else { throw .badRequest("Events.\(index + 1) is not a JSON object.") }
    }
    let limits = limits.inference
    let learned = values.compactMap { LearnedEvent($0, limits: limits) }
    let document: JSONValue
    if let first = learned.first, learned.count == values.count {
      var detail = first.detail
      for event in learned.dropFirst() { detail.merge(event.detail, limits: limits) }
      document = OpenAPIDocument.event(first.kind, detail: detail)
    } else {
      var whole = ValueShape()
      for (index, value) in values.enumerated() {
        guard let shape = ValueShape(value, limits: limits) else {
          throw .badRequest("Events.\(index + 1) is nested deeper than \(limits.depth) levels.")
        }
        whole.merge(shape, limits: limits)
      }
      document = OpenAPIDocument.value(whole)
    }
    guard type == .jsonSchemaDraft4 else { return document.prettyText }
    do throws(DraftFourExport.Failure) {
      return try DraftFourExport.schema(of: document).prettyText
    } catch {
      throw .badRequest(error.message)
    }
  }
}
