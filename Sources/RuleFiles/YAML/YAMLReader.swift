// From bytes to `YAMLNode` trees over libyaml's event parser, with the bounds that make hostile files harmless.
//
// libyaml stops at the first syntax error. So that one slip does not hide the mistakes in the rest of a file, reading
// goes on at the next line that begins with `---`.

import CYAML

/// What a YAML file holds.
package struct YAMLFile: Sendable {
  /// The documents that could be read, in order; empty ones are left out.
  package var documents: [YAMLNode]
  /// What could not be read.
  package var diagnostics: [Diagnostic]
}

/// The bounds within which a file is read.
package struct YAMLLimits: Sendable {
  /// The largest file in bytes.
  package var fileSize = 4 << 20
  /// The deepest nesting.
  package var depth = 100
  /// The most nodes of a file, with every alias counted as what it stands for.
  package var nodes = 500_000
  /// After how many documents that cannot be read the rest of a file is given up.
  package var brokenDocuments = 20

  package init() {}
}

extension YAMLFile {
  /// Reads all documents of a file.
  package init(reading bytes: [UInt8], name: String, limits: YAMLLimits = YAMLLimits()) {
    self.init(documents: [], diagnostics: [])
    let start = SourcePosition(file: name, line: 1, column: 1)
    guard bytes.count <= limits.fileSize else {
      let message = "the file has \(bytes.count) bytes, more than the \(limits.fileSize) that are read"
      diagnostics.append(Diagnostic(.limitExceeded, at: start, message, hint: "split it into several files"))
      return
    }
    if let offset = Self.firstInvalidByte(bytes) {
      let place = Self.position(ofByte: offset, in: bytes, file: name)
      let hint = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) ? "it looks like UTF-16; " : ""
      diagnostics.append(
        Diagnostic(.invalidUTF8, at: place, "the file is not UTF-8 from here on", hint: hint + "save it as UTF-8")
      )
      return
    }
    // A byte order mark is no content.
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    var nodesLeft = limits.nodes
    var (from, line) = (0, 0)
    for _ in 0..<limits.brokenDocuments {
      let events = YAMLEvents(content[from...], file: name, firstLine: line)
      var reader = YAMLTreeReader(events: events, limits: limits, nodesLeft: nodesLeft)
      reader.readStream()
      documents += reader.documents
      diagnostics += reader.diagnostics
      nodesLeft = reader.nodesLeft
      guard let stop = reader.stoppedAtLine, nodesLeft > 0,
        let next = Self.nextDocument(in: content, from: from, line: line, notBefore: stop)
      else { return }
      (from, line) = next
    }
    let place = SourcePosition(file: name, line: line + 1, column: 1)
    let message = "\(limits.brokenDocuments) documents cannot be read; the file is given up here"
    diagnostics.append(Diagnostic(.limitExceeded, at: place, message, hint: "is it YAML?"))
  }

  /// The first line from a line on (both from 0) that begins a document, the one where reading began left out.
  private static func nextDocument(
    in bytes: [UInt8],
    from: Int,
    line: Int,
    notBefore stop: Int
  ) -> (offset: Int, line: Int)? {
    var offset = from
    var line = line
    while let end = bytes[offset...].firstIndex(of: 0x0A) {
      offset = end + 1
      line += 1
      let rest = bytes[offset...]
      let follower = rest.dropFirst(3).first
      if line >= stop, rest.starts(with: "---".utf8), follower == nil || follower == 0x0A || follower == 0x20 {
        return (offset, line)
      }
    }
    return nil
  }

  /// Where the text stops being UTF-8, or contains a character that YAML does not allow anywhere.
  private static func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let scalar): offset += scalar.count
      case .emptyInput: return nil
      case .error: return offset
      }
    }
  }

  /// The line and column of a byte.
  static func position(ofByte offset: Int, in bytes: [UInt8], file: String) -> SourcePosition {
    let before = bytes.prefix(offset)
    let line = before.count { $0 == 0x0A } + 1
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    return SourcePosition(file: file, line: line, column: column)
  }
}

/// Builds trees from events.
struct YAMLTreeReader {
  private var events: YAMLEvents
  private let limits: YAMLLimits
  private var anchors: [String: (node: YAMLNode, weight: Int)] = [:]
  private(set) var nodesLeft: Int
  private(set) var documents: [YAMLNode] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// The line (from 0) at which reading had to stop early.
  private(set) var stoppedAtLine: Int?

