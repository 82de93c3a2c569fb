// Path patterns as shells know them: `*`, `?`, `[a-z]` within a name, `**` for any number of folders. Signalbox expands
// them itself, for patterns in configuration files, and to go on watching for files that match later.

/// A path pattern.
struct GlobPattern: Sendable, Equatable {
  /// The folder that needs no matching: where the walk begins. Empty for the current folder.
  let base: String
  private let parts: [[UInt8]]

  /// Whether a text has anything for a pattern in it.
  static func isPattern(_ text: String) -> Bool { text.utf8.contains { "*?[".utf8.contains($0) } }

  init(_ text: String) {
    let names = text.split(separator: "/")
    let fixed = names.prefix { !Self.isPattern(String($0)) }
    base = (text.hasPrefix("/") ? "/" : "") + fixed.joined(separator: "/")
    parts = names.dropFirst(fixed.count).map { Array($0.utf8) }
  }

  /// Whether a path below the base (given with the base) matches.
  func matches(_ path: String) -> Bool {
    let skipped = base.split(separator: "/").count
    let names = path.split(separator: "/").dropFirst(skipped).map { Array($0.utf8) }
    return Self.matches(parts[...], names[...])
  }

  private static func matches(_ parts: ArraySlice<[UInt8]>, _ names: ArraySlice<[UInt8]>) -> Bool {
    guard let part = parts.first else { return names.isEmpty }
    if part == Array("**".utf8) {
      // Folders are few: trying every length is cheap.
      return (names.startIndex...names.endIndex).contains { matches(parts.dropFirst(), names[$0...]) }
    }
    guard let name = names.first, matches(name: name, part) else { return false }
    return matches(parts.dropFirst(), names.dropFirst())
  }

  /// Matches one name; a star remembers where it stood, so this never takes more than length times length.
  private static func matches(name: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (at, want) = (0, 0)
    var star: (at: Int, want: Int)?
    while at < name.count {
      if want < pattern.count, pattern[want] == UInt8(ascii: "*") {
        star = (at, want)
        want += 1
      } else if let after = step(name[at], pattern, want) {
        at += 1
        want = after
      } else if let back = star {
        star = (back.at + 1, back.want)
        (at, want) = (back.at + 1, back.want + 1)
      } else {
        return false
      }
    }
    return pattern[want...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// Where the pattern goes on if one byte fits, else nil.
  private static func step(_ byte: UInt8, _ pattern: [UInt8], _ start: Int) -> Int? {
    guard start < pattern.count else { return nil }
    switch pattern[start] {
    case UInt8(ascii: "?"): return start + 1
    case UInt8(ascii: "["):
      var at = start + 1
      let negated = at < pattern.count && (pattern[at] == UInt8(ascii: "!") || pattern[at] == UInt8(ascii: "^"))
      if negated { at += 1 }
      guard let close = pattern[at...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
        return byte == UInt8(ascii: "[") ? start + 1 : nil
      }
      var found = false
      while at < close {
        if at + 2 < close, pattern[at + 1] == UInt8(ascii: "-") {
          found = found || (pattern[at] <= byte && byte <= pattern[at + 2])
          at += 3
        } else {
          found = found || pattern[at] == byte
          at += 1
        }
      }
      return found != negated ? close + 1 : nil
    default: return pattern[start] == byte ? start + 1 : nil
    }
  }
}
