import Testing

@testable import RuleFiles

/// What a person is told to write instead of a pattern that is not valid.
struct PatternHintTests {
  @Test(
    arguments: [
      ("[{numeric: 5}]", "{numeric: ["), ("[{numeric: [5]}]", "{numeric: ["), ("[{numeric: ['>', x]}]", "{numeric: ["),
      ("[{numeric: ['=', x]}]", "{numeric: ["), ("[{numeric: ['!', 1]}]", "{numeric: ["),
      ("[{numeric: ['>', 1, 2]}]", "{numeric: ["), ("[{numeric: ['>', 1, '>', 2]}]", "{numeric: ["),
      ("[{numeric: ['>', 1, '<', x]}]", "{numeric: ["), ("[{numeric: ['>', 1, '<', 2, 3]}]", "{numeric: ["),
      ("[{numeric: ['<', 1, 2]}]", "{numeric: ["), ("[{numeric: ['>', 2, '<', 1]}]", "lower number first"),
      ("[{numeric: ['>', 1], as: text}]", "as: number"), ("[{numeric: ['>', 1], as: number, x: y}]", "as: number"),
      ("[{cidr: 10.0.0.1}]", "10.0.0.0/8"), ("[{cidr: 10.0.0.0/x}]", "10.0.0.0/8"), ("[{cidr: 5}]", "10.0.0.0/8"),
      ("[{cidr: 10.0.0.0/-1}]", "10.0.0.0/8"), ("[{cidr: 10.0.0.0/32}]", "0 to 31"),
      ("[{cidr: '::1/128'}]", "0 to 127"),
      ("[{cidr: 10.0.0/8}]", "10.0.0.0/8"),
      ("[{wildcard: [a]}]", "{wildcard: "), ("[{wildcard: 'a**b'}]", "{wildcard: "),
      ("[{wildcard: 'a\\b'}]", "{wildcard: "),
      ("[{anything-but: true}]", "{anything-but: ["), ("[{anything-but: []}]", "at least one value"),
      ("[{anything-but: [a, 1]}]", "all strings or all numbers"), ("[{anything-but: [a, true]}]", ""),
      ("[{anything-but: {exists: true}}]", ""), ("[{anything-but: {}}]", ""),
      ("[{anything-but: {prefix: {a: b}}}]", ""),
      ("[{anything-but: {wildcard: 'a**'}}]", "{wildcard: "),
      ("[{exists: yes please}]", "{exists: true}"), ("[{exists: 1}]", "{exists: true}"),
      ("[{prefix: [a]}]", "{prefix: "), ("[{prefix: {}}]", "{prefix: "), ("[{suffix: {wildcard: a}}]", "{suffix: "),
      ("[{suffix: [a]}]", "{suffix: "), ("[{equals-ignore-case: [a]}]", "{equals-ignore-case: "),
      ("[{exactly: [a]}]", "{exactly: "),
      ("[{contains: [a]}]", "{contains: "), ("[{regex: [a]}]", "RE2"), ("[{regex: '(a'}]", "RE2"),
      ("[{all-of: a}]", "{all-of: ["), ("[{all-of: []}]", "{all-of: ["),
      ("[{all-of: [{exists: false}]}]", "{all-of: ["),
      ("[{equals-field: [a]}]", "{equals-field: "), ("[{}]", "operator"), ("[{prefix: a, suffix: b}]", "one operator"),
      ("[{prefx: a}]", "match expressions"), ("[[a]]", "braces"), ("[]", "value"), ("{}", "field"),
    ] as [(String, String)]
  )
  func ofAField(value: String, remedy: String) throws {
    try check("{detail: {f: \(value)}}", remedy)
  }

  @Test(
    arguments: [
      ("{$or: {a: [b]}}", "$or: ["), ("{$or: [a, b]}", "$or: ["), ("{$or: [{a: [b]}]}", "two branches"),
      ("{$or: [{prefix: [b]}, {a: [b]}]}", "[{prefix: a}]"), ("{$or: [{}, {a: [b]}]}", "field"),
      ("{$not: [a]}", "$not: {"), ("{$and: {a: [b]}}", "$and: ["), ("{$and: [a]}", "$and: ["),
      ("{$and: []}", "$and: ["),
      ("{}", "field"),
    ] as [(String, String)]
  )
  func ofFields(pattern: String, remedy: String) throws {
    try check(pattern, remedy)
  }

  @Test func complaintsThatNobodyForesawLeadToTheDocumentation() {
    #expect(RulePattern.hint(for: "something else") == "compare it with the table of operators in Docs/patterns.md")
  }

  private func check(_ pattern: String, _ remedy: String) throws {
    let result = load(DiagnosticCodeTests.rule("when: \(pattern)"))
    let found = result.diagnostics.filter { $0.code == .invalidPattern }
    #expect(!found.isEmpty, "\(pattern) \(result.diagnostics)")
    for diagnostic in found {
      let hint = try #require(diagnostic.hint, "\(diagnostic)")
      #expect(!hint.isEmpty && hint.contains(remedy), "\(pattern) \(diagnostic)")
    }
  }
}
