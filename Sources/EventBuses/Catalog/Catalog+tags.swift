// Tags of buses and rules.

public import TrailEvents

extension Catalog {
  /// The tags of a bus or a rule, in the order in which they came.
  public func tags(of arn: String, in scope: Scope) throws(BusError) -> [ResourceTag] {
    try checkTaggable(arn, in: scope)
    return self[scope].tags[arn] ?? []
  }

  /// Sets tags; keys that are there get the new value.
  public mutating func tag(_ arn: String, _ tags: [ResourceTag], in scope: Scope) throws(BusError) {
    try checkTaggable(arn, in: scope, toChange: true)
    guard Set(tags.map(\.key)).count == tags.count else {
      throw .validation("Parameter Tags is not valid. Reason: each tag key must be unique.")
    }
    var all = self[scope].tags[arn] ?? []
    for tag in tags {
      if tag.key.hasPrefix("aws:") {
        throw .validation("aws: prefixed tag key names are not allowed for external use.")
      }
      if let index = all.firstIndex(where: { $0.key == tag.key }) { all[index] = tag } else { all.append(tag) }
    }
    guard all.count <= 50 else { throw .limit("A resource has at most 50 tags.") }
    self[scope].tags[arn] = all
  }

  /// Removes tags; keys that are not there are no error.
  public mutating func untag(_ arn: String, _ keys: [String], in scope: Scope) throws(BusError) {
    try checkTaggable(arn, in: scope, toChange: true)
    guard let all = self[scope].tags[arn] else { return }
    let left = all.filter { !keys.contains($0.key) }
    self[scope].tags[arn] = left.isEmpty ? nil : left
  }

  /// - Parameter toChange: the tags of a rule of a file cannot be changed, as nothing of it can; looking is no change.
  private func checkTaggable(_ text: String, in scope: Scope, toChange: Bool = false) throws(BusError) {
    guard let arn = ARN(text), arn.service == "events", arn.scope == scope else {
      throw .validation("Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format.")
    }
    switch arn.type {
    case "event-bus": _ = try bus(BusReference(scope: scope, name: arn.name))
    case "rule":
      guard let (bus, name) = BusRule.parse(arn: text) else { fallthrough }
      if try rule(name, on: bus).isFromFile, toChange { throw Self.standsInAFile(name) }
    default:
      throw .validation("Parameter ResourceARN is not valid. Reason: Resource type \(arn.type) cannot be tagged.")
    }
  }
}
