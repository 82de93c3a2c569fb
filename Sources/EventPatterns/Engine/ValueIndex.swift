// From a value to the predicates it satisfies, without trying them one by one.
//
// Every distinct predicate on a field has a number. Most predicates are found through an index: one hash look-up finds
// the exact strings, one walk over the first bytes all prefixes, one masked look-up per prefix length the networks.
// Ranges and wildcards, which many a value satisfies, are looked up only where the tree has rules wait under them.
// Other ranges and wildcards, and what has no index (anything-but, expressions), are judged when a rule that is
// otherwise still in the running asks for it.

import CSignalbox

/// The indexes of all fields. `Builder` makes them.
struct ValueIndex {
  /// What a field has indexes for.
  struct Field: BitwiseCopyable {
    /// The predicates `exists`, `true`, `false` and `null`, or -1.
    var exists: Int32 = -1
    var true_: Int32 = -1
    var false_: Int32 = -1
    var null: Int32 = -1
    /// One bit per `textBit` of a string, per first byte of a prefix and per last byte of a suffix: most values of most
    /// fields are none that a rule names, and are done with here.
    var strings: UInt64 = 0
    var firstBytes: UInt64 = 0
    var lastBytes: UInt64 = 0
    var hasNumbers = false
    /// The length of the longest caseless string, -1 if there is none.
    var longestCaseless: Int32 = -1
    /// Roots of the tries, or -1.
    var prefixes: Int32 = -1
    var suffixes: Int32 = -1
    /// The field's filter of wildcards' inner keys, or -1.
    var innerKeys: Int32 = -1
    /// Whether what the tries and the filter find may be wildcards, which are to be judged then.
    var hasWildcards = false
    var ranges = RangeIndex.Run()
    /// The distinct network sizes of the field's cidr predicates, in `widths`.
    var firstWidth: UInt32 = 0
    var widthCount: UInt32 = 0
  }

  /// A family and a number of leading bits.
  struct Width: BitwiseCopyable, Hashable {
    var isIPv4: Bool
    var bits: UInt8
  }

  /// A slot of the table of texts: strings, caseless strings and numbers without value.
  struct TextSlot: BitwiseCopyable {
    /// Of the text, the kind and the field.
    var hash: UInt64
    /// Where the text begins; its length, four bytes, is before it.
    var start: UInt32
    /// 0 marks an empty slot.
    var predicatePlusOne: UInt32
  }

  /// A slot of the table of numbers and networks, which are known by two words.
  struct WordSlot: BitwiseCopyable {
    var hash: UInt64
    var first: UInt64
    var second: UInt64
    var predicatePlusOne: UInt32
  }

  /// What a text in the table is; part of its hash, so that the kinds do not meet.
  enum TextKind: UInt64 {
    case string = 1
    case caseless = 2
    case number = 3
  }

  /// All of it, behind one pointer: so passing the index on costs a register and not a copy.
  struct Tables: BitwiseCopyable {
    var fields: UnsafePointer<Field>
    var widths: UnsafePointer<Width>
    var texts: UnsafePointer<TextSlot>
    var textMask: UInt64
    var textBytes: UnsafePointer<UInt8>
    var words: UnsafePointer<WordSlot>
    var wordMask: UInt64
    var trie: TextTrie
    var innerKeys: InnerKeyIndex
    /// Per predicate: what a value must hold to fit it, if it is a wildcard.
    var wantedRuns: UnsafePointer<FourByteRuns.Wanted>
    var ranges: RangeIndex
    var table: PredicateTable
    var hash: ByteHash
  }

  private let tables: UnsafePointer<Tables>

  /// How predicates are found.
  enum Access: UInt8 {
    /// Judged one by one.
    case none
    /// Looked up if rules wait under them, else judged one by one.
    case ifAwaited
    /// Always looked up.
    case always
  }

  /// How a predicate is found.
  static func access(to predicate: Predicate) -> Access {
    switch predicate {
    case .string, .literal, .number, .address, .prefix, .suffix, .exists: .always
    case .caseless(let text, let anchor): anchor == .whole && text.ascii != nil ? .always : .none
    case .wildcard(let wildcard): WildcardKey.exists(for: wildcard) ? .ifAwaited : .none
    case .numeric(_, let inStrings): inStrings ? .none : .ifAwaited
    default: .none
    }
  }

  /// In an entry of a trie or under an inner key: a wildcard that the value may or may not fit.
  static let maybe: UInt32 = 1 << 31

  /// Freezes what a builder collected.
  init(_ builder: Builder, table: PredicateTable, arena: FrozenArena) {
    tables = arena.freeze([builder.tables(table, arena)])
  }

  @inline(__always)
  static func salted(_ hash: UInt64, _ kind: TextKind, _ field: Int) -> UInt64 {
    hash ^ (UInt64(truncatingIfNeeded: field) &* 4 &+ kind.rawValue) &* 0x9E37_79B9_7F4A_7C15
  }

