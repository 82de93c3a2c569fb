// From the tree to the program, back to front: every node is compiled knowing where the text goes on after it, so only
// loops have to be closed afterwards.

/// Builds a program.
struct RegexCompiler {
  /// The most instructions of a program; the time to match is at most this times the length of the text.
  static let maximumSize = 50_000

  private(set) var instructions: [RegexInstruction] = []
  private(set) var sets: [ByteSet] = []
  private var setNumbers: [ByteSet: UInt32] = [:]

  /// Compiles a tree and returns the index of the first instruction.
  mutating func compile(_ node: RegexNode) throws(RegexError) -> UInt32 {
    let match = try emit(RegexInstruction(operation: .match))
    return try compile(node, to: match)
  }

  private mutating func emit(_ instruction: RegexInstruction) throws(RegexError) -> UInt32 {
    guard instructions.count < Self.maximumSize else {
      throw RegexError(message: "pattern too large - compile failed", offset: 0)
    }
    instructions.append(instruction)
    return UInt32(instructions.count - 1)
  }

  private mutating func split(_ first: UInt32, _ second: UInt32) throws(RegexError) -> UInt32 {
    first == second ? first : try emit(RegexInstruction(operation: .split, next: first, other: second))
  }

  /// Compiles a node after which the text goes on at `next`.
  private mutating func compile(_ node: RegexNode, to next: UInt32) throws(RegexError) -> UInt32 {
    switch node {
    case .empty:
      return next
    case .literal(let bytes):
      var start = next
      for byte in bytes.reversed() {
        start = try emit(RegexInstruction(operation: .range, low: byte, high: byte, next: start))
      }
      return start
    case .set(let set):
      return try compile(set, to: next)
    case .concatenation(let nodes):
      var start = next
      for node in nodes.reversed() { start = try compile(node, to: start) }
      return start
    case .alternation(let nodes):
      var start: UInt32?
      for node in nodes.reversed() {
        let branch = try compile(node, to: next)
        start = try start.map { (other) throws(RegexError) in try split(branch, other) } ?? branch
      }
      return start ?? next
    case .assertion(let assertion):
      return try emit(RegexInstruction(operation: .assertion, low: assertion.rawValue, next: next))
    case .repetition(let node, let min, let max):
      return try compile(node, min: min, max: max, to: next)
    }
  }

  private mutating func compile(_ node: RegexNode, min: Int, max: Int?, to next: UInt32) throws(RegexError) -> UInt32 {
    var start = next
    if let max {
      // a{2,4} is aa(a(a)?)?
      for _ in min..<Swift.max(min, max) { start = try split(try compile(node, to: start), next) }
    } else {
      let loop = try emit(RegexInstruction(operation: .split, other: next))
      instructions[Int(loop)].next = try compile(node, to: loop)
      start = loop
    }
    for _ in 0..<min { start = try compile(node, to: start) }
    return start
  }

  /// A character set: one instruction if it is ASCII, else one per different continuation of the first byte.
  private mutating func compile(_ set: ScalarSet, to next: UInt32) throws(RegexError) -> UInt32 {
    var byContinuation: [(next: UInt32, bytes: ByteSet)] = []
    // Sequences with the same tail share it.
    var tails: [[UInt32]: UInt32] = [:]
    for range in set.ranges {
      for sequence in UTF8Ranges.sequences(for: range) {
        var start = next
        for bytes in sequence.dropFirst().reversed() {
          let key = [UInt32(bytes.lowerBound), UInt32(bytes.upperBound), start]
          if let shared = tails[key] {
            start = shared
          } else {
            start = try emit(
              RegexInstruction(operation: .range, low: bytes.lowerBound, high: bytes.upperBound, next: start)
            )
            tails[key] = start
          }
        }
        if let index = byContinuation.firstIndex(where: { $0.next == start }) {
          byContinuation[index].bytes.insert(sequence[0])
        } else {
          var bytes = ByteSet()
          bytes.insert(sequence[0])
          byContinuation.append((start, bytes))
        }
      }
    }
    var start: UInt32?
    for (next, bytes) in byContinuation.reversed() {
      let branch = try emit(RegexInstruction(operation: .set, next: next, other: number(of: bytes)))
      start = try start.map { (other) throws(RegexError) in try split(branch, other) } ?? branch
    }
    if let start { return start }
    // An empty set ([^\x00-\x{10FFFF}]) matches nothing: an instruction that no byte fits.
    return try emit(RegexInstruction(operation: .range, low: 1, high: 0, next: next))
  }

  private mutating func number(of set: ByteSet) -> UInt32 {
    if let number = setNumbers[set] { return number }
    sets.append(set)
    setNumbers[set] = UInt32(sets.count - 1)
    return UInt32(sets.count - 1)
  }
}
