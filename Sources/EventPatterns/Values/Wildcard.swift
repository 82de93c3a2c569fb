// Texts with stars. `*` stands for any bytes, none included; `\*` and `\\` are the characters themselves.
//
// A value is judged in one pass and without backtracking: the first piece must begin the value, the last must end it,
// and the pieces between are found from left to right, each as early as possible. Taking the earliest place is always
// safe, because it leaves the most room for the pieces after it.

import CSignalbox

/// A wildcard pattern, cut at its stars: `a*b*c` has the pieces `a`, `b`, `c`; `*x*` has ``, `x`, ``.
struct Wildcard: Sendable, Hashable {
  /// The literal pieces; their number is the number of stars plus one.
  var pieces: [[UInt8]]

  /// Why a text is no wildcard pattern, in event-ruler's words.
  struct SyntaxError: Error {
    var message: String
  }

  /// Reads a pattern. Positions in messages count from the opening quote of the value, as AWS prints them.
  init(parsing text: [UInt8]) throws(SyntaxError) {
    var pieces: [[UInt8]] = [[]]
    var index = 0
    while index < text.count {
      let byte = text[index]
      let next = index + 1 < text.count ? text[index + 1] : 0
      switch byte {
      case UInt8(ascii: "*"):
        guard next != UInt8(ascii: "*") else {
          throw SyntaxError(message: "Consecutive wildcard characters at pos \(index + 1)")
        }
        pieces.append([])
      case UInt8(ascii: "\\"):
        guard next == UInt8(ascii: "*") || next == UInt8(ascii: "\\") else {
          throw SyntaxError(message: "Invalid escape character at pos \(index + 1)")
        }
        pieces[pieces.count - 1].append(next)
        index += 1
      default:
        pieces[pieces.count - 1].append(byte)
      }
      index += 1
    }
    self.pieces = pieces
  }

  /// The pattern that any value holding a text matches.
  init(containing text: [UInt8]) {
    pieces = [[], text, []]
  }

  /// Whether a value fits.
  func matches(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = pieces.first, let last = pieces.last else { return false }
    guard pieces.count > 1 else { return value.elementsEqual(first) }
    guard value.count >= first.count + last.count, value.starts(with: first),
      value.suffix(last.count).elementsEqual(last)
    else { return false }
    var start = first.count
    let end = value.count - last.count
    for piece in pieces.dropFirst().dropLast() {
      guard let found = Self.find(piece, in: value, from: start, to: end) else { return false }
      start = found + piece.count
    }
    return true
  }

  private static func find(_ piece: [UInt8], in value: UnsafeBufferPointer<UInt8>, from: Int, to end: Int) -> Int? {
    guard let base = value.baseAddress, !piece.isEmpty else { return from }
    let found = sb_find(base + from, end - from, piece, piece.count)
    return found < 0 ? nil : from + found
  }
}
