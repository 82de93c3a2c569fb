import FoundationEssentials
import RuleFiles
import Testing

/// Rule files in the documentation are rule files.
struct DocumentationTests {
  /// The YAML blocks of a page that hold documents, each at its line of the page.
  static func examples(_ page: String) throws -> [SourceFile] {
    guard let data = FileManager.default.contents(atPath: ShippedRulesTests.root + page) else { return [] }
    var examples: [SourceFile] = []
    var block: (start: Int, lines: [Substring])?
    for (number, line) in String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      switch (line, block) {
      case ("```yaml", nil): block = (number + 1, [])
      case ("```", let ended?):
        block = nil
        guard ended.lines.contains(where: { $0.hasPrefix("kind: ") }) else { continue }
        // Empty lines before, so that findings name the line of the page.
        let text = String(repeating: "\n", count: ended.start) + ended.lines.joined(separator: "\n")
        examples.append(SourceFile(path: page, text))
      case (_, .some): block?.lines.append(line)
      default: continue
      }
    }
    return examples
  }

  @Test(arguments: ["README.md", "Docs/rules.md", "Docs/targets.md", "Docs/patterns.md", "Docs/getting-started.md"])
  func examplesAreWellFormed(page: String) throws {
    for example in try Self.examples(page) {
      let findings = RuleRepository.load([example]).diagnostics
      // What an example refers to may stand elsewhere, or not be there yet.
      #expect(findings.filter { !$0.code.rawValue.hasPrefix("SB2") } == [])
    }
  }

  @Test func thePageAboutRulesHasExamples() throws {
    #expect(try Self.examples("Docs/rules.md").count >= 3)
  }
}
