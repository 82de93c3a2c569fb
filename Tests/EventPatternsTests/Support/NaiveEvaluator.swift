import EventPatterns

/// What a pattern means, written down as plainly as possible: JSON trees, strings, recursion, no compilation. It shares
/// nothing with the engine but `JSONValue`, and judges the engine in `OracleTests`. What one value has to be is in
/// `NaivePredicates`.
struct NaiveEvaluator {
  typealias Path = [UInt8]

  /// A value of a field, and the element taken of each array on the way to it.
  struct Leaf {
    var value: JSONValue
    var elements: [(array: Int, index: Int)]
  }

  /// One way for a pattern to hold: `$or` multiplied out.
  private struct Branch {
    var conditions: [Path: [JSONValue]] = [:]
    var clauses: [(isNot: Bool, branches: [Branch])] = []
  }

  private var leaves: [Path: [Leaf]] = [:]
  private var arrayCount = 0

  // MARK: The event

  /// Flattens an event.
  init(event: JSONValue) {
    if case .object(let object) = event { flatten(object, path: nil, elements: []) }
  }

  private mutating func flatten(_ object: JSONObject, path: Path?, elements: [(array: Int, index: Int)]) {
    // No pattern reaches a member with an empty name, except at the top: so it is in event-ruler (`subtle/302`).
    for member in object.members where path == nil || !member.name.isEmpty {
      add(member.value, path: Self.join(path, member.name), elements: elements)
    }
  }

  private static func join(_ path: Path?, _ name: String) -> Path {
    if let path { path + [UInt8(ascii: ".")] + name.utf8 } else { Array(name.utf8) }
  }

  private mutating func add(_ value: JSONValue, path: Path, elements: [(array: Int, index: Int)]) {
    switch value {
    case .object(let object): flatten(object, path: path, elements: elements)
    case .array(let items):
      let array = arrayCount
      arrayCount += 1
      for (index, item) in items.enumerated() {
        switch item {
        case .object, .array: add(item, path: path, elements: elements + [(array, index)])
        // A value that is itself an element belongs to every other element.
        default: add(item, path: path, elements: elements)
        }
      }
    default: leaves[path, default: []].append(Leaf(value: value, elements: elements))
    }
  }

  // MARK: The pattern

  /// Whether a pattern of either language matches.
  func matches(_ pattern: JSONValue) -> Bool {
    guard case .object(let object) = pattern else { return false }
    return Self.branches(object, path: nil, from: [Branch()]).contains { holds($0) }
  }

  private static func branches(_ object: JSONObject, path: Path?, from start: [Branch]) -> [Branch] {
    object.members.reduce(start) { branches, member in
      switch (member.name, member.value) {
      case ("$or", .array(let sides)):
        return sides.flatMap { Self.branches($0, path: path, from: branches) }
      case ("$and", .array(let sides)):
        return adding(sides.map { (false, Self.branches($0, path: path, from: [Branch()])) }, to: branches)
      case ("$not", .object(let inner)):
        return adding([(true, Self.branches(inner, path: path, from: [Branch()]))], to: branches)
      case (_, .object(let inner)):
        return Self.branches(inner, path: join(path, member.name), from: branches)
      case (_, .array(let alternatives)):
        return branches.map { branch in
          var branch = branch
          branch.conditions[join(path, member.name)] = alternatives
          return branch
        }
      default: return branches
      }
    }
  }

  private static func branches(_ side: JSONValue, path: Path?, from start: [Branch]) -> [Branch] {
    if case .object(let object) = side { branches(object, path: path, from: start) } else { [] }
  }

  private static func adding(_ clauses: [(isNot: Bool, branches: [Branch])], to branches: [Branch]) -> [Branch] {
    branches.map { branch in
      var branch = branch
      branch.clauses += clauses
      return branch
    }
  }

  // MARK: Whether it holds

  private func holds(_ branch: Branch) -> Bool {
    // `exists: false` asks about the elements that conditions on earlier names picked, so the order matters.
    let conditions = branch.conditions.sorted {
      String(decoding: $0.key, as: UTF8.self).utf16.lexicographicallyPrecedes(
        String(decoding: $1.key, as: UTF8.self).utf16
      )
    }
    return holds(conditions[...], picked: [:])
      && branch.clauses.allSatisfy { clause in clause.branches.contains { holds($0) } != clause.isNot }
  }

  /// Whether values for all of these conditions can be found that agree with each other and with the elements picked.
  private func holds(_ conditions: ArraySlice<(key: Path, value: [JSONValue])>, picked: [Int: Int]) -> Bool {
    guard let (path, alternatives) = conditions.first else { return true }
    let all = leaves[path] ?? []
    let agreeing = all.filter { leaf in
      leaf.elements.allSatisfy { (picked[$0.array] ?? $0.index) == $0.index }
    }
    for alternative in alternatives {
      if alternative["exists"] == .bool(false) {
        if agreeing.isEmpty, holds(conditions.dropFirst(), picked: picked) { return true }
        continue
      }
      for leaf in agreeing where satisfies(leaf, alternative, among: all) {
        let now = picked.merging(leaf.elements.map { ($0.array, $0.index) }) { old, _ in old }
        if holds(conditions.dropFirst(), picked: now) { return true }
      }
    }
    return false
  }

  private func satisfies(_ leaf: Leaf, _ alternative: JSONValue, among all: [Leaf]) -> Bool {
    if case .array(let members)? = alternative["all-of"] {
      // About the field as a whole, not about this value.
      return members.allSatisfy { member in all.contains { NaivePredicates.satisfies($0.value, member) } }
    }
    if let other = alternative["equals-field"]?.string {
      return (leaves[Array(other.utf8)] ?? []).contains { NaivePredicates.equal($0.value, leaf.value) }
    }
    return NaivePredicates.satisfies(leaf.value, alternative)
  }
}
