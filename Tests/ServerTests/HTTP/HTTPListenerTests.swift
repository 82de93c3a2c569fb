import AWSProtocols
import AWSServices
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Server

@Suite struct HTTPListenerTests {
  /// A listener on a port of the system's choice, with no services behind it.
  private func listener(
    _ settings: HTTPSettings,
    onReady: @escaping @Sendable (Int) -> Void
  ) throws -> HTTPListener {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let identities = try Identities(
      database: nil,
      keyRing: KeyRing(master: [UInt8](repeating: 7, count: 32)),
      defaultAccount: "111111111111",
      accounts: []
    )
    let front = APIFront(
      services: [],
      identities: identities,
      region: "us-east-1",
      surroundings: APIFront.Surroundings(now: { Timestamp(milliseconds: 0) }),
      logger: logger
    )
    let responder = APIResponder(
      front: front,
      settings: settings,
      budget: BodyBudget(total: settings.bodyMemory),
      isReady: { true },
      documents: { _ in nil },
      metrics: { "" }
    )
    return try HTTPListener(settings, responder, logger: logger, onReady: onReady)
  }

  private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let received = Mutex("")
    var text: String { received.withLock { $0 } }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let part = String(buffer: unwrapInboundIn(data))
      received.withLock { $0 += part }
    }
  }

  /// Sends a request and gives back what comes until the server closes; `meanwhile` runs when it was sent.
  private func exchange(
    _ request: String,
    grace: Duration,
    stopsAtOnce: Bool
  ) async throws -> (answer: String, stop: Duration) {
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let listener = try listener(HTTPSettings(port: 0)) { ready.yield($0) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await listener.run() }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      let collector = Collector()
      let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelInitializer { $0.pipeline.addHandler(collector) }
        .connect(host: "127.0.0.1", port: port).get()
      try await client.writeAndFlush(ByteBuffer(string: request))
      if !stopsAtOnce { try await client.closeFuture.get() }
      let start = ContinuousClock.now
      await listener.stop(within: grace)
      let spent = ContinuousClock.now - start
      try await client.closeFuture.get()
      try await group.waitForAll()
      return (collector.text, spent)
    }
  }

  @Test(arguments: [
    "", "GET /healthz HTTP/1.1\r\nHost: x\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nabc",
  ])
  func aStopEndsWithinItsGraceWhateverClientsDo(_ request: String) async throws {
    let (answer, stop) = try await exchange(request, grace: .milliseconds(300), stopsAtOnce: true)
    #expect(answer == "")
    #expect(stop < .seconds(10))
  }

  @Test(arguments: [
    ("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK", "ok\n"),
    ("HEAD /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK", "\r\n\r\n"),
    ("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 Bad Request", "once.\"}"),
    ("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request", "This is not a request of HTTP.\"}"),
    (
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 403 Forbidden",
      #"{"message":"Missing Authentication Token"}"#
    ),
    (
      "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: A.B\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      "HTTP/1.1 400 Bad Request",
      #"{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}"#
    ),
  ])
  func everyRequestHasAnAnswer(_ request: String, status: String, end: String) async throws {
    let (answer, _) = try await exchange(request, grace: .seconds(10), stopsAtOnce: false)
    #expect(answer.hasPrefix(status), "\(answer)")
    #expect(answer.hasSuffix(end), "\(answer)")
  }
}
