// From a value to the predicates it satisfies, without trying them one by one.
//
// Every distinct predicate on a field has a number. Most predicates are found through an index: one hash look-up finds
// the exact strings, one walk over the first bytes all prefixes, one masked look-up per prefix length the networks.
// Ranges and wildcards, which many a value satisfies, are looked up only where the tree has rules wait under them.
// Other ranges and wildcards, and what has no index (anything-but, expressions), are judged when a rule that is
// otherwise still in the running asks for it.

/// The indexes of all fields.
struct ValueIndex {
  /// What a field has indexes for.
  struct Field: BitwiseCopyable {
    /// The predicates `exists`, `true`, `false` and `null`, or -1.
    var exists: Int32 = -1
    var true_: Int32 = -1
    var false_: Int32 = -1
    var null: Int32 = -1
    var hasStrings = false
    var hasNumbers = false
    /// The length of the longest caseless string, -1 if there is none.
    var longestCaseless: Int32 = -1
    /// Roots of the tries, or -1.
    var prefixes: Int32 = -1
    var suffixes: Int32 = -1
    /// The field's filter of wildcards' inner keys, or -1.
    var innerKeys: Int32 = -1
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
    var hash: UInt64
    var start: UInt32
    var length: UInt32
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

  private let fields: UnsafePointer<Field>
  private let widths: UnsafePointer<Width>
  private let texts: UnsafePointer<TextSlot>
  private let textMask: UInt64
  private let textBytes: UnsafePointer<UInt8>
  private let words: UnsafePointer<WordSlot>
  private let wordMask: UInt64
  private let trie: TextTrie
  private let innerKeys: InnerKeyIndex
  /// Per predicate: what a value must hold to fit it, if it is a wildcard.
  private let wantedRuns: UnsafePointer<FourByteRuns.Wanted>
  private let ranges: RangeIndex
  private let table: PredicateTable
  private let hash: ByteHash

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
      textEntries.append(
        TextSlot(
          hash: Self.salted(hash(text), kind, field),
          start: UInt32(bytes.count),
          length: UInt32(text.count),
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
        fields[field].hasStrings = true
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
      if let texts = prefixes[field] { fields[field].prefixes = tries.add(texts) }
      if let texts = suffixes[field] { fields[field].suffixes = tries.add(texts) }
      if let entries = rangesOfField[field] { fields[field].ranges = rangeRuns.add(entries) }
    }
    self.fields = arena.freeze(fields)
    self.widths = arena.freeze(widths)
    let textTable = Self.table(textEntries, TextSlot(hash: 0, start: 0, length: 0, predicatePlusOne: 0), \.hash) {
      $0.predicatePlusOne == 0
    }
    texts = arena.freeze(textTable)
    textMask = UInt64(textTable.count - 1)
    textBytes = arena.freeze(bytes)
    let wordTable = Self.table(wordEntries, WordSlot(hash: 0, first: 0, second: 0, predicatePlusOne: 0), \.hash) {
      $0.predicatePlusOne == 0
    }
    words = arena.freeze(wordTable)
    wordMask = UInt64(wordTable.count - 1)
    trie = TextTrie(tries, arena: arena)
    self.innerKeys = InnerKeyIndex(innerKeys, arena: arena)
    ranges = RangeIndex(rangeRuns, arena: arena)
    wantedRuns = arena.freeze(
      predicates.map { if case .wildcard(let wildcard) = $0.predicate { .init(of: wildcard) } else { .none } }
    )
    self.table = table
    self.hash = hash
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

  /// Calls `found` with the number of every indexed predicate on a field that a value satisfies; with some more than
  /// once.
  @inline(__always)
  func forEachSatisfied(by value: CapturedValue, field: Int, _ runs: FourByteRuns, _ found: (UInt32) -> Void) {
    runs.reset()
    let index = fields[field]
    if index.exists >= 0 { found(UInt32(bitPattern: index.exists)) }
    let length = Int(value.length)
    switch value.kind {
    case .string:
      if index.hasStrings { text(.string, value.text, length, field, hash(value.text, length), found) }
      if index.prefixes >= 0 {
        trie.forEachMatch(index.prefixes, value.text, length, backwards: false) { verify($0, value, runs, found) }
      }
      if index.suffixes >= 0 {
        trie.forEachMatch(index.suffixes, value.text, length, backwards: true) { verify($0, value, runs, found) }
      }
      if index.innerKeys >= 0 {
        innerKeys.forEachMatch(index.innerKeys, field: field, value.text, length) { verify($0, value, runs, found) }
      }
      if length <= Int(index.longestCaseless) { caseless(value.text, length, field, found) }
      if index.widthCount > 0 { networks(index, value.leaf, field, found) }
    case .number:
      if index.hasNumbers || index.ranges.count > 0 { number(value.leaf, index, field, found) }
    case .true_: if index.true_ >= 0 { found(UInt32(bitPattern: index.true_)) }
    case .false_: if index.false_ >= 0 { found(UInt32(bitPattern: index.false_)) }
    case .null: if index.null >= 0 { found(UInt32(bitPattern: index.null)) }
    }
  }

  @inline(__always)
  private func text(
    _ kind: TextKind,
    _ bytes: UnsafePointer<UInt8>,
    _ length: Int,
    _ field: Int,
    _ hash: UInt64,
    _ found: (UInt32) -> Void
  ) {
    let wanted = Self.salted(hash, kind, field)
    var slot = wanted & textMask
    while true {
      let entry = texts[Int(slot)]
      if entry.predicatePlusOne == 0 { return }
      if entry.hash == wanted, Int(entry.length) == length,
        bytesEqual(textBytes + Int(entry.start), bytes, length)
      {
        return found(entry.predicatePlusOne &- 1)
      }
      slot = (slot &+ 1) & textMask
    }
  }

  /// Caseless strings are kept and looked up in lower case. The folded copy is on the stack (unless patterns have such
  /// strings of more than 1024 bytes), because no longer value than the longest pattern comes here.
  private func caseless(_ bytes: UnsafePointer<UInt8>, _ length: Int, _ field: Int, _ found: (UInt32) -> Void) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(length, 1)) { folded in
      guard let base = folded.baseAddress else { return }
      for index in 0..<length { (base + index).initialize(to: CaselessText.lowercased(bytes[index])) }
      text(.caseless, base, length, field, hash(base, length), found)
    }
  }

