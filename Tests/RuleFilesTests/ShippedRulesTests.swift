import EventPatterns
import RuleFiles
import Testing

/// The packs and examples of this repository.
struct ShippedRulesTests {
  static let root = String(#filePath.dropLast("Tests/RuleFilesTests/ShippedRulesTests.swift".count))

  @Test(arguments: [
    "Rules/cis-aws-foundations", "Rules/remediation", "Rules", "Examples/quickstart", "Examples/remediation-script",
    "Examples/webhook-alert",
  ])
  func loadsWithoutAFinding(folder: String) {
    let result = RuleRepository.load([Self.root + folder])
    #expect(result.diagnostics == [])
    #expect(result.repository?.rules.isEmpty == false)
    #expect(result.lint(now: Instant(seconds: 1_790_000_000)).filter { $0.severity != .note } == [])
  }
}
