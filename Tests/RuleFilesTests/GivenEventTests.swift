import Foundation
import RuleFiles
import Testing

/// The events of rule tests: only what a source would take, and only files of the repository.
@Suite struct GivenEventTests {
  private func rule(_ given: String) -> String {
    "kind: Rule\nid: r\nwhen: {source: [a]}\ntests:\n  - name: n\n    given: \(given)\n    expect: {match: true}\n"
  }

  @Test(
    "an event that no source would take is refused where it is given",
    arguments: [
      ("{event: {detail: {}}}", "it has 'detail' but no 'detail-type' and no 'source'"),
      ("{event: {source: a, detail: {eventName: X}}}", "it has 'detail' but no 'detail-type'"),
      ("{event: {source: a}}", "it has neither 'detail-type' nor 'eventName'"),
      ("{event: {}, set: {detail.eventName: X}}", "it has 'detail' but no"),
      ("{event: {eventSource: 'aws:s3'}}", "it is an S3 event notification"),
      ("{event: {eventName: X}, unset: [source]}", "it has 'detail' but no 'source'"),
    ]
  )
  func incomplete(given: String, words: String) {
    let result = load(rule(given))
    #expect(result.places == ["6:12 SB106"])
    #expect(result.diagnostics.first?.message.contains(words) == true, "\(result.diagnostics)")
    #expect(result.diagnostics.first?.hint?.contains("detail-type, source and detail") == true)
  }

  @Test(arguments: [
    "{event: {eventName: X}}", "{event: {source: a, detail-type: t, detail: {}}}",
    "{event: {detail: {}}, set: {source: a, detail-type: t}}", "{event: {eventName: X, detail: {}}}",
  ])
  func complete(given: String) {
    #expect(load(rule(given)).diagnostics == [])
  }

  @Test(
    "fixtures stay in the repository",
    arguments: ["/etc/hostname", "../secret.json", "fixtures/../../secret.json", "link.json", "linked/secret.json"]
  )
  func outside(path: String) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "given-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let rules = root.appending(path: "rules")
    try FileManager.default.createDirectory(at: rules, withIntermediateDirectories: true)
    try Data(#"{"eventName":"X"}"#.utf8).write(to: root.appending(path: "secret.json"))
    try Data(rule("{like: \(path)}").utf8).write(to: rules.appending(path: "r.yaml"))
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: rules.path + "/link.json", withDestinationPath: "../secret.json")
    try manager.createSymbolicLink(atPath: rules.path + "/linked", withDestinationPath: root.path)
    let result = RuleRepository.load([rules.path])
    #expect(result.places == ["6:19 SB208"])
    #expect(result.diagnostics.first?.message == "the fixture '\(path)' is not a file of the repository")
  }

  @Test("what cannot be parsed is not quoted")
  func unquoted() {
    let result = load(rule("{like: f.json}"), others: ["f.json": "{\n  hunter2: 1}"])
    #expect(result.places == ["6:19 SB208"])
    let message = result.diagnostics.first?.message ?? ""
    #expect(message.contains("line 2, column 3") && !message.contains("hunter2"), "\(message)")
  }
}
