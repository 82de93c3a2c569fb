// The set simulation remembers: a set of threads that has been met gets a number, and what a byte makes of it is looked
// up from then on, one table access a byte. The table grows only by what texts really lead to, and is thrown away when
// it is full, so a hostile expression costs time but never memory (a lazy DFA; https://swtch.com/~rsc/regexp/regexp3.html).

/// The states of one program that have been met so far.
final class RegexAutomaton {
  /// A full table is thrown away.
  private static let maximumStates = 512
  /// So is one whose states hold this many threads together: states of large programs are large.
  private static let maximumThreads = 100_000
  /// A text that fills the table this often is better off without it.
  private static let maximumFlushes = 4

  private enum Transition {
    static let unknown: UInt32 = 0
    static let dead: UInt32 = 1
    static let accepting: UInt32 = 2
    /// States are numbered from here on.
    static let firstState: UInt32 = 3
  }

  /// Keeps the code alive, by whose identity automata are found.
  let code: RegexCode
  private var numbers: [[UInt32]: UInt32] = [:]
  /// By state: the instructions that wait for a byte, or for the end of the text.
  private var threads: [[UInt32]] = []
  private var threadCount = 0
  private var acceptsAtEnd: [Bool] = []
  /// By state, then class of bytes.
  private var table: [UInt32] = []
  private var startState = Transition.unknown
  // Working memory of `close`.
  private var marks: [Bool]
  private var stack: [UInt32] = []

  init(_ code: RegexCode) {
    self.code = code
    marks = [Bool](repeating: false, count: code.instructions.count)
  }

  /// Whether the program matches anywhere; nil if the text keeps filling the table.
  func search(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
    if startState == Transition.unknown { startState = close([code.start], atStart: true) }
    var state = startState
    var flushes = 0
    var index = 0
    while true {
      // The inner loop runs as long as everything is known.
      (state, index) = run(text, from: index, state)
      if state == Transition.accepting { return true }
      if state == Transition.dead { return false }
      if index == text.count { return acceptsAtEnd[Int(state - Transition.firstState)] }

      if threads.count >= Self.maximumStates || threadCount >= Self.maximumThreads {
        flushes += 1
        if flushes > Self.maximumFlushes { return nil }
        state = flush(keeping: state)
      }
      let next = step(state, text[index])
      let row = Int(state - Transition.firstState) * code.classCount
      table[row + Int(code.classes[Int(text[index])])] = next
      state = next
      index += 1
    }
  }

  /// Goes on while the next state is known and ordinary.
  private func run(_ text: UnsafeBufferPointer<UInt8>, from start: Int, _ first: UInt32) -> (UInt32, Int) {
    table.withUnsafeBufferPointer { table in
      code.classes.withUnsafeBufferPointer { classes in
        let width = code.classCount
        var state = first
        var index = start
        while index < text.count, state >= Transition.firstState {
          let next = table[Int(state &- Transition.firstState) &* width &+ Int(classes[Int(text[index])])]
          if next == Transition.unknown { return (state, index) }
          state = next
          index &+= 1
        }
        return (state, index)
      }
    }
  }

  /// The state after a byte.
  private func step(_ state: UInt32, _ byte: UInt8) -> UInt32 {
    var reached: [UInt32] = []
    code.sets.withUnsafeBufferPointer { sets in
      for thread in threads[Int(state - Transition.firstState)] {
        let instruction = code.instructions[Int(thread)]
        if instruction.operation != .assertion, RegexCode.takes(instruction, byte, sets) {
          reached.append(instruction.next)
        }
      }
    }
    if !code.hints.isAnchored { reached.append(code.start) }
    return close(reached, atStart: false)
  }

  /// The state of everything that can be reached from some instructions without taking a byte.
  private func close(_ instructions: [UInt32], atStart: Bool) -> UInt32 {
    var members: [UInt32] = []
    var seen: [UInt32] = []
    var accepts = false
    stack.append(contentsOf: instructions)
    while let next = stack.popLast() {
      if marks[Int(next)] { continue }
      marks[Int(next)] = true
      seen.append(next)
      let instruction = code.instructions[Int(next)]
      switch instruction.operation {
      case .match: accepts = true
      case .range, .set: members.append(next)
      case .split:
        stack.append(instruction.other)
        stack.append(instruction.next)
      case .assertion:
        if instruction.low == RegexAssertion.textEnd.rawValue {
          members.append(next)
        } else if atStart {
          stack.append(instruction.next)
        }
      }
    }
    for index in seen { marks[Int(index)] = false }
    if accepts { return Transition.accepting }
    if members.isEmpty { return Transition.dead }
    members.sort()
    // At the very beginning, what waits for the end may pass both assertions: such a state is one of its own.
    let key = atStart ? members + [.max] : members
    if let known = numbers[key] { return known }
    let number = UInt32(threads.count) + Transition.firstState
    numbers[key] = number
    threads.append(members)
    threadCount += members.count
    acceptsAtEnd.append(endsInMatch(members, atStart: atStart))
    table.append(contentsOf: repeatElement(Transition.unknown, count: code.classCount))
    return number
  }

  /// Whether the end of the text lets some thread reach the match.
  private func endsInMatch(_ members: [UInt32], atStart: Bool) -> Bool {
    var seen: Set<UInt32> = []
    var pending = members.filter { code.instructions[Int($0)].operation == .assertion }
    while let next = pending.popLast() {
      guard seen.insert(next).inserted else { continue }
      let instruction = code.instructions[Int(next)]
      switch instruction.operation {
      case .match: return true
      case .split: pending += [instruction.next, instruction.other]
      case .assertion:
        if instruction.low == RegexAssertion.textEnd.rawValue || atStart { pending.append(instruction.next) }
      case .range, .set: break
      }
    }
    return false
  }

  /// Forgets all states but one, which gets a new number.
  private func flush(keeping state: UInt32) -> UInt32 {
    let kept = threads[Int(state - Transition.firstState)]
    let accepts = acceptsAtEnd[Int(state - Transition.firstState)]
    numbers.removeAll(keepingCapacity: true)
    threads.removeAll(keepingCapacity: true)
    acceptsAtEnd.removeAll(keepingCapacity: true)
    table.removeAll(keepingCapacity: true)
    startState = Transition.unknown
    threads.append(kept)
    threadCount = kept.count
    acceptsAtEnd.append(accepts)
    table.append(contentsOf: repeatElement(Transition.unknown, count: code.classCount))
    return Transition.firstState
  }
}