  /// Thrown once the diagnostic is recorded: the rest of the document cannot be read.
  private struct Stop: Error {}

  init(events: YAMLEvents, limits: YAMLLimits, nodesLeft: Int) {
    self.events = events
    self.limits = limits
    self.nodesLeft = nodesLeft
  }

  mutating func readStream() {
    do {
      while true {
        let event = try next()
        switch event.kind {
        case .streamEnd: return
        case .documentStart:
          anchors = [:]
          let root = try node(startingWith: try next(), depth: 1)
          if !root.isNull { documents.append(root) }
        default: continue
        }
      }
    } catch {
      return
    }
  }

  private mutating func next() throws(Stop) -> YAMLEvent {
    switch events.next() {
    case .success(let event): return event
    case .failure(let diagnostic): throw stop(diagnostic)
    }
  }

  private mutating func stop(_ diagnostic: Diagnostic) -> Stop {
    diagnostics.append(diagnostic)
    stoppedAtLine = diagnostic.position.line - 1
    return Stop()
  }

  private mutating func spend(_ weight: Int, at position: SourcePosition) throws(Stop) {
    nodesLeft -= weight
    guard nodesLeft <= 0 else { return }
    let message = "the file has more than \(limits.nodes) values, aliases counted as what they stand for"
    throw stop(Diagnostic(.limitExceeded, at: position, message, hint: "split the file, or use fewer aliases"))
  }

  private mutating func node(startingWith event: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
    guard depth <= limits.depth else {
      let message = "values nest deeper than \(limits.depth) levels"
      throw stop(Diagnostic(.limitExceeded, at: event.position, message, hint: "flatten the document"))
    }
    if let tag = event.tag {
      diagnostics.append(
        Diagnostic(
          .unsupportedYAML,
          at: event.position,
          "the tag \(tag) is not supported",
          hint: "leave it out: the field decides the type, and quotes make a string"
        )
      )
    }
    let before = nodesLeft
    try spend(1, at: event.position)
    let node: YAMLNode
    switch event.kind {
    case .alias(let name):
      guard let anchored = anchors[name] else {
        let message = "there is no anchor &\(name) before this alias of it"
        throw stop(
          Diagnostic(.invalidYAML, at: event.position, message, hint: "put quotes around text that begins with *")
        )
      }
      try spend(anchored.weight, at: event.position)
      return anchored.node
    case .scalar(let scalar):
      node = YAMLNode(content: .scalar(scalar), position: event.position)
    case .sequenceStart:
      var items: [YAMLNode] = []
      while true {
        let inner = try next()
        if case .sequenceEnd = inner.kind { break }
        items.append(try self.node(startingWith: inner, depth: depth + 1))
      }
      node = YAMLNode(content: .sequence(items), position: event.position)
    case .mappingStart:
      node = YAMLNode(content: .mapping(try members(depth: depth)), position: event.position)
    case .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd, .other:
      let hint = "write a value, or \"\" for an empty text"
      throw stop(Diagnostic(.invalidYAML, at: event.position, "a value was expected here", hint: hint))
    }
    if let anchor = event.anchor { anchors[anchor] = (node, before - nodesLeft) }
    return node
  }

  private mutating func members(depth: Int) throws(Stop) -> [YAMLMember] {
    var members: [YAMLMember] = []
    var places: [String: SourcePosition] = [:]
    while true {
      let event = try next()
      if case .mappingEnd = event.kind { return members }
      let key = try node(startingWith: event, depth: depth + 1)
      let value = try node(startingWith: try next(), depth: depth + 1)
      guard let scalar = key.scalar, !key.isNull else {
        let hint = "write a plain word before the colon; quote text that begins with { or ["
        diagnostics.append(Diagnostic(.unsupportedYAML, at: event.position, "a key has to be a word", hint: hint))
        continue
      }
      if scalar.text == "<<", scalar.isPlain {
        let hint = "repeat the keys, or give the whole value an anchor"
        diagnostics.append(
          Diagnostic(.unsupportedYAML, at: event.position, "merge keys (<<) are not supported", hint: hint)
        )
        continue
      }
      if let first = places[scalar.text] {
        let message = "the key '\(scalar.text)' is already given in line \(first.line)"
        diagnostics.append(
          Diagnostic(.duplicateKey, at: event.position, message, hint: "keep one of them, or merge their values")
        )
        continue
      }
      places[scalar.text] = event.position
      members.append(YAMLMember(key: scalar.text, keyPosition: event.position, value: value))
    }
  }
}
