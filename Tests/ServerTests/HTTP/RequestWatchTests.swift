import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import Synchronization
import Testing

@testable import Server

@Suite struct RequestWatchTests {
  /// A connection in memory, on a clock that stands still.
  private struct Connection {
    let channel: EmbeddedChannel
    let watch: RequestWatch

    init() throws {
      watch = RequestWatch(
        .init(head: .seconds(10), body: .seconds(20), lingering: .seconds(5)),
        lingeringBytes: 100,
        complaint: { fault in
          (HTTPResponse(status: fault == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest), ByteBuffer())
        }
      )
      channel = EmbeddedChannel(handler: watch)
      try channel.connect(to: .init(unixDomainSocketPath: "/x")).wait()
    }

    func readHead() throws {
      let head = HTTPRequest(method: .post, scheme: nil, authority: "localhost", path: "/")
      try channel.writeInbound(HTTPRequestPart.head(head))
    }

    func answer() throws {
      try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
      try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    /// The answers so far: their statuses.
    func statuses() throws -> [Int] {
      var statuses: [Int] = []
      while let part = try channel.readOutbound(as: HTTPResponsePart.self) {
        if case .head(let head) = part { statuses.append(head.status.code) }
      }
      return statuses
    }
  }

  @Test(arguments: [(HTTPParserError.headerOverflow, 431), (.invalidMethod, 400)])
  func whatCannotBeReadIsAnsweredByItsFault(_ fault: HTTPParserError, status: Int) throws {
    let connection = try Connection()
    connection.channel.pipeline.fireErrorCaught(fault)
    #expect(try connection.statuses() == [status])
    #expect(!connection.channel.isActive)
  }

  @Test func aHeadHasItsTimeAndNoMore() throws {
    let connection = try Connection()
    connection.pass(9)
    #expect(connection.channel.isActive)
    connection.pass(1)
    #expect(!connection.channel.isActive)
  }

  @Test func anAnswerTakesAsLongAsItTakes() throws {
    let connection = try Connection()
    try connection.readHead()
    try connection.channel.writeInbound(HTTPRequestPart.end(nil))
    connection.pass(1_000)
    #expect(connection.channel.isActive)
    try connection.answer()
    connection.pass(9)
    #expect(connection.channel.isActive)
    connection.pass(1)
    #expect(!connection.channel.isActive)
  }

  @Test func theReaderOfABodyIsToldThatItIsTooSlow() throws {
    let connection = try Connection()
    try connection.readHead()
    connection.pass(19)
    try connection.channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "y")))
    connection.pass(1)
    #expect(throws: BodyRefusal.tooSlow) { try connection.channel.throwIfErrorCaught() }
    #expect(connection.channel.isActive)
    try connection.answer()
    connection.pass(5)
    #expect(!connection.channel.isActive)
  }

  @Test func aBodyThatNobodyWantsIsPassedOverForAWhile() throws {
    for (bytes, isOpen) in [(100, true), (101, false)] {
      let connection = try Connection()
      try connection.readHead()
      try connection.answer()
      try connection.channel.writeInbound(HTTPRequestPart.body(ByteBuffer(repeating: 0, count: bytes)))
      #expect(connection.channel.isActive == isOpen)
    }
  }

  @Test func whatIsNoHTTPIsAnswered() throws {
    let connection = try Connection()
    connection.channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
    #expect(try connection.statuses() == [400])
    #expect(!connection.channel.isActive)
  }

  @Test func whatIsNoHTTPWaitsForItsTurn() throws {
    let connection = try Connection()
    try connection.readHead()
    try connection.channel.writeInbound(HTTPRequestPart.end(nil))
    connection.channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
    #expect(try connection.statuses() == [])
    try connection.answer()
    #expect(try connection.statuses() == [200, 400])
    #expect(!connection.channel.isActive)
  }

  @Test func aBrokenBodyIsItsReadersAffair() throws {
    let connection = try Connection()
    try connection.readHead()
    connection.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
    #expect(throws: HTTPParserError.invalidChunkSize) { try connection.channel.throwIfErrorCaught() }
    #expect(try connection.statuses() == [])
  }

  @Test(arguments: ["closed", "half closed", "stopping", "before"])
  func whoWaitsHearsOfADeparture(_ way: String) throws {
    let connection = try Connection()
    if way == "before" { connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    let heard = Heard()
    connection.watch.whenGone { heard.note() }
    #expect(heard.count == (way == "before" ? 1 : 0))
    switch way {
    case "closed": try connection.channel.close().wait()
    case "half closed": connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    case "stopping": connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    default: break
    }
    #expect(heard.count == 1)
  }

  private final class Heard: Sendable {
    private let calls = Mutex(0)
    var count: Int { calls.withLock { $0 } }
    func note() { calls.withLock { $0 += 1 } }
  }
}
