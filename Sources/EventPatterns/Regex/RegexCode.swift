// What a program is made of, shared by all copies of it.

/// The instructions of one expression, frozen.
final class RegexCode: Sendable {
  let instructions: [RegexInstruction]
  let sets: [ByteSet]
  let start: UInt32
  let hints: RegexHints
  /// For each byte the number of its class: bytes of one class are the same to every instruction.
  let classes: [UInt8]
  let classCount: Int
  /// Whether the automaton can run it: there are no assertions that look at the bytes around a place.
  let isAutomatic: Bool

  init(_ node: RegexNode) throws(RegexError) {
    var compiler = RegexCompiler()
    start = try compiler.compile(node)
    instructions = compiler.instructions
    sets = compiler.sets
    hints = RegexHints(node)
    (classes, classCount) = Self.classes(instructions, sets)
    isAutomatic = instructions.allSatisfy { instruction in
      instruction.operation != .assertion
        || instruction.low == RegexAssertion.textStart.rawValue || instruction.low == RegexAssertion.textEnd.rawValue
    }
  }

  /// Whether an instruction takes a byte.
  @inline(__always)
  static func takes(_ instruction: RegexInstruction, _ byte: UInt8, _ sets: UnsafeBufferPointer<ByteSet>) -> Bool {
    instruction.operation == .range
      ? instruction.low <= byte && byte <= instruction.high
      : sets[Int(instruction.other)].contains(byte)
  }

  /// Cuts the 256 bytes wherever some instruction tells two neighbours apart.
  private static func classes(_ instructions: [RegexInstruction], _ sets: [ByteSet]) -> ([UInt8], Int) {
    var begins = [Bool](repeating: false, count: 257)
    for instruction in instructions where instruction.operation == .range && instruction.low <= instruction.high {
      begins[Int(instruction.low)] = true
      begins[Int(instruction.high) + 1] = true
    }
    for set in sets {
      for byte: UInt8 in 1...255 where set.contains(byte) != set.contains(byte - 1) { begins[Int(byte)] = true }
    }
    var classes: [UInt8] = [0]
    for byte in 1...255 { classes.append(classes[byte - 1] &+ (begins[byte] ? 1 : 0)) }
    return (classes, Int(classes[255]) + 1)
  }
}
