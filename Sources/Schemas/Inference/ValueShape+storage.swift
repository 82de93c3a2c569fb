// A shape as it lies in the database: JSON with short names, two levels for each level of the event, so that the deepest
// event that is learned can be read back.

internal import EventPatterns

extension ValueShape {
  /// Reads a shape that was stored.
  init?(stored value: JSONValue) {
    guard case .object(let object) = value else { return nil }
    for (name, value) in object.members {
      switch (name, value) {
      case ("null", _): hasNull = true
      case ("bool", _): hasBoolean = true
      case ("num", .string(let text)):
        guard let stored = Numbers(rawValue: text) else { return nil }
        numbers = stored
      case ("text", .string(let text)):
        guard let stored = TextFormat(rawValue: text) else { return nil }
        texts = stored
      case ("list", .array(let values)):
        var shapes: [ValueShape] = []
        for value in values {
          guard let shape = ValueShape(stored: value) else { return nil }
          shapes.append(shape)
        }
        items = shapes
      case ("members", .object(let members)):
        var shape = objects ?? ObjectShape()
        for (name, value) in members.members {
          guard let member = ValueShape(stored: value) else { return nil }
          shape.properties[name] = member
        }
        objects = shape
      case ("required", .array(let names)): objects?.required = Set(names.compactMap(\.string))
      case ("entries", _):
        guard let entry = ValueShape(stored: value) else { return nil }
        objects?.entries = [entry]
      default: return nil
      }
    }
  }

  /// The shape for storage; the same shape is always the same text.
  var stored: JSONValue {
    var object = JSONObject()
    if hasNull { object.members.append(("null", .bool(true))) }
    if hasBoolean { object.members.append(("bool", .bool(true))) }
    if let numbers { object.members.append(("num", .string(numbers.rawValue))) }
    if let texts { object.members.append(("text", .string(texts.rawValue))) }
    if let items { object.members.append(("list", .array(items.map(\.stored)))) }
    if let objects {
      let members = objects.properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value.stored) }
      object.members.append(("members", .object(JSONObject(members))))
      object.members.append(("required", .array(objects.required.sorted().map { .string($0) })))
      if let entry = objects.entries.first { object.members.append(("entries", entry.stored)) }
    }
    return .object(object)
  }
}
