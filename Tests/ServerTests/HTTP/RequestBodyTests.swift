import AWSProtocols
import HummingbirdCore
import NIOCore
import Testing

@testable import Server

@Suite struct RequestBodyTests {
  /// A body that comes in parts.
  private func body(_ parts: [String]) -> RequestBody {
    RequestBody(
      asyncSequence: AsyncStream { continuation in
        for part in parts { continuation.yield(ByteBuffer(string: part)) }
        continuation.finish()
      }
    )
  }

  @Test(
    arguments: [
      ([], "", 0), (["abc"], "abc", 3), (["ab", "", "c"], "abc", 3), (["ab", "cd"], nil, 3), (["abcd"], nil, 3),
    ] as [([String], String?, Int)]
  )
  func aBodyIsReadUpToItsLimit(_ parts: [String], text: String?, limit: Int) async throws {
    let budget = BodyBudget(total: 100)
    let share = budget.share()
    if let text {
      #expect(try await body(parts).collected(limit: limit, from: share) == Array(text.utf8))
      #expect(budget.bytes == text.utf8.count)
    } else {
      await #expect(throws: BodyRefusal.tooLarge) { try await body(parts).collected(limit: limit, from: share) }
    }
    share.giveBack()
    #expect(budget.bytes == 0)
  }

  @Test func allBodiesTogetherHaveALimit() async throws {
    let budget = BodyBudget(total: 10)
    let first = budget.share()
    _ = try await body(["123456"]).collected(limit: 100, from: first)
    var second: BodyBudget.Share? = budget.share()
    do {
      _ = try await body(["123", "45"]).collected(limit: 100, from: #require(second))
      Issue.record("there was room")
    } catch {
      #expect(error as? BodyRefusal == .noRoom)
    }
    // What a request has taken is free again when it is gone, whatever became of it.
    second = nil
    #expect(budget.bytes == 6)
    first.giveBack()
    first.giveBack()
    #expect(budget.bytes == 0)
    let third = budget.share()
    #expect(try await body(["1234567890"]).collected(limit: 100, from: third).count == 10)
  }

  /// `gzip` of "hello".
  static let hello: [UInt8] = [
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10, 0x36, 5, 0, 0, 0,
  ]

  private static func pieces(_ bytes: [UInt8]) -> [UInt8] {
    Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n0\r\n\r\n".utf8)
  }

  @Test(arguments: [
    ("identity", Array("hello".utf8)), ("gzip", hello), ("GZIP", hello), ("aws-chunked", pieces(Array("hello".utf8))),
    ("gzip, aws-chunked", pieces(hello)), ("gzip,aws-chunked", pieces(hello)),
  ])
  func aBodyIsTakenOutOfWhatItIsPackedIn(_ encoding: String, packed: [UInt8]) throws {
    #expect(try UnpackedBody(packed, ["content-encoding": encoding], limit: 100).bytes == Array("hello".utf8))
  }

  @Test(arguments: [
    ("gzip", Array("hello".utf8)), ("gzip", Array(hello.dropLast())), ("gzip", []), ("br", []),
    ("aws-chunked", Array("hello".utf8)),
  ])
  func whatIsNotPackedSoIsRefused(_ encoding: String, packed: [UInt8]) {
    let refusal = #expect(throws: BodyRefusal.self) {
      try UnpackedBody(packed, ["content-encoding": encoding], limit: 100)
    }
    #expect(refusal?.error.shape.status == 400)
  }

  @Test func aBodyMayNotGrowBeyondItsLimit() {
    #expect(throws: BodyRefusal.tooLarge) {
      try UnpackedBody(Self.hello, ["content-encoding": "gzip"], limit: 4)
    }
  }

  @Test(arguments: [(BodyRefusal.tooLarge, 413), (.tooSlow, 408), (.noRoom, 503), (.malformed("x"), 400)])
  func everyRefusalHasItsAnswer(_ refusal: BodyRefusal, status: Int) {
    #expect(refusal.error.shape.status == status)
    #expect(!refusal.error.message.isEmpty)
  }
}
