// Regular expressions for the `regex` match expression: RE2's syntax, matched in linear time.
//
// Rules come from many hands and events from anybody, so an expression must never be able to hang the matcher.
// Backtracking engines can be made to take exponential time by texts like "aaaa…!" and expressions like (a*)*b. This
// one goes through the text once and keeps the set of all places in the program where it could be (Thompson's and
// Pike's construction; https://swtch.com/~rsc/regexp/regexp2.html): time is at most the length of the text times the
// size of the program, whatever either holds.
//
//   RegexParser ─► RegexNode ─► RegexCompiler ─► instructions over bytes ─► matches(_:scratch:)

/// A compiled regular expression.
struct RegexProgram: Sendable {
  private let source: [UInt8]
  private let instructions: [RegexInstruction]
  private let sets: [ByteSet]
  private let start: UInt32
  private let hints: RegexHints

  /// Compiles an expression in RE2's syntax (UTF-8).
  init(parsing text: [UInt8]) throws(RegexError) {
    var parser = RegexParser(text)
    let node = try parser.parse()
    var compiler = RegexCompiler()
    start = try compiler.compile(node)
    instructions = compiler.instructions
    sets = compiler.sets
    hints = RegexHints(node)
    source = text
  }

  /// Whether the expression matches anywhere in a text (UTF-8).
  func matches(_ text: UnsafeBufferPointer<UInt8>, scratch: inout RegexScratch) -> Bool {
    guard hints.areHeld(by: text) else { return false }
    if hints.isLiteral { return true }
    return instructions.withUnsafeBufferPointer { instructions in
      sets.withUnsafeBufferPointer { sets in
        scratch.prepare(for: instructions.count)
        var run = RegexRun(
          instructions: instructions,
          sets: sets,
          text: text,
          memory: scratch.memory,
          capacity: scratch.capacity,
          generation: scratch.generation
        )
        defer { scratch.generation = run.generation }
        return run.search(from: start, anchored: hints.isAnchored)
      }
    }
  }
}

extension RegexProgram: Hashable {
  static func == (left: RegexProgram, right: RegexProgram) -> Bool { left.source == right.source }

  func hash(into hasher: inout Hasher) { hasher.combine(source) }
}
