import EventPatterns

/// What a pattern means, written down as plainly as possible: JSON trees, strings, recursion, no compilation. It shares
/// nothing with the engine but `JSONValue`, and judges the engine in `OracleTests`. What one value has to be is in
/// `NaivePredicates`, what a pattern says in `NaivePattern`.
struct NaiveEvaluator {
  /// A value of a field, and the element taken of each array on the way to it.
  struct Leaf {
    var value: JSONValue
    var elements: [(array: Int, index: Int)]
  }

  private var leaves: [NaivePattern.Path: [Leaf]] = [:]
  private var arrayCount = 0

  // MARK: The event

  /// Flattens an event.
  init(event: JSONValue) {
    if case .object(let object) = event { flatten(object, path: nil, elements: []) }
  }

  private mutating func flatten(_ object: JSONObject, path: NaivePattern.Path?, elements: [(array: Int, index: Int)]) {
    // No pattern reaches a member with an empty name, except at the top: so it is in event-ruler (`subtle/302`).
    for member in object.members where path == nil || !member.name.isEmpty {
      add(member.value, path: NaivePattern.join(path, member.name), elements: elements)
    }
  }

  private mutating func add(_ value: JSONValue, path: NaivePattern.Path, elements: [(array: Int, index: Int)]) {
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

  // MARK: Whether it holds

  /// Whether a pattern matches.
  func matches(_ pattern: NaivePattern) -> Bool { pattern.branches.contains { holds($0) } }

  private func holds(_ branch: NaivePattern.Branch) -> Bool {
    holds(branch.inOrder[...], picked: [:])
      && branch.clauses.allSatisfy { clause in clause.branches.contains { holds($0) } != clause.isNot }
  }

  /// Whether values for all of these conditions can be found that agree with each other and with the elements picked.
  private func holds(_ conditions: ArraySlice<NaivePattern.Condition>, picked: [Int: Int]) -> Bool {
    guard let condition = conditions.first else { return true }
    let all = leaves[condition.path] ?? []
    let agreeing = all.filter { leaf in
      leaf.elements.allSatisfy { (picked[$0.array] ?? $0.index) == $0.index }
    }
    for alternative in condition.alternatives {
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
