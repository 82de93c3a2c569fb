// One search in one text: the set of threads before a byte, the byte, the set of threads after it.

/// The state of a search.
struct RegexRun {
  let instructions: UnsafeBufferPointer<RegexInstruction>
  let sets: UnsafeBufferPointer<ByteSet>
  let text: UnsafeBufferPointer<UInt8>
  /// When each instruction was last added, by `generation`: so no thread is in a list twice.
  private let marks: UnsafeMutablePointer<UInt32>
  private var current: UnsafeMutablePointer<UInt32>
  private var following: UnsafeMutablePointer<UInt32>
  private let stack: UnsafeMutablePointer<UInt32>
  /// One per place in the text, and never used twice.
  private(set) var generation: UInt32

  init(
    instructions: UnsafeBufferPointer<RegexInstruction>,
    sets: UnsafeBufferPointer<ByteSet>,
    text: UnsafeBufferPointer<UInt8>,
    memory: UnsafeMutablePointer<UInt32>,
    capacity: Int,
    generation: UInt32
  ) {
    self.instructions = instructions
    self.sets = sets
    self.text = text
    marks = memory
    current = memory + capacity
    following = memory + 2 * capacity
    stack = memory + 3 * capacity
    self.generation = generation
  }

  /// Whether the program matches from any place of the text, or from its beginning only.
  mutating func search(from start: UInt32, anchored: Bool) -> Bool {
    var count = 0
    generation &+= 1
    if add(start, at: 0, to: current, &count) { return true }
    for index in 0..<text.count {
      let byte = text[index]
      var followingCount = 0
      generation &+= 1
      for thread in 0..<count {
        let instruction = instructions[Int(current[thread])]
        let takes = RegexCode.takes(instruction, byte, sets)
        if takes, add(instruction.next, at: index + 1, to: following, &followingCount) { return true }
      }
      if !anchored {
        // Matches begin before a character, never inside of one.
        let isInside = index + 1 < text.count && text[index + 1] & 0xC0 == 0x80
        if !isInside, add(start, at: index + 1, to: following, &followingCount) { return true }
      } else if followingCount == 0 {
        return false
      }
      swap(&current, &following)
      count = followingCount
    }
    return false
  }

  /// Adds the instructions that take a byte and can be reached from one without taking any; true if the end can be.
  private mutating func add(
    _ first: UInt32,
    at index: Int,
    to list: UnsafeMutablePointer<UInt32>,
    _ count: inout Int
  ) -> Bool {
    // At most one entry per split is on the stack, because every instruction is looked at once.
    var depth = 0
    var next = first
    while true {
      if marks[Int(next)] != generation {
        marks[Int(next)] = generation
        let instruction = instructions[Int(next)]
        switch instruction.operation {
        case .match:
          return true
        case .range, .set:
          list[count] = next
          count += 1
        case .split:
          stack[depth] = instruction.other
          depth += 1
          next = instruction.next
          continue
        case .assertion:
          if holds(instruction.low, at: index) {
            next = instruction.next
            continue
          }
        }
      }
      if depth == 0 { return false }
      depth -= 1
      next = stack[depth]
    }
  }

  private func holds(_ assertion: UInt8, at index: Int) -> Bool {
    switch RegexAssertion(rawValue: assertion) {
    case .textStart: index == 0
    case .textEnd: index == text.count
    case .lineStart: index == 0 || text[index - 1] == UInt8(ascii: "\n")
    case .lineEnd: index == text.count || text[index] == UInt8(ascii: "\n")
    case .wordBoundary: isWordBoundary(index)
    case .notWordBoundary: !isWordBoundary(index)
    case nil: false
    }
  }

  /// Words are ASCII, as in RE2.
  private func isWordBoundary(_ index: Int) -> Bool {
    let before = index > 0 && Self.isWord(text[index - 1])
    let after = index < text.count && Self.isWord(text[index])
    return before != after
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
