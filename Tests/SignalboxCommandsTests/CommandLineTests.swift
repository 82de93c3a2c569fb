import Testing

@testable import SignalboxCommands

@Suite struct CommandLineTests {
  @Test(arguments: [
    (["--version"], 0),
    (["--help"], 0),
    (["help", "conformance"], 0),
    (["conformance", "--help"], 0),
    (["conformance"], 3),
    (["no-such-verb"], 3),
    (["conformance", "--no-such-option", "x"], 3),
    (["conformance", "/no/such/file.jsonl"], 3),
    (["match", "--rules", "/no/such/rules", "x"], 3),
    (["bench", "--rules", "/no/such/rules", "--events", "/no/such/events"], 3),
  ])
  func exitCodes(arguments: [String], status: Int) async {
    let output = ByteSink()
    let diagnostics = ByteSink()
    let got = await runSignalbox(arguments, console: Console(output: output, diagnostics: diagnostics))
    #expect(got == Int32(status), "\(diagnostics.contents)")
    #expect(status == 0 ? diagnostics.contents.isEmpty : output.contents.isEmpty)
    #expect(status == 0 ? !output.contents.isEmpty : !diagnostics.contents.isEmpty)
  }

  @Test(arguments: SignalboxCommand.verbNames)
  func everyVerbHasExamples(verb: String) async {
    let help = await signalbox("help", verb)
    #expect(help.output.contains("Example"))
  }

  @Test func aClosedStandardOutputEndsQuietly() async throws {
    var ends: [Int32] = [0, 0]
    #expect(testPipe(&ends) == 0)
    testClose(ends[0])
    ignoreBrokenPipes()
    let diagnostics = ByteSink()
    let status = await runSignalbox(
      ["--help"],
      console: Console(output: ByteSink(descriptor: ends[1]), diagnostics: diagnostics)
    )
    testClose(ends[1])
    #expect(status == 0)
    #expect(diagnostics.contents.isEmpty)
  }
}
