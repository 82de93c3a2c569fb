import EventPatterns

/// Makes a failing case small enough to look at.
struct Shrinking {
  /// Whether a case still fails. Cases that make no sense do not.
  var fails: (_ patterns: [JSONValue], _ event: JSONValue) -> Bool
  private var triesLeft = 3000

  init(while fails: @escaping (_ patterns: [JSONValue], _ event: JSONValue) -> Bool) {
    self.fails = fails
  }

  private mutating func stillFails(_ patterns: [JSONValue], _ event: JSONValue) -> Bool {
    triesLeft -= 1
    return triesLeft > 0 && fails(patterns, event)
  }

  /// A small case that fails like this one.
  mutating func shrunk(_ patterns: [JSONValue], _ event: JSONValue) -> (patterns: [JSONValue], event: JSONValue) {
    var (patterns, event) = (patterns, event)
    // First whole runs of patterns, then single steps, until no step is left that still fails.
    var size = patterns.count / 2
    while size > 0 {
      var start = 0
      while start < patterns.count {
        let fewer = Array(patterns[..<start] + patterns[min(start + size, patterns.count)...])
        if !fewer.isEmpty, stillFails(fewer, event) { patterns = fewer } else { start += size }
      }
      size /= 2
    }
    while let step = nextStep(patterns, event) { (patterns, event) = step }
    return (patterns, event)
  }

  private mutating func nextStep(_ patterns: [JSONValue], _ event: JSONValue) -> ([JSONValue], JSONValue)? {
    for smaller in Self.smaller(event) where stillFails(patterns, smaller) { return (patterns, smaller) }
    for index in patterns.indices {
      for smaller in Self.smaller(patterns[index]) {
        var changed = patterns
        changed[index] = smaller
        if stillFails(changed, event) { return (changed, event) }
      }
    }
    return nil
  }

  /// The values one step smaller, boldest first.
  static func smaller(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .null: []
    case .bool: [.null]
    case .number(let text): text == "1" ? [] : [.number("1")]
    case .string(let text):
      text.isEmpty
        ? []
        : [String(text.prefix(text.count / 2)), String(text.dropFirst()), String(text.dropLast())].map { .string($0) }
    case .array(let items):
      (items.count > 8 ? [.array(Array(items[..<(items.count / 2)])), .array(Array(items[(items.count / 2)...]))] : [])
        + items.indices.map { index in .array(Array(items[..<index] + items[(index + 1)...])) }
        + items
        + items.indices.flatMap { index in
          smaller(items[index]).map { item in
            var items = items
            items[index] = item
            return JSONValue.array(items)
          }
        }
    case .object(let object):
      object.members.indices.map { index in
        var object = object
        object.members.remove(at: index)
        return .object(object)
      }
        + object.members.indices.flatMap { index in
          smaller(object.members[index].value).map { item in
            var object = object
            object.members[index].value = item
            return JSONValue.object(object)
          }
        }
    }
  }
}
