// The body of a request, whole: bounded in size, drawn from what all bodies together may take, without what it was packed
// in. How long it may take to arrive is for `RequestWatch`.

internal import AWSProtocols
internal import CDeflate
internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTP1

/// Why a body is not taken.
enum BodyRefusal: Error, Equatable {
  case tooLarge
  case tooSlow
  case noRoom
  case malformed(String)

  /// The answer for the client.
  var error: AWSError {
    switch self {
    case .tooLarge:
      AWSError("RequestEntityTooLarge", "The request's body is larger than this service takes.", status: 413)
    case .tooSlow: AWSError("RequestTimeout", "The request did not arrive in time.", status: 408)
    case .noRoom:
      AWSError(
        "ServiceUnavailable",
        "The server has as many requests in memory as it may; try again in a moment.",
        status: 503
      )
    case .malformed(let message): AWSError("MalformedRequest", message)
    }
  }
}

extension RequestBody {
  /// All of the body.
  ///
  /// - Parameters:
  ///   - limit: the most bytes.
  ///   - share: what the bytes are drawn from as they come.
  func collected(limit: Int, from share: BodyBudget.Share) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      for try await buffer in self {
        let count = buffer.readableBytes
        guard bytes.count + count <= limit else { throw BodyRefusal.tooLarge }
        try share.take(count)
        bytes.append(contentsOf: buffer.readableBytesView)
      }
    } catch is HTTPParserError {
      throw BodyRefusal.malformed("The body is not what HTTP says a body is")
    }
    return bytes
  }
}

/// A body without what it was packed in.
struct UnpackedBody {
  /// The bytes for the operation.
  var bytes: [UInt8]

  /// Takes a body out of `aws-chunked` and `gzip`.
  init(_ packed: [UInt8], _ headers: Headers, limit: Int) throws(BodyRefusal) {
    bytes = packed
    if ChunkedBody.isChunked(headers) {
      do {
        bytes = try ChunkedBody(decoding: bytes).bytes
      } catch {
        throw .malformed("The body is not aws-chunked: \(error.message)")
      }
      // What S3 calls IncompleteBody.
      if let said = headers["x-amz-decoded-content-length"], Int(said) != bytes.count {
        throw .malformed(
          "x-amz-decoded-content-length says \(said.prefix(20)), but the chunks have \(bytes.count) bytes"
        )
      }
    }
    let encodings = headers.all("content-encoding").flatMap { $0.split(separator: ",") }
      .map { $0.filter { $0 != " " }.lowercased() }
    for encoding in encodings.reversed() where encoding != "aws-chunked" && encoding != "identity" {
      guard encoding == "gzip" else { throw .malformed("The content encoding '\(encoding.prefix(32))' is not known") }
      bytes = try Self.inflated(bytes, limit: limit)
    }
  }

  private static func inflated(_ compressed: [UInt8], limit: Int) throws(BodyRefusal) -> [UInt8] {
    guard let decompressor = libdeflate_alloc_decompressor() else { throw .malformed("The body cannot be inflated") }
    defer { libdeflate_free_decompressor(decompressor) }
    var capacity = min(limit, max(4096, compressed.count * 4))
    while true {
      var given = 0
      var result = LIBDEFLATE_BAD_DATA
      let output = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        result = libdeflate_gzip_decompress(
          decompressor,
          compressed,
          compressed.count,
          buffer.baseAddress,
          buffer.count,
          &given
        )
        count = result == LIBDEFLATE_SUCCESS ? given : 0
      }
      switch result {
      case LIBDEFLATE_SUCCESS: return output
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        guard capacity < limit else { throw .tooLarge }
        capacity = min(limit, capacity * 4)
      default: throw .malformed("The body is not gzip")
      }
    }
  }
}
