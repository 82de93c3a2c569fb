// libyaml's scanner as a list: every sign of a text with its place. `fmt` needs what the events leave out: dashes, colons,
// commas and brackets.

import CYAML

/// One token of a YAML text.
struct YAMLToken {
  enum Kind {
    /// `---`, `...` or a directive.
    case documentMark
    case blockSequenceStart
    case blockMappingStart
    case blockEnd
    case flowStart
    case flowEnd
    /// The dash before an item.
    case blockEntry
    /// The comma between items.
    case flowEntry
    /// Before a key; takes no room unless it is the sign `?`.
    case key
    /// The colon after a key.
    case value
    case alias
    /// An anchor or a tag.
    case property
    case scalar
    /// Text after `|` or `>`.
    case blockScalar
  }

  /// A place by line and column, both from 0.
  struct Place: Equatable {
    var line: Int
    var column: Int

    init(_ mark: yaml_mark_t) {
      line = mark.line
      column = mark.column
    }
  }

  var kind: Kind
  var start: Place
  /// The place after the last character.
  var end: Place

  /// The tokens of a text; nothing if it is not YAML.
  static func scan(_ text: [UInt8]) -> [YAMLToken]? {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else { return nil }
    defer { yaml_parser_delete(parser) }
    return text.withUnsafeBufferPointer { bytes in
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      var tokens: [YAMLToken] = []
      while true {
        var token = yaml_token_t()
        guard yaml_parser_scan(parser, &token) == 1 else { return nil }
        defer { yaml_token_delete(&token) }
        if token.type == YAML_STREAM_END_TOKEN { return tokens }
        guard let kind = kind(of: token) else { continue }
        tokens.append(YAMLToken(kind: kind, start: Place(token.start_mark), end: Place(token.end_mark)))
      }
    }
  }

  private static func kind(of token: yaml_token_t) -> Kind? {
    switch token.type {
    case YAML_DOCUMENT_START_TOKEN, YAML_DOCUMENT_END_TOKEN, YAML_VERSION_DIRECTIVE_TOKEN, YAML_TAG_DIRECTIVE_TOKEN:
      .documentMark
    case YAML_BLOCK_SEQUENCE_START_TOKEN: .blockSequenceStart
    case YAML_BLOCK_MAPPING_START_TOKEN: .blockMappingStart
    case YAML_BLOCK_END_TOKEN: .blockEnd
    case YAML_FLOW_SEQUENCE_START_TOKEN, YAML_FLOW_MAPPING_START_TOKEN: .flowStart
    case YAML_FLOW_SEQUENCE_END_TOKEN, YAML_FLOW_MAPPING_END_TOKEN: .flowEnd
    case YAML_BLOCK_ENTRY_TOKEN: .blockEntry
    case YAML_FLOW_ENTRY_TOKEN: .flowEntry
    case YAML_KEY_TOKEN: .key
    case YAML_VALUE_TOKEN: .value
    case YAML_ALIAS_TOKEN: .alias
    case YAML_ANCHOR_TOKEN, YAML_TAG_TOKEN: .property
    case YAML_SCALAR_TOKEN:
      [YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE].contains(token.data.scalar.style) ? .blockScalar : .scalar
    default: nil
    }
  }
}
