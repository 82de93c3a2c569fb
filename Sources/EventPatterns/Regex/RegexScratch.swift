// Memory that matching needs, kept from text to text: after the first texts nothing is allocated any more.

/// Working memory for any number of programs, one after the other.
struct RegexScratch {
  /// Holds the memory of all copies of a scratch; they must not be used at the same time.
  private final class Storage {
    let memory: UnsafeMutablePointer<UInt32>
    let capacity: Int

    init(capacity: Int) {
      self.capacity = capacity
      memory = .allocate(capacity: capacity * 4)
      memory.initialize(repeating: 0, count: capacity * 4)
    }

    deinit { memory.deallocate() }
  }

  private var storage = Storage(capacity: 256)
  private var automata: [ObjectIdentifier: RegexAutomaton] = [:]
  /// The last value used for marks.
  var generation: UInt32 = 0

  init() {}

  /// Four arrays of `capacity`: marks, two lists of threads, and a stack.
  ///
  /// They lie at the same place for every program, so that a mark is never anything but a generation.
  var memory: UnsafeMutablePointer<UInt32> { storage.memory }

  /// The automaton of a program, with the states that earlier texts have led to.
  mutating func automaton(for code: RegexCode) -> RegexAutomaton {
    let key = ObjectIdentifier(code)
    if let known = automata[key] { return known }
    let automaton = RegexAutomaton(code)
    automata[key] = automaton
    return automaton
  }

  /// The size of each array.
  var capacity: Int { storage.capacity }

  /// Makes sure that there is room for a program of a size.
  mutating func prepare(for size: Int) {
    // Long before the counter could wrap, all marks are forgotten.
    if storage.capacity < size || generation > UInt32.max / 2 {
      storage = Storage(capacity: max(storage.capacity, size * 2))
      generation = 0
    }
  }
}
