// Which of many wildcards a value may fit: each waits under one of its literal pieces.
//
//     arn:aws:sts::*:assumed-role/prod-atlas-*/alice.*
//     ^^^^^^^^^^^^^   shared by hundreds of wildcards
//                    ^^^^ of each inner piece: four bytes that few share, here `las-`
//
// A wildcard's key is its beginning, its end, or four bytes of a piece between, whichever the fewest wildcards of the
// field have. Beginnings and ends go to tries; the four-byte keys to a hash table that is asked at every place of a
// value, behind a small filter. A key that is found says "maybe": the wildcard itself is judged then. So whatever the
// wildcards are, nothing multiplies, as states of a combined automaton would.

/// What a wildcard waits under.
enum WildcardKey: Hashable {
  case prefix([UInt8])
  case suffix([UInt8])
  case inner(UInt32)

  /// Chooses keys for the wildcards of a field; nothing for one without four literal bytes in a row or a literal end.
  static func choose(for wildcards: [Wildcard]) -> [WildcardKey?] {
    let candidates: [[WildcardKey]] = wildcards.map { Array(Set(Self.candidates(of: $0))) }
    var sharers: [WildcardKey: Int] = [:]
    for key in candidates.joined() { sharers[key, default: 0] += 1 }
    return candidates.map { (keys: [WildcardKey]) -> WildcardKey? in
      var best: (key: WildcardKey, cost: Int)?
      for key in keys {
        let cost = (sharers[key] ?? 0) << key.shortness
        if let known = best, known.cost < cost || known.cost == cost && known.key.rank < key.rank { continue }
        best = (key, cost)
      }
      return best?.key
    }
  }

  /// Whether a wildcard has anything to wait under.
  static func exists(for wildcard: Wildcard) -> Bool {
    let pieces = wildcard.pieces
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return !pieces.isEmpty }
    return !first.isEmpty || !last.isEmpty || pieces.contains { $0.count >= 4 }
  }

  private static func candidates(of wildcard: Wildcard) -> [WildcardKey] {
    var keys: [WildcardKey] = []
    guard let first = wildcard.pieces.first, let last = wildcard.pieces.last, wildcard.pieces.count > 1 else {
      return wildcard.pieces.first.map { [.prefix($0)] } ?? []
    }
    if !first.isEmpty { keys.append(.prefix(first)) }
    if !last.isEmpty { keys.append(.suffix(last)) }
    for piece in wildcard.pieces.dropFirst().dropLast() where piece.count >= 4 {
      for start in 0...piece.count - 4 { keys.append(.inner(word(of: piece[start..<start + 4]))) }
    }
    return keys
  }

  private static func word(of bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// How many times more values have a key of less than four bytes.
  private var shortness: Int {
    switch self {
    case .prefix(let text), .suffix(let text): max(0, 4 - text.count) * 2
    case .inner: 1  // dearer to look for
    }
  }

  /// Any order, so that equal sets compile to equal tables.
  private var rank: (Int, UInt32) {
    switch self {
    case .prefix: (0, 0)
    case .suffix: (1, 0)
    case .inner(let word): (2, word)
    }
  }
}

// Before a wildcard is judged, a cheaper question: does the value hold some more of its bytes? For a value that meets
// its first wildcard, all its runs of four bytes are noted in a small Bloom filter, and three runs of the wildcard are
// looked for in it. That spares nine of ten judgements where many wildcards share all their keys.

/// Runs of four bytes of a value: all of them in a Bloom filter of 1024 bits, and which keys are among them. Scratch
/// memory of one matcher.
struct FourByteRuns {
  private static let words = 16
  /// Values longer than this would fill the filter.
  private static let maximumLength = 384

  /// The filter, whether it is filled, and the number of the value.
  private let filter: UnsafeMutablePointer<UInt64>
  /// Per slot of the keys' table: the last value that held the key.
  private let lastHolder: UnsafeMutablePointer<UInt64>

  /// - Parameter keySlots: how many slots the table of keys has.
  init(keySlots: Int) {
    filter = .allocate(capacity: Self.words + 2)
    filter.initialize(repeating: 0, count: Self.words + 2)
    lastHolder = .allocate(capacity: keySlots)
    lastHolder.initialize(repeating: 0, count: keySlots)
  }

  func free() {
    filter.deallocate()
    lastHolder.deallocate()
  }

  /// Forgets the last value.
  @inline(__always)
  func reset() {
    filter[Self.words] = 0
    filter[Self.words + 1] &+= 1
  }

  /// Whether the key in a slot is met for the first time in this value.
  @inline(__always)
  func isNew(keyAt slot: Int) -> Bool {
    let value = filter[Self.words + 1]
    if lastHolder[slot] == value { return false }
    lastHolder[slot] = value
    return true
  }

  /// Three bits to look for; `none` if a wildcard has no four bytes in a row.
  struct Wanted: BitwiseCopyable {
    fileprivate var bits: UInt32

    static let none = Wanted(bits: .max)

    /// Spreads over the wildcard's pieces: the runs in the middle of the longest ones.
    init(of wildcard: Wildcard) {
      let pieces = wildcard.pieces.filter { $0.count >= 4 }.sorted { $0.count > $1.count }.prefix(3)
      guard let longest = pieces.first else {
        self = .none
        return
      }
      let starts = pieces.map { ($0, $0.count / 2 - 2) } + [(longest, 0), (longest, longest.count - 4)]
      bits = starts.prefix(3).enumerated().reduce(0) { bits, start in
        let (piece, offset) = start.element
        let word = piece[offset..<offset + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return bits | FourByteRuns.bit(of: word) << UInt32(start.offset * 10)
      }
    }

    private init(bits: UInt32) { self.bits = bits }
  }

