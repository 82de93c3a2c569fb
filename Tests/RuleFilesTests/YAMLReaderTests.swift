import Testing

@testable import RuleFiles

/// Reading YAML: what scalars mean, where things stand, what is refused.
struct YAMLReaderTests {
  static func read(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLFile {
    YAMLFile(reading: Array(text.utf8), name: "f.yaml", limits: limits)
  }

  static func findings(_ file: YAMLFile) -> [String] {
    file.diagnostics.map { "\($0.position.line):\($0.position.column) \($0.code.rawValue)" }
  }

  struct ScalarCase: Sendable, CustomTestStringConvertible {
    var source: String
    var resolved: YAMLScalar.Resolved
    var testDescription: String { source }

    init(_ source: String, _ resolved: YAMLScalar.Resolved) {
      self.source = source
      self.resolved = resolved
    }
  }

  @Test(arguments: [
    ScalarCase("", .null), ScalarCase("~", .null), ScalarCase("null", .null), ScalarCase("nULL", .string),
    ScalarCase("true", .bool(true)), ScalarCase("FALSE", .bool(false)), ScalarCase("tRUE", .string),
    ScalarCase("yes", .string), ScalarCase("no", .string), ScalarCase("on", .string), ScalarCase("Off", .string),
    ScalarCase("y", .string), ScalarCase("0", .integer("0")), ScalarCase("-0", .integer("-0")),
    ScalarCase("+12", .integer("12")), ScalarCase("012345670123", .integer("12345670123")),
    ScalarCase("0o17", .integer("15")), ScalarCase("0x1F", .integer("31")), ScalarCase("0x-1", .string),
    ScalarCase("0b11", .string), ScalarCase("1_000", .string), ScalarCase("1.5", .float("1.5")),
    ScalarCase(".5", .float("0.5")), ScalarCase("5.", .float("5.0")), ScalarCase("1e3", .float("1.0e3")),
    ScalarCase("1E+3", .float("1.0e3")), ScalarCase("1e", .string), ScalarCase("-.inf", .infinityOrNaN),
    ScalarCase(".nan", .infinityOrNaN), ScalarCase("1.2.3", .string), ScalarCase("12:30:45", .string),
    ScalarCase("2027-03-31", .string), ScalarCase("-", .string), ScalarCase("+", .string), ScalarCase(".", .string),
    ScalarCase("123456789012345678901234567890", .integer("123456789012345678901234567890")),
    ScalarCase("1.1.1.1/32", .string), ScalarCase("=", .string), ScalarCase("１２", .string),
  ])
  func plainScalarsFollowTheCoreSchema(_ example: ScalarCase) {
    #expect(YAMLScalar(text: example.source, isPlain: true).resolved == example.resolved)
    #expect(YAMLScalar(text: example.source, isPlain: false).resolved == .string)
  }

  @Test func everythingKeepsItsPlaceAndText() throws {
    let nested = Self.read("a: 012345670123\nb:\n  - 'x'\n  - {ü: \"é\", k: v}\n")
    #expect(nested.diagnostics == [])
    let root = try #require(nested.documents.first)
    #expect(root["a"]?.text == "012345670123")
    #expect(root["a"]?.position == SourcePosition(file: "f.yaml", line: 1, column: 4))
    let list = try #require(root["b"]?.items)
    #expect(list[0].position.description == "f.yaml:3:5")
    #expect(list[0].position(inText: 0).column == 6)
    #expect(list[1].member("k")?.keyPosition.description == "f.yaml:4:14")
    #expect(list[1]["k"]?.position.description == "f.yaml:4:17")
  }

  @Test func severalDocumentsAndEmptyOnes() {
    let file = Self.read("---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n")
    #expect(file.diagnostics == [])
    #expect(file.documents.map { $0.members?.first?.key } == ["a", "b"])
  }

  @Test func aByteOrderMarkAndWindowsLineEndsAreNoContent() {
    let file = YAMLFile(reading: [0xEF, 0xBB, 0xBF] + Array("a: 1\r\nb: 2\r\n".utf8), name: "f")
    #expect(file.diagnostics == [])
    #expect(file.documents.first?["b"]?.position.description == "f:2:4")
  }

  @Test func aliasesStandForTheirAnchors() {
    let file = Self.read("a: &x {k: [1, 2]}\nb: *x\nc: &x 3\nd: *x\n")
    #expect(file.diagnostics == [])
    #expect(file.documents.first?["b"]?["k"]?.items?.count == 2)
    #expect(file.documents.first?["d"]?.text == "3")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var text: String
    var findings: [String]
    var testDescription: String { text }

    init(_ text: String, _ findings: [String]) {
      self.text = text
      self.findings = findings
    }
  }

  @Test(arguments: [
    Refusal("a: 1\nb: 2\na: 3\n", ["3:1 SB102"]),
    Refusal("a: 1\n'a': 3\n", ["2:1 SB102"]),
    Refusal("a:\n\t- b\n", ["2:1 SB101"]),
    Refusal("a: b: c\n", ["1:5 SB101"]),
    Refusal("a: [1, 2\nb: 3\n", ["2:2 SB101"]),
    Refusal("a: \"open\n", ["2:1 SB101"]),
    Refusal("a: *missing\n", ["1:4 SB101"]),
    Refusal("a: &x [*x]\n", ["1:8 SB101"]),
    Refusal("a: !!str 1\n", ["1:4 SB109"]),
    Refusal("a: !secret x\n", ["1:4 SB109"]),
    Refusal("x: &x {a: 1}\ny:\n  <<: *x\n", ["3:3 SB109"]),
    Refusal("? [a, b]\n: c\n", ["1:3 SB109"]),
    Refusal("~: c\n", ["1:1 SB109"]),
    Refusal("a: @b\n", ["1:4 SB101"]),
    Refusal("a: `b\n", ["1:4 SB101"]),
    Refusal("a: \"\\q\"\n", ["1:5 SB101"]),
    Refusal("a: {b: c}}\n", ["1:10 SB101"]),
    Refusal("a: 1\n b: 2\n", ["2:3 SB101"]),
    Refusal("- a\nb: 1\n", ["2:1 SB101"]),
    Refusal("a: \u{1}\n", ["1:4 SB101"]),
    Refusal("%YAML 3.0\n---\na: 1\n", ["1:1 SB101"]),
  ])
  func whatIsRefusedHasAPlace(_ example: Refusal) {
    #expect(Self.findings(Self.read(example.text)) == example.findings)
  }

  @Test func readingGoesOnAtTheNextDocument() {
    let file = Self.read("a: [\n---\nb: 1\n---\nc: {\n---\nd: 4\nd: 5\n")
    #expect(file.documents.map { $0.members?.first?.key } == ["b", "d"])
    #expect(Self.findings(file) == ["2:1 SB101", "6:1 SB101", "8:1 SB102"])
    #expect(file.documents.last?.members?.first?.keyPosition.line == 7)
  }

  @Test(
    arguments: [
      ("a:\n\t- b\n", "tabs"), ("é:\n\t- b\n", "tabs"), ("a:\n  b: 1\n\tc: 2\n", "tab"), ("a: b: c\n", "indentation"),
      ("a: [1\nb: 3\n", "]"), ("a: {b: 1\nc: 2\n", "}"), ("a: \"open\n", "quotes"), ("a: 'open\n---\nb: 1\n", "quotes"),
      ("a: *m\n", "*"), ("a: *\n", "*"), ("a: & b\n", "&"), ("a: &x! b\n", "&"), ("a: &x &y b\n", ""),
      ("a: &x *x\n", ""),
      ("a: @b\n", "@"), ("a: `b`\n", "`"), ("a: \"\\q\"\n", "backslash"), ("a: \"\\xZZ\"\n", ""), ("a: %b\n", "%"),
      ("%YAML x\n---\na: 1\n", "%"), ("%YAML 3.0\n---\na: 1\n", ""), ("a: !<x b\n", "!"), ("a: !x!y b\n", "!"),
      ("a: |x\n b\n", "|"), ("a: - b\n", "own line"), ("a: ? b\n", "?"), ("a: 1\n b\nc\n", ""), ("- a\nb: 1\n", ""),
      ("a: 1\n  b: 2\n", ""), ("]\n", ""), ("a: }\n", ""), ("a: [1,,2]\n", ""), ("a: \u{1}\n", "escape"),
      ("a: [,]\n", ""),
    ] as [(String, String)]
  )
  func mistakesComeWithARemedy(text: String, remedy: String) throws {
    let file = Self.read(text)
    let found = try #require(file.diagnostics.first, "\(text)")
    #expect(found.code == .invalidYAML)
    let hint = try #require(found.hint, "\(found)")
    #expect(!hint.isEmpty && (remedy.isEmpty || hint.contains(remedy)), "\(found)")
  }

  // MARK: Hostile input

  @Test func aliasesCannotExplode() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...20 {
      text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    let file = Self.read(text)
    #expect(file.diagnostics.map(\.code) == [.limitExceeded])
  }

  @Test(arguments: ["[", "{a: ", "- ", "? "])
  func nestingIsBounded(opening: String) {
    let file = Self.read(String(repeating: opening, count: 50_000))
    #expect(file.diagnostics.map(\.code) == [.limitExceeded])
  }

  @Test func brokenDocumentsAreCountedOut() {
    let file = Self.read(String(repeating: "[\n---\n", count: 400_000))
    #expect(file.diagnostics.count == YAMLLimits().brokenDocuments + 1)
    #expect(file.diagnostics.last?.code == .limitExceeded)
  }

  @Test func sizeIsBounded() {
    var limits = YAMLLimits()
    limits.fileSize = 10
    #expect(Self.findings(Self.read("a: 123456789\n", limits: limits)) == ["1:1 SB110"])
  }

  @Test(
    arguments: [
      ([0x61, 0x3A, 0x20, 0xFF], 4), ([0x61, 0x3A, 0x20, 0xC0, 0x80], 4), ([0xFF, 0xFE, 0x61, 0x00], 1),
      ([0x61, 0x3A, 0x20, 0xED, 0xA0, 0x80], 4), ([0x61, 0x3A, 0x20, 0xE2, 0x82], 4),
    ] as [([UInt8], Int)]
  )
  func badUTF8HasAPlace(bytes: [UInt8], column: Int) {
    let file = YAMLFile(reading: bytes, name: "f")
    #expect(Self.findings(file) == ["1:\(column) SB111"])
  }

  @Test func noPrefixOfAFileCrashes() {
    let bytes = Array(LanguageExamplesTests.everything(stage: "enforce").utf8)
    for end in stride(from: 0, to: bytes.count, by: 7) {
      let file = YAMLFile(reading: Array(bytes[..<end]), name: "f")
      #expect(file.documents.count <= 8)
      _ = RuleRepository.load([SourceFile(path: "f", bytes: Array(bytes[..<end]))])
    }
  }

  @Test func noChangedByteCrashes() {
    let original = Array(LanguageExamplesTests.everything(stage: "shadow").utf8)
    var random = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      var bytes = original
      for _ in 0..<3 {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let result = RuleRepository.load([SourceFile(path: "f", bytes: bytes)])
      #expect(result.diagnostics.allSatisfy { $0.position.line >= 1 && $0.position.column >= 1 })
    }
  }
}

/// SplitMix64: a seeded generator, so that a failure comes again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
