// The limit EventBridge puts on wildcards.
//
// EventBridge refuses a pattern if some value could keep more than ten beginnings of its wildcards alive at once ("Rule
// is too complex"). The measure is event-ruler's (MachineComplexityEvaluator): walk the automaton of all wildcards of a
// field and look for the set of states that carries the most. `*a*b` can be alive in at most a few places; `*a*a*a*a*a*a`
// in one place per `a`.
//
//     pattern  " * a * b "          (the quotes of the JSON string count)
//     state    0 1 2 3 4 5 6
//     after `"xa`: states 2 (before the first star's end), 4 (past `a`, in the second star) are alive
//
// Our own matcher has no such limit; the check is there so that what is accepted here is accepted by AWS too.

/// The check for patterns that AWS calls too complex.
enum WildcardComplexity {
  /// The most wildcard beginnings that may be alive at once.
  static let limit = 10
  /// A bound on the search itself; automata that need more steps than this are too complex by any measure.
  private static let maximumSets = 4096

  static func check(_ branches: [Branch]) throws(PatternError) {
    // `$or` multiplies branches, but a condition is the same one in all of them.
    var seen: Set<Int> = []
    for branch in branches {
      for condition in branch.conditions where seen.insert(condition.offset).inserted {
        var wildcards: [Wildcard] = []
        for alternative in condition.alternatives {
          switch alternative.predicate {
          case .wildcard(let wildcard): wildcards.append(wildcard)
          case .anythingBut(.wildcards(let list)): wildcards += list
          default: break
          }
        }
        guard exceedsLimit(wildcards) else { continue }
        throw PatternError(
          message: "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences "
            + "after a wildcard character",
          offset: condition.offset
        )
      }
    }
  }

  private enum Token: Hashable { case byte(UInt8), star }

  private static func exceedsLimit(_ wildcards: [Wildcard]) -> Bool {
    let patterns = wildcards.map(tokens)
    // Too few stars and repetitions to get anywhere near the limit: most patterns end here.
    guard patterns.reduce(0, { $0 + $1.count { $0 == .star } }) * 2 > limit else { return false }
    var alphabet: Set<UInt8?> = [nil]
    for case .byte(let byte) in patterns.joined() { alphabet.insert(byte) }

    // A state is (pattern, tokens consumed); being past a star means it may go on swallowing bytes.
    struct State: Hashable {
      var pattern: Int
      var position: Int
    }
    func closure(_ states: Set<State>) -> Set<State> {
      var closed = states
      for state in states where state.position < patterns[state.pattern].count {
        // A star may stand for nothing.
        if patterns[state.pattern][state.position] == .star {
          closed.insert(State(pattern: state.pattern, position: state.position + 1))
        }
      }
      return closed
    }
    var pending = [closure(Set(patterns.indices.map { State(pattern: $0, position: 0) }))]
    var seen = Set(pending)
    while let states = pending.popLast() {
      for byte in alphabet {
        var next: Set<State> = []
        for state in states {
          let pattern = patterns[state.pattern]
          if state.position > 0, pattern[state.position - 1] == .star { next.insert(state) }
          if state.position < pattern.count, case .byte(let wanted) = pattern[state.position], wanted == byte {
            next.insert(State(pattern: state.pattern, position: state.position + 1))
          }
        }
        next = closure(next)
        if next.count > limit { return true }
        if !next.isEmpty, seen.insert(next).inserted {
          guard seen.count <= maximumSets else { return true }
          pending.append(next)
        }
      }
    }
    return false
  }

  private static func tokens(_ wildcard: Wildcard) -> [Token] {
    var tokens: [Token] = [.byte(UInt8(ascii: "\""))]
    for (index, piece) in wildcard.pieces.enumerated() {
      if index > 0 { tokens.append(.star) }
      tokens += piece.map { .byte($0) }
    }
    return tokens + [.byte(UInt8(ascii: "\""))]
  }
}
