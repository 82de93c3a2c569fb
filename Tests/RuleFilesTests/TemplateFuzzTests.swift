import EventPatterns
import Testing

@testable import RuleFiles

/// Templates against text that nobody would write, from a seed, so that a failure comes again.
@Suite("Templates under random text")
struct TemplateFuzzTests {
  /// A small generator (SplitMix64).
  struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  static let pieces = [
    "<", ">", "\\", "!", "[", "]", "\"", "'", ".", "detail", "v", "0", "<v>", "<v!>", "<detail.v>", "\\<", "{", "}",
    ",", ":",
    "\n", "\t", "\u{0}", "\u{1}", "\u{7F}", "é", "日", "😀", "\u{2028}", "$(x)", "`", ";", "&", "%00", " ", "<v[0]>",
    "<detail[\"a b\"]>",
  ]

  static func text(_ generator: inout Seeded) -> String {
    (0..<Int.random(in: 0...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
  }

  static func scope(_ value: String) -> TemplateScope {
    TemplateScope(
      event: .members(["detail": .members(["v": .string(value), "a b": .string(value)])]),
      names: ["v": .string(value)],
      ruleID: "r",
      now: Instant(seconds: 0)
    )
  }

  @Test(arguments: 0..<20)
  func whatGoesInComesOutWhole(seed: Int) throws {
    var generator = Seeded(state: UInt64(seed))
    for _ in 0..<100 {
      let value = Self.text(&generator)
      let scope = Self.scope(value)
      let tree = JSONValue.members(["whole": .string("<v>"), "part": .string("a <detail.v> z <detail[\"a b\"]>")])
      let rendered = try JSONValue(parsing: try Template(tree).payload(in: scope))
      #expect(rendered == .members(["whole": .string(value), "part": .string("a \(value) z \(value)")]))
      #expect(try Template(parsing: "<v>|<v>").text(in: scope) == "\(value)|\(value)")
      let url = try Template(parsing: "https://h/<v>?q=<v>").text(in: scope, for: .url)
      #expect(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}#".utf8.contains($0) })
      #expect(url.utf8.count { $0 == UInt8(ascii: "?") } == 1)
      let argument = Result { try Template(parsing: "x=<v>").text(in: scope, for: .argument) }
      #expect((try? argument.get()) == (value.utf8.contains(0) ? nil : "x=\(value)"))
    }
  }

  @Test(arguments: 0..<20)
  func everyTextIsATemplateOrAnErrorWithAPlace(seed: Int) throws {
    var generator = Seeded(state: UInt64(1000 + seed))
    for _ in 0..<200 {
      let text = Self.text(&generator)
      do {
        let template = try Template(parsing: text)
        #expect(template.placeholders.allSatisfy { Array(text.utf8)[$0.offset] == UInt8(ascii: "<") })
        _ = try? template.payload(in: Self.scope("x"))
        if !text.contains("<") { #expect(try template.text(in: Self.scope("x")) == text) }
      } catch let error as TemplateError {
        #expect(Array(text.utf8).indices.contains(error.error.offset), "\(error)")
        #expect(Array(text.utf8)[error.error.offset] == UInt8(ascii: "<"))
      }
      if let path = try? FieldPath(parsing: text) { #expect(try FieldPath(parsing: path.description) == path) }
    }
  }
}
