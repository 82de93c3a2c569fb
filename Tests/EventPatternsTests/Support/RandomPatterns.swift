import EventPatterns

/// Which operators the patterns of a set use. A set without any exact value is where an index has nothing to hold on to.
enum PatternWorld: String, CaseIterable, Sendable {
  case everything, eventBridge, values, ranges, exclusions, presence, wildcards, networks, cases, affixes, numbers
  case extensions, clauses, unkeyed

  var operators: [PatternOperator] {
    switch self {
    case .everything, .clauses: PatternOperator.allCases
    case .eventBridge: PatternOperator.allCases.filter { !$0.isExtension }
    case .values: [.literal, .literal, .exactly]
    case .ranges: [.numeric]
    case .exclusions: [.butValues, .butNumbers, .butPrefix, .butSuffix, .butCaseless, .butWildcard]
    case .presence: [.exists, .absent]
    case .wildcards: [.wildcard]
    case .networks: [.cidr]
    case .cases: [.caseless, .caselessPrefix, .caselessSuffix]
    case .affixes: [.prefix, .suffix]
    case .numbers: [.number, .numeric, .butNumbers, .asNumber]
    case .extensions: PatternOperator.allCases.filter(\.isExtension)
    case .unkeyed:
      [
        .numeric, .butValues, .butNumbers, .butPrefix, .butSuffix, .exists, .absent, .wildcard, .cidr, .suffix,
        .caselessSuffix,
      ]
    }
  }

  /// Whether patterns may hold `$not` and `$and`.
  var hasClauses: Bool { self == .everything || self == .clauses || self == .extensions }
}

/// The kinds of entries in a field's list.
enum PatternOperator: CaseIterable, Sendable {
  case literal, number, exactly, prefix, suffix, caseless, caselessPrefix, caselessSuffix, wildcard, numeric, cidr
  case exists, absent, butValues, butNumbers, butPrefix, butSuffix, butCaseless, butWildcard
  case regex, contains, allOf, equalsField, asNumber

  var isExtension: Bool {
    switch self {
    case .regex, .contains, .allOf, .equalsField, .asNumber: true
    default: false
    }
  }

  /// A random entry.
  func entry(_ random: inout SeededGenerator) -> JSONValue {
    func text() -> JSONValue { .string(RandomValues.text(&random)) }
    func piece() -> JSONValue {
      .string(
        RandomValues.chance(1, in: 4, &random) ? RandomValues.text(&random) : RandomValues.letters(1...3, &random)
      )
    }
    func list(_ make: () -> JSONValue) -> JSONValue {
      let count = RandomValues.pick([1, 1, 2, 3, 12], &random)
      return count == 1 && RandomValues.chance(1, in: 2, &random) ? make() : .array((0..<count).map { _ in make() })
    }
    func nonEmpty() -> JSONValue {
      .string(RandomValues.pick(["x", "a", "ab", "aa", "é", "arn:", "10.", "b"], &random))
    }
    func wildcard() -> JSONValue {
      guard RandomValues.chance(2, in: 3, &random) else {
        return .string(RandomValues.pick(RandomValues.wildcards, &random))
      }
      let pieces = (0..<Int.random(in: 1...3, using: &random)).map { _ in RandomValues.letters(1...3, &random) }
      let (start, end) = (RandomValues.pick(["", "*"], &random), RandomValues.pick(["", "*"], &random))
      return .string(start + pieces.joined(separator: "*") + end)
    }
    func comparable() -> JSONValue {
      .number(RandomValues.pick(["0", "1.0", "300", "5e9", "0.1", "-5.5", "2", "123456789012345"], &random))
    }
    switch self {
    case .literal: return RandomValues.scalar(&random)
    case .number: return .number(RandomValues.number(&random))
    case .exactly: return .members(["exactly": text()])
    case .prefix: return .members(["prefix": piece()])
    case .suffix: return .members(["suffix": piece()])
    case .caseless: return .members(["equals-ignore-case": text()])
    case .caselessPrefix: return .members(["prefix": .members(["equals-ignore-case": piece()])])
    case .caselessSuffix: return .members(["suffix": .members(["equals-ignore-case": piece()])])
    case .wildcard: return .members(["wildcard": wildcard()])
    case .numeric: return .members(["numeric": RandomValues.range(&random)])
    case .cidr: return .members(["cidr": .string(RandomValues.network(&random))])
    case .exists: return .members(["exists": .bool(true)])
    case .absent: return .members(["exists": .bool(false)])
    case .butValues: return .members(["anything-but": list(text)])
    case .butNumbers: return .members(["anything-but": list(comparable)])
    case .butPrefix: return .members(["anything-but": .members(["prefix": list(nonEmpty)])])
    case .butSuffix: return .members(["anything-but": .members(["suffix": list(nonEmpty)])])
    case .butCaseless: return .members(["anything-but": .members(["equals-ignore-case": list(text)])])
    case .butWildcard: return .members(["anything-but": .members(["wildcard": list(wildcard)])])
    case .regex: return .members(["regex": .string(RandomValues.pick(NaiveExpression.all, &random).source)])
    case .contains: return .members(["contains": piece()])
    case .allOf:
      let single = Self.allCases.filter { ![.absent, .allOf, .equalsField].contains($0) }
      let members = (0..<Int.random(in: 1...2, using: &random)).map { _ in
        RandomValues.pick(single, &random).entry(&random)
      }
      return .members(["all-of": .array(members)])
    case .equalsField:
      let names = ["a", "b", "c", "a.b", "b.a", "detail", "detail.a"]
      return .members(["equals-field": .string(RandomValues.pick(names, &random))])
    case .asNumber: return .members(["numeric": RandomValues.range(&random), "as": .string("number")])
    }
  }
}

