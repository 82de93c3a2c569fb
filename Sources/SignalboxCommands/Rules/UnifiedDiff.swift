// What changed between two texts, in the form that `patch` and every reviewer reads.

/// Differences in unified form.
enum UnifiedDiff {
  /// How many unchanged lines stand around a change.
  private static let context = 3

  private enum Line {
    case same(String)
    case removed(String)
    case added(String)

    var text: String {
      switch self {
      case .same(let line): " " + line
      case .removed(let line): "-" + line
      case .added(let line): "+" + line
      }
    }
    var isSame: Bool {
      if case .same = self { true } else { false }
    }
    var isOld: Bool {
      if case .added = self { false } else { true }
    }
    var isNew: Bool {
      if case .removed = self { false } else { true }
    }
  }

  /// The difference, a line each; none if the texts are equal.
  static func lines(from old: String, to new: String, file: String) -> [String] {
    guard old != new else { return [] }
    let script = script(from: split(old), to: split(new))
    var result = ["--- \(file)", "+++ \(file)"]
    var (oldLine, newLine) = (1, 1)
    var at = 0
    while let change = script[at...].firstIndex(where: { !$0.isSame }) {
      let start = max(at, change - context)
      // What is nearer than the context of both is one hunk.
      var end = change
      while let next = script[end...].prefix(2 * context + 1).firstIndex(where: { !$0.isSame }) { end = next + 1 }
      let hunk = script[start..<min(end + context, script.count)]
      oldLine += script[at..<start].count { $0.isOld }
      newLine += script[at..<start].count { $0.isNew }
      let (olds, news) = (hunk.count { $0.isOld }, hunk.count { $0.isNew })
      result.append("@@ -\(range(oldLine, olds)) +\(range(newLine, news)) @@")
      result += hunk.map(\.text)
      (oldLine, newLine, at) = (oldLine + olds, newLine + news, hunk.endIndex)
    }
    return result
  }

  private static func range(_ start: Int, _ count: Int) -> String {
    count == 1 ? "\(start)" : "\(count == 0 ? start - 1 : start),\(count)"
  }

  /// The lines; one without its line break says so, as `diff` does.
  private static func split(_ text: String) -> [String] {
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    let last = lines.removeLast()
    if !last.isEmpty { lines.append(last + "\n\\ No newline at end of file") }
    return lines
  }

  private static func script(from old: [String], to new: [String]) -> [Line] {
    let difference = new.difference(from: old)
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var script: [Line] = []
    var (oldAt, newAt) = (0, 0)
    while oldAt < old.count || newAt < new.count {
      if removed.contains(oldAt) {
        script.append(.removed(old[oldAt]))
        oldAt += 1
      } else if added.contains(newAt) {
        script.append(.added(new[newAt]))
        newAt += 1
      } else {
        script.append(.same(old[oldAt]))
        (oldAt, newAt) = (oldAt + 1, newAt + 1)
      }
    }
    return script
  }
}
