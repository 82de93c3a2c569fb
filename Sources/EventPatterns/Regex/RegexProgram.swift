// Regular expressions for the `regex` match expression: RE2's syntax, matched in linear time.
//
// Rules come from many hands and events from anybody, so an expression must never be able to hang the matcher.
// Backtracking engines can be made to take exponential time by texts like "aaaa…!" and expressions like (a*)*b. This
// one goes through the text once and keeps the set of all places in the program where it could be (Thompson's and
// Pike's construction; https://swtch.com/~rsc/regexp/regexp2.html): time is at most the length of the text times the
// size of the program, whatever either holds.
//
//   RegexParser ─► RegexNode ─► RegexCompiler ─► RegexCode (instructions over bytes) ─► matches(_:scratch:)
//
// Two machines run the instructions. RegexAutomaton remembers sets of places that it has met, one table look-up a byte;
// RegexRun computes them anew, and takes what the other one cannot (`\b`, `(?m)^`) or should not (too many sets).

/// A compiled regular expression.
struct RegexProgram: Sendable {
  /// The expression as it was written.
  let source: [UInt8]
  private let code: RegexCode

  /// Compiles an expression in RE2's syntax (UTF-8).
  init(parsing text: [UInt8]) throws(RegexError) {
    var parser = RegexParser(text)
    code = try RegexCode(try parser.parse())
    source = text
  }

  /// Whether the expression matches anywhere in a text (UTF-8).
  func matches(_ text: UnsafeBufferPointer<UInt8>, scratch: inout RegexScratch) -> Bool {
    guard code.hints.areHeld(by: text) else { return false }
    if code.hints.isLiteral { return true }
    if code.isAutomatic, let answer = scratch.automaton(for: code).search(text) { return answer }
    return simulate(text, scratch: &scratch)
  }

  /// Goes through the text with the set of all threads: for every program, and the measure of the automaton.
  func simulate(_ text: UnsafeBufferPointer<UInt8>, scratch: inout RegexScratch) -> Bool {
    code.instructions.withUnsafeBufferPointer { instructions in
      code.sets.withUnsafeBufferPointer { sets in
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
        return run.search(from: code.start, anchored: code.hints.isAnchored)
      }
    }
  }
}

extension RegexProgram: Hashable {
  static func == (left: RegexProgram, right: RegexProgram) -> Bool { left.source == right.source }

  func hash(into hasher: inout Hasher) { hasher.combine(source) }
}