  @inline(__always)
  fileprivate static func bit(of word: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: (UInt64(word) &* 0xD6E8_FEB8_6659_FD93) &>> 54)
  }

  /// Whether a value may hold all that is wanted.
  @inline(__always)
  func mayHold(_ wanted: Wanted, _ value: CapturedValue) -> Bool {
    if wanted.bits == .max || value.length > Self.maximumLength { return true }
    if filter[Self.words] == 0 { fill(value.text, Int(value.length)) }
    func holds(_ bit: UInt32) -> Bool { filter[Int(bit &>> 6 & 15)] & (1 &<< UInt64(bit)) != 0 }
    return holds(wanted.bits) && holds(wanted.bits &>> 10) && holds(wanted.bits &>> 20)
  }

  @inline(never)
  private func fill(_ text: UnsafePointer<UInt8>, _ length: Int) {
    filter.update(repeating: 0, count: Self.words)
    filter[Self.words] = 1
    var index = 0
    while index &+ 4 <= length {
      let word = UInt32(littleEndian: UnsafeRawPointer(text).loadUnaligned(fromByteOffset: index, as: UInt32.self))
      let bit = Self.bit(of: word)
      filter[Int(bit &>> 6)] |= 1 &<< UInt64(bit)
      index &+= 1
    }
  }
}

/// The four-byte keys of all fields, frozen.
struct InnerKeyIndex {
  private struct Slot: BitwiseCopyable {
    var word: UInt32
    var field: UInt32
    var first: UInt32
    /// 0 marks an empty slot.
    var count: UInt32
  }

  private static let filterSize = 4096

  private let slots: UnsafePointer<Slot>
  private let mask: UInt64
  private let entries: UnsafePointer<UInt32>
  /// For each field that has keys, whether one of them has a filter's place. A byte each, because it is asked for at every
  /// byte of a value.
  private let filters: UnsafePointer<Bool>

  /// Freezes keys.
  ///
  /// - Parameter keys: for each field that has any, its words with what waits under them.
  init(_ keys: [(field: Int, words: [UInt32: [UInt32]])], arena: FrozenArena) {
    let total = keys.reduce(0) { $0 + $1.words.count }
    var capacity = 16
    while capacity < total * 2 { capacity *= 2 }
    var slots = [Slot](repeating: Slot(word: 0, field: 0, first: 0, count: 0), count: capacity)
    var entries: [UInt32] = []
    var filters = [Bool](repeating: false, count: keys.count * Self.filterSize)
    for (number, (field, words)) in keys.enumerated() {
      for (word, waiting) in words.sorted(by: { $0.key < $1.key }) {
        filters[number * Self.filterSize + Self.filterPlace(of: word)] = true
        var slot = Int(Self.slot(Self.hash(word), field) & UInt64(capacity - 1))
        while slots[slot].count != 0 { slot = (slot + 1) & (capacity - 1) }
        slots[slot] = Slot(
          word: word,
          field: UInt32(field),
          first: UInt32(entries.count),
          count: UInt32(waiting.count)
        )
        entries += waiting
      }
    }
    self.slots = arena.freeze(slots)
    mask = UInt64(capacity - 1)
    self.entries = arena.freeze(entries)
    self.filters = arena.freeze(filters)
  }

  @inline(__always)
  private static func hash(_ word: UInt32) -> UInt64 { UInt64(word) &* 0x9E37_79B9_7F4A_7C15 }

  @inline(__always)
  private static func filterPlace(of word: UInt32) -> Int { Int((word &* 0x9E37_79B1) &>> 20) }

  @inline(__always)
  private static func slot(_ hash: UInt64, _ field: Int) -> UInt64 {
    hash &>> 20 ^ UInt64(truncatingIfNeeded: field) &* 0x9E37_79B1
  }

  /// How many slots the table has.
  var slotCount: Int { Int(mask) + 1 }

  /// Appends what waits under each key that a value holds; once, however often it holds it.
  ///
  /// - Parameter filter: the field's place among the fields that have keys.
  func find(
    _ filter: Int32,
    field: Int,
    _ text: UnsafePointer<UInt8>,
    _ length: Int,
    _ runs: FourByteRuns,
    into found: inout GrowBuffer<UInt32>
  ) {
    let filter = filters + Int(filter) &* Self.filterSize
    var place = UnsafeRawPointer(text)
    let end = place + (length &- 3)
    while place < end {
      let word = UInt32(littleEndian: place.loadUnaligned(as: UInt32.self))
      place += 1
      if filter[Self.filterPlace(of: word)] { find(word, field: field, runs, into: &found) }
    }
  }

  /// What waits under one key.
  @inline(never)
  private func find(_ word: UInt32, field: Int, _ runs: FourByteRuns, into found: inout GrowBuffer<UInt32>) {
    var slot = Self.slot(Self.hash(word), field) & mask
    while true {
      let entry = slots + Int(slot)
      if entry.pointee.count == 0 { return }
      if entry.pointee.word == word, Int(entry.pointee.field) == field {
        guard runs.isNew(keyAt: Int(slot)) else { return }
        for offset in 0..<Int(entry.pointee.count) { found.append(entries[Int(entry.pointee.first) &+ offset]) }
        return
      }
      slot = (slot &+ 1) & mask
    }
  }
}
