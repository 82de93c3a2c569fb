// A rule set as JSON lines of `{"name", "pattern"}`: what a benchmark's generator writes and other engines read, too.

internal import EventPatterns

/// Named patterns from JSON lines; each pattern is the bytes the line holds.
struct PatternLines {
  private(set) var names: [String] = []
  private(set) var sources: [[UInt8]] = []
  private let file: String
  /// Where the patterns begin.
  private var places: [(line: Int, column: Int)] = []
  /// How many bad patterns are told.
  private static let told = 10

  /// Whether a path is that of JSON lines and not of rule files.
  static func isNamed(by path: String) -> Bool { path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") }

  /// Reads a file; `-` is standard input.
  init(path: String) throws(CommandFailure) {
    var lines = try LineReader(path: path)
    file = lines.name
    while let line = try lines.next() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
      let place = "\(file):\(lines.lineNumber)"
      let members: RawMembers
      do {
        members = try RawMembers(of: line)
      } catch {
        let column = Self.characters(line.prefix(error.offset)) + 1
        throw CommandFailure(.invalid, "\(place):\(column): not an object of \"name\" and \"pattern\": \(error)")
      }
      guard let pattern = members.bytes("pattern"), let offset = members.offset("pattern") else {
        throw CommandFailure(.invalid, "\(place):1: there is no \"pattern\"; write {\"name\": …, \"pattern\": {…}}")
      }
      names.append(members.text("name") ?? "line \(lines.lineNumber)")
      sources.append(pattern)
      places.append((lines.lineNumber, Self.characters(line.prefix(offset)) + 1))
    }
  }

  /// Where a pattern stands: `file:line`.
  func place(of index: Int) -> String { "\(file):\(places[index].line)" }

  /// How many characters some bytes are.
  private static func characters(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }

  /// Parses and compiles all patterns.
  func compile() throws(CommandFailure) -> PatternSet {
    var patterns: [EventPattern] = []
    patterns.reserveCapacity(sources.count)
    var problems: [String] = []
    for (index, source) in sources.enumerated() {
      do {
        patterns.append(try EventPattern(parsing: source, language: .eventBridge))
      } catch {
        let (line, column) = places[index]
        let place = "\(file):\(line):\(column + Self.characters(source.prefix(error.offset)))"
        problems.append("\(place): pattern of \(names[index].shownSafely): \(error.message)")
      }
    }
    guard problems.isEmpty else {
      let more = problems.count > Self.told ? ["and \(problems.count - Self.told) more patterns"] : []
      throw CommandFailure(.invalid, (problems.prefix(Self.told) + more).joined(separator: "\n"))
    }
    return PatternSet(patterns)
  }
}
