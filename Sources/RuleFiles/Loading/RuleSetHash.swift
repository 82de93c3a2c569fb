// The name of a rule set in records: the same for files that say the same, another for any that act differently.

import Crypto
import EventPatterns

/// The hash of everything in a repository that decides.
enum RuleSetHash {
  /// What is said for people only, and tests.
  private static let silentKeys: Set<String> = ["description", "runbook", "maps", "owner", "tags", "tests"]

  /// SHA-256 over the documents in order of kind and id, keys sorted, and the texts of the scripts they run.
  static func of(_ documents: [RuleDocument], _ rules: [Rule], scripts: [String: [UInt8]]) -> String {
    let stages = Dictionary(rules.map { ($0.id, $0.stage) }) { first, _ in first }
    var hash = SHA256()
    for document in documents.sorted(by: { ($0.kind.rawValue, $0.id ?? "") < ($1.kind.rawValue, $1.id ?? "") }) {
      var members = (document.node.members ?? []).filter { !silentKeys.contains($0.key) }
      // The stage that holds is the one after the ceiling of the folder.
      let stage = document.kind == .rule ? stages[document.id ?? ""] : nil
      if stage != nil { members.removeAll { $0.key == "stage" } }
      let node = YAMLNode(content: .mapping(members), position: document.node.position)
      hash.update(data: node.json.withSortedNames.bytes)
      hash.update(data: Array("\0\(stage?.rawValue ?? "")\n".utf8))
    }
    for (path, text) in scripts.sorted(by: { $0.key < $1.key }) {
      let name = path.split(separator: "/").last ?? ""
      hash.update(data: Array("\(name)\0\(text.count)\0".utf8))
      hash.update(data: text)
    }
    let digits = Array("0123456789abcdef".utf8)
    let hex = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: hex, as: UTF8.self)
  }
}

extension JSONValue {
  /// The value with the members of every object in order of their names.
  var withSortedNames: JSONValue {
    switch self {
    case .array(let items): .array(items.map(\.withSortedNames))
    case .object(let object):
      .object(JSONObject(object.members.map { ($0.name, $0.value.withSortedNames) }.sorted { $0.0 < $1.0 }))
    default: self
    }
  }
}
