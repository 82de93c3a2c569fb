// Two shapes become one that both kinds of value have.

extension ValueShape {
  /// Widens the shape so that it also is that of the other's values.
  mutating func merge(_ other: ValueShape, limits: InferenceLimits) {
    hasNull = hasNull || other.hasNull
    hasBoolean = hasBoolean || other.hasBoolean
    if let more = other.numbers { numbers = numbers == nil || numbers == more ? more : .fraction }
    if let more = other.texts { texts = texts == nil || texts == more ? more : .plain }
    if let more = other.items {
      if let item = more.first {
        if items?.isEmpty ?? true { items = [item] } else { items?[0].merge(item, limits: limits) }
      } else if items == nil {
        items = []
      }
    }
    if let more = other.objects {
      if objects == nil { objects = more } else { objects?.merge(more, limits: limits) }
    }
  }
}

extension ObjectShape {
  /// Widens the shape so that it also is that of the other's objects.
  mutating func merge(_ other: ObjectShape, limits: InferenceLimits) {
    if isMap || other.isMap {
      becomeMap(limits)
      var other = other
      other.becomeMap(limits)
      guard let more = other.entries.first else { return }
      if entries.isEmpty { entries = [more] } else { entries[0].merge(more, limits: limits) }
      return
    }
    required.formIntersection(other.required)
    for (name, member) in other.properties {
      if properties[name] == nil { properties[name] = member } else { properties[name]?.merge(member, limits: limits) }
    }
    keep(limits)
  }

  /// Takes an object with too many members for a map.
  mutating func keep(_ limits: InferenceLimits) {
    if properties.count > limits.properties { becomeMap(limits) }
  }

  private mutating func becomeMap(_ limits: InferenceLimits) {
    var merged = entries.first
    // In the order of names, so that the result is always the same.
    for (_, member) in properties.sorted(by: { $0.key < $1.key }) {
      if merged == nil { merged = member } else { merged?.merge(member, limits: limits) }
    }
    entries = merged.map { [$0] } ?? []
    properties = [:]
    required = []
  }
}