/// Random patterns of a world, and events made to meet them.
struct RandomPatterns {
  var world: PatternWorld

  func pattern(_ random: inout SeededGenerator) -> JSONValue {
    .object(fields(&random, depth: 2, mayOr: true))
  }

  private func fields(_ random: inout SeededGenerator, depth: Int, mayOr: Bool) -> JSONObject {
    var object = JSONObject()
    for _ in 0..<RandomValues.pick([1, 1, 2, 2, 3], &random) {
      let name = RandomValues.pick(RandomValues.names, &random)
      if depth > 0, RandomValues.chance(1, in: 3, &random) {
        object.members.append((name, .object(fields(&random, depth: depth - 1, mayOr: mayOr))))
      } else {
        object.members.append((name, entries(&random)))
      }
    }
    if mayOr, RandomValues.chance(1, in: 5, &random) {
      let sides = (0..<2).map { _ in JSONValue.object(fields(&random, depth: 1, mayOr: depth > 1)) }
      object.members.append(("$or", .array(sides)))
    }
    if world.hasClauses, RandomValues.chance(world == .clauses ? 2 : 1, in: 6, &random) {
      let inner = (0..<2).map { _ in JSONValue.object(fields(&random, depth: depth > 0 ? depth - 1 : 0, mayOr: false)) }
      let clause: (String, JSONValue) =
        RandomValues.chance(1, in: 2, &random) ? ("$not", inner[0]) : ("$and", .array(inner))
      object.members.insert(clause, at: Int.random(in: 0...object.members.count, using: &random))
    }
    return object
  }

  private func entries(_ random: inout SeededGenerator) -> JSONValue {
    let count = RandomValues.pick([1, 1, 1, 2, 2, 11], &random)
    return .array((0..<count).map { _ in RandomValues.pick(world.operators, &random).entry(&random) })
  }

  // MARK: Events

  /// An event for a set: any, or one made after one of the patterns.
  func event(for patterns: [JSONValue], _ random: inout SeededGenerator) -> JSONValue {
    guard RandomValues.chance(2, in: 3, &random), case .object(let pattern) = RandomValues.pick(patterns, &random)
    else {
      return RandomValues.event(&random)
    }
    var beside = JSONObject()
    var object = meeting(pattern, &beside, &random)
    object.members += beside.members
    object.members += RandomValues.object(&random, depth: 1).members
    return .object(JSONObject(object.members.shuffled(using: &random)))
  }

  /// An object that a pattern probably matches, or nearly; with what has to be at the top of the event beside it.
  private func meeting(
    _ pattern: JSONObject,
    _ beside: inout JSONObject,
    _ random: inout SeededGenerator
  ) -> JSONObject {
    var object = JSONObject()
    for member in pattern.members {
      switch (member.name, member.value) {
      case ("$not", _): continue
      case ("$or", .array(let sides)):
        if case .object(let side) = RandomValues.pick(sides, &random) {
          object.members += meeting(side, &beside, &random).members
        }
      case ("$and", .array(let sides)):
        for case .object(let side) in sides { object.members += meeting(side, &beside, &random).members }
      case (_, .object(let inner)):
        object.members.append((member.name, wrapped(.object(meeting(inner, &beside, &random)), &random)))
      case (_, .array(let entries)):
        let entry = RandomValues.pick(entries, &random)
        guard entry["exists"] != .bool(false) else { continue }
        let value = witness(entry, &random)
        object.members.append((member.name, wrapped(value, &random)))
        if let other = entry["equals-field"]?.string { beside.members.append((other, wrapped(value, &random))) }
      default: continue
      }
    }
    return object
  }

