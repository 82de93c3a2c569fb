import Logging
import Server
import Synchronization
import Testing

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

  @Test func whatIsBelowTheLevelIsLeftOut() {
    #expect(line(.text) { $0.debug("noise") } == "")
  }
}
