// Which of many prefixes (or suffixes, read backwards) a value has: one walk over its first bytes finds them all.
//
// The tries are compressed: a node carries all bytes up to the next place where texts part or end.
//
//     arn:aws:s3:::    arn:aws:sts::1    arn:aws:sts::2
//
//     "arn:aws:s" ─ "3:::" ●
//                 └ "ts::" ─ "1" ●
//                          └ "2" ●

/// Frozen tries of byte strings for many fields; each field has its own roots.
struct TextTrie {
  /// A place where texts end or part.
  fileprivate struct Node: BitwiseCopyable {
    /// The bytes that lead on, one for each child: all of them in here if there are at most eight (unused ones repeat the
    /// first), else the number of a table in `positions`.
    var edges: UInt64 = 0
    var edgeCount: UInt32 = 0
    /// Children lie side by side, in the order of their bytes.
    var firstChild: UInt32 = 0
    /// The bytes on the way to the node, after the first (which is the edge's).
    var labelStart: UInt32 = 0
    var labelLength: UInt32 = 0
    /// Where its entries begin; if there is one, the entry itself.
    var firstEntry: UInt32 = 0
    var entryCount: UInt32 = 0
  }

  private let nodes: UnsafePointer<Node>
  /// Per byte the position of the child plus one; 0 for none. (No text has 256 different bytes: some are in no UTF-8.)
  private let positions: UnsafePointer<UInt8>
  private let labels: UnsafePointer<UInt8>
  private let entries: UnsafePointer<UInt32>

  /// A text and the entry that waits for it.
  typealias Text = (text: [UInt8], entry: UInt32)

  /// Collects texts, one trie after the other.
  struct Builder {
    fileprivate var nodes: [Node] = []
    fileprivate var positions: [UInt8] = []
    fileprivate var labels: [UInt8] = []
    fileprivate var entries: [UInt32] = []
    private var backwards = false

    /// Adds a trie; returns its root. Several entries may have the same text.
    ///
    /// - Parameter backwards: whether the texts are suffixes, read backwards.
    mutating func add(_ texts: [Text], backwards: Bool) -> Int32 {
      self.backwards = backwards
      let sorted = texts.sorted { left, right in
        left.text == right.text ? left.entry < right.entry : left.text.lexicographicallyPrecedes(right.text)
      }
      let root = reserve(1)
      fill(root, sorted[...], from: 0, labelFrom: 0)
      return Int32(root)
    }

    private mutating func reserve(_ count: Int) -> Int {
      nodes += repeatElement(Node(), count: count)
      return nodes.count - count
    }

    /// Makes a node for sorted texts that are alike up to `depth`; those bytes from `labelFrom` on are its label.
    private mutating func fill(
      _ node: Int,
      _ texts: ArraySlice<Text>,
      from depth: Int,
      labelFrom: Int
    ) {
      guard let first = texts.first?.text, let last = texts.last?.text else { return }
      // Sorted, so what the first and the last share all share. The root has no label: it is where values begin.
      var end = depth
      if depth > 0 { while end < first.count, end < last.count, first[end] == last[end] { end += 1 } }
      nodes[node].labelStart = UInt32(labels.count)
      nodes[node].labelLength = UInt32(end - labelFrom)
      // A suffix's label is written as it stands in values, so that it is compared like a prefix's.
      labels += backwards ? first[labelFrom..<end].reversed() : Array(first[labelFrom..<end])
      var rest = texts
      nodes[node].firstEntry = UInt32(entries.count)
      while let text = rest.first, text.text.count == end {
        entries.append(text.entry)
        rest.removeFirst()
      }
      nodes[node].entryCount = UInt32(entries.count) - nodes[node].firstEntry
      if nodes[node].entryCount == 1, let entry = entries.popLast() { nodes[node].firstEntry = entry }
      var groups: [ArraySlice<Text>] = []
      while let byte = rest.first?.text[end] {
        let group = rest.prefix { $0.text[end] == byte }
        groups.append(group)
        rest.removeFirst(group.count)
      }
      let child = reserve(groups.count)
      nodes[node].firstChild = UInt32(child)
      nodes[node].edgeCount = UInt32(groups.count)
      nodes[node].edges = edges(groups.compactMap { $0.first?.text[end] })
      for (offset, group) in groups.enumerated() {
        fill(child + offset, group, from: end + 1, labelFrom: end + 1)
      }
    }

    private mutating func edges(_ bytes: [UInt8]) -> UInt64 {
      guard bytes.count > 8 else {
        return (0..<8).reduce(0) { $0 | UInt64($1 < bytes.count ? bytes[$1] : bytes.first ?? 0) << UInt64(8 * $1) }
      }
      let table = positions.count / 256
      positions += repeatElement(0, count: 256)
      for (position, byte) in bytes.enumerated() { positions[table * 256 + Int(byte)] = UInt8(position + 1) }
      return UInt64(table)
    }
  }

  /// Freezes what a builder collected. Roots keep their numbers.
  init(_ builder: Builder, arena: FrozenArena) {
    nodes = arena.freeze(builder.nodes)
    positions = arena.freeze(builder.positions)
    labels = arena.freeze(builder.labels)
    entries = arena.freeze(builder.entries)
  }

  /// Appends the entries of every text below a root that the value begins with (or, backwards, ends with).
  @inline(never)
  func find(
    _ root: Int32,
    _ text: UnsafePointer<UInt8>,
    _ length: Int,
    backwards: Bool,
    into found: inout GrowBuffer<UInt32>
  ) {
    var node = nodes + Int(root)
    var rest = text
    var left = length
    while true {
      if node.pointee.entryCount == 1 {
        found.append(node.pointee.firstEntry)
      } else {
        for index in 0..<Int(node.pointee.entryCount) { found.append(entries[Int(node.pointee.firstEntry) &+ index]) }
      }
      guard left > 0, let next = child(node, backwards ? rest[left &- 1] : rest[0]) else { return }
      node = nodes + Int(next)
      left &-= 1
      let size = Int(node.pointee.labelLength)
      guard left >= size else { return }
      if !backwards { rest += 1 }
      let label = labels + Int(node.pointee.labelStart)
      guard bytesEqual(backwards ? rest + (left &- size) : rest, label, size) else { return }
      if !backwards { rest += size }
      left &-= size
    }
  }

  @inline(__always)
  private func child(_ node: UnsafePointer<Node>, _ byte: UInt8) -> UInt32? {
    let position: UInt32
    if node.pointee.edgeCount <= 8 {
      guard node.pointee.edgeCount > 0 else { return nil }
      // All eight at once: an edge that is the byte becomes 0, and the lowest such borrows from its top bit.
      let ones: UInt64 = 0x0101_0101_0101_0101
      let differences = node.pointee.edges ^ UInt64(byte) &* ones
      let found = (differences &- ones) & ~differences & (ones &* 0x80)
      guard found != 0 else { return nil }
      position = UInt32(truncatingIfNeeded: found.trailingZeroBitCount &>> 3)
    } else {
      let known = positions[Int(truncatingIfNeeded: node.pointee.edges) &* 256 &+ Int(byte)]
      guard known != 0 else { return nil }
      position = UInt32(known) &- 1
    }
    return node.pointee.firstChild &+ position
  }
}
