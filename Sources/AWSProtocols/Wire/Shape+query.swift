// Forms to values: `Entries.member.1.Id=a`, flattened `AttributeName.1=All`, maps `Attributes.entry.1.key=…`. The names
// make a tree; the shape reads it. Both spellings of lists and maps are understood, whatever is declared.

/// The parameters of a form as a tree over the dots of their names.
struct QueryTree {
  /// Deeper names than any input has.
  static let maximumDepth = 24

  var value: String?
  private(set) var children: [String: QueryTree] = [:]

  /// Makes the tree of a form.
  init(_ parameters: [(name: String, value: String)]) throws(SerializationError) {
    for (name, value) in parameters {
      let path = name.split(separator: ".", omittingEmptySubsequences: false)
      guard path.count <= Self.maximumDepth else {
        throw SerializationError(message: "A parameter name has more than \(Self.maximumDepth) parts")
      }
      insert(value, at: path[...])
    }
  }

  private init() {}

  private mutating func insert(_ value: String, at path: ArraySlice<Substring>) {
    guard let first = path.first else { return self.value = value }
    children[String(first), default: QueryTree()].insert(value, at: path.dropFirst())
  }

  subscript(name: String) -> QueryTree? { children[name] }

  /// The numbered children, by number.
  var items: [QueryTree] {
    children.compactMap { name, tree in Int(name).map { ($0, tree) } }.sorted { $0.0 < $1.0 }.map(\.1)
  }
}

extension Structure {
  func decode(query tree: QueryTree, path: String = "") throws(SerializationError) -> Fields {
    var fields = Fields()
    for member in members {
      guard let inner = tree[member.queryName] ?? tree[member.name] else { continue }
      let place = path.isEmpty ? member.queryName : "\(path).\(member.queryName)"
      let value = try member.shape.decode(query: inner, path: place)
      if value != .absent { fields.entries.append((member.name, value)) }
    }
    return fields
  }
}

extension Shape {
  func decode(query tree: QueryTree, path: String) throws(SerializationError) -> Value {
    switch kind {
    case .list(let item):
      let inner = (tree[itemName] ?? tree["member"])?.items ?? []
      var values: [Value] = []
      for (index, tree) in (inner.isEmpty ? tree.items : inner).enumerated() {
        values.append(try item.decode(query: tree, path: "\(path).\(index + 1)"))
      }
      return .list(values)
    case .map(_, let valueShape):
      let inner = tree["entry"]?.items ?? []
      var fields = Fields()
      for tree in inner.isEmpty ? tree.items : inner {
        let key = tree[entryNames.key] ?? tree["key"] ?? tree["Name"]
        let value = tree[entryNames.value] ?? tree["value"] ?? tree["Value"]
        guard let key = key?.value, let value else { continue }
        fields.entries.append((key, try valueShape.decode(query: value, path: "\(path).\(key)")))
      }
      return .fields(fields)
    case .structure(let structure): return .fields(try structure.decode(query: tree, path: path))
    default:
      return try tree.value.map { (text) throws(SerializationError) in try decode(text: text, path: path) } ?? .absent
    }
  }

  /// A scalar from text: a form's parameter, a path label, a query parameter or a header.
  func decode(text: String, path: String) throws(SerializationError) -> Value {
    switch kind {
    case .string: return .string(text)
    case .boolean:
      switch text.lowercased() {
      case "true": return .bool(true)
      case "false": return .bool(false)
      default: throw SerializationError(message: "\(path): true or false was expected")
      }
    case .integer, .long:
      guard let number = Int64(text) else { throw SerializationError(message: "\(path): an integer was expected") }
      if case .integer = kind, Int32(exactly: number) == nil {
        throw SerializationError(message: "\(path): the integer is out of range")
      }
      return .integer(number)
    case .double:
      guard let number = Double(text), number.isFinite else {
        throw SerializationError(message: "\(path): a number was expected")
      }
      return .double(number)
    case .timestamp:
      if let time = Timestamp(iso8601: text) { return .time(time) }
      guard let seconds = Double(text), abs(seconds) < 1e12 else {
        throw SerializationError(message: "\(path): a time was expected")
      }
      return .time(Timestamp(milliseconds: Int64((seconds * 1000).rounded())))
    case .blob:
      guard let bytes = Base64.decode(text) else { throw SerializationError(message: "\(path): base64 was expected") }
      return .blob(bytes)
    case .list(let item): return .list([try item.decode(text: text, path: path)])
    case .document, .map, .structure: throw SerializationError(message: "\(path): a simple value was expected")
    }
  }
}
