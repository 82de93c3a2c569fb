import RuleFiles

/// Loads rule files out of texts by path; fixtures and scripts come from `others`.
func load(_ files: KeyValuePairs<String, String>, others: [String: String] = [:]) -> RuleRepository.LoadResult {
  RuleRepository.load(files.map { SourceFile(path: $0.key, $0.value) }) { path throws(FileProblem) in
    guard let text = others[path] else { throw FileProblem("there is no such file") }
    return Array(text.utf8)
  }
}

/// Loads one rule file.
func load(_ text: String, others: [String: String] = [:]) -> RuleRepository.LoadResult {
  load(["r.yaml": text], others: others)
}

extension RuleRepository.LoadResult {
  /// The findings as `line:column code`.
  var places: [String] { diagnostics.map { "\($0.position.line):\($0.position.column) \($0.code.rawValue)" } }
}
