// One pass over an event's bytes: the grammar is checked and the fields that rules ask about are noted.
//
// The C half (`sb_find_json_quotes`) has written down where strings begin and end, which is where nearly all bytes of an
// event are. This half walks over what is between the strings, with the trie of paths beside it, and never looks into a
// string that no rule cares for:
//
//     text     {"source":"aws.s3","detail":{"eventName":"PutObject"}}
//     quotes    ^      ^ ^      ^ ^      ^  ^         ^ ^         ^
//     walk     {  source : ●     , detail  : { eventName :  ●       } }
//     trie     root      ●source   detail                  ●eventName
//
// Nothing is unescaped, converted or copied here, except a string with escapes in a field that a rule asks about.
//
// Bounds. The text that is walked ends with `}` (`scan` and `DetailMatcher.open` see to that), and whoever reads a byte
// that is not the last one may read the next. So numbers, words and white space need no look at the length: the brace
// stops them all. Nor do strings: quotes come in pairs, and behind the last pair the list says the text's length, where
// the walk never is. The length is looked at after brackets.

import CSignalbox

/// Why a text is no event.
public struct EventError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was wrong.
  public var message: String
  /// The offset of the offending byte.
  public var offset: Int

  /// Makes an error at a byte offset.
  public init(message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  /// The message and the place.
  public var description: String { "\(message) (at byte \(offset))" }
}

/// The scanner with its scratch memory.
struct EventScanner {
  /// A container that is open.
  private struct Frame: BitwiseCopyable {
    /// Where in the trie, or `PathTrie.none` where no rule looks.
    var node: UInt32
    /// The array's number, for arrays that open scopes, else `.max`.
    var array: UInt32
    /// The bracket that closes it.
    var closing: UInt8
    /// Whether the container is itself an array element with a scope to close.
    var closesScope: Bool
  }

  private let trie: PathTrie
  var fields: EventFields
  private var quotes = GrowBuffer<UInt32>(capacity: 1024)
  /// The first quote behind the object that was walked last.
  private(set) var quoteBehind: UnsafePointer<UInt32>
  var hasEscapes = false
  /// The members that somebody observes.
  var observed: ObservedMembers
  private var copy = GrowBuffer<UInt8>(capacity: 16)
  /// The open containers.
  private var frames = GrowBuffer<Frame>(capacity: 64)
  /// How many there may be.
  private var deepest = JSONReader.maximumDepth

  /// - Parameters:
  ///   - trie: the paths that are asked about; its arena must outlive the scanner.
  ///   - observedCount: how many of its paths are observed.
  init(_ trie: PathTrie, fieldCount: Int, observedCount: Int = 0) {
    self.trie = trie
    fields = EventFields(fieldCount: fieldCount)
    observed = ObservedMembers(count: observedCount)
    quoteBehind = UnsafePointer(quotes.base)
  }

  func free() {
    fields.free()
    observed.free()
    quotes.free()
    copy.free()
    frames.free()
  }

  /// Reads an event into `fields`, whose values point into the event and stay valid as long as it does, or until the
  /// next event is read.
  ///
  /// What follows the closing brace of the event is not looked at, as in event-ruler.
  mutating func scan(_ event: UnsafeRawBufferPointer) throws(EventError) {
    fields.reset()
    guard let start = event.baseAddress, event.count > 0 else {
      throw EventError(message: "Event must be a JSON object, but there is no text", offset: 0)
    }
    guard event.count < Int(UInt32.max) - 64 else {
      throw EventError(message: "Event is larger than 4 GiB", offset: 0)
    }
    var bytes = start.assumingMemoryBound(to: UInt8.self)
    var length = event.count
    quotes.reserve(length + 65)
    // Before the text's end is looked at: it has hardly come from memory yet, and this reads all of it on the way there.
    var found = sb_find_json_quotes(bytes, length, quotes.base)
    while length > 1, isBlank(bytes[length - 1]) { length -= 1 }
    let textEnd = length
    if bytes[length - 1] != UInt8(ascii: "}") {
      bytes = closedCopy(of: bytes, length)
      length += 1
      found = sb_find_json_quotes(bytes, length, quotes.base)
    }
    hasEscapes = found.has_escapes != 0
    if hasEscapes { fields.decoded.reserve(length + 8) }
    // From here on quotes come in pairs: one that opens a string without an end is none.
    if found.count & 1 != 0 { quotes.base[Int(found.count) - 1] = UInt32(length) }
    let end = walk(bytes, from: 0, to: length, UnsafePointer(quotes.base), at: PathTrie.root, depth: 0)
    guard let end, end < Int(found.error_offset), end < textEnd else {
      throw Self.explain(event)
    }
  }

