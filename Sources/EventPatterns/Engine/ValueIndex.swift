// From a value to the predicates it satisfies, without trying them one by one.
//
// Every distinct predicate on a field has a number. Most predicates are found through an index: one hash look-up finds
// the exact strings, one walk over the first bytes all prefixes, one masked look-up per prefix length the networks.
// Ranges and wildcards, which many a value satisfies, are looked up only where the tree has rules wait under them.
// Other ranges and wildcards, and what has no index (anything-but, expressions), are judged when a rule that is
// otherwise still in the running asks for it.

import CSignalbox

/// The indexes of all fields.
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
  private struct Width: BitwiseCopyable, Hashable {
    var isIPv4: Bool
    var bits: UInt8
  }

  /// A slot of the table of texts: strings, caseless strings and numbers without value.
  private struct TextSlot: BitwiseCopyable {
    /// Of the text, the kind and the field.
    var hash: UInt64
    /// Where the text begins; its length, four bytes, is before it.
    var start: UInt32
    /// 0 marks an empty slot.
    var predicatePlusOne: UInt32
  }

  /// A slot of the table of numbers and networks, which are known by two words.
  private struct WordSlot: BitwiseCopyable {
    var hash: UInt64
    var first: UInt64
    var second: UInt64
    var predicatePlusOne: UInt32
  }

  /// What a text in the table is; part of its hash, so that the kinds do not meet.
  private enum TextKind: UInt64 {
    case string = 1
    case caseless = 2
    case number = 3
  }

  /// All of it, behind one pointer: so passing the index on costs a register and not a copy.
  private struct Tables: BitwiseCopyable {
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
  private static let maybe: UInt32 = 1 << 31

  /// Builds the indexes.
  ///
  /// - Parameters:
  ///   - predicates: all distinct predicates with their fields; the index in the array is the number.
  ///   - isIndexed: which of them to index.
  ///   - table: the predicates themselves.
  init(
    _ predicates: [(field: Int, predicate: Predicate)],
    isIndexed: [Bool],
    table: PredicateTable,
    fieldCount: Int,
    hash: ByteHash,
    arena: FrozenArena
  ) {
    var fields = [Field](repeating: Field(), count: fieldCount)
    var widthsOfField = [[Width]](repeating: [], count: fieldCount)
    var prefixes: [Int: [(text: [UInt8], entry: UInt32)]] = [:]
    var suffixes: [Int: [(text: [UInt8], entry: UInt32)]] = [:]
    var wildcards: [Int: [(wildcard: Wildcard, predicate: UInt32)]] = [:]
    var rangesOfField: [Int: [(range: NumericRange, predicate: UInt32)]] = [:]
    var bytes: [UInt8] = []
    var textEntries: [TextSlot] = []
    var wordEntries: [WordSlot] = []

    func addText(_ kind: TextKind, _ text: [UInt8], _ field: Int, _ predicate: UInt32) {
      withUnsafeBytes(of: UInt32(text.count)) { bytes += $0 }
      textEntries.append(
        TextSlot(
          hash: Self.salted(hash(text), kind, field),
          start: UInt32(bytes.count),
          predicatePlusOne: predicate + 1
        )
      )
      bytes += text
    }
    func addWords(_ first: UInt64, _ second: UInt64, _ tag: UInt64, _ field: Int, _ predicate: UInt32) {
      wordEntries.append(
        WordSlot(
          hash: Self.wordHash(hash, first, second, tag, field),
          first: first,
          second: second,
          predicatePlusOne: predicate + 1
        )
      )
    }

    for (number, entry) in predicates.enumerated() where isIndexed[number] {
      let field = entry.field
      let id = UInt32(number)
      switch entry.predicate {
      case .string(let text):
        // A text without bytes has nothing to know it by.
        fields[field].strings |= text.isEmpty ? .max : 1 &<< textBit(text[0], text[text.count - 1], text.count)
        addText(.string, text, field, id)
      case .caseless(let text, .whole):
        guard let ascii = text.ascii else { continue }
        fields[field].longestCaseless = max(fields[field].longestCaseless, Int32(ascii.count))
        addText(.caseless, ascii, field, id)
      case .literal(.true_): fields[field].true_ = Int32(id)
      case .literal(.false_): fields[field].false_ = Int32(id)
      case .literal(.null): fields[field].null = Int32(id)
      case .exists: fields[field].exists = Int32(id)
      case .number(_, let value?):
        fields[field].hasNumbers = true
        addWords(value.bitPattern, 0, 1, field, id)
      case .number(let text, nil):
        fields[field].hasNumbers = true
        addText(.number, text, field, id)
      case .prefix(let text): prefixes[field, default: []].append((text, id))
      case .suffix(let text): suffixes[field, default: []].append((text.reversed(), id))
      case .wildcard(let wildcard): wildcards[field, default: []].append((wildcard, id))
      case .numeric(let range, _): rangesOfField[field, default: []].append((range, id))
      case .address(let network):
        let width = Width(isIPv4: network.base.isIPv4, bits: UInt8(network.bits))
        if !widthsOfField[field].contains(width) { widthsOfField[field].append(width) }
        addWords(network.base.high, network.base.low, Self.tag(width), field, id)
      default: continue
      }
    }
    var innerKeys: [(field: Int, words: [UInt32: [UInt32]])] = []
    for (field, entries) in wildcards.sorted(by: { $0.key < $1.key }) {
      var words: [UInt32: [UInt32]] = [:]
      for (key, entry) in zip(WildcardKey.choose(for: entries.map(\.wildcard)), entries) {
        switch key {
        case .prefix(let text): prefixes[field, default: []].append((text, entry.predicate | Self.maybe))
        case .suffix(let text): suffixes[field, default: []].append((text.reversed(), entry.predicate | Self.maybe))
        case .inner(let word): words[word, default: []].append(entry.predicate | Self.maybe)
        case nil: continue
        }
      }
      fields[field].hasWildcards = true
      guard !words.isEmpty else { continue }
      fields[field].innerKeys = Int32(innerKeys.count)
      innerKeys.append((field, words))
    }
    var widths: [Width] = []
    var tries = TextTrie.Builder()
    var rangeRuns = RangeIndex.Builder()
    for field in fields.indices {
      fields[field].firstWidth = UInt32(widths.count)
      fields[field].widthCount = UInt32(widthsOfField[field].count)
      widths += widthsOfField[field]
      if let texts = prefixes[field] {
        fields[field].prefixes = tries.add(texts, backwards: false)
        fields[field].firstBytes = Self.firstBytes(of: texts.map(\.text))
      }
      if let texts = suffixes[field] {
        fields[field].suffixes = tries.add(texts, backwards: true)
        fields[field].lastBytes = Self.firstBytes(of: texts.map(\.text))
      }
      if let entries = rangesOfField[field] { fields[field].ranges = rangeRuns.add(entries) }
    }
    let textTable = Self.table(textEntries, TextSlot(hash: 0, start: 0, predicatePlusOne: 0), \.hash) {
      $0.predicatePlusOne == 0
    }
    let wordTable = Self.table(wordEntries, WordSlot(hash: 0, first: 0, second: 0, predicatePlusOne: 0), \.hash) {
      $0.predicatePlusOne == 0
    }
    tables = arena.freeze([
      Tables(
        fields: arena.freeze(fields),
        widths: arena.freeze(widths),
        texts: arena.freeze(textTable),
        textMask: UInt64(textTable.count - 1),
        textBytes: arena.freeze(bytes),
        words: arena.freeze(wordTable),
        wordMask: UInt64(wordTable.count - 1),
        trie: TextTrie(tries, arena: arena),
        innerKeys: InnerKeyIndex(innerKeys, arena: arena),
        wantedRuns: arena.freeze(
          predicates.map { if case .wildcard(let wildcard) = $0.predicate { .init(of: wildcard) } else { .none } }
        ),
        ranges: RangeIndex(rangeRuns, arena: arena),
        table: table,
        hash: hash
      )
    ])
  }

  /// One bit per first byte, or all if a text has none.
  private static func firstBytes(of texts: [[UInt8]]) -> UInt64 {
    texts.reduce(0) { bits, text in text.first.map { bits | 1 &<< UInt64($0) } ?? .max }
  }

  /// Open addressing at most half full.
  private static func table<Slot>(
    _ entries: [Slot],
    _ empty: Slot,
    _ hash: KeyPath<Slot, UInt64>,
    _ isEmpty: (Slot) -> Bool
  ) -> [Slot] {
    var capacity = 16
    while capacity < entries.count * 2 { capacity *= 2 }
    var table = [Slot](repeating: empty, count: capacity)
    for entry in entries {
      var slot = Int(entry[keyPath: hash] & UInt64(capacity - 1))
      while !isEmpty(table[slot]) { slot = (slot + 1) & (capacity - 1) }
      table[slot] = entry
    }
    return table
  }

  @inline(__always)
  private static func salted(_ hash: UInt64, _ kind: TextKind, _ field: Int) -> UInt64 {
    hash ^ (UInt64(truncatingIfNeeded: field) &* 4 &+ kind.rawValue) &* 0x9E37_79B9_7F4A_7C15
  }

  @inline(__always)
  private static func wordHash(_ hash: ByteHash, _ first: UInt64, _ second: UInt64, _ tag: UInt64, _ field: Int)
    -> UInt64
  {
    hash(first ^ hash(second ^ (UInt64(truncatingIfNeeded: field) &<< 32 | tag)))
  }

  @inline(__always)
  private static func tag(_ width: Width) -> UInt64 {
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

  /// Takes the wildcards that a value does not fit out of what was found.
  @inline(__always)
  private func settle(
    _ value: CapturedValue,
    _ runs: FourByteRuns,
    from start: Int,
    _ found: inout GrowBuffer<UInt32>
  ) {
    for offset in start..<found.count where found[offset] & Self.maybe != 0 {
      sb_prefetch(tables.pointee.wantedRuns + Int(found[offset] & ~Self.maybe))
    }
    var kept = start
    for offset in start..<found.count {
      let entry = found[offset]
      let predicate = entry & ~Self.maybe
      if entry == predicate
        || runs.mayHold(tables.pointee.wantedRuns[Int(predicate)], value)
          && tables.pointee.table.holds(Int(predicate), value) == true
      {
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
