// Indentation and the blanks between signs. Only white space changes: lines stay lines, and what is between blanks stays as
// it was written.
//
//     then:                 then:
//     -   send : out          - send: out
//         input: {a:1}          input: {a: 1}
//
// A walk over the scanner's tokens finds for every line by which block it is indented, from where to where; then every
// line is put together again. A line that begins inside of brackets or quotes moves along with the block around it. A
// comment takes the column of the line below, unless it is indented deeper: then it belongs to the block above.

/// Lays out the lines of a YAML text.
struct LineLayout {
  /// A block mapping or sequence that is open.
  private struct Block {
    enum Kind { case mapping, sequence, indentlessSequence }
    var kind: Kind
    var oldColumn: Int
    var newColumn: Int
    /// By how much its lines move.
    var shift: Int { newColumn - oldColumn }
  }

  /// How a line begins.
  private enum Beginning {
    /// A token at a column.
    case token(column: Int, newColumn: Int)
    /// The inside of brackets or of text in quotes, moved along with its block.
    case inside(shift: Int)
    /// A line of `|` or `>` text; `indent` is what all of its lines have.
    case text(indent: Int, shift: Int)
  }

  /// The part of a token that stands on one line.
  private struct Piece {
    var start: Int
    var end: Int
    /// How many blanks stand before it; nothing if it is the first of its line.
    var gap: Int?
    /// Whether the token goes on in the next line: the blanks before the line break may be part of it.
    var goesOn = false
  }

  /// How many columns a block is indented.
  private static let step = 2

  private let lines: [[Unicode.Scalar]]
  private var beginnings: [Beginning?]
  private var pieces: [[Piece]]
  /// The blocks that are open at the end of a line with tokens.
  private var openBlocks: [[Block]?]
  private var blocks: [Block] = []
  private var flowDepth = 0
  private var flowStart = 0

  /// The text with its lines laid out; nothing if it is written in a way that is left alone (`? key`).
  static func laidOut(_ text: String) -> String? {
    guard let tokens = YAMLToken.scan(Array(text.utf8)) else { return nil }
    var layout = LineLayout(text)
    guard layout.walk(tokens) else { return nil }
    return layout.text
  }

  private init(_ text: String) {
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    beginnings = Array(repeating: nil, count: lines.count)
    pieces = Array(repeating: [], count: lines.count)
    openBlocks = Array(repeating: nil, count: lines.count)
  }

  // MARK: The walk

  private mutating func walk(_ tokens: [YAMLToken]) -> Bool {
    var previous: YAMLToken?
    var isKey = false
    for token in tokens {
      switch token.kind {
      case .blockMappingStart: open(.mapping, at: token.start.column)
      case .blockSequenceStart: open(.sequence, at: token.start.column)
      case .blockEnd:
        if blocks.last?.kind == .indentlessSequence { blocks.removeLast() }
        _ = blocks.popLast()
      case .key:
        guard token.start == token.end else { return false }
        if flowDepth == 0, blocks.last?.kind == .indentlessSequence { blocks.removeLast() }
        isKey = true
      default:
        guard place(token, isKey: isKey, after: previous) else { return false }
        previous = token
        isKey = false
      }
    }
    return true
  }

  private mutating func open(_ kind: Block.Kind, at column: Int) {
    let newColumn = blocks.last.map { $0.newColumn + Self.step } ?? 0
    blocks.append(Block(kind: kind, oldColumn: column, newColumn: newColumn))
  }

  /// Notes where a token that takes room stands; false if it stands where none is expected.
  private mutating func place(_ token: YAMLToken, isKey: Bool, after previous: YAMLToken?) -> Bool {
    guard isInside(token.start), isInside(token.end) else { return false }
    // The items of a list may begin in the column of the key it belongs to.
    if token.kind == .blockEntry, blocks.last?.kind == .mapping { open(.indentlessSequence, at: token.start.column) }
    let line = token.start.line
    let shift = blocks.last?.shift ?? 0
    if beginnings[line] == nil {
      guard token.kind != .value || flowDepth > 0 else { return false }
      beginnings[line] =
        flowDepth > 0
        ? .inside(shift: shift) : .token(column: token.start.column, newColumn: column(of: token, isKey: isKey))
    }
    switch token.kind {
    case .flowStart:
      if flowDepth == 0 { flowStart = line }
      flowDepth += 1
    case .flowEnd:
      flowDepth -= 1
      guard flowDepth >= 0 else { return false }
      // Comments between the brackets move along with them.
      if flowDepth == 0, flowStart < line { moveAlong(flowStart + 1...line, shift) }
    default: break
    }
    let isFirst = pieces[line].isEmpty
    guard isFirst || previous?.end.line == line else { return false }
    let gap = isFirst ? nil : previous.map { Self.gap(between: $0, and: token) }
    addPieces(of: token, gap: gap, shift: shift)
    let lastLine = min(token.kind == .blockScalar ? line : token.end.line, lines.count - 1)
    openBlocks[lastLine] = blocks
    return true
  }

  private func isInside(_ place: YAMLToken.Place) -> Bool {
    lines.indices.contains(place.line) && place.column <= lines[place.line].count
  }

  /// The new column of a token that begins a line.
  private func column(of token: YAMLToken, isKey: Bool) -> Int {
    if token.kind == .documentMark { return 0 }
    guard let block = blocks.last else { return 0 }
    return isKey || token.kind == .blockEntry ? block.newColumn : block.newColumn + Self.step
  }

