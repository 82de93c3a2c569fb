// `signalbox conformance`: is the engine what it says it is? The verb that lets others check.

internal import ArgumentParser

struct ConformanceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Run files of pattern cases through the engine.",
    discussion: """
      Each line of a case file is an object: "id", "pattern" (or "pattern_text", a string), "event" (or "event_text")
      and "expect": match, no-match, invalid-pattern or event-error. The last line printed is `N passed, M failed`.

      Examples:
        signalbox conformance cases/*.jsonl
        signalbox conformance --messages cases/event-ruler.jsonl
      """
  )

  @Argument(help: "Case files (JSON lines); - is standard input.")
  var files: [String]

  @Flag(help: "Also compare the first line of the message of invalid patterns with the case's \"ruler_message\".")
  var messages = false

  func run() async throws {
    let console = Console.current
    var passed = 0
    var failed = 0
    for file in files {
      var lines = try LineReader(path: file)
      while let line = try lines.next() {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
        let testCase: ConformanceCase
        do {
          testCase = try ConformanceCase(line: line)
        } catch {
          throw CommandFailure(error.status, "\(lines.name):\(lines.lineNumber): \(error.message)")
        }
        if let complaint = testCase.complaint(about: testCase.run(), comparingMessages: messages) {
          failed += 1
          try console.print("\(testCase.id.shownSafely): \(complaint.shownSafely)")
        } else {
          passed += 1
        }
      }
    }
    try console.print("\(passed) passed, \(failed) failed")
    if failed > 0 { throw ExitStatus.findings }
  }
}
