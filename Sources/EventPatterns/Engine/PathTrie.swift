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
    /// Which of the observed members this is, or -1.
    var observed: Int32 = -1
    /// One bit per `textBit` of an outgoing name; no bit, no edge. 0 for a leaf.
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
      if names &>> textBit(name[0], name[length &- 1], length) & 1 != 0 { return true }
      return length > Int(shortestInnerName) && innerNames &>> UInt64(name[0]) & 1 != 0
    }
  }

  fileprivate struct Edge: BitwiseCopyable {
    var key: Key
    /// 0 marks an empty slot: no edge leads to the root.
    var child: UInt32
    var nameStart: UInt32

    static let empty = Edge(key: Key(head: 0, tail: 0, lengthAndParent: 0), child: 0, nameStart: 0)
  }

  /// What an edge is known by: the node it leaves, and its name's length and first and last eight bytes, which is all of
  /// the name up to sixteen.
  fileprivate struct Key: BitwiseCopyable {
    var head: UInt64
    var tail: UInt64
    var lengthAndParent: UInt64

    /// Up to this length the key is all of a name.
    static let wholeLength = 16
    /// Up to this length the key is hashed, and eight bytes in the middle are left to compare.
    static let hashedLength = 24

    init(head: UInt64, tail: UInt64, lengthAndParent: UInt64) {
      (self.head, self.tail, self.lengthAndParent) = (head, tail, lengthAndParent)
    }

    /// - Parameter end: up to where memory may be read; a short name is read with what follows it.
    @inline(__always)
    init(_ parent: UInt32, _ name: UnsafePointer<UInt8>, _ length: Int, readableTo end: UnsafePointer<UInt8>) {
      let raw = UnsafeRawPointer(name)
      lengthAndParent = UInt64(UInt32(truncatingIfNeeded: length)) | UInt64(parent) &<< 32
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

    @inline(__always)
    var length: Int { Int(lengthAndParent & 0xFFFF_FFFF) }

    @inline(__always)
    static func == (left: Key, right: Key) -> Bool {
      left.head == right.head && left.tail == right.tail && left.lengthAndParent == right.lengthAndParent
    }
  }

  static let root: UInt32 = 0
  static let none = UInt32.max

  let nodes: UnsafePointer<Node>
  let nodeCount: Int
  let edges: Edges

  /// Builds the trie of the paths; the index of a path in the array is the number of the field.
  ///
  /// - Parameter observed: paths that somebody else asks about, be it that rules ask too or not.
  init(_ paths: [[UInt8]], observed: [[UInt8]] = [], hash: ByteHash, arena: FrozenArena) {
    var children: [[[UInt8]: UInt32]] = [[:]]
    var nodes = [Node(path: -1, names: 0, innerNames: 0)]
    for (index, path) in (paths + observed).enumerated() {
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
      if index < paths.count {
        nodes[Int(node)].path = Int32(index)
      } else {
        nodes[Int(node)].observed = Int32(index - paths.count)
      }
    }
    var capacity = 16
    while capacity < nodes.count * 4 { capacity *= 2 }
    let shift = UInt64(64 - capacity.trailingZeroBitCount)
    var edges = [Edge](repeating: .empty, count: capacity)
    var text: [UInt8] = []
    for (parent, names) in children.enumerated() {
      for (name, child) in names {
        let (key, code) = Edges.key(UInt32(parent), name, hash)
        if let first = name.first, let last = name.last {
          nodes[parent].names |= 1 &<< textBit(first, last, name.count)
          if !children[Int(child)].isEmpty {
            nodes[parent].innerNames |= 1 &<< UInt64(first)
            nodes[parent].shortestInnerName = min(nodes[parent].shortestInnerName, UInt32(name.count))
          }
        } else {
          nodes[parent].names = .max  // an empty name has no bytes to tell it by
        }
        var slot = Int(code >> shift)
        while edges[slot].child != 0 { slot = (slot + 1) & (capacity - 1) }
        edges[slot] = Edge(key: key, child: child, nameStart: UInt32(text.count))
        text += name
      }
    }
    self.nodes = arena.freeze(nodes)
    nodeCount = nodes.count
    self.edges = Edges(
      edges: arena.freeze(edges),
      shift: shift,
      names: arena.freeze(text),
      hash: hash,
      arena: arena
    )
  }

  /// The edges of all nodes. One pointer, so that passing them on costs a register.
  struct Edges {
    private struct Tables: BitwiseCopyable {
      var edges: UnsafePointer<Edge>
      var mask: UInt64
      /// How far a slot's hash is shifted to become the slot.
      var shift: UInt64
      var names: UnsafePointer<UInt8>
      var hash: ByteHash
    }

    private let tables: UnsafePointer<Tables>

    fileprivate init(
      edges: UnsafePointer<Edge>,
      shift: UInt64,
      names: UnsafePointer<UInt8>,
      hash: ByteHash,
      arena: FrozenArena
    ) {
      let mask = UInt64.max >> shift
      tables = arena.freeze([Tables(edges: edges, mask: mask, shift: shift, names: names, hash: hash)])
    }

    /// What an edge is known by, and its hash: the slot is in the upper bits, which all others have a say in.
    fileprivate static func key(_ parent: UInt32, _ name: [UInt8], _ hash: ByteHash) -> (Key, UInt64) {
      // The zero gives names without bytes an address.
      (name + [0]).withUnsafeBufferPointer { bytes in
        key(parent, bytes.baseAddress.unsafelyUnwrapped, name.count, hash)
      }
    }

    private static func key(
      _ parent: UInt32,
      _ name: UnsafePointer<UInt8>,
      _ length: Int,
      _ hash: ByteHash
    ) -> (Key, UInt64) {
      let key = Key(parent, name, length, readableTo: name + length)
      // Longer names need a look at the rest, lest names that differ in the middle only all meet in one slot.
      return (key, length <= Key.hashedLength ? code(of: key, hash) : code(of: key, hash, name))
    }

    /// Only rules put names into the table, so names in events cannot make it slow: two multiplications are enough.
    @inline(__always)
    private static func code(of key: Key, _ hash: ByteHash) -> UInt64 {
      ((key.head ^ hash.seed) &* 0xA076_1D64_78BD_642F ^ key.tail &+ key.lengthAndParent) &* 0x9E37_79B9_7F4A_7C15
    }

    private static func code(of key: Key, _ hash: ByteHash, _ name: UnsafePointer<UInt8>) -> UInt64 {
      (hash(name, key.length) ^ key.lengthAndParent) &* 0x9E37_79B9_7F4A_7C15
    }

    /// The node a name leads to, or `none`. Ask `Node.mayLead` first.
    ///
    /// - Parameter end: up to where memory may be read, at or behind the end of the name.
    @inline(never)
    func child(
      of node: UInt32,
      _ name: UnsafePointer<UInt8>,
      _ length: Int,
      readableTo end: UnsafePointer<UInt8>
    ) -> UInt32 {
      // All but the usual is in functions of their own, so that this one needs no stack.
      guard length &- 1 < Key.hashedLength, length > 0 else { return unusualChild(of: node, name, length) }
      let key = Key(node, name, length, readableTo: end)
      var slot = Self.code(of: key, tables.pointee.hash) &>> tables.pointee.shift
      while true {
        let edge = tables.pointee.edges + Int(bitPattern: UInt(slot))
        if edge.pointee.key == key {
          if length <= Key.wholeLength { return edge.pointee.child }
          let known = UnsafeRawPointer(tables.pointee.names + Int(edge.pointee.nameStart))
          if known.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            == UnsafeRawPointer(name).loadUnaligned(fromByteOffset: 8, as: UInt64.self)
          {
            return edge.pointee.child
          }
        }
        if edge.pointee.child == 0 { break }
        slot = (slot &+ 1) & tables.pointee.mask
      }
      return dottedChild(of: node, name, length)
    }

    /// As `child`, for names that are longer than their keys, or empty.
    @inline(never)
    private func unusualChild(of node: UInt32, _ name: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
      let found = edge(node, name, length)
      // A path `a.` and a member with an empty name inside `a` are not the same field (nor are they to event-ruler).
      if found != PathTrie.none { return length > 0 || node == PathTrie.root ? found : PathTrie.none }
      return dottedChild(of: node, name, length)
    }

    private func edge(_ node: UInt32, _ name: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
      let (key, code) = Self.key(node, name, length, tables.pointee.hash)
      var slot = code &>> tables.pointee.shift
      while true {
        let edge = tables.pointee.edges + Int(bitPattern: UInt(slot))
        if edge.pointee.child == 0 { return PathTrie.none }
        if edge.pointee.key == key,
          length <= Key.wholeLength
            || bytesEqual(tables.pointee.names + Int(edge.pointee.nameStart), name, length)
        {
          return edge.pointee.child
        }
        slot = (slot &+ 1) & tables.pointee.mask
      }
    }

    /// Takes a name with dots apart; rare, so it is looked for last.
    @inline(never)
    private func dottedChild(of node: UInt32, _ name: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
      guard holds(UInt8(ascii: "."), in: name, length) else { return PathTrie.none }
      var node = node
      var start = 0
      for index in 0...length where index == length || name[index] == UInt8(ascii: ".") {
        node = edge(node, name + start, index - start)
        guard node != PathTrie.none else { return PathTrie.none }
        start = index + 1
      }
      return node
    }
  }
}
