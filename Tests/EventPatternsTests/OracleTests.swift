import EventPatterns
import Foundation
import Testing

/// Random patterns on random events, judged by the engine and by `NaiveEvaluator`.
///
/// `SIGNALBOX_ORACLE_CASES=5000000 swift test --filter OracleTests` runs millions; a failure prints the seed's case.
@Suite("The engine agrees with the plain meaning")
struct OracleTests {
  private static let cases = ProcessInfo.processInfo.environment["SIGNALBOX_ORACLE_CASES"].flatMap { Int($0) } ?? 10_000

  @Test("on random patterns and events, alone and in sets", arguments: 0..<8)
  func randomCases(part: Int) throws {
    var random = SeededGenerator(seed: 0x5160_A1B0_0000 + UInt64(part))
    let setSize = 10
    let eventsPerSet = 5
    var matchCount = 0
    for _ in 0..<max(1, Self.cases / 8 / setSize / eventsPerSet) {
      let patterns = (0..<setSize).map { _ in RandomJSON.pattern(&random) }
      let set = PatternSet(try patterns.map { try EventPattern(parsing: $0.text) })
      var matcher = EventMatcher(set)
      for _ in 0..<eventsPerSet {
        let event = RandomJSON.event(&random)
        let oracle = NaiveEvaluator(event: event)
        let wanted = patterns.indices.filter { oracle.matches(patterns[$0]) }
        let got = try matcher.matches(event.bytes)
        matchCount += wanted.count
        guard got != wanted else { continue }
        for index in Set(got).symmetricDifference(wanted).sorted() {
          Issue.record(
            "\(wanted.contains(index) ? "match" : "no match") wanted: \(patterns[index].text) on \(event.text)"
          )
        }
        return
      }
    }
    #expect(matchCount > 0)
  }
}

/// Small worlds in which patterns and events meet often.
private enum RandomJSON {
  private static let names = ["a", "b", "c", "a.b"]
  private static let texts = [
    "", "x", "xy", "yx", "X", "xyx", "a*b", "é", "É", "10.0.0.1", "10.0.1.1", "010.0.0.1", "2001:db8::1",
    "2001:DB8:0:0:0:0:0:1", "1", "null", "\"q\"", "a\\b", "/x/y",
  ]
  private static let numbers = [
    "0", "-0", "1", "1.0", "300", "300.00", "-5.5", "0.1", "9007199254740993", "123456789012",
  ]
  private static let wildcards = ["*", "x*", "*x", "x*x", "*y*", "a\\\\*", "\\*", "*\\**", ""]
  private static let networks = ["10.0.0.0/24", "10.0.0.0/8", "0.0.0.0/1", "2001:db8::/32", "::/1"]

  private static func scalar(_ random: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<6: .string(pick(texts, &random))
    case 6..<8: .number(pick(numbers, &random))
    case 8: .bool(.random(using: &random))
    default: .null
    }
  }

  private static func pick<Element>(_ items: [Element], _ random: inout SeededGenerator) -> Element {
    items[Int.random(in: items.indices, using: &random)]
  }

  // MARK: Events

  static func event(_ random: inout SeededGenerator) -> JSONValue {
    .object(object(&random, depth: 3))
  }

  private static func object(_ random: inout SeededGenerator, depth: Int) -> JSONObject {
    JSONObject(
      (0..<Int.random(in: 0...3, using: &random)).map { _ in (pick(names, &random), value(&random, depth: depth)) }
    )
  }

  private static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
    guard depth > 0 else { return scalar(&random) }
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: return .object(object(&random, depth: depth - 1))
    case 2, 3:
      return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth - 1) })
    default: return scalar(&random)
    }
  }

  // MARK: Patterns

  static func pattern(_ random: inout SeededGenerator) -> JSONValue {
    .object(fields(&random, depth: 2, mayOr: true))
  }

  private static func fields(_ random: inout SeededGenerator, depth: Int, mayOr: Bool) -> JSONObject {
    var object = JSONObject()
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      if depth > 0, Int.random(in: 0..<3, using: &random) == 0 {
        object.members.append((pick(names, &random), .object(fields(&random, depth: depth - 1, mayOr: mayOr))))
      } else {
        object.members.append((pick(names, &random), alternatives(&random)))
      }
    }
    if mayOr, Int.random(in: 0..<4, using: &random) == 0 {
      let sides = (0..<2).map { _ in JSONValue.object(fields(&random, depth: 1, mayOr: depth > 1)) }
      object.members.append(("$or", .array(sides)))
    }
    return object
  }

  private static func alternatives(_ random: inout SeededGenerator) -> JSONValue {
    .array((0..<Int.random(in: 1...2, using: &random)).map { _ in alternative(&random) })
  }

  private static func alternative(_ random: inout SeededGenerator) -> JSONValue {
    let text = JSONValue.string(pick(texts, &random))
    switch Int.random(in: 0..<16, using: &random) {
    case 0: return .members(["prefix": text])
    case 1: return .members(["suffix": text])
    case 2: return .members(["equals-ignore-case": text])
    case 3: return .members(["prefix": .members(["equals-ignore-case": text])])
    case 4: return .members(["wildcard": .string(pick(wildcards, &random).replacing("\\\\", with: "\\\\"))])
    case 5: return .members(["exists": .bool(.random(using: &random))])
    case 6: return .members(["cidr": .string(pick(networks, &random))])
    case 7: return .members(["anything-but": .array([text, .string(pick(texts, &random))])])
    case 8: return .members(["anything-but": .members(["suffix": .string("x")])])
    case 9: return .members(["anything-but": .number("1")])
    case 10:
      let low = pick(["-10", "0", "0.1"], &random)
      return .members([
        "numeric": .array([.string(pick([">", ">="], &random)), .number(low), .string("<"), .number("300")])
      ])
    case 11: return .members(["numeric": .array([.string("="), .number(pick(["1", "300", "0"], &random))])])
    default: return scalar(&random)
    }
  }
}
