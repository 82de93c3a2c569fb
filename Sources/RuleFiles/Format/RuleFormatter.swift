// `fmt`: the one way rule files look, with every comment kept.
//
// The text is edited, never written anew from the tree: comments, line breaks and the choice of block or flow style stay
// the author's. What is put right is listed on `RuleFormatter`. Because editing text blindly would be dangerous, the
// result of every edit is read again and has to mean exactly what the original meant; otherwise nothing is changed.

/// Formats rule files.
///
/// - Blocks are indented by two blanks, the items of a list below its key too; comments move along.
/// - One blank stands behind `-`, `:` and `,`, none before `:` and `,` and inside of brackets.
/// - Lines end in LF, without blanks before; a file ends with one line break; no two empty lines follow each other.
/// - Account ids and other scalars that YAML readers disagree about are quoted.
/// - Single values in event patterns are put into the brackets of a list.
/// - The keys of a document stand in the order of the reference, each with the comments above it.
///
/// Formatting what is formatted changes nothing.
public enum RuleFormatter {
  /// What formatting brought.
  public struct Outcome: Sendable {
    /// The formatted text; the original if it cannot be read.
    public var text: String
    /// Why it cannot be read.
    public var diagnostics: [Diagnostic]
    /// A mistake of the formatter that was noticed in time: the text is the original.
    public var mishap: String?
  }

  /// Formats the text of a rule file.
  public static func format(_ text: String, file: String) -> Outcome {
    format(text, file: file, edits: edits)
  }

  /// One step of formatting.
  struct Edit {
    /// What it does, for a message.
    var name: String
    /// Whether the edit may be out of place in a file, so that it is left out there.
    var isOptional = false
    var apply: (String, [YAMLNode]) -> String
    /// Whether only white space may change.
    var keepsWords = false
  }

  private static var edits: [Edit] {
    [
      Edit(name: "quoting scalars", apply: quoteScalars),
      Edit(name: "putting values into brackets", apply: bracketScalars),
      Edit(name: "indenting", apply: { text, _ in LineLayout.laidOut(text) ?? text }, keepsWords: true),
      // A key cannot go above the anchor it refers to.
      Edit(name: "ordering keys", isOptional: true, apply: orderKeys),
      Edit(name: "tidying lines", apply: tidyLines, keepsWords: true),
    ]
  }

  /// Formats a text by steps, each of which is checked.
  static func format(_ text: String, file: String, edits: [Edit]) -> Outcome {
    let original = YAMLFile(reading: Array(text.utf8), name: file)
    guard !original.diagnostics.containsError else { return Outcome(text: text, diagnostics: original.diagnostics) }
    // YAML counts these as line breaks and everybody else does not: the places of what follows would be wrong.
    guard !text.unicodeScalars.contains(where: { ["\u{85}", "\u{2028}", "\u{2029}"].contains($0) }) else {
      return Outcome(text: text, diagnostics: [])
    }
    let meaning = original.documents.map(\.meaning)
    var current = withPlainLineBreaks(text)
    for edit in edits {
      let documents = YAMLFile(reading: Array(current.utf8), name: file).documents
      let edited = edit.apply(current, documents)
      let read = YAMLFile(reading: Array(edited.utf8), name: file)
      let isSound = read.diagnostics.isEmpty && read.documents.map(\.meaning) == meaning
      if isSound, !edit.keepsWords || words(edited) == words(current) {
        current = edited
      } else if !edit.isOptional {
        return Outcome(text: text, diagnostics: [], mishap: "\(edit.name) would have changed what the file says")
      }
    }
    return Outcome(text: current, diagnostics: [])
  }

  /// The text without a byte order mark, its lines ended by LF.
  private static func withPlainLineBreaks(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    var isAfterReturn = false
    for scalar in text.unicodeScalars {
      if scalar == "\u{FEFF}", scalars.isEmpty { continue }
      if scalar == "\r" || !(isAfterReturn && scalar == "\n") { scalars.append(scalar == "\r" ? "\n" : scalar) }
      isAfterReturn = scalar == "\r"
    }
    return String(scalars)
  }

  /// All that is no white space.
  private static func words(_ text: String) -> [UInt8] { text.utf8.filter { ![0x20, 0x09, 0x0A].contains($0) } }

  // MARK: Edits within lines

