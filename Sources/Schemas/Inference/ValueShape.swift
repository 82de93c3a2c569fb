// What the values at one place of events look like: which kinds of value there were, and for objects which members were
// always there. A shape is made of one value and merged with those of others; merging is all that ever happens to it, so
// the order of events does not matter, and a shape that no longer changes says that nothing new has come.
//
//   {"qty": 1}  and  {"qty": 2.5, "note": null}   ─►   {qty: a number, required; note: null}

internal import EventPatterns

/// What the values at one place look like.
struct ValueShape: Sendable, Equatable {
  /// Numbers, from the narrower to the wider.
  enum Numbers: String, Sendable {
    /// Whole numbers of 64 bits.
    case integer
    /// Numbers with a fraction, or too large for an integer.
    case fraction
  }

  /// Whether there was `null`.
  var hasNull = false
  /// Whether there was `true` or `false`.
  var hasBoolean = false
  /// What numbers there were.
  var numbers: Numbers?
  /// What texts there were.
  var texts: TextFormat?
  /// The items of lists in one shape: no element if no list had an item; nil if there was no list.
  var items: [ValueShape]?
  /// What objects there were.
  var objects: ObjectShape?

  /// The shape of no value at all.
  init() {}

  /// The shape of one value; nothing if it is nested deeper than `limits` allow.
  init?(_ value: JSONValue, limits: InferenceLimits, depth: Int = 0) {
    guard depth <= limits.depth else { return nil }
    switch value {
    case .null: hasNull = true
    case .bool: hasBoolean = true
    case .number(let text): numbers = Int64(text) == nil ? .fraction : .integer
    case .string(let text): texts = TextFormat(of: text)
    case .array(let values):
      var merged: [ValueShape] = []
      for value in values {
        guard let item = ValueShape(value, limits: limits, depth: depth + 1) else { return nil }
        if merged.isEmpty { merged = [item] } else { merged[0].merge(item, limits: limits) }
      }
      items = merged
    case .object(let object):
      var shape = ObjectShape()
      for (name, value) in object.members {
        guard let member = ValueShape(value, limits: limits, depth: depth + 1) else { return nil }
        shape.properties[name] = member
        shape.required.insert(name)
      }
      shape.keep(limits)
      objects = shape
    }
  }

  /// How many kinds of value there were, besides `null`.
  var kindCount: Int {
    (hasBoolean ? 1 : 0) + (numbers == nil ? 0 : 1) + (texts == nil ? 0 : 1) + (items == nil ? 0 : 1)
      + (objects == nil ? 0 : 1)
  }

  /// How many places there are in the shape, itself counted.
  var placeCount: Int {
    var count = 1
    if let item = items?.first { count += item.placeCount }
    if let objects {
      for member in objects.properties.values { count += member.placeCount }
      if let entry = objects.entries.first { count += entry.placeCount }
    }
    return count
  }
}

/// What objects at one place look like.
struct ObjectShape: Sendable, Equatable {
  /// The members that have been seen.
  var properties: [String: ValueShape] = [:]
  /// The names of those that every object had.
  var required: Set<String> = []
  /// The values of all members in one shape, if the objects are maps: their names are data, not structure.
  var entries: [ValueShape] = []

  /// Whether the names of members are data.
  var isMap: Bool { !entries.isEmpty }
}

/// How much of an event is learned.
public struct InferenceLimits: Sendable, Equatable {
  /// The deepest value; what is nested deeper is not looked at. AWS ignores events of more than 255 levels.
  public var depth = 255
  /// The members of an object; one with more of them is a map from names to values of one shape.
  public var properties = 256
  /// The places in the schema of one kind of event; what would make it larger is not learned.
  public var places = 4000

  /// Makes the usual limits.
  public init() {}
}
