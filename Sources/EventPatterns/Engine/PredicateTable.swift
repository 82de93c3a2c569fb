// Predicates as flat data, for those that are judged one by one: no reference counts, no copies of arrays.
//
//     {"wildcard": "a*b*c"}                 record (wildcard, run 0)    runs   0: spans 0..<3
//     {"anything-but": {"prefix": [p, q]}}  record (not prefix, 3..<5)  spans  a  b  c  p  q
//                                                                       bytes  abcpq
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
    /// Texts: in `spans`. Wildcards: in `runs`. Numbers: in `numbers`.
    var first: UInt32 = 0
    var count: UInt32 = 0
    var lower = 0.0
    var upper = 0.0

    init(_ kind: Kind) { self.kind = kind }
  }

  private struct Span: BitwiseCopyable {
    var start: UInt32
    var length: UInt32
  }

  /// The pieces of a wildcard, in `spans`.
  private struct Run: BitwiseCopyable {
    var first: UInt32
    var count: UInt32
  }

  private let records: UnsafePointer<Record>
  private let spans: UnsafePointer<Span>
  private let runs: UnsafePointer<Run>
  private let numbers: UnsafePointer<Double>
  private let bytes: UnsafePointer<UInt8>

  /// Freezes predicates; the index is the number.
  init(_ predicates: some Sequence<Predicate>, arena: FrozenArena) {
    var builder = Builder()
    let records = predicates.map { builder.record($0) }
    self.records = arena.freeze(records)
    spans = arena.freeze(builder.spans)
    runs = arena.freeze(builder.runs)
    numbers = arena.freeze(builder.numbers)
    bytes = arena.freeze(builder.bytes)
  }

  private struct Builder {
    var spans: [Span] = []
    var runs: [Run] = []
    var numbers: [Double] = []
    var bytes: [UInt8] = []

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
      var record = Record(kind)
      record.first = UInt32(spans.count)
      record.count = UInt32(texts.count)
      for text in texts {
        spans.append(Span(start: UInt32(bytes.count), length: UInt32(text.count)))
        bytes += text
      }
      return record
    }

    private mutating func wildcards(_ kind: Kind, _ wildcards: [Wildcard]) -> Record {
      var record = Record(kind)
      record.first = UInt32(runs.count)
      record.count = UInt32(wildcards.count)
      for wildcard in wildcards {
        let pieces = texts(kind, wildcard.pieces)
        runs.append(Run(first: pieces.first, count: pieces.count))
      }
      return record
    }
  }

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
    case .wildcard: return value.kind == .string && fits(value.text, length, runs[Int(record.first)])
    case .notWildcards:
      guard value.kind == .string else { return true }
      return !(0..<Int(record.count)).contains { fits(value.text, length, runs[Int(record.first) + $0]) }
    case .string, .prefix, .suffix, .caselessPrefix, .caselessSuffix:
      return value.kind == .string && someText(record, value.text, length)
    case .notStrings, .notPrefixes, .notSuffixes, .notCaseless:
      return value.kind != .string || !someText(record, value.text, length)
    }
  }

  private func someText(_ record: Record, _ text: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    for offset in 0..<Int(record.count) {
      let span = spans[Int(record.first) &+ offset]
      let size = Int(span.length)
      guard length >= size else { continue }
      let wanted = bytes + Int(span.start)
      let holds =
        switch record.kind {
        case .string, .notStrings: length == size && bytesEqual(text, wanted, size)
        case .prefix, .notPrefixes: bytesEqual(text, wanted, size)
        case .suffix, .notSuffixes: bytesEqual(text + (length - size), wanted, size)
        case .notCaseless: length == size && CaselessText.isEqual(text, wanted, size)
        case .caselessPrefix: CaselessText.isEqual(text, wanted, size)
        default: CaselessText.isEqual(text + (length - size), wanted, size)
        }
      if holds { return true }
    }
    return false
  }

  /// As `Wildcard.matches`.
  private func fits(_ text: UnsafePointer<UInt8>, _ length: Int, _ run: Run) -> Bool {
    let first = spans[Int(run.first)]
    let head = Int(first.length)
    guard run.count > 1 else { return length == head && bytesEqual(text, bytes + Int(first.start), head) }
    let last = spans[Int(run.first &+ run.count) &- 1]
    let tail = Int(last.length)
    guard length >= head &+ tail, bytesEqual(text, bytes + Int(first.start), head),
      bytesEqual(text + (length &- tail), bytes + Int(last.start), tail)
    else { return false }
    var start = head
    let end = length &- tail
    for offset in 1..<Int(run.count) &- 1 {
      let piece = spans[Int(run.first) &+ offset]
      let found = sb_find(text + start, end &- start, bytes + Int(piece.start), Int(piece.length))
      guard found >= 0 else { return false }
      start &+= found &+ Int(piece.length)
    }
    return true
  }
}
