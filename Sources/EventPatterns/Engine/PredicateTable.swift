// Predicates as flat data, for those that are judged one by one: no reference counts, no copies of arrays.
//
//     {"wildcard": "a*b*c"}                 record (wildcard, 1 at 0)       texts  0: 3 pieces, to the last 10: 1a 1b 1c
//     {"anything-but": {"prefix": [p, q]}}  record (not prefix, 2 at 23)          23: 1p 1q
//
// All texts of a predicate lie side by side, each behind its length: a judgement takes a look at two places of memory.
//
// What is rare or needs more than bytes (regular expressions, letters beyond ASCII in any case) stays a `Predicate`.

import CSignalbox

/// The frozen predicates; `Predicate.holds` says what they mean.
struct PredicateTable {
  private enum Kind: UInt8 {
    case general
    case exists, string, prefix, suffix, caselessPrefix, caselessSuffix, wildcard, range
    case notStrings, notPrefixes, notSuffixes, notCaseless, notWildcards, notNumbers
  }

  private struct Record: BitwiseCopyable {
    var kind: Kind
    /// For ranges: whether the ends belong to it.
    var includesLower = false
    var includesUpper = false
    /// Texts and wildcards: the first one's place in `texts`. Numbers: in `numbers`.
    var first: UInt32 = 0
    var count: UInt32 = 0
    var lower = 0.0
    var upper = 0.0

    init(_ kind: Kind) { self.kind = kind }
  }

  private let records: UnsafePointer<Record>
  private let numbers: UnsafePointer<Double>
  /// Texts, each behind its length; wildcards, each the number of its pieces, the distance from the first to the last,
  /// and the pieces as texts. Lengths, numbers and distances are of four bytes.
  private let texts: UnsafePointer<UInt8>

  /// Freezes predicates; the index is the number.
  init(_ predicates: some Sequence<Predicate>, arena: FrozenArena) {
    var builder = Builder()
    let records = predicates.map { builder.record($0) }
    self.records = arena.freeze(records)
    numbers = arena.freeze(builder.numbers)
    texts = arena.freeze(builder.texts)
  }

  private struct Builder {
    var numbers: [Double] = []
    var texts: [UInt8] = []

    mutating func record(_ predicate: Predicate) -> Record {
      switch predicate {
      case .exists: return Record(.exists)
      case .string(let text): return texts(.string, [text])
      case .prefix(let text): return texts(.prefix, [text])
      case .suffix(let text): return texts(.suffix, [text])
      case .wildcard(let wildcard): return wildcards(.wildcard, [wildcard])
      case .caseless(let text, let anchor):
        guard let ascii = text.ascii, anchor != .whole else { return Record(.general) }
        return texts(anchor == .prefix ? .caselessPrefix : .caselessSuffix, [ascii])
      case .numeric(let range, inStrings: false):
        var record = Record(.range)
        record.includesLower = range.includesLower
        record.includesUpper = range.includesUpper
        record.lower = range.lower
        record.upper = range.upper
        return record
      case .anythingBut(let exclusion): return record(exclusion)
      default: return Record(.general)
      }
    }

    private mutating func record(_ exclusion: Exclusion) -> Record {
      switch exclusion {
      case .strings(let strings): return texts(.notStrings, strings)
      case .prefixes(let prefixes): return texts(.notPrefixes, prefixes)
      case .suffixes(let suffixes): return texts(.notSuffixes, suffixes)
      case .wildcards(let wildcards): return self.wildcards(.notWildcards, wildcards)
      case .caseless(let texts):
        let ascii = texts.compactMap(\.ascii)
        return ascii.count == texts.count ? self.texts(.notCaseless, ascii) : Record(.general)
      case .numbers(let values):
        var record = Record(.notNumbers)
        record.first = UInt32(numbers.count)
        record.count = UInt32(values.count)
        numbers += values
        return record
      }
    }

    private mutating func texts(_ kind: Kind, _ texts: [[UInt8]]) -> Record {
      let record = record(kind, count: texts.count)
      for text in texts { append(text) }
      return record
    }

    private mutating func wildcards(_ kind: Kind, _ wildcards: [Wildcard]) -> Record {
      let record = record(kind, count: wildcards.count)
      for wildcard in wildcards {
        append(wildcard.pieces.count)
        append(wildcard.pieces.dropLast().reduce(0) { $0 + 4 + $1.count })
        for piece in wildcard.pieces { append(piece) }
      }
      return record
    }

