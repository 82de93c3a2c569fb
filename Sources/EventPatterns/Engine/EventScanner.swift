// One pass over an event's bytes: the grammar is checked and the fields that rules ask about are noted.
//
// The C half (`sb_index_json`) has written down where the tokens are. This half walks from token to token, with the trie
// of paths beside it, and never looks at a byte twice that no rule cares for:
//
//     token   {  "  :  "  ,  "  :  {  "  :  "  }  }
//     text    {"source":"aws.s3","detail":{"eventName":"PutObject"}}
//     trie    root  ●source       detail    ●eventName
//
// Nothing is unescaped, converted or copied here, except a string with escapes in a field that a rule asks about.

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
  private struct Frame: BitwiseCopyable {
    /// Where in the trie, or `PathTrie.none` where no rule looks.
    var node: UInt32
    /// The scope in force inside the container.
    var scope: UInt32
    /// The array's number, for arrays that open scopes.
    var array: UInt32
    var isArray: Bool
    /// Whether the container is itself an array element with a scope to close.
    var closesScope: Bool
  }

  var fields: EventFields
  private var positions = GrowBuffer<UInt32>(capacity: 1024)
  private var frames = GrowBuffer<Frame>(capacity: 64)

  init(fieldCount: Int) {
    fields = EventFields(fieldCount: fieldCount)
  }

  func free() {
    fields.free()
    positions.free()
    frames.free()
  }

  /// Reads an event into `fields`.
  ///
  /// What follows the closing brace of the event is not looked at, as in event-ruler.
  mutating func scan(_ event: UnsafeRawBufferPointer, _ trie: borrowing PathTrie) throws(EventError) {
    fields.reset()
    guard let start = event.baseAddress, event.count > 0 else {
      throw EventError(message: "Event must be a JSON object, but there is no text", offset: 0)
    }
    guard event.count < Int(UInt32.max) - 64 else {
      throw EventError(message: "Event is larger than 4 GiB", offset: 0)
    }
    let bytes = start.assumingMemoryBound(to: UInt8.self)
    positions.reserve(event.count + 8)
    let index = sb_index_json(bytes, event.count, positions.base)
    if index.has_escapes != 0 { fields.decoded.reserve(event.count) }
    guard let end = walk(bytes, event.count, index, trie), end < Int(index.error_offset) else {
      throw Self.explain(event)
    }
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

  /// Walks the tokens; the offset of the brace that closes the event, or nothing where the grammar is broken.
  ///
  /// Bounds: `next` runs over the token list, whose two last entries are the length of the text; bytes are read at
  /// positions below that only. A string's closing quote is looked for backwards from the next token and not before
  /// the opening one.
  private mutating func walk(
    _ bytes: UnsafePointer<UInt8>,
    _ length: Int,
    _ index: sb_json_index,
    _ trie: borrowing PathTrie
  ) -> Int? {
    let tokens = positions.base
    let count = Int(index.count)
    let mayHaveEscapes = index.has_escapes != 0
    guard count > 1, bytes[Int(tokens[0])] == UInt8(ascii: "{"), onlyBlanks(bytes, Int(tokens[0])) else { return nil }
    var next = 1
    var frame = Frame(node: PathTrie.root, scope: 0, array: .max, isArray: false, closesScope: false)
    frames.count = 0
    var mayClose = true  // directly after an opening bracket

    while next < count {
      // One member or element, or the end of the container.
      var position = Int(tokens[next])
      var byte = bytes[position]
      var target = frame.node
      if mayClose, byte == (frame.isArray ? UInt8(ascii: "]") : UInt8(ascii: "}")) {
        // falls through to the closing of the container below
      } else {
        if !frame.isArray {
          guard byte == UInt8(ascii: "\""), next + 2 < count else { return nil }
          let colon = Int(tokens[next + 1])
          guard bytes[colon] == UInt8(ascii: ":") else { return nil }
          let quote = closingQuote(bytes, position, before: colon)
          guard quote > position else { return nil }
          if target != PathTrie.none {
            target = member(of: target, bytes + position + 1, quote - position - 1, mayHaveEscapes, trie)
          }
          next += 2
          position = Int(tokens[next])
          byte = bytes[position]
        }
        // The value.
        switch byte {
        case UInt8(ascii: "\""):
          let quote = closingQuote(bytes, position, before: Int(tokens[next + 1]))
          guard quote > position else { return nil }
          if target != PathTrie.none {
            let field = trie.nodes[Int(target)].path
            if field >= 0 {
              let text = bytes + position + 1
              let size = quote - position - 1
              if mayHaveEscapes, holdsBackslash(text, size) {
                fields.captureEscaped(field, text, size, frame.scope)
              } else {
                fields.capture(field, .string, text, size, frame.scope)
              }
            }
          }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          guard frames.count < JSONReader.maximumDepth - 1 else { return nil }
          frames.append(frame)
          let isArray = byte == UInt8(ascii: "[")
          if frame.isArray, frame.array != .max {
            // An element of an array that opens scopes.
            let scope = UInt32(truncatingIfNeeded: fields.scopes.count)
            fields.scopes.append(Scope(parent: frame.scope, array: frame.array, last: scope))
            frame.scope = scope
            frame.closesScope = true
          } else {
            frame.closesScope = false
          }
          frame.node = target
          frame.isArray = isArray
          frame.array = .max
          if isArray, target != PathTrie.none, trie.nodes[Int(target)].names != 0 {
            frame.array = UInt32(truncatingIfNeeded: fields.arrayEnds.count)
            fields.arrayEnds.append(0)
          }
          mayClose = true
          next += 1
          continue
        default:
          let kind: ValueKind
          let end: Int
          switch byte {
          case UInt8(ascii: "t"): (kind, end) = (.true_, literalEnd(bytes, position, length, "true"))
          case UInt8(ascii: "f"): (kind, end) = (.false_, literalEnd(bytes, position, length, "false"))
          case UInt8(ascii: "n"): (kind, end) = (.null, literalEnd(bytes, position, length, "null"))
          default: (kind, end) = (.number, numberEnd(bytes, position, length))
          }
          guard end > position, end == length || isDelimiter(bytes[end]) else { return nil }
          if target != PathTrie.none {
            let field = trie.nodes[Int(target)].path
            if field >= 0 { fields.capture(field, kind, bytes + position, end - position, frame.scope) }
          }
        }
        next += 1
      }

      // After a value: a comma, or the ends of as many containers as end here.
      while true {
        guard next < count else { return nil }
        position = Int(tokens[next])
        byte = bytes[position]
        next += 1
        if byte == UInt8(ascii: ",") {
          mayClose = false
          break
        }
        guard byte == (frame.isArray ? UInt8(ascii: "]") : UInt8(ascii: "}")) else { return nil }
        let lastScope = UInt32(truncatingIfNeeded: fields.scopes.count &- 1)
        if frame.array != .max { (fields.arrayEnds.base + Int(frame.array)).pointee = lastScope }
        if frame.closesScope { (fields.scopes.base + Int(frame.scope)).pointee.last = lastScope }
        guard frames.count > 0 else { return position }
        frames.count &-= 1
        frame = frames[frames.count]
        mayClose = false
      }
    }
    return nil
  }

  @inline(__always)
  private mutating func member(
    of node: UInt32,
    _ name: UnsafePointer<UInt8>,
    _ length: Int,
    _ mayHaveEscapes: Bool,
    _ trie: borrowing PathTrie
  ) -> UInt32 {
    if mayHaveEscapes, holdsBackslash(name, length) { return escapedMember(of: node, name, length, trie) }
    return trie.child(of: node, name, length)
  }

  @inline(never)
  private mutating func escapedMember(
    of node: UInt32,
    _ name: UnsafePointer<UInt8>,
    _ length: Int,
    _ trie: borrowing PathTrie
  ) -> UInt32 {
    let start = fields.decoded.count
    EventFields.unescape(name, length, into: &fields.decoded)
    return trie.child(of: node, fields.decoded.base + start, fields.decoded.count - start)
  }
}

