// An HTTP/1.1 server for tests: loopback, a port of the kernel's choice, a thread per connection, an answer chosen by a
// closure. It remembers what it was asked and on which connection, so that tests can see connection reuse.

import Foundation
import Glibc
import Synchronization

/// A small HTTP server that answers as a test wants.
public final class LocalHTTPServer: Sendable {
  /// What the server was asked.
  public struct Request: Sendable {
    /// The method.
    public var method: String
    /// The request target: path and query.
    public var target: String
    /// The header lines, names in lower case.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]
    /// Which connection it came on, from 1.
    public var connection: Int

    /// The value of a header, by its name in lower case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  }

  /// What the server answers.
  public enum Answer: Sendable {
    /// An ordinary answer.
    case status(Int, headers: [(String, String)] = [], body: [UInt8] = [])
    /// These bytes, then the connection is closed.
    case raw([UInt8])
    /// Nothing: the connection is closed.
    case close
    /// Nothing, for as long as the server runs.
    case hang
  }

  private struct State {
    var requests: [Request] = []
    var connections: [Int32] = []
    var isStopped = false
  }

  private let listener: Int32
  private let answer: @Sendable (Request) -> Answer
  private let state = Mutex(State())

  /// The port.
  public let port: UInt16

  /// Starts a server on a free port of 127.0.0.1.
  public init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
    self.answer = answer
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
      guard let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
      guard bind(descriptor, start, length) == 0, listen(descriptor, 128) == 0 else { return -1 }
      return getsockname(descriptor, start, &length)
    }
    listener = descriptor
    port = UInt16(bigEndian: address.sin_port)
    guard descriptor >= 0, result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    Thread { [self] in acceptConnections() }.start()
  }

  /// The server's address, without a slash at the end.
  public var origin: String { "http://127.0.0.1:\(port)" }

  /// What it was asked so far.
  public var requests: [Request] { state.withLock { $0.requests } }

  /// Closes all connections and ends.
  public func stop() {
    state.withLock { state in
      guard !state.isStopped else { return }
      state.isStopped = true
      shutdown(listener, Int32(SHUT_RDWR))
      for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  private func acceptConnections() {
    var number = 0
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
      let isWanted = state.withLock { state in
        if !state.isStopped { state.connections.append(connection) }
        return !state.isStopped
      }
      guard isWanted else {
        close(connection)
        break
      }
      number += 1
      let thisNumber = number
      Thread { [self] in serve(connection, number: thisNumber) }.start()
    }
    close(listener)
  }

  private func serve(_ connection: Int32, number: Int) {
    var reader = RequestReader(connection: connection)
    serving: while let request = reader.next(number: number) {
      state.withLock { $0.requests.append(request) }
      switch answer(request) {
      case .status(let code, let headers, let body):
        var head = "HTTP/1.1 \(code) Status\r\ncontent-length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        guard write(Array((head + "\r\n").utf8) + body, to: connection) else { break serving }
      case .raw(let bytes):
        _ = write(bytes, to: connection)
        break serving
      case .close:
        break serving
      case .hang:
        // Returns when the client or `stop` closes the connection.
        while reader.fill() {}
        break serving
      }
    }
    state.withLock { state in state.connections.removeAll { $0 == connection } }
    close(connection)
  }

  private func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}

/// Reads the requests of one connection.
private struct RequestReader {
  let connection: Int32
  private var buffer: [UInt8] = []

  init(connection: Int32) {
    self.connection = connection
  }

  /// Reads on; false at the end.
  mutating func fill() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(connection, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    buffer.append(contentsOf: chunk[..<count])
    return true
  }

  /// The next request; nothing at the end of the connection.
  mutating func next(number: Int) -> LocalHTTPServer.Request? {
    while true {
      if let end = headEnd() {
        let head = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 4)
        return request(head: head, number: number)
      }
      // A TLS handshake is not answered.
      guard buffer.first != 0x16, fill() else { return nil }
    }
  }

  private func headEnd() -> Int? {
    guard buffer.count >= 4 else { return nil }
    return (0...buffer.count - 4).first { buffer[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }
  }

  private mutating func request(head: String, number: Int) -> LocalHTTPServer.Request? {
    var lines = head.components(separatedBy: "\r\n")[...]
    let first = (lines.popFirst() ?? "").split(separator: " ").map(String.init)
    guard first.count == 3 else { return nil }
    let headers = lines.compactMap { line -> (name: String, value: String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      return (line[..<colon].lowercased(), value)
    }
    let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
    while buffer.count < length {
      guard fill() else { return nil }
    }
    let body = Array(buffer.prefix(length))
    buffer.removeFirst(length)
    return LocalHTTPServer.Request(
      method: first[0],
      target: first[1],
      headers: headers,
      body: body,
      connection: number
    )
  }
}