  /// A copy that ends with a brace, for the rare text that does not: something follows the event, or it is broken.
  @inline(never)
  private mutating func closedCopy(of bytes: UnsafePointer<UInt8>, _ length: Int) -> UnsafePointer<UInt8> {
    copy.count = 0
    copy.reserve(length + 1)
    copy.base.update(from: bytes, count: length)
    copy.base[length] = UInt8(ascii: "}")
    return UnsafePointer(copy.base)
  }

  /// Finds the words for a text that is known to be wrong, by reading it again the slow way.
  @inline(never)
  private static func explain(_ event: UnsafeRawBufferPointer) -> EventError {
    var reader = JSONReader(Array(event), quotesSource: false)
    do throws(JSONError) {
      let first = try reader.next()
      guard first == .objectStart else {
        return EventError(message: "Event must be a JSON object", offset: reader.tokenStart)
      }
      try reader.skipRest(of: first)
      return EventError(message: "Event is not valid JSON", offset: reader.offset)
    } catch {
      return EventError(message: error.message, offset: error.offset)
    }
  }

  /// Walks an object; the offset of the brace that closes it, or nothing where the grammar is broken.
  ///
  /// What most members do not need is in functions that are not inlined, so that what all need stays in registers.
  ///
  /// - Parameters:
  ///   - quote: the first quote in the list from `start` on.
  ///   - root: where in the trie the object stands.
  ///   - depth: how many objects are around it.
  mutating func walk(
    _ bytes: UnsafePointer<UInt8>,
    from start: Int,
    to length: Int,
    _ quote: UnsafePointer<UInt32>,
    at root: UInt32,
    depth: Int
  ) -> Int? {
    /// The next two quotes are at `quote[0]` and `quote[1]`. Every quote that is met outside a string is the next.
    var quote = quote
    let nodes = trie.nodes
    var node = root
    var closing = UInt8(ascii: "}")
    var maySkip = true
    begin(root, depth)
    var at = afterBlanks(bytes, start)
    guard bytes[at] == UInt8(ascii: "{"), at < length &- 1 else { return nil }
    at = afterBlanks(bytes, at &+ 1)
    if bytes[at] == closing {
      quoteBehind = quote
      return at
    }

    while true {
      // One member or element.
      var target = node
      if closing == UInt8(ascii: "}") {
        if at != Int(quote[0]) {
          at = afterBlanks(bytes, at)
          guard at == Int(quote[0]) else { return nil }
        }
        let end = Int(quote[1])
        quote += 2
        if target != PathTrie.none {
          let name = bytes + at + 1
          let size = end &- at &- 1
          if hasEscapes {
            target = escapedMember(of: target, name, size, readableTo: bytes + length)
          } else if nodes[Int(target)].mayLead(name, size) {
            target = trie.edges.child(of: target, name, size, readableTo: bytes + length)
          } else {
            target = PathTrie.none
          }
        }
        at = end &+ 1
        if bytes[at] != UInt8(ascii: ":") {
          at = afterBlanks(bytes, at)
          guard bytes[at] == UInt8(ascii: ":") else { return nil }
        }
        at &+= 1
      }

      // Its value.
      if bytes[at] <= 0x20 { at = afterBlanks(bytes, at) }
      if at == Int(quote[0]) {
        let end = Int(quote[1])
        quote += 2
        if target != PathTrie.none { capture(target, .string, bytes + at + 1, end &- at &- 1) }
        at = end &+ 1
      } else {
        let byte = bytes[at]
        let start = at
        if byte | 0x20 == UInt8(ascii: "{") {
          at &+= 1
          guard at < length, frames.count < deepest else { return nil }
          if bytes[at] <= 0x20 { at = afterBlanks(bytes, at) }
          if bytes[at] == byte &+ 2 {
            at &+= 1
            if target != PathTrie.none { observeContainer(target) }
          } else {
            let (end, next) =
              target == PathTrie.none && maySkip
              ? skipContainer(bytes, at, length, byte &+ 2, quote, levels: deepest &- frames.count)
              : (0, quote)
            guard end > 0 else {
              // Not for want of trying: then the rest of the event is not tried either, lest it be read many times.
              if target == PathTrie.none { maySkip = false }
              enter(target, byte &+ 2)
              node = target
              closing = byte &+ 2
              continue
            }
            at = end
            quote = next
          }
          guard at < length else { return nil }
        } else {
          let kind: ValueKind
          (kind, at) = scalarEnd(bytes, at, length)
          guard at > start else { return nil }
          if target != PathTrie.none { capture(target, kind, bytes + start, at &- start) }
        }
      }

      // A comma, or the ends of as many containers as end here.
      while true {
        let byte = bytes[at]
        if byte == UInt8(ascii: ",") {
          at &+= 1
          break
        }
        if byte == closing {
          guard leave() else {
            quoteBehind = quote
            return at
          }
          node = frames[frames.count &- 1].node
          closing = frames[frames.count &- 1].closing
          at &+= 1
          guard at < length else { return nil }
        } else {
          guard byte <= 0x20 else { return nil }
          let start = at
          at = afterBlanks(bytes, at)
          guard at > start else { return nil }
        }
      }
    }
  }

