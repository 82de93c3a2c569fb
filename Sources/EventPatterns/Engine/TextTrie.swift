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
  /// A text's entries: a run of numbers.
  fileprivate struct Node: BitwiseCopyable {
    /// The bytes on the way to the node, after the first (which is on the edge).
    var labelStart: UInt32
    var labelLength: UInt32
    var firstEntry: UInt32
    var entryCount: UInt32
    var firstEdge: UInt32
    var edgeCount: UInt32
  }

  fileprivate struct Edge: BitwiseCopyable {
    var byte: UInt8
    var node: UInt32
  }

  private let nodes: UnsafePointer<Node>
  private let edges: UnsafePointer<Edge>
  private let labels: UnsafePointer<UInt8>
  private let entries: UnsafePointer<UInt32>

  /// Collects texts, one trie after the other.
  struct Builder {
    fileprivate var nodes: [Node] = []
    fileprivate var edges: [Edge] = []
    fileprivate var labels: [UInt8] = []
    fileprivate var entries: [UInt32] = []

    /// Adds a trie; returns its root. Several entries may have the same text.
    mutating func add(_ texts: [(text: [UInt8], entry: UInt32)]) -> Int32 {
      let sorted = texts.sorted { left, right in
        left.text == right.text ? left.entry < right.entry : left.text.lexicographicallyPrecedes(right.text)
      }
      let root = reserve(1)
      fill(root, sorted[...], from: 0, labelFrom: 0)
      return Int32(root)
    }

    private mutating func reserve(_ count: Int) -> Int {
      let empty = Node(labelStart: 0, labelLength: 0, firstEntry: 0, entryCount: 0, firstEdge: 0, edgeCount: 0)
      nodes += repeatElement(empty, count: count)
      return nodes.count - count
    }

    /// Makes a node for sorted texts that are alike up to `depth`; those bytes from `labelFrom` on are its label.
    private mutating func fill(
      _ node: Int,
      _ texts: ArraySlice<(text: [UInt8], entry: UInt32)>,
      from depth: Int,
      labelFrom: Int
    ) {
      guard let first = texts.first?.text, let last = texts.last?.text else { return }
      // Sorted, so what the first and the last share all share. The root has no label: it is where values begin.
      var end = depth
      if depth > 0 { while end < first.count, end < last.count, first[end] == last[end] { end += 1 } }
      nodes[node].labelStart = UInt32(labels.count)
      nodes[node].labelLength = UInt32(end - labelFrom)
      labels += first[labelFrom..<end]
      var rest = texts
      nodes[node].firstEntry = UInt32(entries.count)
      while let text = rest.first, text.text.count == end {
        entries.append(text.entry)
        rest.removeFirst()
      }
      nodes[node].entryCount = UInt32(entries.count) - nodes[node].firstEntry
      var groups: [ArraySlice<(text: [UInt8], entry: UInt32)>] = []
      while let byte = rest.first?.text[end] {
        let group = rest.prefix { $0.text[end] == byte }
        groups.append(group)
        rest.removeFirst(group.count)
      }
      let child = reserve(groups.count)
      nodes[node].firstEdge = UInt32(edges.count)
      nodes[node].edgeCount = UInt32(groups.count)
      for (offset, group) in groups.enumerated() {
        edges.append(Edge(byte: group.first?.text[end] ?? 0, node: UInt32(child + offset)))
      }
      for (offset, group) in groups.enumerated() {
        fill(child + offset, group, from: end + 1, labelFrom: end + 1)
      }
    }
  }

  /// Freezes what a builder collected. Roots keep their numbers.
  init(_ builder: Builder, arena: FrozenArena) {
    nodes = arena.freeze(builder.nodes)
    edges = arena.freeze(builder.edges)
    labels = arena.freeze(builder.labels)
    entries = arena.freeze(builder.entries)
  }

  /// Calls `body` with the entries of every text below a root that the value begins with (or, backwards, ends with).
  @inline(__always)
  func forEachMatch(
    _ root: Int32,
    _ text: UnsafePointer<UInt8>,
    _ length: Int,
    backwards: Bool,
    _ body: (UInt32) -> Void
  ) {
    var node = nodes + Int(root)
    var index = 0
    while true {
      let first = Int(node.pointee.firstEntry)
      for offset in 0..<Int(node.pointee.entryCount) { body(entries[first &+ offset]) }
      guard index < length, node.pointee.edgeCount > 0 else { return }
      let byte = backwards ? text[length &- 1 &- index] : text[index]
      guard let next = child(node, byte) else { return }
      node = nodes + Int(next)
      index &+= 1
      let size = Int(node.pointee.labelLength)
      guard length &- index >= size else { return }
      let label = labels + Int(node.pointee.labelStart)
      if backwards {
        let end = text + (length &- 1 &- index)
        for offset in 0..<size where (end - offset).pointee != label[offset] { return }
      } else {
        guard bytesEqual(text + index, label, size) else { return }
      }
      index &+= size
    }
  }

  @inline(__always)
  private func child(_ node: UnsafePointer<Node>, _ byte: UInt8) -> UInt32? {
    var low = Int(node.pointee.firstEdge)
    var high = low &+ Int(node.pointee.edgeCount)
    while high &- low > 4 {
      let middle = (low &+ high) &>> 1
      if edges[middle].byte <= byte { low = middle } else { high = middle }
    }
    while low < high {
      if edges[low].byte == byte { return edges[low].node }
      low &+= 1
    }
    return nil
  }
}
