// Cuts one string of a template into plain text and placeholders.

/// A cursor over one string of a template.
struct TemplateTextParser {
  private let bytes: [UInt8]
  private let location: FieldPath
  private var offset = 0
  private var plain: [UInt8] = []
  private var found: [Template.Piece] = []

  init(_ text: String, location: FieldPath) {
    bytes = Array(text.utf8)
    self.location = location
  }

  mutating func pieces() throws(NotationError) -> [Template.Piece] {
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\\"): backslashes()
      case UInt8(ascii: "<"):
        flush()
        found.append(.placeholder(try placeholder()))
      default:
        plain.append(bytes[offset])
        offset += 1
      }
    }
    flush()
    return found
  }

  private mutating func flush() {
    guard !plain.isEmpty else { return }
    found.append(.text(String(decoding: plain, as: UTF8.self)))
    plain.removeAll()
  }

  /// A run of backslashes: halved before `<`, where an odd one makes the `<` plain; as it is anywhere else.
  private mutating func backslashes() {
    let start = offset
    while offset < bytes.count, bytes[offset] == UInt8(ascii: "\\") { offset += 1 }
    let count = offset - start
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "<") else {
      plain.append(contentsOf: bytes[start..<offset])
      return
    }
    plain.append(contentsOf: bytes[start..<start + count / 2])
    if !count.isMultiple(of: 2) {
      plain.append(UInt8(ascii: "<"))
      offset += 1
    }
  }

  private mutating func placeholder() throws(NotationError) -> Placeholder {
    let start = offset
    var reader = FieldPathReader(bytes, from: start + 1)
    let segments: [FieldPath.Segment]
    do {
      segments = try reader.path()
    } catch {
      throw NotationError("this < begins no placeholder (\(error.message)); write \\< for a plain <", at: start)
    }
    var isRequired = false
    var end = reader.offset
    if end < bytes.count, bytes[end] == UInt8(ascii: "!") {
      isRequired = true
      end += 1
    }
    guard end < bytes.count, bytes[end] == UInt8(ascii: ">") else {
      let found = end < bytes.count ? "\(FieldPathReader.shown(bytes[end])) stands there" : "the text ends"
      throw NotationError("this placeholder has no > after its name (\(found)); write \\< for a plain <", at: start)
    }
    offset = end + 1
    let path = FieldPath(segments)
    let variable = Placeholder.Variable(rawValue: path.description)
    return Placeholder(
      reference: variable.map { .variable($0) } ?? .path(path),
      isRequired: isRequired,
      offset: start,
      location: location
    )
  }
}
