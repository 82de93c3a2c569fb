// The parsed form of a regular expression. Whether a text matches is all that patterns ask, so captures and laziness
// are gone here: `(a)`, `(?P<n>a)` and `(?:a)` are the same, and so are `a*` and `a*?`.

/// A regular expression as a tree.
indirect enum RegexNode: Equatable {
  /// Matches the empty text.
  case empty
  /// One character out of a set.
  case set(ScalarSet)
  /// These bytes (the UTF-8 of one or more characters).
  case literal([UInt8])
  /// One after the other.
  case concatenation([RegexNode])
  /// Any of these.
  case alternation([RegexNode])
  /// At least `min` and at most `max` (nil: any number) times.
  case repetition(RegexNode, min: Int, max: Int?)
  /// A place between characters.
  case assertion(RegexAssertion)
}

/// A condition on a place between two bytes.
enum RegexAssertion: UInt8 {
  case textStart, textEnd, lineStart, lineEnd, wordBoundary, notWordBoundary
}

/// Why a text is not a regular expression, in RE2's words.
struct RegexError: Error, Equatable {
  /// RE2's message: what is wrong, a colon, and the offending part.
  var message: String
  /// Where the offending part begins, in bytes of the expression.
  var offset: Int
}

extension RegexNode {
  /// The largest product of the counts of repetitions inside each other: the number of copies it takes to write the
  /// node without counts.
  var copies: Int {
    switch self {
    case .empty, .set, .literal, .assertion: 1
    case .concatenation(let nodes), .alternation(let nodes): nodes.reduce(1) { max($0, $1.copies) }
    case .repetition(let node, let min, let max): Swift.max(max ?? min, 1) * node.copies
    }
  }

  /// Joins nodes, and neighbouring literals to one.
  static func joining(_ nodes: [RegexNode]) -> RegexNode {
    var joined: [RegexNode] = []
    for node in nodes {
      switch (joined.last, node) {
      case (_, .empty): break
      case (.literal(let before), .literal(let after)): joined[joined.count - 1] = .literal(before + after)
      default: joined.append(node)
      }
    }
    switch joined.count {
    case 0: return .empty
    case 1: return joined[0]
    default: return .concatenation(joined)
    }
  }
}
