import Decisions
import Testing

/// What a rule's tests may say about the arguments of a script.
struct ScriptRunTests {
  private static func failures(argv: String) throws -> [RuleTestResult.Failure] {
    let rules = try ruleSet(
      """
      kind: Rule
      id: r
      when: {source: [aws.s3]}
      then: [{id: close, run: fix}]
      tests: [{name: t, given: {like: f.json}, expect: {runs: {close: {argv: \(argv)}}}}]
      ---
      {kind: Action, id: fix, type: script, file: fix.sh, interpreter: [bash, -e]}
      """,
      files: ["f.json": RuleTestRunTests.fixture, "fix.sh": "true"]
    )
    return try #require(RuleTestRun.run(rules).first).failures
  }

  @Test(
    "the interpreter and the file, as the action names it",
    arguments: [("[bash, -e, fix.sh]", true), ("[bash, fix.sh]", false)]
  )
  func arguments(argv: String, passes: Bool) throws {
    #expect(try Self.failures(argv: argv).isEmpty == passes)
  }
}