  @inline(never)
  private mutating func begin(_ root: UInt32, _ depth: Int) {
    fields.scope = 0
    frames.count = 0
    frames.append(Frame(node: root, array: .max, closing: UInt8(ascii: "}"), closesScope: false))
    deepest = JSONReader.maximumDepth &- depth
  }

  /// Goes into a container that is not empty.
  @inline(never)
  private mutating func enter(_ target: UInt32, _ closing: UInt8) {
    if target != PathTrie.none, trie.nodes[Int(target)].observed >= 0 { observeContainer(target) }
    let outer = frames[frames.count &- 1].array
    if outer != .max { fields.openScope(array: outer) }
    var array = UInt32.max
    if closing == UInt8(ascii: "]"), target != PathTrie.none, trie.nodes[Int(target)].names != 0 {
      array = fields.openArray()
    }
    frames.append(Frame(node: target, array: array, closing: closing, closesScope: outer != .max))
  }

  /// Goes back to the container around, if there is one.
  @inline(__always)
  private mutating func leave() -> Bool {
    frames.count &-= 1
    let frame = frames[frames.count]
    if frame.array != .max { fields.closeArray(frame.array) }
    if frame.closesScope { fields.closeScope() }
    return frames.count > 0
  }

  /// Notes a value, if a path ends where it stands.
  @inline(never)
  private mutating func capture(
    _ node: UInt32,
    _ kind: ValueKind,
    _ text: UnsafePointer<UInt8>,
    _ length: Int
  ) {
    let member = trie.nodes[Int(node)].observed
    if member >= 0 { observed.note(Int(member), kind, text, length) }
    let field = trie.nodes[Int(node)].path
    guard field >= 0 else { return }
    if hasEscapes || fields.isFull { return captureUnusual(field, kind, text, length) }
    fields.capture(field, kind, text, length)
  }

  /// Notes that an observed member is an object or an array.
  @inline(never)
  private mutating func observeContainer(_ node: UInt32) {
    let member = trie.nodes[Int(node)].observed
    if member >= 0 { observed.noteUnusual(Int(member)) }
  }

  /// As `capture`, where the value may have escapes or there may be no room for it.
  @inline(never)
  private mutating func captureUnusual(
    _ field: Int32,
    _ kind: ValueKind,
    _ text: UnsafePointer<UInt8>,
    _ length: Int
  ) {
    fields.makeRoom()
    if hasEscapes, kind == .string, holds(UInt8(ascii: "\\"), in: text, length) {
      fields.captureEscaped(field, text, length)
    } else {
      fields.capture(field, kind, text, length)
    }
  }

  /// The node a member's name leads to, in an event that has escapes.
  @inline(never)
  private mutating func escapedMember(
    of node: UInt32,
    _ name: UnsafePointer<UInt8>,
    _ length: Int,
    readableTo end: UnsafePointer<UInt8>
  ) -> UInt32 {
    guard holds(UInt8(ascii: "\\"), in: name, length) else {
      return trie.nodes[Int(node)].mayLead(name, length)
        ? trie.edges.child(of: node, name, length, readableTo: end) : PathTrie.none
    }
    let start = fields.decoded.count
    EventFields.unescape(name, length, into: &fields.decoded)
    let decoded = UnsafePointer(fields.decoded.base)
    let child = trie.edges.child(
      of: node,
      decoded + start,
      fields.decoded.count - start,
      readableTo: decoded + fields.decoded.capacity
    )
    if child != PathTrie.none, trie.nodes[Int(child)].observed >= 0 { observed.hasEscapedName = true }
    return child
  }
}