  @inline(__always)
  static func wordHash(_ hash: ByteHash, _ first: UInt64, _ second: UInt64, _ tag: UInt64, _ field: Int)
    -> UInt64
  {
    hash(first ^ hash(second ^ (UInt64(truncatingIfNeeded: field) &<< 32 | tag)))
  }

  @inline(__always)
  static func tag(_ width: Width) -> UInt64 {
    0x100 | (width.isIPv4 ? 0x200 : 0) | UInt64(width.bits) &<< 10
  }

  // MARK: Look-up

  /// How many slots the table of wildcards' inner keys has.
  var keySlots: Int { tables.pointee.innerKeys.slotCount }

  /// Asks for the memory where a look-up of a value will begin.
  @inline(__always)
  func prefetch(_ value: CapturedValue, field: Int) {
    let length = Int(value.length)
    guard value.kind == .string, length > 0,
      tables.pointee.fields[field].strings &>> textBit(value.text[0], value.text[length &- 1], length) & 1 != 0
    else { return }
    let hash = Self.salted(tables.pointee.hash(value.text, length), .string, field)
    sb_prefetch(tables.pointee.texts + Int(bitPattern: UInt(hash & tables.pointee.textMask)))
  }

  /// Appends the number of every indexed predicate on a field that a value satisfies; some more than once.
  func find(_ value: CapturedValue, field: Int, _ runs: FourByteRuns, into found: inout GrowBuffer<UInt32>) {
    let index = tables.pointee.fields + field
    if index.pointee.exists >= 0 { found.append(UInt32(bitPattern: index.pointee.exists)) }
    let (text, length) = (value.text, Int(value.length))
    switch value.kind {
    case .string:
      let start = found.count
      if index.pointee.hasWildcards { runs.reset() }
      if length > 0 {
        let (first, last) = (text[0], text[length &- 1])
        if index.pointee.strings &>> textBit(first, last, length) & 1 != 0 { find(text, length, field, into: &found) }
        if index.pointee.firstBytes &>> UInt64(first) & 1 != 0 {
          tables.pointee.trie.find(index.pointee.prefixes, text, length, backwards: false, into: &found)
        }
        if index.pointee.lastBytes &>> UInt64(last) & 1 != 0 {
          tables.pointee.trie.find(index.pointee.suffixes, text, length, backwards: true, into: &found)
        }
        if index.pointee.innerKeys >= 0, length >= 4 {
          tables.pointee.innerKeys.find(index.pointee.innerKeys, field: field, text, length, runs, into: &found)
        }
      } else {
        findEmpty(index, text, field, into: &found)
      }
      if index.pointee.hasWildcards { settle(value, runs, from: start, &found) }
      if length <= Int(index.pointee.longestCaseless) { findCaseless(text, length, field, into: &found) }
      if index.pointee.widthCount > 0 { findNetworks(index, value.leaf, field, into: &found) }
    case .number: findNumber(index, value.leaf, field, into: &found)
    case .true_: if index.pointee.true_ >= 0 { found.append(UInt32(bitPattern: index.pointee.true_)) }
    case .false_: if index.pointee.false_ >= 0 { found.append(UInt32(bitPattern: index.pointee.false_)) }
    case .null: if index.pointee.null >= 0 { found.append(UInt32(bitPattern: index.pointee.null)) }
    }
  }

  /// Takes the wildcards that a value does not fit out of what was found. What one step looks at, the step before asks
  /// memory for.
  @inline(__always)
  private func settle(
    _ value: CapturedValue,
    _ runs: FourByteRuns,
    from start: Int,
    _ found: inout GrowBuffer<UInt32>
  ) {
    var isSettled = true
    for offset in start..<found.count where found[offset] & Self.maybe != 0 {
      sb_prefetch(tables.pointee.wantedRuns + Int(found[offset] & ~Self.maybe))
      isSettled = false
    }
    if isSettled { return }
    var kept = start
    for offset in start..<found.count {
      let entry = found[offset]
      if entry & Self.maybe != 0 {
        let predicate = Int(entry & ~Self.maybe)
        guard runs.mayHold(tables.pointee.wantedRuns[predicate], value) else { continue }
        tables.pointee.table.prefetch(predicate)
      }
      found[kept] = entry
      kept &+= 1
    }
    found.count = kept
    judge(value, from: start, &found)
  }

  @inline(never)
  private func judge(_ value: CapturedValue, from start: Int, _ found: inout GrowBuffer<UInt32>) {
    for offset in start..<found.count where found[offset] & Self.maybe != 0 {
      tables.pointee.table.prefetchTexts(of: Int(found[offset] & ~Self.maybe))
    }
    var kept = start
    for offset in start..<found.count {
      let predicate = found[offset] & ~Self.maybe
      if found[offset] == predicate || tables.pointee.table.holds(Int(predicate), value) == true {
        found[kept] = predicate
        kept &+= 1
      }
    }
    found.count = kept
  }

