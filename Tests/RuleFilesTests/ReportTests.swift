import EventPatterns
import Testing

@testable import RuleFiles

@Suite("Reports")
struct ReportTests {
  static let hostile = "a <b> & \"c\" | %0A\n::error::x `` _y_ \u{1}"

  static let lint = Report(
    title: "lint",
    diagnostics: [
      Diagnostic(
        .unknownKey,
        at: SourcePosition(file: "Rules/my rules/s3.yaml", line: 3, column: 5),
        "there is no key 'sevrity'",
        hint: "did you mean 'severity'?"
      ),
      Diagnostic(.missingTests, at: SourcePosition(file: "Rules/my rules/s3.yaml", line: 1, column: 1), hostile),
      Diagnostic(.missingOwner, at: SourcePosition(file: "-", line: 2, column: 1), "there is no owner"),
    ],
    files: ["Rules/my rules/s3.yaml", "Rules/clean.yaml"]
  )

  static let test = Report(
    title: "test",
    noun: "test",
    cases: [
      Report.Case(
        name: "a near miss",
        group: "r-1",
        position: SourcePosition(file: "r.yaml", line: 9, column: 5),
        findings: []
      ),
      Report.Case(
        name: "a match",
        group: "r-1",
        position: SourcePosition(file: "r.yaml", line: 4, column: 5),
        findings: [
          Report.Finding(
            code: "test",
            summary: "An expectation did not hold",
            severity: .error,
            position: SourcePosition(file: "r.yaml", line: 6, column: 7),
            message: "the step 'tell' sends something else",
            details: [.init("wanted", "{\n  \"a\": 1\n}"), .init("got", "```\n2")]
          )
        ]
      ),
    ]
  )

  @Test func textNamesThePlaceFirst() {
    #expect(
      Self.test.rendered(as: .text) == """
        r.yaml:6:7: error: r-1 / a match: the step 'tell' sends something else
          wanted:
            {
              "a": 1
            }
          got:
            ```
            2
        2 tests: 1 passed, 1 failed

        """
    )
    let lint = Self.lint.rendered(as: .text)
    #expect(lint.hasPrefix("Rules/my rules/s3.yaml:3:5: error SB103: there is no key 'sevrity'\n  hint: did you mean"))
    #expect(lint.hasSuffix("3 files: 1 error, 1 warning, 1 note\n"))
    #expect(Report(title: "lint", diagnostics: [], files: ["a"]).rendered(as: .text) == "1 file: no findings\n")
  }

  @Test(arguments: [ReportTests.lint, ReportTests.test])
  func jsonIsJSON(report: Report) throws {
    let value = try JSONValue(parsing: report.rendered(as: .json))
    #expect(value["title"]?.string == report.title)
    let findings = report.findings.map(\.message)
    guard case .array(let items)? = value["findings"] else { throw NotationError("findings is no list", at: 0) }
    #expect(items.map { $0["message"]?.string } == findings)
    let lines = report.rendered(as: .ndjson).split(separator: "\n")
    let values = try lines.map { try JSONValue(parsing: String($0)) }
    #expect(values.filter { $0["type"] == .string("finding") }.map { $0["message"]?.string } == findings)
    #expect(values.last?["type"] == .string("summary"))
    #expect(values.last?["failed"] == .integer(1))
  }

  @Test func junitHasOneCaseForEachTest() {
    #expect(
      Self.test.rendered(as: .junit) == """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="signalbox test" tests="2" failures="1">
          <testsuite name="r-1" tests="2" failures="1" errors="0" skipped="0">
            <testcase classname="r-1" name="a near miss" file="r.yaml" line="9"/>
            <testcase classname="r-1" name="a match" file="r.yaml" line="4">
              <failure type="test" message="the step 'tell' sends something else">r.yaml:6:7: error: the step 'tell' sends something else
        wanted: {
          &quot;a&quot;: 1
        }
        got: ```
        2</failure>
            </testcase>
          </testsuite>
        </testsuites>

        """
    )
    // A warning is no failure, and what XML cannot hold does not get in.
    let lint = Self.lint.rendered(as: .junit)
    #expect(lint.contains("tests=\"3\" failures=\"1\""))
    #expect(lint.contains("warning: a &lt;b&gt; &amp; &quot;c&quot; | %0A\n::error::x `` _y_ \u{FFFD}"))
  }

  @Test func sarifHasRulesAndPlaces() throws {
    let log = try JSONValue(parsing: Self.lint.rendered(as: .sarif))
    let run = try #require(log["runs"]?[0])
    #expect(log["version"] == .string("2.1.0"))
    #expect(run["tool"]?["driver"]?["name"] == .string("signalbox"))
    let first = try #require(run["results"]?[0])
    #expect(first["ruleId"] == .string("SB103"))
    #expect(first["level"] == .string("error"))
    #expect(first["message"]?["text"] == .string("there is no key 'sevrity'\nHint: did you mean 'severity'?"))
    let place = first["locations"]?[0]?["physicalLocation"]
    #expect(place?["artifactLocation"]?["uri"] == .string("Rules/my%20rules/s3.yaml"))
    #expect(place?["region"]?["startLine"] == .integer(3))
    for (index, code) in ["SB103", "SB404", "SB406"].enumerated() {
      #expect(run["tool"]?["driver"]?["rules"]?[index]?["id"] == .string(code))
      #expect(run["results"]?[index]?["ruleIndex"] == .integer(index))
    }
    // Standard input is no place that a reader of SARIF could show.
    #expect(run["results"]?[2]?["locations"] == nil)
  }

  @Test func gitHubAnnotationsStayOnTheirLines() {
    let lines = Self.lint.rendered(as: .github).split(separator: "\n")
    #expect(
      lines == [
        "::error file=Rules/my rules/s3.yaml,line=3,col=5,title=SB103 The key is not part of the rule-file language here"
          + "::there is no key 'sevrity'%0AHint: did you mean 'severity'?",
        "::warning file=Rules/my rules/s3.yaml,line=1,col=1,title=SB404 The rule has no tests"
          + "::a <b> & \"c\" | %250A%0A::error::x `` _y_ \u{1}",
        "::notice title=SB406 The rule has no owner::there is no owner",
      ]
    )
    #expect(Self.test.rendered(as: .github).hasPrefix("::error file=r.yaml,line=6,col=7,title=r-1 / a match::the step"))
    #expect(Report(title: "lint", diagnostics: [], files: ["a"]).rendered(as: .github).isEmpty)
  }

  @Test func markdownIsEscaped() {
    let lint = Self.lint.rendered(as: .markdown)
    #expect(lint.hasPrefix("## signalbox lint\n\n❌ 3 files: 1 error, 1 warning, 1 note\n"))
    #expect(lint.contains(#"a &lt;b> &amp; "c" \| %0A ::error::x \`\` \_y\_ "#))
    #expect(lint.split(separator: "\n").count == 2 + 2 + 3)
    #expect(Self.test.rendered(as: .markdown).contains("````\n```\n2\n````\n"))
  }
}
