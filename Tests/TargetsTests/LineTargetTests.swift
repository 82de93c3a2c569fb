import Delivery
import Foundation
import Glibc
import Testing

@testable import Targets

@Suite struct LineTargetTests {
  private func target(_ path: String, size: Int = 1 << 20, keep: Int = 3) -> LineTarget {
    let file = RotatingFile(path: path, limits: RotatingFile.Limits(size: size, keep: keep))
    return LineTarget(
      writer: LineWriter { lines throws(LineWriteError) in try file.append(lines) },
      summary: "appended"
    )
  }

  @Test(arguments: [
    (#"{"a": 1.50, "b":[ ]}"#, #"{"a":1.50,"b":[]}"#), ("{\n  \"a\": 1\n}", #"{"a":1}"#),
    ("two\nlines", #""two\nlines""#), ("", #""""#), ("12", "12"),
  ])
  func everyPayloadIsOneLineOfJSON(_ payload: String, _ line: String) {
    #expect(String(decoding: LineTarget.line(of: Array(payload.utf8)), as: UTF8.self) == line)
  }

  @Test func linesAreAppended() async throws {
    let folder = try TemporaryFolder()
    try folder.write("out.jsonl", "{\"old\":1}\n")
    let target = target(folder.path + "/out.jsonl")
    _ = try await target.deliver(request(payload: #"{"n":1}"#))
    _ = try await target.deliver(request(payload: #"{"n":2}"#))
    #expect(try folder.read("out.jsonl") == "{\"old\":1}\n{\"n\":1}\n{\"n\":2}\n")
  }

  @Test func halfALineLeftByACrashIsEnded() async throws {
    let folder = try TemporaryFolder()
    try folder.write("out.jsonl", "{\"n\":1}\n{\"n\"")
    _ = try await target(folder.path + "/out.jsonl").deliver(request(payload: #"{"n":2}"#))
    #expect(try folder.read("out.jsonl") == "{\"n\":1}\n{\"n\"\n{\"n\":2}\n")
  }

  @Test func aFileIsRotatedBeforeItGrowsTooLarge() async throws {
    let folder = try TemporaryFolder()
    let target = target(folder.path + "/out.jsonl", size: 16, keep: 2)
    for number in 1...7 { _ = try await target.deliver(request(payload: #"{"n":\#(number)}"#)) }
    #expect(try folder.read("out.jsonl") == "{\"n\":7}\n")
    #expect(try folder.read("out.jsonl.1") == "{\"n\":5}\n{\"n\":6}\n")
    #expect(try folder.read("out.jsonl.2") == "{\"n\":3}\n{\"n\":4}\n")
    #expect(!folder.exists("out.jsonl.3"))
  }

  @Test func aLineLargerThanTheLimitHasAFileOfItsOwn() async throws {
    let folder = try TemporaryFolder()
    let target = target(folder.path + "/out.jsonl", size: 16)
    let long = "\"" + String(repeating: "x", count: 100) + "\""
    for payload in ["1", long, "2"] { _ = try await target.deliver(request(payload: payload)) }
    #expect(try folder.read("out.jsonl.2") == "1\n")
    #expect(try folder.read("out.jsonl.1") == long + "\n")
    #expect(try folder.read("out.jsonl") == "2\n")
  }

  @Test func keepingNoneRemovesTheOldFile() async throws {
    let folder = try TemporaryFolder()
    let target = target(folder.path + "/out.jsonl", size: 2, keep: 0)
    for payload in ["1", "2"] { _ = try await target.deliver(request(payload: payload)) }
    #expect(try folder.read("out.jsonl") == "2\n")
    #expect(!folder.exists("out.jsonl.1"))
  }

  @Test func aFileMovedAwayIsMadeAgain() async throws {
    let folder = try TemporaryFolder()
    let target = target(folder.path + "/out.jsonl")
    _ = try await target.deliver(request(payload: "1"))
    try FileManager.default.moveItem(atPath: folder.path + "/out.jsonl", toPath: folder.path + "/moved")
    _ = try await target.deliver(request(payload: "2"))
    #expect(try folder.read("moved") == "1\n")
    #expect(try folder.read("out.jsonl") == "2\n")
  }

  @Test func concurrentDeliveriesKeepLinesWhole() async throws {
    let folder = try TemporaryFolder()
    let target = target(folder.path + "/out.jsonl", size: 1000, keep: 1000)
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask { await failure(of: target, request(payload: #"{"n":\#(number)}"#)) == nil }
      }
      for await isDelivered in group { #expect(isDelivered) }
    }
    var numbers: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let text = try folder.read(name)
      #expect(text.utf8.count <= 1000 && text.hasSuffix("\n"))
      numbers.formUnion(text.split(separator: "\n").map(String.init))
    }
    #expect(numbers == Set((0..<200).map { #"{"n":\#($0)}"# }))
  }

  @Test func whatIsNoPlainFileIsRefused() async throws {
    let folder = try TemporaryFolder()
    #expect(await failure(of: target(folder.path), request())?.isRetryable == false)
    #expect(await failure(of: target("/dev/null"), request())?.isRetryable == false)
    let missing = await failure(of: target(folder.path + "/no/such/folder/out"), request())
    #expect(missing?.isRetryable == true)
    #expect(missing?.message.contains("No such file") == true)
  }

  @Test func aFullDiskLeavesNoHalfLine() async throws {
    let failure = await failure(
      of: LineTarget(writer: .descriptor(open("/dev/full", O_WRONLY | O_CLOEXEC), named: "the disk"), summary: ""),
      request()
    )
    #expect(failure?.isRetryable == true)
    #expect(failure?.message.contains("No space left") == true)
  }

  @Test func linesGoToADescriptorWhole() async throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let target = LineTarget(writer: .descriptor(ends[1], named: "the pipe"), summary: "written")
    let long = "\"" + String(repeating: "x", count: 70_000) + "\""
    async let reading = read(ends[0], count: 10 * (long.utf8.count + 1))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<10 { group.addTask { _ = await outcome(of: target, request(payload: long)) } }
    }
    #expect(await reading == Array(repeating: long, count: 10))
    close(ends[0])
    close(ends[1])
  }

  /// A pipe that nobody reads, and a target that writes to it.
  private struct FullPipe {
    let ends: (reading: Int32, writing: Int32)
    let target: LineTarget

    init(timeout: Duration) throws {
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      self.ends = (ends[0], ends[1])
      target = LineTarget(
        writer: .descriptor(ends[1], named: "the pipe"),
        summary: "written to the pipe",
        timeout: timeout
      )
    }

    /// A line of JSON that the pipe has not enough room for.
    static let long = "\"" + String(repeating: "x", count: 300_000) + "\""

    func close() {
      Glibc.close(ends.reading)
      Glibc.close(ends.writing)
    }
  }

  @Test func aReaderThatStallsIsATimeout() async throws {
    let pipe = try FullPipe(timeout: .milliseconds(100))
    let found = await failure(of: pipe.target, request(payload: FullPipe.long))
    #expect(found?.code == .timeout)
    #expect(found?.isRetryable == true)
    #expect(found?.message.contains("not written to the pipe within") == true)
    // Those behind it do not wait for ever either.
    #expect(await failure(of: pipe.target, request(payload: "2"))?.code == .timeout)
    pipe.close()
  }

  @Test func aCancelledAttemptDoesNotWaitForAReaderThatStalls() async throws {
    let pipe = try FullPipe(timeout: .seconds(3600))
    let target = pipe.target
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<3 { group.addTask { await failure(of: target, request(payload: FullPipe.long)) != nil } }
      // The pipe is full: the first of them is under way.
      while poll(of: pipe.ends.writing, for: POLLOUT) { await Task.yield() }
      group.cancelAll()
      for await hasFailed in group { #expect(hasFailed) }
    }
    pipe.close()
  }

  @Test func aLineThatWasBegunIsCompletedBeforeTheNext() async throws {
    let pipe = try FullPipe(timeout: .milliseconds(100))
    #expect(await failure(of: pipe.target, request(payload: FullPipe.long)) != nil)
    async let reading = read(pipe.ends.reading, count: FullPipe.long.utf8.count + 1 + 6)
    var isWritten = false
    // The reader may need a moment to begin.
    for _ in 0..<50 where !isWritten { isWritten = await failure(of: pipe.target, request(payload: #""two""#)) == nil }
    let lines = await reading
    #expect(lines.first == FullPipe.long)
    #expect(Set(lines.dropFirst()) == [#""two""#])
    pipe.close()
  }

  @Test func aSocketWhoseReaderStallsIsATimeout() async throws {
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let writer = LineWriter.descriptor(ends[1], named: "the socket")
    var target = LineTarget(writer: writer, summary: "written", timeout: .milliseconds(100))
    let large = "\"" + String(repeating: "x", count: 4_000_000) + "\""
    #expect(await failure(of: target, request(payload: large))?.code == .timeout)
    close(ends[0])
    target.timeout = .seconds(60)
    #expect(await failure(of: target, request())?.message.contains("cannot be written") == true)
    close(ends[1])
  }

  private func poll(of descriptor: Int32, for events: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return Glibc.poll(&waiting, 1, 0) > 0
  }

  @Test func onlyTheOwnerReadsTheFile() async throws {
    let folder = try TemporaryFolder()
    let target = target(folder.path + "/out.jsonl", size: 2)
    for payload in ["1", "2"] { _ = try await target.deliver(request(payload: payload)) }
    for name in ["out.jsonl", "out.jsonl.1"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  private func read(_ descriptor: Int32, count wanted: Int) async -> [String] {
    await withCheckedContinuation { continuation in
      Thread {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count < wanted {
          let count = Glibc.read(descriptor, &chunk, chunk.count)
          guard count > 0 else { break }
          bytes += chunk[..<count]
        }
        continuation.resume(returning: bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) })
      }.start()
    }
  }
}