  @inline(never)
  private func find(_ text: UnsafePointer<UInt8>, _ length: Int, _ field: Int, into found: inout GrowBuffer<UInt32>) {
    find(.string, text, length, field, tables.pointee.hash(text, length), into: &found)
  }

  /// What a string without bytes satisfies: it has no first byte to ask the filters for.
  @inline(never)
  private func findEmpty(
    _ index: UnsafePointer<Field>,
    _ text: UnsafePointer<UInt8>,
    _ field: Int,
    into found: inout GrowBuffer<UInt32>
  ) {
    if index.pointee.strings != 0 { find(text, 0, field, into: &found) }
    if index.pointee.prefixes >= 0 {
      tables.pointee.trie.find(index.pointee.prefixes, text, 0, backwards: false, into: &found)
    }
    if index.pointee.suffixes >= 0 {
      tables.pointee.trie.find(index.pointee.suffixes, text, 0, backwards: true, into: &found)
    }
  }

  @inline(__always)
  private func find(
    _ kind: TextKind,
    _ bytes: UnsafePointer<UInt8>,
    _ length: Int,
    _ field: Int,
    _ hash: UInt64,
    into found: inout GrowBuffer<UInt32>
  ) {
    let wanted = Self.salted(hash, kind, field)
    let mask = tables.pointee.textMask
    var slot = wanted & mask
    while true {
      let entry = tables.pointee.texts + Int(bitPattern: UInt(slot))
      if entry.pointee.predicatePlusOne == 0 { return }
      // The same hash and the same text: then the kind and the field are the same, too.
      if entry.pointee.hash == wanted {
        let known = tables.pointee.textBytes + Int(entry.pointee.start)
        if UnsafeRawPointer(known - 4).loadUnaligned(as: UInt32.self) == UInt32(truncatingIfNeeded: length),
          bytesEqual(known, bytes, length)
        {
          return found.append(entry.pointee.predicatePlusOne &- 1)
        }
      }
      slot = (slot &+ 1) & mask
    }
  }

  /// Caseless strings are kept and looked up in lower case. The folded copy is on the stack (unless patterns have such
  /// strings of more than 1024 bytes), because no longer value than the longest pattern comes here.
  @inline(never)
  private func findCaseless(
    _ bytes: UnsafePointer<UInt8>,
    _ length: Int,
    _ field: Int,
    into found: inout GrowBuffer<UInt32>
  ) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(length, 1)) { folded in
      guard let base = folded.baseAddress else { return }
      CaselessText.lowercase(bytes, length, to: base)
      find(.caseless, base, length, field, tables.pointee.hash(base, length), into: &found)
    }
  }

  @inline(never)
  private func findNumber(
    _ index: UnsafePointer<Field>,
    _ value: LeafValue,
    _ field: Int,
    into found: inout GrowBuffer<UInt32>
  ) {
    guard index.pointee.hasNumbers || index.pointee.ranges.count > 0 else { return }
    if let number = ComparableNumber.value(of: value.text) {
      if index.pointee.hasNumbers { find(number.bitPattern, 0, 1, field, into: &found) }
      if index.pointee.ranges.count > 0 { tables.pointee.ranges.find(index.pointee.ranges, number, into: &found) }
    } else if index.pointee.hasNumbers, let base = value.text.baseAddress {
      find(.number, base, value.text.count, field, tables.pointee.hash(base, value.text.count), into: &found)
    }
  }

  @inline(never)
  private func findNetworks(
    _ index: UnsafePointer<Field>,
    _ value: LeafValue,
    _ field: Int,
    into found: inout GrowBuffer<UInt32>
  ) {
    guard let address = IPAddress(value.text) else { return }
    for offset in 0..<Int(index.pointee.widthCount) {
      let width = tables.pointee.widths[Int(index.pointee.firstWidth) + offset]
      guard width.isIPv4 == address.isIPv4 else { continue }
      let base = address.masked(to: Int(width.bits))
      find(base.high, base.low, Self.tag(width), field, into: &found)
    }
  }

  @inline(__always)
  private func find(
    _ first: UInt64,
    _ second: UInt64,
    _ tag: UInt64,
    _ field: Int,
    into found: inout GrowBuffer<UInt32>
  ) {
    let wanted = Self.wordHash(tables.pointee.hash, first, second, tag, field)
    let mask = tables.pointee.wordMask
    var slot = wanted & mask
    while true {
      let entry = tables.pointee.words + Int(bitPattern: UInt(slot))
      if entry.pointee.predicatePlusOne == 0 { return }
      if entry.pointee.hash == wanted, entry.pointee.first == first, entry.pointee.second == second {
        return found.append(entry.pointee.predicatePlusOne &- 1)
      }
      slot = (slot &+ 1) & mask
    }
  }
}
