// TLS needs a server that speaks it: OpenSSL's and Node's own, where they are installed.

import Foundation
import Glibc
import Testing

@testable import Outbound

private func tool(_ name: String) -> String? {
  ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// A server in a process of its own, with a certificate for `localhost` made for the test.
private final class TLSServer {
  let folder: URL
  let port: Int
  private let process = Process()

  var certificate: String { folder.appendingPathComponent("cert.pem").path }

  /// Starts a program that prints a line which ends in `:PORT`; `{}` in its arguments stands for the folder.
  init(_ program: String, _ arguments: [String]) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("signalbox-tls-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let maker = Process()
    maker.executableURL = URL(fileURLWithPath: try #require(tool("openssl")))
    maker.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
      "-keyout", folder.path + "/key.pem", "-out", folder.path + "/cert.pem",
    ]
    maker.standardError = FileHandle.nullDevice
    try maker.run()
    maker.waitUntilExit()
    process.executableURL = URL(fileURLWithPath: program)
    let path = folder.path
    process.arguments = arguments.map { $0.replacingOccurrences(of: "{}", with: path) }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var text = ""
    var found: Int?
    while found == nil {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { break }
      text += String(decoding: data, as: UTF8.self)
      found = text.split(separator: "\n").lazy.compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }.first
    }
    port = try #require(found)
  }

  deinit {
    // Children of a worker thread inherit its signal mask: they do not hear SIGTERM.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }
}

// One after the other: Foundation notices the end of a child only when all younger ones have closed what they inherited.
@Suite(.serialized, .timeLimit(.minutes(1))) struct TLSTests {
  @Test(.enabled(if: tool("openssl") != nil)) func certificatesAreVerified() async throws {
    let server = try TLSServer(
      try #require(tool("openssl")),
      ["s_server", "-accept", "127.0.0.1:0", "-www", "-key", "{}/key.pem", "-cert", "{}/cert.pem"]
    )
    let client = try HTTPClient()
    func code(_ host: String, trusting authorities: String?) async -> HTTPError.Code? {
      let url = "https://\(host):\(server.port)/SECRET"
      do throws(HTTPError) {
        let request = HTTPRequest(url: url, network: .any, certificateAuthorities: authorities)
        let response = try await client.send(request)
        #expect(response.status == 200)
        return nil
      } catch {
        #expect(!error.message.contains("SECRET"))
        return error.code
      }
    }
    #expect(await code("localhost", trusting: nil) == .tls)
    #expect(await code("localhost", trusting: server.certificate) == nil)
    #expect(await code("127.0.0.1", trusting: server.certificate) == .tls)
    #expect(await code("localhost", trusting: "/no/such/file.pem") == .tls)
    withExtendedLifetime(server) {}
    await client.shutdown()
  }

  @Test(.enabled(if: tool("node") != nil && tool("openssl") != nil)) func http2IsSpokenAndMultiplexed() async throws {
    let server = try TLSServer(
      try #require(tool("node")),
      [
        "-e",
        """
        const fs = require('fs'), dir = '{}'; let sessions = 0;
        const server = require('http2').createSecureServer(
          {key: fs.readFileSync(dir + '/key.pem'), cert: fs.readFileSync(dir + '/cert.pem')});
        server.on('session', () => sessions++);
        server.on('stream', (stream, headers) => {
          let body = ''; stream.on('data', d => body += d);
          stream.on('end', () => { stream.respond({':status': 200, sessions}); stream.end(body); });
        });
        server.listen(0, 'localhost', () => console.log('listening:' + server.address().port));
        """,
      ]
    )
    let client = try HTTPClient()
    let request = HTTPRequest(
      method: "POST",
      url: "https://localhost:\(server.port)/",
      body: Array("hello".utf8),
      network: .any,
      certificateAuthorities: server.certificate
    )
    try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
      for _ in 0..<20 { group.addTask { try await client.send(request) } }
      for try await response in group {
        #expect(response.version == "2")
        #expect(response.body == Array("hello".utf8))
        #expect(response.header("sessions") == "1")
      }
    }
    withExtendedLifetime(server) {}
    await client.shutdown()
  }
}
