// Which of many prefixes (or suffixes, read backwards) a value has: one walk over its first bytes finds them all.

/// A frozen trie of byte strings for many fields; each field has its own root.
struct ByteTrie {
  private struct Node: BitwiseCopyable {
    /// The predicate whose text ends here, or -1.
    var predicate: Int32
    var firstEdge: UInt32
    var edgeCount: UInt32
  }

  private struct Edge: BitwiseCopyable {
    var byte: UInt8
    var node: UInt32
  }

  private let nodes: UnsafePointer<Node>
  private let edges: UnsafePointer<Edge>

  /// Collects texts; see `freeze`.
  struct Builder {
    fileprivate struct Draft {
      var predicate: Int32 = -1
      var children: [(byte: UInt8, node: Int)] = []
    }
    fileprivate var drafts: [Draft] = []

    /// A new root.
    mutating func makeRoot() -> Int32 {
      drafts.append(Draft())
      return Int32(drafts.count - 1)
    }

    /// Adds a text below a root.
    mutating func insert(_ text: some Sequence<UInt8>, root: Int32, predicate: UInt32) {
      var node = Int(root)
      for byte in text {
        if let child = drafts[node].children.first(where: { $0.byte == byte }) {
          node = child.node
        } else {
          drafts[node].children.append((byte, drafts.count))
          node = drafts.count
          drafts.append(Draft())
        }
      }
      drafts[node].predicate = Int32(predicate)
    }
  }

  /// Freezes what a builder collected. Roots keep their numbers.
  init(_ builder: Builder, arena: FrozenArena) {
    var nodes: [Node] = []
    var edges: [Edge] = []
    for draft in builder.drafts {
      nodes.append(
        Node(predicate: draft.predicate, firstEdge: UInt32(edges.count), edgeCount: UInt32(draft.children.count))
      )
      for child in draft.children.sorted(by: { $0.byte < $1.byte }) {
        edges.append(Edge(byte: child.byte, node: UInt32(child.node)))
      }
    }
    self.nodes = arena.freeze(nodes)
    self.edges = arena.freeze(edges)
  }

  /// Calls `body` for every text below a root that the value begins with (or, backwards, ends with).
  @inline(__always)
  func forEachMatch(
    _ root: Int32,
    _ text: UnsafePointer<UInt8>,
    _ length: Int,
    backwards: Bool,
    _ body: (UInt32) -> Void
  ) {
    var node = nodes[Int(root)]
    var index = 0
    while true {
      if node.predicate >= 0 { body(UInt32(bitPattern: node.predicate)) }
      guard index < length, node.edgeCount > 0 else { return }
      let byte = backwards ? text[length &- 1 &- index] : text[index]
      guard let next = child(node, byte) else { return }
      node = nodes[Int(next)]
      index &+= 1
    }
  }

  @inline(__always)
  private func child(_ node: Node, _ byte: UInt8) -> UInt32? {
    var low = Int(node.firstEdge)
    var high = low &+ Int(node.edgeCount)
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
