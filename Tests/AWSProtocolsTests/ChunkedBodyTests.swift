import AWSProtocols
import Testing

@Suite struct ChunkedBodyTests {
  @Test func piecesAreJoined() throws {
    let body = "5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32: AAAA\r\n\r\n"
    let chunked = try ChunkedBody(decoding: Array(body.utf8))
    #expect(String(decoding: chunked.bytes, as: UTF8.self) == "hello world")
    #expect(chunked.trailers["x-amz-checksum-crc32"] == "AAAA")
  }

  @Test(arguments: [
    "", "5", "5\r\nhell", "5\r\nhellohello\r\n0\r\n\r\n", "g\r\n", "\r\n", "ffffffff\r\n", "fffffffffffffffff\r\n",
    "3\r\nabc", "3\r\nabcX\r\n", "0\r\nno value\r\n\r\n",
  ])
  func whatIsNotInPiecesIsRefused(_ body: String) {
    #expect(throws: ChunkedBody.Malformed.self) { try ChunkedBody(decoding: Array(body.utf8)) }
  }

  @Test(arguments: [
    ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", true), ("Content-Encoding", "aws-chunked", true),
    ("content-encoding", "gzip, aws-chunked", true), ("Content-Encoding", "gzip", false), ("accept", "*/*", false),
  ])
  func headersSaySo(_ name: String, value: String, expected: Bool) {
    #expect(ChunkedBody.isChunked(Headers([(name, value)])) == expected)
  }
}
