import Decisions
import RuleFiles
import Testing

/// The rules of the repository, held to their own tests.
@Suite("Rules that ship")
struct ShippedRulesTests {
  static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

  @Test(
    arguments: [
      "Rules/cis-aws-foundations", "Rules/remediation", "Examples/quickstart/rules",
      "Examples/remediation-script/rules",
      "Examples/webhook-alert/rules",
    ]
  )
  func passTheirTests(pack: String) throws {
    let loaded = RuleRepository.load(["\(Self.root)/\(pack)"])
    let problems = Report(title: "validate", diagnostics: loaded.diagnostics, files: []).rendered(as: .text)
    let repository = try #require(loaded.repository, "\(problems)")
    let results = RuleTestRun.run(try RuleSet(repository))
    let report = Report(results: results)
    #expect(!report.hasErrors, "\(report.rendered(as: .text))")
    // A pack without tests would pass, too.
    #expect(Set(results.map(\.ruleID)) == Set(repository.rules.map(\.id)))
  }
}
