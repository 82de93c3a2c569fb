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
    /// One bit per `Self.bit` of an outgoing name; no bit, no edge. 0 for a leaf.
    var names: UInt64
    /// One bit per first byte of an outgoing name that leads further than to a leaf: only those can begin a dotted name.
    var innerNames: UInt64
    /// The length of the shortest such name.
    var shortestInnerName = UInt32.max

    /// Whether a name may lead anywhere. Nearly all names of an event lead nowhere, and this is all they cost.
    ///
    /// - Parameter name: a name with a byte before it.
    @inline(__always)
    func mayLead(_ name: UnsafePointer<UInt8>, _ length: Int) -> Bool {
      if names &>> Self.bit(name[0], name[length &- 1], length) & 1 != 0 { return true }
      return length > Int(shortestInnerName) && innerNames &>> UInt64(name[0]) & 1 != 0
    }

    /// Tells names of CloudTrail records apart well, better than what else takes three instructions.
    @inline(__always)
    fileprivate static func bit(_ first: UInt8, _ last: UInt8, _ length: Int) -> UInt64 {
      UInt64(first) &+ UInt64(last) &* 2 &+ UInt64(truncatingIfNeeded: length) &* 4
    }
  }

  private struct Edge: BitwiseCopyable {
    var key: Key
    var parent: UInt32
    /// 0 marks an empty slot: no edge leads to the root.
    var child: UInt32
    var nameStart: UInt32
  }

  /// What a name is known by: its length and its first and last eight bytes, which is all of it up to sixteen.
  private struct Key: BitwiseCopyable {
    var head: UInt64
    var tail: UInt64
    var length: UInt32

    /// - Parameter end: up to where memory may be read; a short name is read with what follows it.
    @inline(__always)
    init(_ name: UnsafePointer<UInt8>, _ length: Int, readableTo end: UnsafePointer<UInt8>) {
      let raw = UnsafeRawPointer(name)
      self.length = UInt32(truncatingIfNeeded: length)
      if length >= 8 {
        head = raw.loadUnaligned(as: UInt64.self)
        tail = raw.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
      } else {
        tail = 0
        if name + 8 <= end {
          let bits = UInt64(truncatingIfNeeded: length) &* 8
          head = UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self)) & ((1 &<< bits) &- 1)
        } else {
          head = 0
          for index in 0..<length { head |= UInt64(name[index]) &<< UInt64(8 &* index) }
        }
      }
    }

    /// Whether the name holds a dot as far as the key knows it. (The usual trick: a byte that is a dot becomes 0, and only
    /// such bytes borrow from their top bit.)
    @inline(__always)
    var mayHoldDot: Bool {
      if length > 16 { return true }
      let (dots, ones): (UInt64, UInt64) = (0x2E2E_2E2E_2E2E_2E2E, 0x0101_0101_0101_0101)
      let (head, tail) = (head ^ dots, tail ^ dots)
      return ((head &- ones) & ~head | (tail &- ones) & ~tail) & (ones &<< 7) != 0
    }

    @inline(__always)
    static func == (left: Key, right: Key) -> Bool {
      left.head == right.head && left.tail == right.tail && left.length == right.length
    }
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
    var nodes = [Node(path: -1, names: 0, innerNames: 0)]
    for (field, path) in paths.enumerated() {
      var node: UInt32 = 0
      for name in path.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init) {
        if let child = children[Int(node)][name] {
          node = child
        } else {
          let child = UInt32(nodes.count)
          children[Int(node)][name] = child
          nodes.append(Node(path: -1, names: 0, innerNames: 0))
          children.append([:])
          node = child
        }
      }
      nodes[Int(node)].path = Int32(field)
    }
    var capacity = 16
    while capacity < nodes.count * 2 { capacity *= 2 }
    var edges = [Edge?](repeating: nil, count: capacity)
    var text: [UInt8] = []
    for (parent, names) in children.enumerated() {
      for (name, child) in names {
        let (key, code) = Self.key(name, hash)
        if let first = name.first, let last = name.last {
          nodes[parent].names |= 1 &<< Node.bit(first, last, name.count)
          if !children[Int(child)].isEmpty {
            nodes[parent].innerNames |= 1 &<< UInt64(first)
            nodes[parent].shortestInnerName = min(nodes[parent].shortestInnerName, UInt32(name.count))
          }
        } else {
          nodes[parent].names = .max  // an empty name has no bytes to tell it by
        }
        var slot = Int(Self.slotHash(code, UInt32(parent)) & UInt64(capacity - 1))
        while edges[slot] != nil { slot = (slot + 1) & (capacity - 1) }
        edges[slot] = Edge(key: key, parent: UInt32(parent), child: child, nameStart: UInt32(text.count))
        text += name
      }
    }
    let (emptyKey, _) = Self.key([], hash)
    self.nodes = arena.freeze(nodes)
    nodeCount = nodes.count
    self.edges = arena.freeze(edges.map { $0 ?? Edge(key: emptyKey, parent: 0, child: 0, nameStart: 0) })
    mask = UInt64(capacity - 1)
    names = arena.freeze(text)
    self.hash = hash
  }

  private static func key(_ name: [UInt8], _ hash: ByteHash) -> (Key, UInt64) {
    // The zero gives names without bytes an address.
    (name + [0]).withUnsafeBufferPointer { bytes in key(bytes.baseAddress.unsafelyUnwrapped, name.count, hash) }
  }

  private static func key(_ name: UnsafePointer<UInt8>, _ length: Int, _ hash: ByteHash) -> (Key, UInt64) {
    let key = Key(name, length, readableTo: name + length)
    return (key, code(of: key, name, hash))
  }

  /// The hash of a name. Up to sixteen bytes, the key is all of the name; longer ones need a look at the rest, lest
  /// names that differ in the middle only all meet in one slot.
  @inline(__always)
  private static func code(of key: Key, _ name: UnsafePointer<UInt8>, _ hash: ByteHash) -> UInt64 {
    key.length <= 16 ? hash(key.head, key.tail &+ UInt64(key.length)) : hash(name, Int(key.length))
  }

  @inline(__always)
  private static func slotHash(_ name: UInt64, _ parent: UInt32) -> UInt64 {
    name &>> 6 ^ UInt64(parent) &* 0x9E37_79B9_7F4A_7C15
  }

  /// The node a name leads to, or `none`. Ask `Node.mayLead` first.
  ///
  /// - Parameter end: up to where memory may be read, at or behind the end of the name.
  func child(
    of node: UInt32,
    _ name: UnsafePointer<UInt8>,
    _ length: Int,
    readableTo end: UnsafePointer<UInt8>
  ) -> UInt32 {
    let key = Key(name, length, readableTo: end)
    let found = edge(node, name, key, Self.code(of: key, name, hash))
    // A path `a.` and a member with an empty name inside `a` are not the same field (nor are they to event-ruler).
    if found != Self.none { return length > 0 || node == Self.root ? found : Self.none }
    return key.mayHoldDot ? dottedChild(of: node, name, length) : Self.none
  }

  @inline(__always)
  private func edge(_ node: UInt32, _ name: UnsafePointer<UInt8>, _ key: Key, _ code: UInt64) -> UInt32 {
    var slot = Self.slotHash(code, node) & mask
    while true {
      let edge = edges + Int(bitPattern: UInt(slot))
      if edge.pointee.child == 0 { return Self.none }
      if edge.pointee.key == key, edge.pointee.parent == node,
        key.length <= 16 || bytesEqual(names + Int(edge.pointee.nameStart), name, Int(key.length))
      {
        return edge.pointee.child
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
      let (key, code) = Self.key(part, index - start, hash)
      node = edge(node, part, key, code)
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
