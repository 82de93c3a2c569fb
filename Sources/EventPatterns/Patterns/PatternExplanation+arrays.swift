// Why conditions that hold in an array do not hold together: element by element, what each has and lacks.
//
// The same-element rule is not written down a second time: an element is judged by the matcher in an event in which it
// stands alone, in place of the whole array.

/// The elements of the arrays that a branch's conditions lead through.
struct ArrayElements {
  private let pattern: EventPattern
  private let branch: PatternExplanation.JudgedBranch
  private let event: JSONValue
  /// What was replaced on the way down: the path of an array, and how the element taken is called.
  private var labels: [(path: String, label: String)] = []

  /// How many elements are told.
  private static let told = 3
  /// How many elements are looked at.
  private static let examined = 1_000

  init(of pattern: EventPattern, _ branch: PatternExplanation.JudgedBranch, in event: JSONValue) {
    self.pattern = pattern
    self.branch = branch
    self.event = event
  }

  private typealias Facts = PatternExplanation.Condition

  /// An element with what it satisfies.
  private struct Element {
    var label: String
    var index: Int
    /// The event with the element in place of its array.
    var event: JSONValue
    var holding: [Facts]
    var failing: [Facts]
    var holdsTogether: Bool
  }

  // MARK: What is asked

  /// Which elements have what, and what the nearest would need; nothing if no single array is to blame.
  func disagreement() -> String? {
    let conditions = branch.holding.filter { branch.disagreeing.contains($0.path) }
    for group in groups(of: conditions) where group.conditions.count > 1 {
      let elements = elements(of: group)
      guard !elements.contains(where: \.holdsTogether) else { continue }
      if let inner = elements.first(where: \.failing.isEmpty) {
        var below = ArrayElements(of: pattern, branch, in: inner.event)
        below.labels = labels + [(group.array, inner.label)]
        if let words = below.disagreement() { return words }
        continue
      }
      return words(elements, of: group)
    }
    return nil
  }

  /// A condition as it stands in the element in which the fields it belongs to hold; nothing if there is no such one.
  func condition(_ condition: PatternExplanation.Condition, inElementOf partners: [String]) -> PatternExplanation
    .Condition?
  {
    let holding = branch.holding.filter { partners.contains($0.path) }
    guard
      let group = groups(of: holding + [condition]).first(where: {
        $0.conditions.contains { $0.path == condition.path }
      }),
      group.conditions.count > 1
    else { return nil }
    let element = elements(of: group).first { element in
      element.failing.allSatisfy { $0.path == condition.path }
    }
    guard let element, let facts = element.failing.first else { return nil }
    return named(facts, in: element, of: group)
  }

  // MARK: Elements

  private typealias Group = (array: String, items: [JSONValue], conditions: [Facts])

  /// The conditions by the outermost array that they lead through.
  private func groups(of conditions: [Facts]) -> [Group] {
    var groups: [Group] = []
    for condition in conditions {
      guard let array = PatternExplanation.outermostArray(on: Array(condition.path.utf8), in: event) else { continue }
      let path = String(decoding: array.path, as: UTF8.self)
      if let index = groups.firstIndex(where: { $0.array == path }) {
        groups[index].conditions.append(condition)
      } else {
        groups.append((path, array.items, [condition]))
      }
    }
    return groups
  }

  private func elements(of group: Group) -> [Element] {
    guard pattern.branches.indices.contains(branch.index) else { return [] }
    let parts = pattern.branches[branch.index].conditions.filter { part in
      group.conditions.contains { $0.offset == part.offset }
    }
    let probes = ([parts] + parts.map { [$0] }).map { conditions in
      EventPattern(source: pattern.source, branches: [Branch(conditions: conditions, clauses: [])])
    }
    var matcher = EventMatcher(PatternSet(probes))
    return group.items.prefix(Self.examined).enumerated().compactMap { index, item in
      guard case .object = item else { return nil }
      let alone = PatternExplanation.replacing(Array(group.array.utf8)[...], in: event, with: item)
      let matches = Set((try? matcher.matches(alone.bytes)) ?? [])
      let facts = group.conditions.map { condition in
        var facts = condition
        facts.found = PatternExplanation.values(at: Array(condition.path.utf8), in: alone).map(\.text)
        let container = PatternExplanation.container(at: Array(condition.path.utf8), in: alone)
        (facts.container, facts.leaf) = (container?.words, container?.leaf)
        facts.holds = parts.firstIndex { $0.offset == condition.offset }.map { matches.contains($0 + 1) } ?? false
        return facts
      }
      return Element(
        label: "\(display(group.array))[\(index)]",
        index: index,
        event: alone,
        holding: facts.filter(\.holds),
        failing: facts.filter { !$0.holds },
        holdsTogether: matches.contains(0)
      )
    }
  }

  // MARK: Words

  private func words(_ elements: [Element], of group: Group) -> String? {
    // Those that come nearest, in the order of the array.
    let nearest = elements.filter { !$0.holding.isEmpty }
      .sorted { ($1.holding.count, $0.index) < ($0.holding.count, $1.index) }
    guard let best = nearest.first else { return nil }
    let shown = nearest.prefix(Self.told).sorted { $0.index < $1.index }
    let short = group.array.split(separator: ".").last.map(String.init) ?? group.array
    var parts = shown.enumerated().map { position, element in
      words(element, called: position == 0 ? element.label : "\(short)[\(element.index)]", of: group)
    }
    if nearest.count > shown.count { parts.append("and so on") }
    let changes = best.failing.map { PatternExplanation.fixingChange(named($0, in: best, of: group)) }
    return parts.joined(separator: "; ") + ". Nearest: " + changes.joined(separator: "; ")
  }

  private func words(_ element: Element, called label: String, of group: Group) -> String {
    let has = element.holding.map { fact($0, of: group) }.joined(separator: " and ")
    let lacks = element.failing.map { fact($0, of: group) }.joined(separator: " and ")
    return "\(label) has \(has) but \(lacks)"
  }

  private func fact(_ facts: Facts, of group: Group) -> String {
    let name = facts.path.dropFirst(group.array.count + 1)
    return facts.found.isEmpty ? "no \(name)" : "\(name) \(PatternExplanation.listed(facts.found))"
  }

  /// A condition with the element in its path.
  private func named(_ facts: Facts, in element: Element, of group: Group) -> Facts {
    var facts = facts
    facts.path = element.label + facts.path.dropFirst(group.array.count)
    return facts
  }

  /// A path with the elements taken on the way.
  private func display(_ path: String) -> String {
    guard let last = labels.last, path.hasPrefix(last.path) else { return path }
    return last.label + path.dropFirst(last.path.count)
  }
}
