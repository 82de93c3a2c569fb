// "Did you mean": the nearest known word to one that is not known.

/// Suggestions for misspelt words.
package enum Suggestion {
  /// The candidate nearest to a word, if it is near enough to be a slip of the keyboard.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let normalized = fold(word)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let limit = max(1, min(word.utf8.count, candidate.utf8.count) / 3)
      let distance = distance(normalized, fold(candidate), limit: limit)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// `did you mean 'x'?`, or a list of what there is, or nothing to say.
  package static func hint(for word: String, among candidates: [String]) -> String? {
    if let nearest = nearest(to: word, among: candidates) { return "did you mean '\(nearest)'?" }
    guard !candidates.isEmpty else { return nil }
    let shown = candidates.prefix(30).joined(separator: ", ")
    return "known here: \(shown)\(candidates.count > 30 ? ", …" : "")"
  }

  /// Case, `_` and `-` are no difference worth counting: `deadLetter` is near `dead-letter`.
  private static func fold(_ word: String) -> [UInt8] {
    word.lowercased().utf8.prefix(100).filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
  }

  /// Optimal string alignment: inserts, deletes, replacements and swaps of neighbours.
  private static func distance(_ a: [UInt8], _ b: [UInt8], limit: Int) -> Int {
    guard abs(a.count - b.count) <= limit else { return limit + 1 }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
