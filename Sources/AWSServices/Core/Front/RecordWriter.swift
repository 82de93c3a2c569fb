// The members of a CloudTrail record, one after the other, as JSON text.

internal import AWSProtocols
internal import EventPatterns

/// Writes nested JSON objects into one buffer.
struct RecordWriter {
  /// What CloudTrail takes of parameters, in bytes.
  static let largestParameters = 100 * 1024
  private static let hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

  private(set) var bytes: [UInt8] = []
  private var mentionsSecrets = true

  /// Whether times have a comma after the year.
  private let hasCommas: Bool

  /// - Parameter eventSource: the service whose record it is.
  init(of eventSource: String) {
    hasCommas = eventSource != "iam.amazonaws.com"
    bytes.reserveCapacity(2048)
  }

  /// Begins an object: the whole one, an item of a list, or that of a member.
  mutating func open(_ name: StaticString? = nil) {
    if let name { self.name(name) } else { separate() }
    bytes.append(UInt8(ascii: "{"))
  }

  mutating func close() { bytes.append(UInt8(ascii: "}")) }

  mutating func member(_ name: StaticString, _ text: String) {
    self.name(name)
    JSONEscapes.appendQuoted(text, to: &bytes)
  }

  mutating func member(_ name: StaticString, _ flag: Bool) {
    self.name(name)
    append(flag ? "true" : "false")
  }

  /// Writes a list as a member.
  mutating func list(_ name: StaticString, _ items: (inout RecordWriter) -> Void) {
    self.name(name)
    bytes.append(UInt8(ascii: "["))
    items(&self)
    bytes.append(UInt8(ascii: "]"))
  }

  /// Writes what went into an operation or came out of it; `null` without members, and only a mark if it is too large.
  ///
  /// - Parameter withoutSecrets: whether secrets are not even mentioned, as CloudTrail does it in answers.
  mutating func parameters(
    _ name: StaticString,
    _ part: (structure: Structure, fields: Fields)?,
    withoutSecrets: Bool = false
  ) {
    self.name(name)
    mentionsSecrets = !withoutSecrets
    let start = bytes.count
    if let part { structure(part.structure, part.fields) }
    switch bytes.count - start {
    case 0...2: replace(from: start, "null")
    case let size where size > Self.largestParameters: replace(from: start, #"{"truncated":true}"#)
    default: break
    }
  }

  // MARK: Values

  private mutating func structure(_ structure: Structure, _ fields: Fields) {
    bytes.append(UInt8(ascii: "{"))
    for member in structure.members {
      let value = fields[member.name]
      if case .absent = value { continue }
      if member.isSecret, !mentionsSecrets { continue }
      separate()
      JSONEscapes.appendQuoted(member.name, to: &bytes)
      lowerFirstLetter(at: bytes.count - member.name.utf8.count - 1)
      bytes.append(UInt8(ascii: ":"))
      if member.isSecret {
        JSONEscapes.appendQuoted(Self.hidden, to: &bytes)
      } else {
        self.value(member.shape, value)
      }
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func value(_ shape: Shape, _ value: Value) {
    switch (shape.kind, value) {
    case (.structure(let structure), .fields(let fields)): self.structure(structure, fields)
    case (.list(let item), .list(let items)):
      bytes.append(UInt8(ascii: "["))
      for each in items {
        separate()
        self.value(item, each)
      }
      bytes.append(UInt8(ascii: "]"))
    case (.map(_, let inner), .fields(let fields)):
      bytes.append(UInt8(ascii: "{"))
      for entry in fields.entries {
        separate()
        JSONEscapes.appendQuoted(entry.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        self.value(inner, entry.value)
      }
      bytes.append(UInt8(ascii: "}"))
    case (_, .time(let time)): JSONEscapes.appendQuoted(time.recordText(comma: hasCommas), to: &bytes)
    case (_, .string(let text)): JSONEscapes.appendQuoted(text, to: &bytes)
    default: bytes += shape.json(value).bytes
    }
  }

  // MARK: Text

  private mutating func name(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    append(name)
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  /// A comma, unless a list or an object has just begun.
  private mutating func separate() {
    guard let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") else {
      return
    }
    bytes.append(UInt8(ascii: ","))
  }

  private mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func replace(from start: Int, _ text: StaticString) {
    bytes.removeSubrange(start...)
    append(text)
  }

  private mutating func lowerFirstLetter(at index: Int) {
    if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[index]) { bytes[index] |= 0x20 }
  }
}