  private mutating func addPieces(of token: YAMLToken, gap: Int?, shift: Int) {
    let (first, last) = (token.start.line, token.end.line)
    guard token.kind != .blockScalar else {
      pieces[first].append(Piece(start: token.start.column, end: lines[first].count, gap: gap))
      return addText(of: token, shift: shift)
    }
    guard last > first else {
      return pieces[first].append(Piece(start: token.start.column, end: token.end.column, gap: gap))
    }
    pieces[first].append(Piece(start: token.start.column, end: lines[first].count, gap: gap, goesOn: true))
    moveAlong(first + 1...last, shift)
    pieces[last].append(Piece(start: Self.indent(of: lines[last]), end: token.end.column, gap: nil))
  }

  private mutating func moveAlong(_ range: ClosedRange<Int>, _ shift: Int) {
    for line in range where beginnings[line] == nil { beginnings[line] = .inside(shift: shift) }
  }

  /// The lines of a `|` or `>` text. Where the author says how deep it is indented, it keeps that depth.
  private mutating func addText(of token: YAMLToken, shift: Int) {
    let end = min(token.end.column == 0 ? token.end.line : token.end.line + 1, lines.count)
    guard token.start.line + 1 < end else { return }
    let header = lines[token.start.line][token.start.column...].prefix { $0 != " " && $0 != "\t" }
    let range = token.start.line + 1..<end
    let filled = range.first { !Self.isBlank(lines[$0]) }
    let indent = filled.map { Self.indent(of: lines[$0]) } ?? 0
    let isGiven = header.contains { ("1"..."9").contains($0) }
    let wanted = (blocks.last?.newColumn ?? 0) + Self.step
    let textShift = isGiven ? shift : filled == nil ? 0 : wanted - indent
    for line in range { beginnings[line] = .text(indent: isGiven ? 0 : indent, shift: textShift) }
  }

  /// How many blanks stand between two tokens on one line.
  private static func gap(between first: YAMLToken, and second: YAMLToken) -> Int {
    let old = second.start.column - first.end.column
    switch (first.kind, second.kind) {
    // Without the blank, `*a :` and `{a: }` would be other words.
    case (.value, .flowEntry), (.value, .flowEnd), (.alias, .value): return old
    case (.scalar, .value): return 0
    case (_, .value): return old
    case (_, .flowEntry), (_, .flowEnd), (.flowStart, _): return 0
    case (.blockEntry, _), (.value, _), (.flowEntry, _), (.property, _), (.documentMark, _): return 1
    default: return old
    }
  }

  // MARK: The result

  private var text: String {
    var result = String.UnicodeScalarView()
    for number in lines.indices {
      if number > 0 { result.append("\n") }
      result.append(contentsOf: line(number))
    }
    return String(result)
  }

  private func line(_ number: Int) -> [Unicode.Scalar] {
    let line = lines[number]
    switch beginnings[number] {
    case .token(_, let column)?: return Self.blanks(column) + words(number)
    case .inside(let shift)?:
      return Self.isBlank(line) ? [] : Self.blanks(Self.indent(of: line) + shift) + words(number)
    case .text(let indent, let shift)?:
      let blanks = Self.indent(of: line)
      // A line of blanks counts only for what it has beyond the indentation.
      if Self.isBlank(line), blanks <= indent { return [] }
      return Self.blanks(blanks + shift) + line[blanks...]
    case nil:
      guard !Self.isBlank(line) else { return [] }
      return Self.blanks(commentColumn(number)) + Self.trimmed(line[Self.leadingSpace(of: line)...])
    }
  }

  /// A line from its first sign on.
  private func words(_ number: Int) -> ArraySlice<Unicode.Scalar> {
    let line = lines[number]
    guard let first = pieces[number].first else { return line[Self.indent(of: line)...] }
    var words: [Unicode.Scalar] = []
    var end = first.start
    for piece in pieces[number] {
      words += Self.blanks(piece.gap ?? 0)
      words += line[piece.start..<max(piece.start, piece.end)]
      end = max(end, piece.end)
    }
    if pieces[number].last?.goesOn == true { return words[...] }
    return Self.trimmed((words + line[end...])[...])
  }

  private func commentColumn(_ number: Int) -> Int {
    let column = Self.indent(of: lines[number])
    var next: (old: Int, new: Int) = (0, 0)
    search: for beginning in beginnings[number...] {
      if case .token(let old, let new)? = beginning {
        next = (old, new)
        break search
      }
    }
    guard column > next.old else { return next.new }
    let above = openBlocks[..<number].last { $0 != nil } ?? nil
    return (above ?? []).last { $0.oldColumn > next.old && $0.oldColumn <= column }?.newColumn ?? next.new
  }

  // MARK: Blanks

  private static func blanks(_ count: Int) -> [Unicode.Scalar] { Array(repeating: " ", count: max(0, count)) }

  /// The number of blanks that a line begins with.
  private static func indent(of line: [Unicode.Scalar]) -> Int { line.prefix { $0 == " " }.count }

  /// The number of blanks and tabs that a line begins with.
  private static func leadingSpace(of line: [Unicode.Scalar]) -> Int { line.prefix { $0 == " " || $0 == "\t" }.count }

  private static func isBlank(_ line: [Unicode.Scalar]) -> Bool { line.allSatisfy { $0 == " " || $0 == "\t" } }

  private static func trimmed(_ line: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    guard let last = line.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return [] }
    return line[...last]
  }
}
