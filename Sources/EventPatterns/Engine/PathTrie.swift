// Which names lead to a field that some rule asks about.
//
// The paths of all rules form a trie of names. The scanner walks the event and the trie together; a name that leads
// nowhere means the value can be passed over.
//
//     source            (root) ─ source ●0
//     detail.eventName         └ detail ─ eventName ●1
//     detail.a.b                        └ a ─ b ●2
//
// The edges of all nodes share one hash table keyed by (node, name). An event's name may itself hold dots and then
// takes several edges (`{"a.b": 1}` and `{"a": {"b": 1}}` are the same field).

/// The frozen trie.
struct PathTrie {
  /// A node as the scanner sees it.
  struct Node: BitwiseCopyable {
    /// The field that ends here, or -1.
    var path: Int32
    /// One bit per hash of an outgoing name; no bit, no edge. 0 for a leaf.
    var names: UInt64
  }

  private struct Edge: BitwiseCopyable {
    var hash: UInt64
    var parent: UInt32
    /// 0 marks an empty slot: no edge leads to the root.
    var child: UInt32
    var nameStart: UInt32
    var nameLength: UInt32
  }

  static let root: UInt32 = 0
  static let none = UInt32.max

  let nodes: UnsafePointer<Node>
  let nodeCount: Int
  private let edges: UnsafePointer<Edge>
  private let mask: UInt64
  private let names: UnsafePointer<UInt8>
  private let hash: ByteHash

  /// Builds the trie of the paths; the index of a path in the array is the number of the field.
  init(_ paths: [[UInt8]], hash: ByteHash, arena: FrozenArena) {
    var children: [[[UInt8]: UInt32]] = [[:]]
    var nodes = [Node(path: -1, names: 0)]
    for (field, path) in paths.enumerated() {
      var node: UInt32 = 0
      for name in path.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init) {
        if let child = children[Int(node)][name] {
          node = child
        } else {
          let child = UInt32(nodes.count)
          children[Int(node)][name] = child
          nodes[Int(node)].names |= 1 << (hash(name) & 63)
          nodes.append(Node(path: -1, names: 0))
          children.append([:])
          node = child
        }
      }
      nodes[Int(node)].path = Int32(field)
    }
    var capacity = 16
    while capacity < nodes.count * 2 { capacity *= 2 }
    var edges = [Edge](
      repeating: Edge(hash: 0, parent: 0, child: 0, nameStart: 0, nameLength: 0),
      count: capacity
    )
    var text: [UInt8] = []
    for (parent, names) in children.enumerated() {
      for (name, child) in names {
        let code = Self.slotHash(hash(name), UInt32(parent))
        var slot = Int(code & UInt64(capacity - 1))
        while edges[slot].child != 0 { slot = (slot + 1) & (capacity - 1) }
        edges[slot] = Edge(
          hash: code,
          parent: UInt32(parent),
          child: child,
          nameStart: UInt32(text.count),
          nameLength: UInt32(name.count)
        )
        text += name
      }
    }
    self.nodes = arena.freeze(nodes)
    nodeCount = nodes.count
    self.edges = arena.freeze(edges)
    mask = UInt64(capacity - 1)
    names = arena.freeze(text)
    self.hash = hash
  }

  @inline(__always)
  private static func slotHash(_ name: UInt64, _ parent: UInt32) -> UInt64 {
    name ^ UInt64(parent) &* 0x9E37_79B9_7F4A_7C15
  }

  /// The node a name leads to, or `none`.
  @inline(__always)
  func child(of node: UInt32, _ name: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
    let code = hash(name, length)
    let names = nodes[Int(node)].names
    if names & (1 &<< (code & 63)) != 0 {
      let found = edge(node, name, length, code)
      // A path `a.` and a member with an empty name inside `a` are not the same field (nor are they to event-ruler).
      if found != Self.none, length > 0 || node == Self.root { return found }
    }
    return length > 0 ? dottedChild(of: node, name, length) : Self.none
  }

  @inline(__always)
  private func edge(_ node: UInt32, _ name: UnsafePointer<UInt8>, _ length: Int, _ code: UInt64) -> UInt32 {
    let wanted = Self.slotHash(code, node)
    var slot = wanted & mask
    while true {
      let edge = edges[Int(slot)]
      if edge.child == 0 { return Self.none }
      if edge.hash == wanted, edge.parent == node, Int(edge.nameLength) == length,
        bytesEqual(names + Int(edge.nameStart), name, length)
      {
        return edge.child
      }
      slot = (slot &+ 1) & mask
    }
  }

  /// Takes a name with dots apart; rare, so it is looked for last.
  @inline(never)
  private func dottedChild(of node: UInt32, _ name: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
    var node = node
    var start = 0
    var sawDot = false
    for index in 0...length where index == length || name[index] == UInt8(ascii: ".") {
      if index < length { sawDot = true }
      guard sawDot else { return Self.none }
      let part = name + start
      let code = hash(part, index - start)
      guard nodes[Int(node)].names & (1 &<< (code & 63)) != 0 else { return Self.none }
      node = edge(node, part, index - start, code)
      guard node != Self.none else { return Self.none }
      start = index + 1
    }
    return node
  }
}

/// Whether two runs of bytes are the same; eight at a time, reading nothing outside them.
@inline(__always)
func bytesEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  let a = UnsafeRawPointer(left)
  let b = UnsafeRawPointer(right)
  var offset = 0
  while offset &+ 8 <= count {
    if a.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      != b.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    {
      return false
    }
    offset &+= 8
  }
  while offset < count {
    if left[offset] != right[offset] { return false }
    offset &+= 1
  }
  return true
}
