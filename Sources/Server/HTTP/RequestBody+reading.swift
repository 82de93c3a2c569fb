// The body of a request, whole: bounded in size, bounded in time, without what it was packed in.

internal import AWSProtocols
internal import CDeflate
internal import HummingbirdCore
internal import NIOCore

/// Why a body is not taken.
enum BodyRefusal: Error {
  case tooLarge
  case tooSlow
  case malformed(String)

  /// The answer for the client.
  var error: AWSError {
    switch self {
    case .tooLarge:
      AWSError("RequestEntityTooLarge", "The request's body is larger than this server takes.", status: 413)
    case .tooSlow: AWSError("RequestTimeout", "The request did not arrive in time.", status: 408)
    case .malformed(let message): AWSError("MalformedRequest", message)
    }
  }
}

extension RequestBody {
  /// All of the body.
  func collected(limit: Int, within timeout: Duration) async throws -> [UInt8] {
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      group.addTask {
        var bytes: [UInt8] = []
        for try await var buffer in self {
          guard bytes.count + buffer.readableBytes <= limit else { throw BodyRefusal.tooLarge }
          bytes += buffer.readBytes(length: buffer.readableBytes) ?? []
        }
        return bytes
      }
      group.addTask {
        try await Task.sleep(for: timeout)
        throw BodyRefusal.tooSlow
      }
      defer { group.cancelAll() }
      return try await group.next() ?? []
    }
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
