// How summaries say what was not read.

internal import TrailEvents

extension SkippedFiles {
  /// The counts in words, as `3 files skipped (1 digest, 2 other names)`; nothing if there are none.
  var phrase: String? {
    guard total > 0 else { return nil }
    var reasons: [String] = []
    if digests > 0 { reasons.append(digests.counted("digest")) }
    if validationMessages > 0 { reasons.append(validationMessages.counted("validation message")) }
    if withoutRecords > 0 { reasons.append("\(withoutRecords.grouped) without records") }
    if unfinished > 0 { reasons.append("\(unfinished.grouped) unfinished") }
    if foreign > 0 { reasons.append("\(foreign.grouped) hidden or of other names") }
    return "\(total.counted("file")) skipped (\(reasons.joined(separator: ", ")))"
  }
}
