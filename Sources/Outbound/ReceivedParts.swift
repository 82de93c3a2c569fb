// The answer as it comes in, cut where the request's cap is reached.

/// What of an answer has arrived.
struct ReceivedParts {
  private(set) var headers: [HTTPHeader] = []
  private(set) var body: [UInt8] = []
  private(set) var isTruncated = false
  private(set) var isTooLarge = false
  /// Whether the rest of a long body was given up on although the answer is good.
  private(set) var hasEnough = false
  private var headerBytes = 0
  private var skipped = 0

  /// The most that header lines may take together.
  static let headerCap = 256 * 1024
  /// How much of a body beyond the cap is read and dropped to keep the connection, before it is closed instead.
  static let skipCap = 1024 * 1024

  /// Takes a header line; the result is what libcurl wants to hear: its length, or 0 to stop.
  mutating func appendHeader(_ line: UnsafeRawBufferPointer) -> Int {
    headerBytes += line.count
    guard headerBytes <= Self.headerCap else {
      isTooLarge = true
      return 0
    }
    if line.starts(with: "HTTP/".utf8) {
      // A new answer begins: what came before was an interim one.
      headers = []
    } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      let name = String(decoding: line[..<colon], as: UTF8.self)
      let value = line[(colon + 1)...].drop(while: Self.isBlank)
      let end = value.lastIndex { !Self.isBlank($0) }.map { $0 + 1 } ?? value.startIndex
      headers.append(HTTPHeader(name, String(decoding: value[value.startIndex..<end], as: UTF8.self)))
    }
    return line.count
  }

  /// Takes a piece of the body; the result is its length, or 0 to stop.
  mutating func appendBody(_ chunk: UnsafeRawBufferPointer, within request: HTTPRequest) -> Int {
    let room = max(0, request.responseCap - body.count)
    body.append(contentsOf: chunk.prefix(room))
    guard chunk.count > room else { return chunk.count }
    if request.overflow == .fail {
      isTooLarge = true
      return 0
    }
    isTruncated = true
    skipped += chunk.count - room
    guard skipped <= Self.skipCap else {
      hasEnough = true
      return 0
    }
    return chunk.count
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
  }
}
