// `compile --stats`: what the compiled rules are made of, and which of them are tried most.

internal import EventPatterns

/// The figures of a compiled set and of the rules in it.
struct AccessReport {
  private let set: PatternSet
  private let source: PatternSource
  private let figures: PatternSet.Statistics
  private let counts: TryCounts?
  /// How the rules are come by, those without a key first, then those that are tried most.
  private let accesses: [PatternSet.Access]
  /// Rules tried on an event, in the mean.
  private let meanTries: Double

  /// Looks at some patterns of a set, or at all.
  init(of set: PatternSet, source: PatternSource, wanted: Set<Int>?, counts: TryCounts?) {
    self.set = set
    self.source = source
    self.counts = counts
    figures = set.statistics
    let all = set.accesses()
    meanTries =
      counts.map { Double($0.tried.reduce(0, +)) / Double($0.events) } ?? all.reduce(0) { $0 + $1.estimatedShare }
    func rank(_ access: PatternSet.Access) -> (Int, Double) {
      let share = counts.map { Double($0.tried[access.pattern]) } ?? access.estimatedShare
      return (access.isAlwaysTried && !set.rest(of: access).contains(where: \.canBeKey) ? 0 : 1, -share)
    }
    accesses = all.filter { wanted?.contains($0.pattern) ?? true }
      .map { (access: $0, rank: rank($0)) }
      .sorted { ($0.rank.0, $0.rank.1, $0.access.pattern) < ($1.rank.0, $1.rank.1, $1.access.pattern) }
      .map(\.access)
  }

  private func facts(of access: PatternSet.Access) -> AccessFacts {
    AccessFacts(
      share: share(of: access),
      matchedShare: counts.map { Double($0.matched[access.pattern]) / Double($0.events) },
      key: set.key(of: access),
      rest: set.rest(of: access),
      company: set.company(of: access),
      isException: source.isException(access.pattern)
    )
  }

  private func share(of access: PatternSet.Access) -> Double {
    counts.map { Double($0.tried[access.pattern]) / Double($0.events) } ?? access.estimatedShare
  }

  // MARK: Text

  /// The report for people, with so many rules.
  func lines(limit: Int, style: TextStyle) -> [String] {
    let exceptions = source.names.indices.count(where: source.isException)
    var rows = [
      (
        "rules",
        (figures.patterns - exceptions).grouped + (exceptions > 0 ? ", and \(exceptions.counted("exception"))" : "")
      ),
      (
        "branches", figures.branches.grouped + (figures.clauses > 0 ? ", and \(figures.clauses.counted("clause"))" : "")
      ),
      ("paths", "\(figures.fields.grouped) of \(figures.names.counted("name"))"),
      ("conditions", figures.conditions.grouped),
      ("predicates", figures.predicates.grouped),
    ]
    for kind in figures.kinds {
      let some =
        kind.indexed == kind.count ? "" : kind.indexed == 0 ? "  no index" : "  \(kind.indexed.grouped) in an index"
      rows.append(("  \(kind.name)", kind.count.grouped + some))
    }
    rows.append(
      (
        "tree",
        "\(figures.nodes.counted("node")), \(figures.keys.counted("value")), "
          + "\(figures.candidates.counted("place")) to wait at, \(figures.depth.counted("field")) deep"
      )
    )
    rows.append(("memory", figures.memory.reduce(0) { $0 + $1.bytes }.asBytes))
    for (part, bytes) in figures.memory { rows.append(("  \(part.rawValue)", bytes.asBytes)) }
    rows.append(("tried", triesPerEvent))
    let width = rows.reduce(0) { max($0, $1.0.count) } + 2
    let list = accesses.prefix(limit)
    var lines = rows.map { "\($0.padded(to: width))\($1)" }
    guard !list.isEmpty else { return lines }
    lines += ["", style.bold(counts == nil ? "Tried most, as the rules alone tell:" : "Tried most:")]
    for access in list { lines += self.lines(of: access, style) }
    if accesses.count > list.count {
      lines.append("… \((accesses.count - list.count).counted("more rule", "more rules"))")
    }
    return lines
  }

  private var triesPerEvent: String {
    let mean = "\(meanTries.fixed(meanTries < 100 ? 1 : 0)) of \(figures.patterns.grouped) per event"
    guard let counts else { return "about \(mean), as the rules alone tell; --events counts" }
    let matches = Double(counts.matched.reduce(0, +)) / Double(counts.events)
    return
      "\(mean), of which \(matches.fixed(matches < 100 ? 2 : 0)) match; counted over \(counts.events.counted("event"))"
  }

  private func lines(of access: PatternSet.Access, _ style: TextStyle) -> [String] {
    let facts = facts(of: access)
    let indent = String(repeating: " ", count: 9)
    var key =
      facts.key.isEmpty ? "no key" : "key " + facts.key.map { "\($0.path) \($0.wanted)" }.joined(separator: ", ")
    if access.places > 1 { key += ", and \((access.places - 1).counted("other place"))" }
    if let matched = facts.matchedShare { key += "; matches \(matched.asPercentage)" }
    let name = style.bold(source.names[access.pattern].shownSafely)
    var lines = [
      "\(facts.share.asPercentage.padded(to: 7, onTheLeft: true))  \(name)  \(source.places[access.pattern].shownSafely)",
      indent + key.shownSafely,
    ]
    if let advice = facts.advice { lines.append(indent + advice.shownSafely) }
    return lines
  }

  // MARK: JSON

  /// The report for programs, with so many rules or all.
  func json(limit: Int?) -> JSONValue {
    guard case .object(var object) = figures.json else { return .null }
    object["clauses"] = .integer(figures.clauses)
    object["names"] = .integer(figures.names)
    object["keys"] = .integer(figures.keys)
    object["depth"] = .integer(figures.depth)
    object["predicate_kinds"] = .object(
      JSONObject(
        figures.kinds.map {
          ($0.name, .members(["count": .integer($0.count), "indexed": .integer($0.indexed)]))
        }
      )
    )
    object["memory"] = .object(JSONObject(figures.memory.map { ($0.part.rawValue, .integer($0.bytes)) }))
    object["events"] = counts.map { .integer($0.events) } ?? .null
    object["tries_per_event"] = .number(meanTries.fixed(3))
    object["rules"] = .array(accesses.prefix(limit ?? .max).map(json))
    return .object(object)
  }

  private func json(of access: PatternSet.Access) -> JSONValue {
    let facts = facts(of: access)
    func tests(_ tests: [PatternSet.FieldTest]) -> JSONValue {
      .array(tests.map { .members(["path": .string($0.path), "wanted": .string($0.wanted)]) })
    }
    var object = JSONObject([
      ("rule", .string(source.names[access.pattern])),
      ("place", .string(source.places[access.pattern])),
      ("estimated_share", .number(access.estimatedShare.fixed(6))),
    ])
    if let counts {
      object["tried"] = .integer(counts.tried[access.pattern])
      object["tried_share"] = .number(facts.share.fixed(6))
      object["matched"] = .integer(counts.matched[access.pattern])
    }
    object["places"] = .integer(access.places)
    object["key"] = tests(facts.key)
    object["rest"] = tests(facts.rest)
    object["advice"] = facts.advice.map(JSONValue.string) ?? .null
    return .object(object)
  }
}
