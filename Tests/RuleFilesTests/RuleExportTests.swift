import EventPatterns
import RuleFiles
import Testing

/// Rules as PutRule requests.
struct RuleExportTests {
  func export(_ body: String) throws -> RuleExport {
    let result = load("kind: Rule\nid: r\n\(body)\n")
    #expect(result.diagnostics == [])
    return RuleExport(try #require(result.repository?.rules.first))
  }

  @Test func aPatternGoesOutAsItsJSON() throws {
    let export = try export("title: T\nbus: b\noutcome: success\nwhen: {source: aws.s3}\nthen: []")
    #expect(export.diagnostics == [])
    #expect(
      export.request?.text
        == #"{"Name":"r","EventPattern":"{\"source\":[\"aws.s3\"],\"detail\":{\"errorCode\":[{\"exists\":false}]}}","#
        + #""State":"ENABLED","Description":"T","EventBusName":"b"}"#
    )
  }

  @Test func aScheduleGoesOutAndDraftsAreDisabled() throws {
    let export = try export("stage: draft\nevery: rate(5 minutes)\nthen: []")
    #expect(export.request?.text == #"{"Name":"r","ScheduleExpression":"rate(5 minutes)","State":"DISABLED"}"#)
  }

  @Test(arguments: [
    ("when: {$not: {source: [a]}}\nthen: []", "3:8 SB302"),
    ("when:\n  detail:\n    n: [a, {contains: b}]\nthen: []", "5:12 SB302"),
    ("when: {source: [a]}\nunless: [{reason: x, when: {account: [b]}}]", "4:10 SB303"),
  ])
  func extensionsAreRefusedWithTheirPlace(body: String, finding: String) throws {
    let export = try export(body)
    #expect(export.request == nil)
    #expect(export.diagnostics.map { "\($0.position.line):\($0.position.column) \($0.code.rawValue)" } == [finding])
  }
}
