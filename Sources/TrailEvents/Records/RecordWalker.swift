// One pass over the bytes of a JSON value: is it well-formed, where does it end, and where are the top-level fields of a
// CloudTrail record?
//
// A log file is mostly nested detail that nobody asks for here, so nothing is built: strings are stepped over eight
// bytes at a time, and only the members of the outermost object are looked at. The walk is strict (RFC 8259 and
// well-formed UTF-8), because the record is copied verbatim into an envelope that must be valid JSON.

/// Why a walk over JSON bytes stopped early.
enum WalkFailure: Error, Equatable {
  /// The bytes ended inside a value: either more must be read, or the text is cut off.
  case endOfBytes
  /// The byte at an offset cannot stand there.
  case malformed(StaticProblem, at: Int)
}

/// What is wrong with a JSON text, as a sentence without a place.
enum StaticProblem: String, Equatable {
  case expectedValue = "expected a JSON value here"
  case expectedName = "expected a member name in double quotes"
  case expectedColon = "expected a colon after the member name"
  case expectedComma = "expected a comma or the end of the object or array"
  case wrongBracket = "the closing bracket does not fit the opening one"
  case controlCharacter = "a control character inside a string must be escaped"
  case badEscape = "this is not an escape sequence of JSON"
  case badUTF8 = "the text is not valid UTF-8"
  case badNumber = "this is not a JSON number"
  case badLiteral = "expected true, false or null"
  case expectedDocument = "expected a JSON object or array: this is no CloudTrail log"
  case secondRecords = "there is a second Records array in the object"
  case tooLarge = "this JSON value is larger than the limit for a record"
  case tooDeep = "objects and arrays are nested more than 1,000 deep"

  /// What to do about it in a log file.
  var remedy: String {
    switch self {
    case .expectedDocument: LogFileRemedy.nameLogs
    case .secondRecords: "write each log into a file or a line of its own"
    case .tooLarge, .tooDeep: "no CloudTrail record is; see what wrote it"
    case .badUTF8: "\(LogFileRemedy.copyAgain), or convert it to UTF-8"
    default: "\(LogFileRemedy.copyAgain), or mend what wrote it"
    }
  }
}

/// Walks JSON values in a buffer that it does not own.
struct RecordWalker {
  /// The deepest nesting that is accepted.
  static let maximumDepth = 1000

  /// Where a walk ended without a failure.
  enum Stop: Equatable {
    /// The offset after the value.
    case end(Int)
    /// The outermost object has a `Records` array; the offset after its opening bracket.
    case records(Int)
  }

  /// What may come next.
  private enum State { case value, firstNameOrEnd, name, firstValueOrEnd, afterValue }

  let base: UnsafePointer<UInt8>
  let count: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    // An empty buffer may have no address; with a count of 0 nothing is ever read through this one.
    base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 1)!
    count = bytes.count
  }

  /// Walks the value that starts at an offset (no white space before it) and notes the fields of an outermost object.
  ///
  /// With `enteringRecords`, the walk stops inside the array of a top-level member `Records`.
  func walk(from start: Int, fields: inout RecordFields, enteringRecords: Bool = false) throws(WalkFailure) -> Stop {
    try walk(.value, from: start, depth: 0, fields: &fields, enteringRecords: enteringRecords)
  }

  /// Walks the rest of an outermost object whose `Records` array ended just before an offset.
  func walkRest(from start: Int, fields: inout RecordFields) throws(WalkFailure) -> Stop {
    try walk(.afterValue, from: start, depth: 1, fields: &fields, enteringRecords: true)
  }

  /// The offset of the first byte at or after an offset that is not white space, or `count`.
  @inline(__always)
  func skipWhitespace(_ start: Int) -> Int {
    var at = start
    while at < count {
      switch base[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at &+= 1
      default: return at
      }
    }
    return at
  }

  private func walk(
    _ initial: State,
    from start: Int,
    depth initialDepth: Int,
    fields: inout RecordFields,
    enteringRecords: Bool
  ) throws(WalkFailure) -> Stop {
    var state = initial
    var at = start
    var depth = initialDepth
    // One bit per level: is it an object? A resumed walk is inside an outermost object.
    var objects = [16 of UInt64](repeating: 0)
    objects[0] = initialDepth == 0 ? 0 : 1
    var inObject = initialDepth != 0
    var field: RecordFields.Field?
    var valueStart = start

    while true {
      at = skipWhitespace(at)
      guard at < count else { throw .endOfBytes }
      let byte = base[at]

      switch state {
      case .firstNameOrEnd where byte == UInt8(ascii: "}"), .firstValueOrEnd where byte == UInt8(ascii: "]"):
        at &+= 1
        depth &-= 1
        inObject = depth > 0 && objects[(depth &- 1) >> 6] >> UInt64((depth &- 1) & 63) & 1 == 1

      case .firstNameOrEnd, .name:
        guard byte == UInt8(ascii: "\"") else { throw .malformed(.expectedName, at: at) }
        let nameEnd = try skipString(at)
        let nameStart = at &+ 1
        at = skipWhitespace(nameEnd)
        guard at < count else { throw .endOfBytes }
        guard base[at] == UInt8(ascii: ":") else { throw .malformed(.expectedColon, at: at) }
        at = skipWhitespace(at &+ 1)
        guard at < count else { throw .endOfBytes }
        state = .value
        if depth == 1 {
          field = RecordFields.Field(name: base + nameStart, length: nameEnd &- 1 &- nameStart)
          valueStart = at
          if enteringRecords, field == .records, base[at] == UInt8(ascii: "[") { return .records(at &+ 1) }
        }
        continue

      case .value, .firstValueOrEnd:
        switch byte {
        case UInt8(ascii: "\""):
          at = try skipString(at)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          guard depth < Self.maximumDepth else { throw .malformed(.tooDeep, at: at) }
          inObject = byte == UInt8(ascii: "{")
          let mask: UInt64 = 1 << UInt64(depth & 63)
          if inObject { objects[depth >> 6] |= mask } else { objects[depth >> 6] &= ~mask }
          depth &+= 1
          at &+= 1
          state = inObject ? .firstNameOrEnd : .firstValueOrEnd
          continue
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
          at = try skipNumber(at, endsWithBytes: depth == 0)
        case UInt8(ascii: "t"): at = try skipLiteral("true", at)
        case UInt8(ascii: "f"): at = try skipLiteral("false", at)
        case UInt8(ascii: "n"): at = try skipLiteral("null", at)
        default: throw .malformed(.expectedValue, at: at)
        }

      case .afterValue:
        switch byte {
        case UInt8(ascii: ","):
          at &+= 1
          state = inObject ? .name : .value
          continue
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          guard inObject == (byte == UInt8(ascii: "}")) else { throw .malformed(.wrongBracket, at: at) }
          at &+= 1
          depth &-= 1
          inObject = depth > 0 && objects[(depth &- 1) >> 6] >> UInt64((depth &- 1) & 63) & 1 == 1
        default:
          throw .malformed(.expectedComma, at: at)
        }
      }

      // A value has just ended.
      if depth == 0 { return .end(at) }
      if depth == 1, let ended = field {
        fields.set(ended, from: valueStart, to: at)
        field = nil
      }
      state = .afterValue
    }
  }
}
