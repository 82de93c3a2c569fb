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
