// A rule set as JSON lines of `{"name", "pattern"}`: what a benchmark's generator writes and other engines read, too.

internal import EventPatterns

/// Named patterns from JSON lines; each pattern is the bytes the line holds.
struct PatternLines {
  private(set) var names: [String] = []
  private(set) var sources: [[UInt8]] = []

  /// Whether a path is that of JSON lines and not of rule files.
  static func isNamed(by path: String) -> Bool { path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") }

  /// Reads a file; `-` is standard input.
  init(path: String) throws(CommandFailure) {
    var lines = try LineReader(path: path)
    while let line = try lines.next() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
      let place = "\(lines.name):\(lines.lineNumber)"
      let members: RawMembers
      do {
        members = try RawMembers(of: line)
      } catch {
        throw CommandFailure(.invalid, "\(place): not an object of \"name\" and \"pattern\": \(error)")
      }
      guard let pattern = members.bytes("pattern") else {
        throw CommandFailure(.invalid, "\(place): there is no \"pattern\"")
      }
      names.append(members.text("name") ?? "line \(lines.lineNumber)")
      sources.append(pattern)
    }
  }

  /// Parses and compiles all patterns.
  func compile() throws(CommandFailure) -> PatternSet {
    var patterns: [EventPattern] = []
    patterns.reserveCapacity(sources.count)
    for (name, source) in zip(names, sources) {
      do {
        patterns.append(try EventPattern(parsing: source, language: .eventBridge))
      } catch {
        throw CommandFailure(.invalid, "pattern of \(name), byte \(error.offset): \(error.message)")
      }
    }
    return PatternSet(patterns)
  }
}
