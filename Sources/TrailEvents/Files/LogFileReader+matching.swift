// Records that match, without a walk of their own over those that do not: the matcher's walk says where a record ends.
//
// The elements of a `Records` array are read so, as far as they are whole in memory and plain. Whatever is not (the last
// record of a piece, damage, an EventBridge event) is left to the careful walk, which knows what to do and what to say.

public import EventPatterns

/// A record that some pattern matches, or that the matcher refuses; valid until the reader goes on.
public struct RecordMatch {
  /// The indices of the patterns it matches, ascending.
  public var patterns: [Int]
  /// Why the matcher refuses it.
  public var refusal: EventError?
  private let bytes: UnsafeRawBufferPointer
  private let line: Int
  private let offset: Int

  /// A record that was found in another way.
  public init(_ record: TrailRecord, patterns: [Int], refusal: EventError? = nil) {
    (bytes, line, offset) = (record.bytes, record.line, record.offset)
    (self.patterns, self.refusal) = (patterns, refusal)
  }

  init(bytes: UnsafeRawBufferPointer, line: Int, offset: Int, patterns: [Int]) {
    (self.bytes, self.line, self.offset, self.patterns) = (bytes, line, offset, patterns)
  }

  /// The record; looked through each time it is asked for.
  public var record: TrailRecord {
    var fields = RecordFields()
    // It has been found well-formed.
    _ = try? RecordWalker(bytes).walk(from: 0, fields: &fields)
    return TrailRecord(bytes: bytes, fields: fields, line: line, offset: offset)
  }
}

extension LogFileReader {
  /// A part of the window in which a matcher has found the quotes.
  struct OpenBlock {
    var start: UnsafeRawPointer
    var length: Int
    /// Where it begins in the text of the file.
    var offset: Int
    /// The window's at the time: the bytes are where they were as long as it is the same.
    var moves: Int
  }

  /// Whether everything has been read.
  public var isAtEnd: Bool {
    if case .end = place { return handedOut == 0 }
    return false
  }

  /// Goes on to the next record that some pattern matches or that the matcher refuses; nil after so many records without
  /// one, or at the end.
  public mutating func nextMatch(_ matcher: inout RecordMatcher, within limit: Int = .max) -> RecordMatch? {
    var left = limit
    while left > 0 {
      window.consume(handedOut)
      handedOut = 0
      let record: TrailRecord?
      switch place {
      case .end:
        return nil
      case .top:
        record = nextAtTop()
      case .elements(let ofObject, let startLine, var first):
        if !isLineByLine {
          let match = nextMatchInMemory(&matcher, first: &first, left: &left)
          place = .elements(ofObject: ofObject, startLine: startLine, first: first)
          if match != nil || left == 0 { return match }
        }
        record = nextElement(ofObject: ofObject, startLine: startLine, first: first)
      }
      guard let record else { continue }
      left -= 1
      if let match = matcher.match(record) { return match }
    }
    return nil
  }

  /// Passes over plain records in memory to the first that matches.
  private mutating func nextMatchInMemory(
    _ matcher: inout RecordMatcher,
    first: inout Bool,
    left: inout Int
  ) -> RecordMatch? {
    var block = currentBlock(&matcher)
    var at = window.offset - block.offset
    while left > 0 {
      let walker = RecordWalker(UnsafeRawBufferPointer(start: block.start, count: block.length))
      var start = walker.skipWhitespace(at)
      if !first {
        guard start < walker.count, walker.base[start] == UInt8(ascii: ",") else { break }
        start = walker.skipWhitespace(start + 1)
      }
      guard let end = matcher.read(at: start) else {
        // Perhaps only the block ends here. Not tried again at once: what is broken would be looked through each time.
        guard at > block.length / 2 else { break }
        window.consume(at - (window.offset - block.offset))
        openBlock = nil
        block = currentBlock(&matcher)
        at = 0
        continue
      }
      guard let patterns = matcher.matchesOfRead() else { break }
      first = false
      left -= 1
      sawLine = true
      summary.records += 1
      guard patterns.isEmpty else {
        window.consume(start - (window.offset - block.offset))
        handedOut = end - start
        return RecordMatch(
          bytes: UnsafeRawBufferPointer(start: block.start + start, count: end - start),
          line: window.line,
          offset: window.offset,
          patterns: patterns
        )
      }
      at = end
    }
    window.consume(at - (window.offset - block.offset))
    return nil
  }

  /// The block that the matcher has open, if what is read next lies in it; else one that begins here.
  private mutating func currentBlock(_ matcher: inout RecordMatcher) -> OpenBlock {
    if let block = openBlock, block.moves == window.moves, window.offset - block.offset < block.length,
      matcher.openText == block.start
    {
      return block
    }
    let unread = window.unread
    let length = min(unread.count, blockSize)
    matcher.open(UnsafeRawBufferPointer(rebasing: unread[..<length]))
    let block = OpenBlock(
      start: unread.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!,
      length: length,
      offset: window.offset,
      moves: window.moves
    )
    openBlock = block
    return block
  }
}