  private static func quoteScalars(_ text: String, _ documents: [YAMLNode]) -> String {
    var lines = FormattedLines(text)
    for document in documents {
      document.forEachScalar { node, scalar in
        if scalar.isUnquotedAccount || scalar.isAmbiguous { lines.wrap(node, "\"", "\"") }
      }
    }
    return lines.text
  }

  private static func bracketScalars(_ text: String, _ documents: [YAMLNode]) -> String {
    var lines = FormattedLines(text)
    var places: Set<SourcePosition> = []
    for document in documents {
      for pattern in document.patterns {
        var writer = PatternWriter(lists: [:])
        writer.write(pattern)
        places.formUnion(writer.scalarsForLists)
      }
    }
    for document in documents {
      document.forEachScalar { node, _ in
        if places.contains(node.position) { lines.wrap(node, "[", "]") }
      }
    }
    return lines.text
  }

  // MARK: Edits of whole lines

  /// Puts the keys of block-style documents in order. A key takes along the comments right above it.
  private static func orderKeys(_ text: String, _ documents: [YAMLNode]) -> String {
    var lines = FormattedLines(text).lines
    // From the last document to the first, so that the line numbers of those still to come hold.
    for document in documents.reversed() {
      guard let members = document.members, let kind = document["kind"]?.text.flatMap(DocumentKind.init(rawValue:)),
        let first = members.first, members.allSatisfy({ $0.keyPosition.column == first.keyPosition.column }),
        first.keyPosition.column == 1
      else { continue }
      let order = DocumentSpec.mapping(of: kind, type: document["type"]?.text).fields.map(\.name)
      let start = first.keyPosition.line - 1
      let end = lines[start...].firstIndex { $0.hasPrefix("---") || $0.hasPrefix("...") } ?? lines.count
      var chunks: [(rank: Int, lines: ArraySlice<String>)] = []
      for (index, member) in members.enumerated() {
        let from = index == 0 ? start : Self.chunkStart(member, after: members[index - 1], in: lines)
        let to =
          index + 1 < members.count ? Self.chunkStart(members[index + 1], after: member, in: lines) : end
        chunks.append((order.firstIndex(of: member.key) ?? order.count, lines[from..<to]))
      }
      guard zip(chunks, chunks.dropFirst()).contains(where: { $0.rank > $1.rank }) else { continue }
      // Empty lines at the two ends belong to the document, not to the key that happens to stand there.
      let trailing = lines[..<end].reversed().prefix { $0.isEmpty }.count
      if let last = chunks.indices.last { chunks[last].lines = chunks[last].lines.dropLast(trailing) }
      let sorted = chunks.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      var ordered = sorted.map(\.element.lines)
      if sorted.first?.offset != 0 { ordered[0] = ordered[0].drop { $0.isEmpty } }
      lines.replaceSubrange(start..<end - trailing, with: ordered.flatMap(\.self))
    }
    return lines.joined(separator: "\n")
  }

  /// The first line of a key, with the comments and empty lines right above it.
  private static func chunkStart(_ member: YAMLMember, after previous: YAMLMember, in lines: [String]) -> Int {
    var start = member.keyPosition.line - 1
    while start > previous.keyPosition.line, lines[start - 1].isEmpty || lines[start - 1].hasPrefix("#") { start -= 1 }
    return start
  }

  /// Line ends and empty lines, except inside of text that runs over several lines.
  private static func tidyLines(_ text: String, _ documents: [YAMLNode]) -> String {
    var textLines: Set<Int> = []
    for document in documents {
      document.forEachScalar { node, scalar in
        let first = node.position.line - 1
        if scalar.lineCount > 1 { textLines.formUnion(first + 1..<first + scalar.lineCount) }
      }
    }
    var tidy: [(line: String, isText: Bool)] = []
    for (number, line) in FormattedLines(text).lines.enumerated() {
      let isText = textLines.contains(number)
      let end = line.lastIndex { isText || $0 != " " && $0 != "\t" }
      let trimmed = end.map { String(line[...$0]) } ?? ""
      if trimmed.isEmpty, !isText, tidy.last?.line.isEmpty ?? true { continue }
      tidy.append((trimmed, isText))
    }
    while let last = tidy.last, last.line.isEmpty, !last.isText { tidy.removeLast() }
    // Text in `|` style that ends with the file has a line break only if the file has one.
    let isOpen = tidy.last?.isText == true && text.utf8.last != 0x0A
    return tidy.map(\.line).joined(separator: "\n") + (tidy.isEmpty || isOpen ? "" : "\n")
  }
}

