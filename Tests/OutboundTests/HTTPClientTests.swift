import HTTPTesting
import Testing

@testable import Outbound

/// A client and a server for one test.
private func withServer(
  answering answer: @escaping @Sendable (LocalHTTPServer.Request) -> LocalHTTPServer.Answer,
  _ body: (HTTPClient, LocalHTTPServer) async throws -> Void
) async throws {
  let server = try LocalHTTPServer(answer)
  let client = try HTTPClient()
  do {
    try await body(client, server)
  } catch {
    server.stop()
    await client.shutdown()
    throw error
  }
  server.stop()
  await client.shutdown()
}

private func failure(_ client: HTTPClient, _ request: HTTPRequest) async -> HTTPError? {
  do throws(HTTPError) {
    _ = try await client.send(request)
    return nil
  } catch {
    return error
  }
}

@Suite struct HTTPClientTests {
  @Test func aRequestArrivesAsItWasMade() async throws {
    try await withServer { _ in
      .status(201, headers: [("X-Answer", " yes ")], body: Array("made".utf8))
    } _: {
      client,
      server in
      let response = try await client.send(
        HTTPRequest(
          method: "POST",
          url: "\(server.origin)/hook?a=b",
          headers: [HTTPHeader("content-type", "text/plain"), HTTPHeader("x-empty", "")],
          body: Array("hello".utf8),
          network: .any
        )
      )
      #expect(response.status == 201)
      #expect(response.header("x-answer") == "yes")
      #expect(response.body == Array("made".utf8))
      #expect(!response.isTruncated)
      #expect(response.timings.total > .zero)
      let request = try #require(server.requests.first)
      #expect(request.method == "POST")
      #expect(request.target == "/hook?a=b")
      #expect(request.header("content-type") == "text/plain")
      #expect(request.header("x-empty") == "")
      #expect(request.header("expect") == nil)
      #expect(request.body == Array("hello".utf8))
    }
  }

