// How the indexes come to be: each predicate goes where it will be looked for, field by field, and all is frozen at the end.

extension ValueIndex {
  /// Collects predicates for the indexes.
  struct Builder {
    private let hash: ByteHash
    private var fields: [Field]
    private var widthsOfField: [[Width]]
    private var prefixes: [Int: [TextTrie.Text]] = [:]
    private var suffixes: [Int: [TextTrie.Text]] = [:]
    private var wildcards: [Int: [(wildcard: Wildcard, predicate: UInt32)]] = [:]
    private var ranges: [Int: [(range: NumericRange, predicate: UInt32)]] = [:]
    private var innerKeys: [(field: Int, words: [UInt32: [UInt32]])] = []
    private var wantedRuns: [FourByteRuns.Wanted]
    private var textBytes: [UInt8] = []
    private var texts: [TextSlot] = []
    private var words: [WordSlot] = []

    /// - Parameters:
    ///   - predicates: all distinct predicates with their fields; the index in the array is the number.
    ///   - isIndexed: which of them to index.
    init(
      _ predicates: [(field: Int, predicate: Predicate)],
      isIndexed: [Bool],
      fieldCount: Int,
      hash: ByteHash
    ) {
      self.hash = hash
      fields = [Field](repeating: Field(), count: fieldCount)
      widthsOfField = [[Width]](repeating: [], count: fieldCount)
      wantedRuns = predicates.map { entry in
        if case .wildcard(let wildcard) = entry.predicate { .init(of: wildcard) } else { .none }
      }
      for (number, entry) in predicates.enumerated() where isIndexed[number] {
        add(entry.predicate, UInt32(number), entry.field)
      }
      chooseKeysOfWildcards()
    }

    private mutating func add(_ predicate: Predicate, _ number: UInt32, _ field: Int) {
      switch predicate {
      case .string(let text):
        // A text without bytes has nothing to know it by.
        fields[field].strings |= text.isEmpty ? .max : 1 &<< textBit(text[0], text[text.count - 1], text.count)
        addText(.string, text, field, number)
      case .caseless(let text, .whole):
        guard let ascii = text.ascii else { return }
        fields[field].longestCaseless = max(fields[field].longestCaseless, Int32(ascii.count))
        addText(.caseless, ascii, field, number)
      case .literal(.true_): fields[field].true_ = Int32(number)
      case .literal(.false_): fields[field].false_ = Int32(number)
      case .literal(.null): fields[field].null = Int32(number)
      case .exists: fields[field].exists = Int32(number)
      case .number(_, let value?):
        fields[field].hasNumbers = true
        addWords(value.bitPattern, 0, 1, field, number)
      case .number(let text, nil):
        fields[field].hasNumbers = true
        addText(.number, text, field, number)
      case .prefix(let text): prefixes[field, default: []].append((text, number))
      case .suffix(let text): suffixes[field, default: []].append((text.reversed(), number))
      case .wildcard(let wildcard): wildcards[field, default: []].append((wildcard, number))
      case .numeric(let range, _): ranges[field, default: []].append((range, number))
      case .address(let network):
        let width = Width(isIPv4: network.base.isIPv4, bits: UInt8(network.bits))
        if !widthsOfField[field].contains(width) { widthsOfField[field].append(width) }
        addWords(network.base.high, network.base.low, ValueIndex.tag(width), field, number)
      default: return
      }
    }

    private mutating func addText(_ kind: TextKind, _ text: [UInt8], _ field: Int, _ predicate: UInt32) {
      withUnsafeBytes(of: UInt32(text.count)) { textBytes += $0 }
      texts.append(
        TextSlot(
          hash: ValueIndex.salted(hash(text), kind, field),
          start: UInt32(textBytes.count),
          predicatePlusOne: predicate + 1
        )
      )
      textBytes += text
    }

    private mutating func addWords(_ first: UInt64, _ second: UInt64, _ tag: UInt64, _ field: Int, _ predicate: UInt32)
    {
      words.append(
        WordSlot(
          hash: ValueIndex.wordHash(hash, first, second, tag, field),
          first: first,
          second: second,
          predicatePlusOne: predicate + 1
        )
      )
    }

    /// Lets each wildcard wait under one of its pieces; that takes all wildcards of the field to be known.
    private mutating func chooseKeysOfWildcards() {
      for (field, entries) in wildcards.sorted(by: { $0.key < $1.key }) {
        var words: [UInt32: [UInt32]] = [:]
        for (key, entry) in zip(WildcardKey.choose(for: entries.map(\.wildcard)), entries) {
          let waiting = entry.predicate | ValueIndex.maybe
          switch key {
          case .prefix(let text): prefixes[field, default: []].append((text, waiting))
          case .suffix(let text): suffixes[field, default: []].append((text.reversed(), waiting))
          case .inner(let word): words[word, default: []].append(waiting)
          case nil: continue
          }
        }
        fields[field].hasWildcards = true
        guard !words.isEmpty else { continue }
        fields[field].innerKeys = Int32(innerKeys.count)
        innerKeys.append((field, words))
      }
    }

    /// The tables, frozen.
    func tables(_ table: PredicateTable, _ arena: FrozenArena) -> Tables {
      var fields = fields
      var widths: [Width] = []
      var tries = TextTrie.Builder()
      var rangeRuns = RangeIndex.Builder()
      for field in fields.indices {
        fields[field].firstWidth = UInt32(widths.count)
        fields[field].widthCount = UInt32(widthsOfField[field].count)
        widths += widthsOfField[field]
        if let texts = prefixes[field] {
          fields[field].prefixes = tries.add(texts, backwards: false)
          fields[field].firstBytes = Self.firstBytes(of: texts)
        }
        if let texts = suffixes[field] {
          fields[field].suffixes = tries.add(texts, backwards: true)
          fields[field].lastBytes = Self.firstBytes(of: texts)
        }
        if let entries = ranges[field] { fields[field].ranges = rangeRuns.add(entries) }
      }
      let textTable = Self.table(texts, TextSlot(hash: 0, start: 0, predicatePlusOne: 0), \.hash) {
        $0.predicatePlusOne == 0
      }
      let wordTable = Self.table(words, WordSlot(hash: 0, first: 0, second: 0, predicatePlusOne: 0), \.hash) {
        $0.predicatePlusOne == 0
      }
      return Tables(
        fields: arena.freeze(fields),
        widths: arena.freeze(widths),
        texts: arena.freeze(textTable),
        textMask: UInt64(textTable.count - 1),
        textBytes: arena.freeze(textBytes),
        words: arena.freeze(wordTable),
        wordMask: UInt64(wordTable.count - 1),
        trie: TextTrie(tries, arena: arena),
        innerKeys: InnerKeyIndex(innerKeys, arena: arena),
        wantedRuns: arena.freeze(wantedRuns),
        ranges: RangeIndex(rangeRuns, arena: arena),
        table: table,
        hash: hash
      )
    }

    /// One bit per first byte, or all if a text has none.
    private static func firstBytes(of texts: [TextTrie.Text]) -> UInt64 {
      texts.reduce(0) { bits, entry in entry.text.first.map { bits | 1 &<< UInt64($0) } ?? .max }
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
  }
}
