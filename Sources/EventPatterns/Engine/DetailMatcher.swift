// Matching objects where they lie in a longer text, as if each were the `detail` of an event of its own.
//
// To write an event around every record of a log file, to have it read again, costs more than matching does. Here the
// walk begins at the record, and in the trie at `detail`; the end of the record is where the walk ends. What would stand
// around it is given by the caller, as far as rules ask about it:
//
//     text     {"Records":[{"eventSource":"s3.amazonaws.com","eventName":"PutObject"},{…}]}
//     walk                 {  observed                       eventName ●           }
//     trie     root ┬ source ● ◄ given: aws.s3                ▲
//                   └ detail ─ eventName ●────────────────────┘
//
// The quotes of many records are found in one go, and so are the 64-byte blocks that hold backslashes: whether a record
// does has to be known before it is walked. Where that was guessed wrong, it is walked again.

import CSignalbox

/// Matches objects that lie one after the other in a text, each as the `detail` of an event.
///
/// Only what is plain is read here; about everything else ``read(at:)`` says so, and the caller makes an event of it.
package struct DetailMatcher: ~Copyable {
  private var matcher: EventMatcher
  private let arena: FrozenArena
  /// The node of `detail`.
  private let detail: UInt32
  /// The fields of the members that may be given, or -1 for those that no rule asks about.
  private let givenFields: [Int32]
  /// The quotes of the text, apart from the scanner's own: whole events may come in between.
  private var quotes = GrowBuffer<UInt32>(capacity: 1024)
  private var escapeMap = GrowBuffer<UInt64>(capacity: 64)
  /// The text in which objects are looked for.
  private var text: UnsafePointer<UInt8>?
  private var length = 0
  /// Where it is broken, if it is.
  private var errorOffset = 0
  /// The first quote that has not been walked over.
  private var quote: UnsafePointer<UInt32>
  /// How far ahead of an object's beginning backslashes are looked for.
  private static let usualLength = 2048

  /// - Parameters:
  ///   - observing: names of members of the objects, to be asked for by their indices in ``observed(_:)``.
  ///   - giving: names of other members of the event, to be given by their indices in ``give(_:_:)``.
  package init(_ set: PatternSet, observing: [String], giving: [String]) {
    arena = FrozenArena()
    let trie = PathTrie(
      set.fieldPaths,
      observed: observing.map { Array("detail.\($0)".utf8) },
      hash: ByteHash(seed: UInt64.random(in: 0...UInt64.max)),
      arena: arena
    )
    detail = trie.child(named: "detail")
    givenFields = giving.map { name in
      let node = trie.child(named: name)
      return node == PathTrie.none ? -1 : trie.nodes[Int(node)].path
    }
    matcher = EventMatcher(set, trie: trie, observedCount: observing.count)
    quote = UnsafePointer(quotes.base)
  }

  deinit {
    quotes.free()
    escapeMap.free()
  }

  // MARK: A text

  /// Takes a text, which has to stay where it is until the last object has been read.
  ///
  /// - Parameter text: less than 4 GiB, beginning outside all strings.
  package mutating func open(_ text: UnsafeRawBufferPointer) {
    length = text.count
    // The walk relies on a brace at the end.
    while length > 0, text[length - 1] != UInt8(ascii: "}") { length -= 1 }
    self.text = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard length > 0, let bytes = self.text else { return }
    quotes.reserve(length + 65)
    escapeMap.reserve(length / 4096 + 1)
    let found = sb_map_json_quotes(bytes, length, quotes.base, escapeMap.base)
    // Quotes come in pairs: one that opens a string without an end is none.
    if found.count & 1 != 0 { quotes[Int(found.count) - 1] = UInt32(length) }
    errorOffset = Int(found.error_offset)
    if found.has_escapes != 0 { matcher.scanner.fields.decoded.reserve(length + 8) }
    quote = UnsafePointer(quotes.base)
  }

  // MARK: An object

  /// Reads the object that begins at an offset, no less than where the one before ended; returns the offset behind it.
  ///
  /// Nothing is returned if it is broken, nested too deep for an event's detail, or not whole in the text.
  package mutating func read(at start: Int) -> Int? {
    guard let text, start < length, text[start] == UInt8(ascii: "{") else { return nil }
    while Int(quote[0]) < start { quote += 2 }
    let near = min(start + Self.usualLength, length)
    var end = walk(text, from: start, hasEscapes: Self.hasEscapes(escapeMap.base, start, near))
    if let found = end, !matcher.scanner.hasEscapes, Self.hasEscapes(escapeMap.base, near, found) {
      end = walk(text, from: start, hasEscapes: true)
    }
    guard let end, end < errorOffset else { return nil }
    quote = matcher.scanner.quoteBehind
    return end + 1
  }

  private mutating func walk(_ text: UnsafePointer<UInt8>, from start: Int, hasEscapes: Bool) -> Int? {
    matcher.scanner.fields.reset()
    matcher.scanner.observed.reset()
    matcher.scanner.hasEscapes = hasEscapes
    return matcher.scanner.walk(text, from: start, to: length, quote, at: detail, depth: 1)
  }

  /// Whether a block that reaches between two offsets has backslashes.
  private static func hasEscapes(_ map: UnsafePointer<UInt64>, _ start: Int, _ end: Int) -> Bool {
    var block = start &>> 6
    let last = (end &- 1) &>> 6
    while block <= last {
      let word = map[block &>> 6] &>> UInt64(block & 63)
      if word != 0 { return block &+ word.trailingZeroBitCount <= last }
      block = (block | 63) &+ 1
    }
    return false
  }

  /// What was found of an observed member of the object that was read.
  ///
  /// Mutating, because a matcher that is only lent is copied, and it is large.
  package mutating func observed(_ member: Int) -> ObservedMember {
    if matcher.scanner.observed.hasEscapedName { return .unusual }
    return matcher.scanner.observed.member(member, mayHaveEscapes: matcher.scanner.hasEscapes)
  }

  /// Gives the event a member beside its detail: a string, whose text stays where it is until ``matches()``.
  package mutating func give(_ given: Int, _ text: UnsafeRawBufferPointer) {
    let field = givenFields[given]
    guard field >= 0, let start = text.baseAddress else { return }
    matcher.scanner.fields.makeRoom()
    matcher.scanner.fields.capture(field, .string, start.assumingMemoryBound(to: UInt8.self), text.count)
  }

  /// The indices of the patterns that match the event made of the object that was read and what was given, ascending.
  package mutating func matches() -> [Int] { matcher.matchesOfScanned() }

  /// The indices of the patterns that match a whole event, ascending.
  package mutating func matches(event: UnsafeRawBufferPointer) throws(EventError) -> [Int] {
    try matcher.matches(event)
  }
}

extension PathTrie {
  /// The node that a name leads to from the root, or `none`.
  fileprivate func child(named name: String) -> UInt32 {
    var name = name
    return name.withUTF8 { text in
      text.baseAddress.map { edges.child(of: Self.root, $0, text.count, readableTo: $0 + text.count) } ?? Self.none
    }
  }
}