// MARK: Bytes

/// Whether a text is white space up to an offset.
private func onlyBlanks(_ bytes: UnsafePointer<UInt8>, _ end: Int) -> Bool {
  (0..<end).allSatisfy { bytes[$0] <= 0x20 }
}

/// The closing quote of the string at `start`, given where the next token is; `start` itself if there is none.
@inline(__always)
private func closingQuote(_ bytes: UnsafePointer<UInt8>, _ start: Int, before next: Int) -> Int {
  var end = next &- 1
  while bytes[end] <= 0x20, end > start { end &-= 1 }
  return bytes[end] == UInt8(ascii: "\"") ? end : start
}

@inline(__always)
private func holdsBackslash(_ text: UnsafePointer<UInt8>, _ length: Int) -> Bool {
  for index in 0..<length where text[index] == UInt8(ascii: "\\") { return true }
  return false
}

@inline(__always)
private func isDelimiter(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= 0x20
}

@inline(__always)
private func literalEnd(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ length: Int, _ word: StaticString) -> Int {
  let size = word.utf8CodeUnitCount
  guard start &+ size <= length, bytesEqual(bytes + start, word.utf8Start, size) else { return start }
  return start &+ size
}

/// Where the number at `start` ends; `start` itself if it is none (RFC 8259, section 6).
@inline(__always)
func numberEnd(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ length: Int) -> Int {
  var end = start
  func isDigit(_ index: Int) -> Bool { index < length && bytes[index] &- UInt8(ascii: "0") < 10 }
  func skipDigits() { while isDigit(end) { end &+= 1 } }
  if bytes[end] == UInt8(ascii: "-") { end &+= 1 }
  guard isDigit(end) else { return start }
  if bytes[end] == UInt8(ascii: "0") {
    end &+= 1
    if isDigit(end) { return start }
  } else {
    skipDigits()
  }
  if end < length, bytes[end] == UInt8(ascii: ".") {
    end &+= 1
    guard isDigit(end) else { return start }
    skipDigits()
  }
  if end < length, bytes[end] | 0x20 == UInt8(ascii: "e") {
    end &+= 1
    if end < length, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end &+= 1 }
    guard isDigit(end) else { return start }
    skipDigits()
  }
  return end
}