  /// A value that the world's operators have something to say about.
  private func scalar(_ random: inout SeededGenerator) -> JSONValue {
    switch world {
    case .ranges, .numbers:
      RandomValues.chance(3, in: 4, &random) ? .number(RandomValues.number(&random)) : RandomValues.scalar(&random)
    case .networks:
      RandomValues.chance(3, in: 4, &random) ? .string(RandomValues.address(&random)) : RandomValues.scalar(&random)
    default: RandomValues.scalar(&random)
    }
  }

  /// The value itself, or among others in an array.
  private func wrapped(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return .array([value])
    case 1, 2:
      var items = (0..<Int.random(in: 1...3, using: &random)).map { _ in RandomValues.value(&random, depth: 1) }
      if case .object(let object) = value {
        // An element that has half of what is wanted.
        items.append(.object(JSONObject(object.members.filter { _ in Bool.random(using: &random) })))
      }
      items.insert(value, at: Int.random(in: 0...items.count, using: &random))
      return .array(items)
    case 3: return .array([.array([value]), scalar(&random)])
    default: return value
    }
  }

  /// A value that satisfies an entry, mostly.
  private func witness(_ entry: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
    guard !RandomValues.chance(1, in: 4, &random) else { return scalar(&random) }
    switch entry {
    case .number(let text): return .number(RandomValues.respelled(text, &random))
    case .object(let expression):
      guard let (name, operand) = expression.members.first else { return .null }
      return witness(name, operand, isSpelled: entry["as"] != nil, &random)
    default: return entry
    }
  }

  private func witness(
    _ name: String,
    _ operand: JSONValue,
    isSpelled: Bool,
    _ random: inout SeededGenerator
  ) -> JSONValue {
    let tail = RandomValues.letters(0...3, &random)
    switch (name, operand) {
    case ("exactly", .string(let text)): return .string(text)
    case ("prefix", .string(let text)): return .string(text + tail)
    case ("suffix", .string(let text)): return .string(tail + text)
    case ("contains", .string(let text)): return .string(tail + text + tail)
    case ("equals-ignore-case", .string(let text)): return .string(recased(text, &random))
    case ("prefix", .object): return .string(recased(operand["equals-ignore-case"]?.string ?? "", &random) + tail)
    case ("suffix", .object): return .string(tail + recased(operand["equals-ignore-case"]?.string ?? "", &random))
    case ("wildcard", .string(let text)):
      let plain = text.replacing("\\*", with: "\u{1}").replacing("\\\\", with: "\\")
      return .string(plain.replacing("*", with: tail).replacing("\u{1}", with: "*"))
    case ("numeric", .array(let terms)):
      // At the end of the range, or one beside it.
      let bounds: [String] = terms.compactMap { if case .number(let text) = $0 { text } else { nil } }
      var number = RandomValues.respelled(RandomValues.pick(bounds, &random), &random)
      if let whole = Int(number), RandomValues.chance(1, in: 2, &random) {
        number = String(whole + (Bool.random(using: &random) ? 1 : -1))
      }
      return isSpelled && Bool.random(using: &random) ? .string(number) : .number(number)
    case ("anything-but", .object(let inner)):
      // Something excluded, so that it must not match.
      guard let (kind, texts) = inner.members.first else { return .null }
      if case .array(let items) = texts {
        return witness(kind, RandomValues.pick(items, &random), isSpelled: false, &random)
      }
      return witness(kind, texts, isSpelled: false, &random)
    case ("anything-but", .array(let items)): return witness(RandomValues.pick(items, &random), &random)
    case ("anything-but", _): return witness(operand, &random)
    case ("regex", _): return .string(RandomValues.pick(["xx", "ab", "", "12", "Ab", "abab", "x1"], &random))
    case ("cidr", .string(let text)): return .string(text.split(separator: "/").first.map(String.init) ?? text)
    case ("all-of", .array(let members)): return .array(members.map { witness($0, &random) })
    default: return scalar(&random)
    }
  }

  private func recased(_ text: String, _ random: inout SeededGenerator) -> String {
    Bool.random(using: &random) ? text.uppercased() : text.lowercased()
  }
}
