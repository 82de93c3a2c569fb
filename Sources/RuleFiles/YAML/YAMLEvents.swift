// libyaml's event parser as a Swift value source: events with positions in, diagnostics with remedies out. Besides it only
// `YAMLTokens` touches the C library.

import CYAML

/// One event of a YAML stream.
struct YAMLEvent {
  enum Kind {
    case streamEnd
    case documentStart
    case documentEnd
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
    case scalar(YAMLScalar)
    case alias(String)
    case other
  }

  var kind: Kind
  var position: SourcePosition
  var anchor: String?
  var tag: String?
}

/// Pulls events out of a text.
final class YAMLEvents {
  private let text: UnsafeMutableBufferPointer<UInt8>
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let isReady: Bool
  private let file: String
  private let firstLine: Int

  /// Starts at the beginning of a text whose first line is that line of its file, from 0.
  init(_ bytes: ArraySlice<UInt8>, file: String, firstLine: Int) {
    text = .allocate(capacity: max(1, bytes.count))
    _ = text.initialize(from: bytes)
    parser = .allocate(capacity: 1)
    isReady = yaml_parser_initialize(parser) == 1
    self.file = file
    self.firstLine = firstLine
    guard isReady else { return }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    // libyaml reads from `text` until the parser is deleted.
    yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
  }

  deinit {
    if isReady { yaml_parser_delete(parser) }
    parser.deallocate()
    text.deallocate()
  }

  /// The next event, or why there is none.
  func next() -> Result<YAMLEvent, Diagnostic> {
    var event = yaml_event_t()
    guard isReady, yaml_parser_parse(parser, &event) == 1 else { return .failure(problem()) }
    defer { yaml_event_delete(&event) }
    return .success(translated(event))
  }

  private func translated(_ event: yaml_event_t) -> YAMLEvent {
    var result = YAMLEvent(kind: .other, position: position(event.start_mark))
    switch event.type {
    case YAML_STREAM_END_EVENT: result.kind = .streamEnd
    case YAML_DOCUMENT_START_EVENT: result.kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: result.kind = .documentEnd
    case YAML_SEQUENCE_END_EVENT: result.kind = .sequenceEnd
    case YAML_MAPPING_END_EVENT: result.kind = .mappingEnd
    case YAML_ALIAS_EVENT:
      result.kind = .alias(string(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
      result.kind = .sequenceStart
      result.anchor = string(event.data.sequence_start.anchor)
      result.tag = string(event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      result.kind = .mappingStart
      result.anchor = string(event.data.mapping_start.anchor)
      result.tag = string(event.data.mapping_start.tag)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      let (start, end) = (event.start_mark, event.end_mark)
      let isOneLine = start.line == end.line
      var value = YAMLScalar(text: String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
      value.textColumn = isOneLine ? (isPlain ? 0 : 1) : nil
      value.width = isOneLine ? end.column - start.column : nil
      value.lineCount = isOneLine ? 1 : end.line - start.line + (end.column == 0 ? 0 : 1)
      result.kind = .scalar(value)
      result.anchor = string(scalar.anchor)
      result.tag = string(scalar.tag)
    default: break
    }
    return result
  }

  private func string(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private func position(_ mark: yaml_mark_t) -> SourcePosition {
    SourcePosition(file: file, line: firstLine + mark.line + 1, column: mark.column + 1)
  }

  // MARK: Problems in words

  private func problem() -> Diagnostic {
    guard isReady else {
      let start = SourcePosition(file: file, line: 1, column: 1)
      return Diagnostic(.limitExceeded, at: start, "there is no memory left to read the file")
    }
    let found = parser.pointee
    var message = found.problem.map { String(cString: $0) } ?? "the text is not YAML"
    guard found.error != YAML_READER_ERROR else {
      let bytes = Array(text.prefix(found.problem_offset))
      var place = YAMLFile.position(ofByte: bytes.count, in: bytes, file: file)
      place.line += firstLine
      let hint = "remove it, or write it as an escape in double quotes"
      return Diagnostic(.invalidYAML, at: place, "a control character stands here", hint: hint)
    }
    let place = position(found.problem_mark)
    if let context = found.context.map({ String(cString: $0) }) {
      let since = firstLine + found.context_mark.line + 1
      message = since == place.line ? "\(context), \(message)" : "\(context) that begins in line \(since), \(message)"
    }
    return Diagnostic(.invalidYAML, at: place, message, hint: hint(for: message, at: found.problem_mark.index))
  }

  /// What most often is behind one of libyaml's complaints; something for each, because its words are a parser's.
  private func hint(for problem: String, at index: Int) -> String {
    if problem.contains("cannot start any token") {
      return byte(ofCharacter: index) == 0x09
        ? Self.tabHint : "put quotes around text that begins with @, %, ` or a tab"
    }
    return Self.hints.first { problem.contains($0.part) }?.hint
      ?? "check quotes, brackets and indentation on this line and the one before"
  }

  /// The first byte of a character: libyaml counts in characters.
  private func byte(ofCharacter index: Int) -> UInt8? {
    text.lazy.filter { $0 & 0xC0 != 0x80 }.dropFirst(index).first
  }

  private static let tabHint = "indent with blanks, not tabs"

  private static let hints: [(part: String, hint: String)] = [
    ("tab character", tabHint),
    ("mapping values are not allowed", "put quotes around text that contains ': ', or check the indentation"),
    ("did not find expected key", "check the indentation, or close the quotes, list or mapping before"),
    ("did not find expected '-' indicator", "check the indentation: the items of a list begin in the same column"),
    ("did not find expected ',' or ']'", "separate items by commas and close the list with ]"),
    ("did not find expected ',' or '}'", "separate members by commas and close the mapping with }"),
    ("could not find expected ':'", "write `key: value` with a blank after the colon"),
    ("unexpected end of stream", "close the quotes"),
    ("unexpected document indicator", "close the quotes before the line of ---"),
    ("unknown escape character", "double the backslash, or use single quotes"),
    ("while scanning an anchor", "put quotes around text that begins with &"),
    ("while scanning an alias", "put quotes around text that begins with *"),
    ("alphabetic or numeric character", "put quotes around text that begins with * or &"),
    ("block sequence entries are not allowed", "begin the list on its own line"),
    ("mapping keys are not allowed", "put quotes around text that begins with ?, or begin the mapping on its own line"),
    ("while scanning a tag", "put quotes around text that begins with !"),
    ("%YAML", "write %YAML 1.1, or leave the line out"),
    ("%TAG", "leave the line with %TAG out: tags mean nothing here"),
    ("directive", "put quotes around text that begins with %"),
    ("while scanning a block scalar", "put quotes around text that begins with | or >"),
    ("undefined tag handle", "put quotes around text that begins with !"),
    ("<document start>", "separate documents by a line of ---"),
    ("invalid leading UTF-8", "save the file as UTF-8"),
    ("block mappings", "check the indentation"),
  ]
}
