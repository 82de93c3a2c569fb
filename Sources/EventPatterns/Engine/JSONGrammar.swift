// What is between the strings of an event: white space, words, numbers, and containers that no rule looks into.
//
// The bounds are the scanner's: the text ends with `}`, which stops everything here but brackets, and quotes come in pairs.

/// Passes over a container that no rule looks into: the same walk, with less to carry.
///
/// - Parameter levels: how deep the nesting may be, this container included.
/// - Returns: the offset behind the closing bracket and the next quote, or 0 if the grammar is broken or the nesting is
///   too deep, for `levels` or for the 62 brackets that are remembered here.
@inline(never)
func skipContainer(
  _ bytes: UnsafePointer<UInt8>,
  _ start: Int,
  _ length: Int,
  _ closing: UInt8,
  _ quote: UnsafePointer<UInt32>,
  levels: Int
) -> (end: Int, next: UnsafePointer<UInt32>) {
  let broken = (0, quote)
  var quote = quote
  var at = start
  var isArray = closing == UInt8(ascii: "]")
  /// The kinds of the containers around this one, one bit each, below a one that marks the outermost.
  var outer: UInt64 = 1
  let deepest: UInt64 = 1 &<< UInt64(min(levels &- 1, 62))
  while true {
    if !isArray {
      if at != Int(quote[0]) {
        at = afterBlanks(bytes, at)
        guard at == Int(quote[0]) else { return broken }
      }
      let end = Int(quote[1])
      quote += 2
      at = end &+ 1
      if bytes[at] != UInt8(ascii: ":") {
        at = afterBlanks(bytes, at)
        guard bytes[at] == UInt8(ascii: ":") else { return broken }
      }
      at &+= 1
    }
    if bytes[at] <= 0x20 { at = afterBlanks(bytes, at) }
    if at == Int(quote[0]) {
      let end = Int(quote[1])
      quote += 2
      at = end &+ 1
    } else if bytes[at] | 0x20 == UInt8(ascii: "{") {
      let inner = bytes[at] &+ 2
      at &+= 1
      guard at < length, outer < deepest else { return broken }
      if bytes[at] <= 0x20 { at = afterBlanks(bytes, at) }
      if bytes[at] != inner {
        outer = outer &<< 1 | (isArray ? 1 : 0)
        isArray = inner == UInt8(ascii: "]")
        continue
      }
      at &+= 1
      guard at < length else { return broken }
    } else {
      let (_, end) = scalarEnd(bytes, at, length)
      guard end > at else { return broken }
      at = end
    }
    while bytes[at] != UInt8(ascii: ",") {
      if bytes[at] == (isArray ? UInt8(ascii: "]") : UInt8(ascii: "}")) {
        at &+= 1
        if outer == 1 { return (at, quote) }
        guard at < length else { return broken }
        isArray = outer & 1 != 0
        outer &>>= 1
      } else {
        let end = afterBlanks(bytes, at)
        guard end > at else { return broken }
        at = end
      }
    }
    at &+= 1
  }
}

// MARK: White space and scalars

/// Whether a byte is white space to JSON.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool {
  byte <= 0x20 && (1 &<< UInt64(byte)) & 0x1_0000_2600 as UInt64 != 0
}

/// The first offset from `start` on that holds no white space; the text ends with a byte that is none.
@inline(never)
func afterBlanks(_ bytes: UnsafePointer<UInt8>, _ start: Int) -> Int {
  var end = start
  while isBlank(bytes[end]) { end &+= 1 }
  return end
}

/// What kind of value begins at `start`, other than strings and containers, and where it ends: at `start` if it is none.
@inline(never)
func scalarEnd(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ length: Int) -> (ValueKind, Int) {
  func end(_ kind: ValueKind, _ word: StaticString) -> (ValueKind, Int) {
    let size = word.utf8CodeUnitCount
    return (kind, start &+ size < length && bytesEqual(bytes + start, word.utf8Start, size) ? start &+ size : start)
  }
  return switch bytes[start] {
  case UInt8(ascii: "t"): end(.true_, "true")
  case UInt8(ascii: "f"): end(.false_, "false")
  case UInt8(ascii: "n"): end(.null, "null")
  default: (.number, numberEnd(bytes, start, length))
  }
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
