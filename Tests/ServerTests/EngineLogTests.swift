import Glibc
import Logging
import Synchronization
import Targets
import Testing

@testable import Server

struct EngineLogTests {
  func line(_ format: SignalboxConfiguration.LogSettings.Format, _ body: (Logger) -> Void) -> String {
    let sink = Sink()
    body(Logger(label: "test") { _ in EngineLog(.init(format: format, level: .info)) { sink.add($0) } })
    return sink.all.joined(separator: "\n")
  }

  final class Sink: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  @Test func textIsOneLineAnEntry() {
    let text = line(.text) { $0.warning("two\nlines", metadata: ["b": "x y", "a": "1"]) }
    #expect(text.hasSuffix(#"Z warning two | lines a=1 b="x y""#))
  }

  @Test func jsonIsAnObjectAnEntry() {
    let text = line(.json) { $0.error(#"say "hi""#, metadata: ["target": "a"]) }
    #expect(text.hasSuffix(#""level":"error","message":"say \"hi\"","target":"a"}"#))
  }

  @Test func aReaderThatStallsLosesLinesAndNothingWaits() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let output = LogOutput(LineStream(ends[1], name: "the log"), patience: .milliseconds(1))
    let long = String(repeating: "x", count: 40_000)
    for _ in 0..<5 { output.write(long) }
    #expect(output.isStalled)
    #expect(output.hasNoRoom)
    var read: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    func takeAll() {
      var waiting = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
      while poll(&waiting, 1, 0) > 0 {
        let count = Glibc.read(ends[0], &chunk, chunk.count)
        read += chunk[..<max(0, count)]
      }
    }
    takeAll()
    output.write("short")
    takeAll()
    #expect(!output.isStalled)
    #expect(!output.hasNoRoom)
    let lines = String(decoding: read, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines == [long, long, "(4 lines of the log were not written in time)", "short"])
    close(ends[0])
    close(ends[1])
  }

  @Test func aFullDiskIsNoFault() {
    let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
    let output = LogOutput(LineStream(descriptor, name: "the log"))
    output.write("a line")
    #expect(output.isStalled)
    close(descriptor)
  }

  @Test func whatIsBelowTheLevelIsLeftOut() {
    #expect(line(.text) { $0.debug("noise") } == "")
  }
}