/// The lines of a text, with insertions at the places of nodes.
private struct FormattedLines {
  private(set) var lines: [String]
  private var insertions: [Int: [(column: Int, text: String)]] = [:]

  init(_ text: String) {
    lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Puts text before and after a scalar of one line.
  mutating func wrap(_ node: YAMLNode, _ before: String, _ after: String) {
    guard let width = node.scalar?.width, width > 0 else { return }
    let line = node.position.line - 1
    let column = node.position.column - 1
    guard lines.indices.contains(line), insertions[line]?.contains(where: { $0.column == column }) != true else {
      return
    }
    insertions[line, default: []] += [(column, before), (column + width, after)]
  }

  /// The text with the insertions made.
  var text: String {
    var lines = lines
    for (line, insertions) in insertions {
      var scalars = Array(lines[line].unicodeScalars)
      for insertion in insertions.sorted(by: { $0.column > $1.column }) where insertion.column <= scalars.count {
        scalars.insert(contentsOf: insertion.text.unicodeScalars, at: insertion.column)
      }
      lines[line] = String(String.UnicodeScalarView(scalars))
    }
    return lines.joined(separator: "\n")
  }
}

extension YAMLNode {
  /// Calls a function for every value that is a scalar, except inside of `numeric`, where all is as it has to be.
  fileprivate func forEachScalar(_ body: (YAMLNode, YAMLScalar) -> Void) {
    switch content {
    case .scalar(let scalar): body(self, scalar)
    case .sequence(let items): for item in items { item.forEachScalar(body) }
    case .mapping(let members):
      for member in members where member.key != "numeric" { member.value.forEachScalar(body) }
    }
  }

  /// The event patterns of a rule.
  fileprivate var patterns: [YAMLNode] {
    guard self["kind"]?.text == DocumentKind.rule.rawValue else { return [] }
    return [self["when"]].compactMap(\.self) + (self["unless"]?.itemsOrSelf ?? []).compactMap { $0["when"] }
  }

  /// What a document says, however it is written: two documents that mean the same are equal here.
  ///
  /// Quotes that change nothing, the brackets of a list of one in patterns, and the order of a document's keys are no
  /// difference; everything else is.
  fileprivate var meaning: Meaning {
    var texts: [String] = []
    var node = self
    if case .mapping(var members) = node.content {
      for index in members.indices where members[index].key == "when" && self["kind"]?.text == "Rule" {
        members[index].value = members[index].value.asPattern
      }
      if let unless = members.firstIndex(where: { $0.key == "unless" }) {
        members[unless].value = members[unless].value.withPatternsIn("when")
      }
      members.sort { $0.key < $1.key }
      node.content = .mapping(members)
    }
    node.collect(into: &texts)
    return Meaning(texts: texts)
  }

  fileprivate struct Meaning: Equatable {
    var texts: [String]
  }

  /// Tokens with the type that each scalar has.
  private func collect(into texts: inout [String]) {
    switch content {
    case .scalar(let scalar): texts.append("\(scalar.json.kind):\(scalar.text)")
    case .sequence(let items):
      texts.append("[")
      for item in items { item.collect(into: &texts) }
      texts.append("]")
    case .mapping(let members):
      texts.append("{")
      for member in members {
        texts.append("key:\(member.key)")
        member.value.collect(into: &texts)
      }
      texts.append("}")
    }
  }

  /// A pattern as the text that it stands for.
  private var asPattern: YAMLNode {
    var writer = PatternWriter(lists: [:], keepsReferences: true)
    writer.write(self)
    let text = String(decoding: writer.json, as: UTF8.self)
    return YAMLNode(content: .scalar(YAMLScalar(text: text, isPlain: false)), position: position)
  }

  private func withPatternsIn(_ key: String) -> YAMLNode {
    var node = self
    switch content {
    case .sequence(let items): node.content = .sequence(items.map { $0.withPatternsIn(key) })
    case .mapping(var members):
      for index in members.indices where members[index].key == key {
        members[index].value = members[index].value.asPattern
      }
      node.content = .mapping(members)
    case .scalar: break
    }
    return node
  }
}
