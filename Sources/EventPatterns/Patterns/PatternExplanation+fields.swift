// What an event has at the field of a condition.

extension PatternExplanation {
  /// The leaf values of a field, looked up as the scanner does: names join with dots, arrays are looked through.
  static func values(at path: [UInt8], in event: JSONValue) -> [JSONValue] {
    var found: [JSONValue] = []
    visit(path[...], in: event, isRoot: true) { value in
      switch value {
      case .array, .object: break
      default: found.append(value)
      }
    }
    return found
  }

  /// The object or empty list at a field that has no leaf value, in words, and the name of a leaf below it.
  static func container(at path: [UInt8], in event: JSONValue) -> (words: String, leaf: String?)? {
    var containers: [JSONValue] = []
    var hasLeaf = false
    visit(path[...], in: event, isRoot: true) { value in
      switch value {
      case .object: containers.append(value)
      case .array(let items): if items.isEmpty { containers.append(value) }
      default: hasLeaf = true
      }
    }
    guard !hasLeaf, let first = containers.first else { return nil }
    guard case .object(let object) = first else { return ("an empty list", nil) }
    let names = object.members.prefix(3).map(\.name)
    guard !names.isEmpty else { return ("an empty object", nil) }
    let more = object.members.count > 3 ? ", …" : ""
    let words = containers.count == 1 ? "an object with" : "\(containers.count) objects with"
    return ("\(words) \(names.joined(separator: ", "))\(more)", firstLeaf(of: first))
  }

  private static func firstLeaf(of value: JSONValue) -> String? {
    switch value {
    case .array(let items): return items.lazy.compactMap(firstLeaf).first
    case .object(let object):
      for member in object.members {
        if let leaf = firstLeaf(of: member.value) { return leaf.isEmpty ? member.name : "\(member.name).\(leaf)" }
      }
      return nil
    default: return ""
    }
  }

  /// Calls a function for everything that stands at a path; lists are handed out and looked through.
  private static func visit(
    _ rest: ArraySlice<UInt8>?,
    in value: JSONValue,
    isRoot: Bool = false,
    _ body: (JSONValue) -> Void
  ) {
    if rest == nil { body(value) }
    switch value {
    case .array(let items): for item in items { visit(rest, in: item, body) }
    case .object(let object):
      guard let rest else { return }
      for member in object.members {
        let name = Array(member.name.utf8)
        guard rest.starts(with: name) else { continue }
        let after = rest.dropFirst(name.count)
        if after.isEmpty {
          // As in event-ruler, a member with an empty name inside of another is no field of its own.
          if !name.isEmpty || isRoot { visit(nil, in: member.value, body) }
        } else if after.first == UInt8(ascii: ".") {
          visit(after.dropFirst(), in: member.value, body)
        }
      }
    default: break
    }
  }

  /// Whether a path leads through an array of objects.
  static func liesInArray(_ path: [UInt8], in event: JSONValue) -> Bool { outermostArray(on: path, in: event) != nil }

  /// The first array of objects on the way to a field: its path and its items.
  static func outermostArray(on path: [UInt8], in event: JSONValue) -> (path: [UInt8], items: [JSONValue])? {
    func search(_ value: JSONValue, _ from: Int) -> (path: [UInt8], items: [JSONValue])? {
      guard case .object(let object) = value else { return nil }
      for member in object.members {
        let name = Array(member.name.utf8)
        let rest = path[from...]
        guard rest.starts(with: name), rest.dropFirst(name.count).first == UInt8(ascii: ".") else { continue }
        let end = from + name.count
        if case .array(let items) = member.value, holdsObject(items) { return (Array(path[..<end]), items) }
        if let found = search(member.value, end + 1) { return found }
      }
      return nil
    }
    return search(event, 0)
  }

  private static func holdsObject(_ items: [JSONValue]) -> Bool {
    items.contains { item in
      switch item {
      case .object: true
      case .array(let inner): holdsObject(inner)
      default: false
      }
    }
  }

  /// The event with another value at a path that leads through no array.
  static func replacing(_ path: ArraySlice<UInt8>, in value: JSONValue, with new: JSONValue) -> JSONValue {
    guard case .object(var object) = value else { return value }
    for index in object.members.indices {
      let name = Array(object.members[index].name.utf8)
      guard path.starts(with: name) else { continue }
      let after = path.dropFirst(name.count)
      if after.isEmpty {
        object.members[index].value = new
      } else if after.first == UInt8(ascii: ".") {
        object.members[index].value = replacing(after.dropFirst(), in: object.members[index].value, with: new)
      }
    }
    return .object(object)
  }
}
