// `aws-chunked`: a body in pieces, `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n`, ended by an empty piece and perhaps
// trailing headers.

/// A body that came in pieces.
public struct ChunkedBody: Sendable, Hashable {
  /// The bytes, without what frames them.
  public var bytes: [UInt8]
  /// The headers after the last piece.
  public var trailers: Headers
  /// The pieces in their order, the empty one at the end, too.
  public private(set) var pieces: [Piece] = []

  /// A piece of a body.
  public struct Piece: Sendable, Hashable {
    /// Where it is in the bytes.
    public var range: Range<Int>
    /// Its `chunk-signature`, in hex.
    public var signature: String?
  }

  /// Why a body is not in pieces.
  public struct Malformed: Error, Sendable, Hashable {
    /// What was wrong.
    public var message: String
  }

  /// Whether a request's body is in pieces.
  public static func isChunked(_ headers: Headers) -> Bool {
    headers["x-amz-content-sha256"]?.hasPrefix("STREAMING-") ?? false
      || headers.all("content-encoding").contains { $0.lowercased().contains("aws-chunked") }
  }

  /// Takes a body apart.
  public init(decoding body: [UInt8]) throws(Malformed) {
    bytes = []
    trailers = [:]
    var index = 0
    func line() -> ArraySlice<UInt8>? {
      var end = index
      while end + 1 < body.count {
        if body[end] == 0x0D, body[end + 1] == 0x0A {
          defer { index = end + 2 }
          return body[index..<end]
        }
        end += 1
      }
      return nil
    }
    while true {
      guard let header = line() else { throw Malformed(message: "A chunk's first line has no end") }
      var size = 0
      let digits = header.prefix { $0 != UInt8(ascii: ";") }
      guard !digits.isEmpty, digits.count <= 8 else { throw Malformed(message: "A chunk has no size") }
      for digit in digits {
        guard let value = PercentText.hex(digit) else { throw Malformed(message: "A chunk's size is not hexadecimal") }
        size = size << 4 | Int(value)
      }
      let range = bytes.count..<bytes.count + size
      pieces.append(Piece(range: range, signature: Self.signature(header.dropFirst(digits.count))))
      if size == 0 { break }
      guard size <= body.count - index else { throw Malformed(message: "A chunk is shorter than it says") }
      bytes += body[index..<index + size]
      index += size
      guard let rest = line(), rest.isEmpty else { throw Malformed(message: "A chunk is longer than it says") }
    }
    while let trailer = line(), !trailer.isEmpty {
      let pair = trailer.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      guard pair.count == 2 else { throw Malformed(message: "A trailing header has no value") }
      let value = String(decoding: pair[1], as: UTF8.self).drop { $0 == " " }
      trailers[String(decoding: pair[0], as: UTF8.self)] = String(value)
    }
  }

  /// The signature in a chunk's extensions: `;chunk-signature=…`
  private static func signature(_ extensions: ArraySlice<UInt8>) -> String? {
    for part in extensions.split(separator: UInt8(ascii: ";")) {
      let text = String(decoding: part, as: UTF8.self)
      if text.hasPrefix("chunk-signature=") { return String(text.dropFirst("chunk-signature=".count)) }
    }
    return nil
  }
}