  @Test(arguments: ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
  func methods(_ method: String) async throws {
    try await withServer { _ in
      .status(204)
    } _: { client, server in
      let response = try await client.send(HTTPRequest(method: method, url: server.origin, network: .any))
      #expect(response.status == 204)
      #expect(server.requests.map(\.method) == [method])
    }
  }

  @Test func connectionsAreReused() async throws {
    try await withServer { _ in
      .status(200, body: [1])
    } _: { client, server in
      for _ in 0..<5 { _ = try await client.send(HTTPRequest(url: server.origin, network: .any)) }
      #expect(server.requests.map(\.connection) == [1, 1, 1, 1, 1])
    }
  }

  @Test func aConnectionOfALooserPolicyIsNotReusedByAStricterOne() async throws {
    try await withServer { _ in
      .status(200)
    } _: { client, server in
      _ = try await client.send(HTTPRequest(url: server.origin, network: .any))
      let error = await failure(client, HTTPRequest(url: server.origin, network: .public))
      #expect(error?.code == .refusedByPolicy)
      #expect(server.requests.count == 1)
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0"])
  func publicPolicyRefusesOurOwnMachine(_ host: String) async throws {
    try await withServer { _ in
      .status(200)
    } _: { client, server in
      let error = await failure(client, HTTPRequest(url: "http://\(host):\(server.port)/SECRET", network: .public))
      #expect(error?.code == .refusedByPolicy)
      #expect(error?.isRetryable == false)
      #expect(error?.message.contains("SECRET") == false)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func aProxyDoesNotOpenLiteralAddresses() async throws {
    try await withServer { _ in
      .status(200)
    } _: { client, server in
      let request = HTTPRequest(url: "http://169.254.169.254/latest", proxy: server.origin, network: .public)
      #expect(await failure(client, request)?.code == .refusedByPolicy)
      #expect(server.requests.isEmpty)
      // The proxy itself may well be on a private address.
      let other = HTTPRequest(url: "http://signalbox.example/", proxy: server.origin, network: .public)
      let response = try await client.send(other)
      #expect(response.status == 200)
      #expect(server.requests.map(\.target) == ["http://signalbox.example/"])
    }
  }

  @Test(arguments: [301, 302, 307, 308])
  func redirectsRepeatTheRequest(_ status: Int) async throws {
    try await withServer {
      $0.target == "/a" ? .status(status, headers: [("location", "/b")]) : .status(200)
    } _: { client, server in
      let response = try await client.send(
        HTTPRequest(method: "POST", url: "\(server.origin)/a", body: Array("x".utf8), network: .any)
      )
      #expect(response.status == 200)
      #expect(response.redirects == 1)
      #expect(server.requests.map(\.method) == ["POST", "POST"])
      #expect(server.requests.map(\.body) == [Array("x".utf8), Array("x".utf8)])
    }
  }

  @Test func aBodyIsNeverLostToSeeOther() async throws {
    try await withServer { _ in
      .status(303, headers: [("location", "/b")])
    } _: { client, server in
      let response = try await client.send(
        HTTPRequest(method: "POST", url: server.origin, body: Array("x".utf8), network: .any)
      )
      #expect(response.status == 303)
      #expect(server.requests.count == 1)
    }
  }

  @Test func redirectsHaveAnEnd() async throws {
    try await withServer { _ in
      .status(302, headers: [("location", "/again")])
    } _: { client, server in
      let error = await failure(client, HTTPRequest(url: server.origin, network: .any))
      #expect(error?.code == .redirect)
      #expect(server.requests.count == 6)
    }
  }

  @Test(arguments: ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://example.com/"])
  func redirectsToOtherSchemesAreRefused(_ location: String) async throws {
    try await withServer { _ in
      .status(302, headers: [("location", location)])
    } _: { client, server in
      #expect(await failure(client, HTTPRequest(url: server.origin, network: .any))?.code == .redirect)
    }
  }

  @Test func secretsStayWithTheirOrigin() async throws {
    let other = try LocalHTTPServer { _ in .status(200) }
    defer { other.stop() }
    let location = "\(other.origin)/elsewhere"
    try await withServer { _ in
      .status(307, headers: [("location", location)])
    } _: { client, server in
      _ = try await client.send(
        HTTPRequest(
          url: server.origin,
          headers: [
            HTTPHeader("authorization", "Bearer A"), HTTPHeader("x-key", "B", isSecret: true),
            HTTPHeader("x-open", "C"),
          ],
          network: .any
        )
      )
      #expect(server.requests.first?.header("authorization") == "Bearer A")
      #expect(server.requests.first?.header("x-key") == "B")
      let second = try #require(other.requests.first)
      #expect(second.header("authorization") == nil)
      #expect(second.header("x-key") == nil)
      #expect(second.header("x-open") == "C")
    }
  }

  @Test func aServerThatHangsTimesOut() async throws {
    try await withServer { _ in
      .hang
    } _: { client, server in
      let error = await failure(client, HTTPRequest(url: server.origin, timeout: .milliseconds(150), network: .any))
      #expect(error?.code == .timeout)
      #expect(error?.isRetryable == true)
    }
  }

  @Test func cancellingEndsARequestThatHangs() async throws {
    let asked = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    try await withServer { _ in
      asked.continuation.yield()
      return .hang
    } _: { client, server in
      let task = Task { await failure(client, HTTPRequest(url: server.origin, timeout: .seconds(60), network: .any)) }
      for await _ in asked.stream { break }
      task.cancel()
      #expect(await task.value?.code == .cancelled)
    }
  }

  @Test func shuttingDownEndsRequestsThatHangAndRefusesNewOnes() async throws {
    let asked = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let server = try LocalHTTPServer { _ in
      asked.continuation.yield()
      return .hang
    }
    defer { server.stop() }
    let client = try HTTPClient()
    let request = HTTPRequest(url: server.origin, timeout: .seconds(60), network: .any)
    let task = Task { await failure(client, request) }
    for await _ in asked.stream { break }
    await client.shutdown()
    #expect(await task.value?.code == .cancelled)
    #expect(await failure(client, request)?.code == .cancelled)
    await client.shutdown()
  }

  @Test func failuresAreTyped() async throws {
    let server = try LocalHTTPServer { request in
      request.target == "/cut" ? .raw(Array("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab".utf8)) : .close
    }
    let client = try HTTPClient()
    let origin = server.origin
    #expect(await failure(client, HTTPRequest(url: "\(origin)/close", network: .any))?.code == .broken)
    #expect(await failure(client, HTTPRequest(url: "\(origin)/cut", network: .any))?.code == .broken)
    let tls = "https://127.0.0.1:\(server.port)/"
    #expect(await failure(client, HTTPRequest(url: tls, network: .any))?.code == .tls)
    server.stop()
    #expect(await failure(client, HTTPRequest(url: "http://no-such-host.invalid/"))?.code == .nameLookup)
    #expect(await failure(client, HTTPRequest(url: "ftp://example.com"))?.code == .invalidRequest)
    for header in [HTTPHeader("x", "a\r\nb: c"), HTTPHeader("x: y", "a"), HTTPHeader("", "a")] {
      #expect(await failure(client, HTTPRequest(url: origin, headers: [header]))?.code == .invalidRequest)
    }
    #expect(await failure(client, HTTPRequest(method: "GET /x", url: origin))?.code == .invalidRequest)
    await client.shutdown()
  }

  @Test func nobodyListening() async throws {
    let server = try LocalHTTPServer { _ in .close }
    let origin = server.origin
    let client = try HTTPClient()
    server.stop()
    // The listener closes a moment later; until then the connection breaks instead.
    var code = await failure(client, HTTPRequest(url: origin, network: .any))?.code
    for _ in 0..<1000 where code == .broken {
      code = await failure(client, HTTPRequest(url: origin, network: .any))?.code
    }
    #expect(code == .connect)
    await client.shutdown()
  }

  @Test func longAnswersAreCutOrRefused() async throws {
    let long = [UInt8](repeating: 7, count: 3_000_000)
    try await withServer { _ in
      .status(200, body: long)
    } _: { client, server in
      var request = HTTPRequest(url: server.origin, network: .any, responseCap: 1000)
      let response = try await client.send(request)
      #expect(response.status == 200)
      #expect(response.isTruncated)
      #expect(response.body.count == 1000)
      request.overflow = .fail
      #expect(await failure(client, request)?.code == .tooLarge)
      request.responseCap = long.count
      let whole = try await client.send(request)
      #expect(whole.body == long)
    }
  }

  @Test func endlessHeadersAreRefused() async throws {
    let line = "x-long: " + String(repeating: "y", count: 8000) + "\r\n"
    let head = "HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 40) + "content-length: 0\r\n\r\n"
    try await withServer { _ in
      .raw(Array(head.utf8))
    } _: { client, server in
      #expect(await failure(client, HTTPRequest(url: server.origin, network: .any))?.code == .tooLarge)
    }
  }

  @Test func manyAtOnce() async throws {
    try await withServer {
      .status(200, body: Array($0.target.utf8))
    } _: { client, server in
      let origin = server.origin
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for index in 0..<100 {
          group.addTask {
            let response = try await client.send(HTTPRequest(url: "\(origin)/\(index)", network: .any))
            return response.body == Array("/\(index)".utf8)
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777), ("120", nil), ("soon", nil), ("", nil),
    ] as [(String, Int64?)]
  )
  func dates(_ text: String, _ seconds: Int64?) {
    #expect(HTTPDate.seconds(parsing: text) == seconds)
  }
}