  /// Passes an entry on, unless it is a wildcard that the value does not fit.
  @inline(__always)
  private func verify(_ entry: UInt32, _ value: CapturedValue, _ runs: FourByteRuns, _ found: (UInt32) -> Void) {
    if entry & Self.maybe == 0 { return found(entry) }
    let predicate = entry & ~Self.maybe
    if runs.mayHold(wantedRuns[Int(predicate)], value), table.holds(Int(predicate), value) == true { found(predicate) }
  }

  private func number(_ value: LeafValue, _ index: Field, _ field: Int, _ found: (UInt32) -> Void) {
    if let number = ComparableNumber.value(of: value.text) {
      if index.hasNumbers { word(number.bitPattern, 0, 1, field, found) }
      if index.ranges.count > 0 { ranges.forEachMatch(index.ranges, number, found) }
    } else if index.hasNumbers, let base = value.text.baseAddress {
      text(.number, base, value.text.count, field, hash(base, value.text.count), found)
    }
  }

  private func networks(_ index: Field, _ value: LeafValue, _ field: Int, _ found: (UInt32) -> Void) {
    guard let address = IPAddress(value.text) else { return }
    for offset in 0..<Int(index.widthCount) {
      let width = widths[Int(index.firstWidth) + offset]
      guard width.isIPv4 == address.isIPv4 else { continue }
      let base = address.masked(to: Int(width.bits))
      word(base.high, base.low, Self.tag(width), field, found)
    }
  }

  private func word(_ first: UInt64, _ second: UInt64, _ tag: UInt64, _ field: Int, _ found: (UInt32) -> Void) {
    let wanted = Self.wordHash(hash, first, second, tag, field)
    var slot = wanted & wordMask
    while true {
      let entry = words[Int(slot)]
      if entry.predicatePlusOne == 0 { return }
      if entry.hash == wanted, entry.first == first, entry.second == second {
        return found(entry.predicatePlusOne &- 1)
      }
      slot = (slot &+ 1) & wordMask
    }
  }
}