    private func record(_ kind: Kind, count: Int) -> Record {
      var record = Record(kind)
      record.first = UInt32(texts.count)
      record.count = UInt32(count)
      return record
    }

    private mutating func append(_ text: [UInt8]) {
      append(text.count)
      texts += text
    }

    private mutating func append(_ number: Int) {
      withUnsafeBytes(of: UInt32(number)) { texts += $0 }
    }
  }

  // MARK: Asking for memory

  /// Asks for the record of a predicate.
  @inline(__always)
  func prefetch(_ number: Int) { sb_prefetch(records + number) }

  /// Asks for the texts of a predicate, whose record is read for it.
  @inline(__always)
  func prefetchTexts(of number: Int) { sb_prefetch(texts + Int(records[number].first)) }

  // MARK: Judging

  /// Whether a value satisfies a predicate; nothing for those that are not kept here.
  func holds(_ number: Int, _ value: CapturedValue) -> Bool? {
    let record = records[number]
    let length = Int(value.length)
    switch record.kind {
    case .general: return nil
    case .exists: return true
    case .range:
      guard value.kind == .number, let number = ComparableNumber.value(of: value.leaf.text) else { return false }
      return (record.includesLower ? number >= record.lower : number > record.lower)
        && (record.includesUpper ? number <= record.upper : number < record.upper)
    case .notNumbers:
      guard value.kind == .number, let number = ComparableNumber.value(of: value.leaf.text) else { return true }
      return !(0..<Int(record.count)).contains { numbers[Int(record.first) + $0] == number }
    case .wildcard: return value.kind == .string && someWildcard(record, value.text, length)
    case .notWildcards: return value.kind != .string || !someWildcard(record, value.text, length)
    case .string, .prefix, .suffix, .caselessPrefix, .caselessSuffix:
      return value.kind == .string && someText(record, value.text, length)
    case .notStrings, .notPrefixes, .notSuffixes, .notCaseless:
      return value.kind != .string || !someText(record, value.text, length)
    }
  }

  private func someText(_ record: Record, _ text: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    var place = texts + Int(record.first)
    for _ in 0..<record.count {
      let wanted = Text(at: place)
      place = wanted.end
      let size = wanted.length
      guard length >= size else { continue }
      let holds =
        switch record.kind {
        case .string, .notStrings: length == size && bytesEqual(text, wanted.bytes, size)
        case .prefix, .notPrefixes: bytesEqual(text, wanted.bytes, size)
        case .suffix, .notSuffixes: bytesEqual(text + (length - size), wanted.bytes, size)
        case .notCaseless: length == size && CaselessText.isEqual(text, wanted.bytes, size)
        case .caselessPrefix: CaselessText.isEqual(text, wanted.bytes, size)
        default: CaselessText.isEqual(text + (length - size), wanted.bytes, size)
        }
      if holds { return true }
    }
    return false
  }

  private func someWildcard(_ record: Record, _ text: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    var place = texts + Int(record.first)
    for _ in 0..<record.count {
      let first = Text(at: place + 8)
      let last = Text(at: place + 8 + number(at: place + 4))
      if fits(text, length, number(at: place), first, last) { return true }
      place = last.end
    }
    return false
  }

  /// As `Wildcard.matches`.
  private func fits(_ text: UnsafePointer<UInt8>, _ length: Int, _ pieceCount: Int, _ first: Text, _ last: Text) -> Bool
  {
    let head = first.length
    guard pieceCount > 1 else { return length == head && bytesEqual(text, first.bytes, head) }
    let tail = last.length
    guard length >= head &+ tail, bytesEqual(text, first.bytes, head),
      bytesEqual(text + (length &- tail), last.bytes, tail)
    else { return false }
    var start = head
    let end = length &- tail
    var piece = first
    for _ in 0..<pieceCount &- 2 {
      piece = Text(at: piece.end)
      let found = sb_find(text + start, end &- start, piece.bytes, piece.length)
      guard found >= 0 else { return false }
      start &+= found &+ piece.length
    }
    return true
  }
}

/// Four bytes in the table of texts.
@inline(__always)
private func number(at place: UnsafePointer<UInt8>) -> Int {
  Int(UnsafeRawPointer(place).loadUnaligned(as: UInt32.self))
}

/// A text of the table.
private struct Text {
  let bytes: UnsafePointer<UInt8>
  let length: Int

  /// Reads the length only.
  @inline(__always)
  init(at place: UnsafePointer<UInt8>) {
    length = number(at: place)
    bytes = place + 4
  }

  var end: UnsafePointer<UInt8> { bytes + length }
}
