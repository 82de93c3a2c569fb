import Foundation
import Testing

@testable import SignalboxCommands

@Suite struct TextTests {
  @Test func hostileTextIsShownNotObeyed() {
    #expect("a\u{1B}[2Jb\nc".shownSafely == "a\\u{1b}[2Jb\\u{a}c")
    #expect("grün 猫".shownSafely == "grün 猫")
    #expect("x\u{202E}y".shownSafely == "x\\u{202e}y")
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
  func grouping(number: Int, text: String) { #expect(number.grouped == text) }

  @Test(arguments: [
    (0, 2, "0.00"), (1.005, 1, "1.0"), (12.345, 2, "12.35"), (-0.5, 1, "-0.5"), (1e18, 0, "1000000000000000000"),
  ])
  func decimals(number: Double, decimals: Int, text: String) { #expect(number.fixed(decimals) == text) }

  @Test(arguments: [
    (0, "0%"), (0.00001, "<0.01%"), (0.0004, "0.04%"), (0.00996, "1.0%"), (0.038, "3.8%"), (0.0996, "10%"),
    (0.38, "38%"), (1, "100%"),
  ])
  func percentages(share: Double, text: String) { #expect(share.asPercentage == text) }

  @Test(arguments: [(1, "1 byte"), (1023, "1,023 bytes"), (1024, "1.0 KiB"), (9_542_000, "9.1 MiB")])
  func sizes(bytes: Int, text: String) { #expect(bytes.asBytes == text) }

  @Test func columnsKeepTheirWidthAndTheFlexibleOneYields() {
    let table = TextTable(
      [.init(title: "ID", width: 4), .init(title: "TEXT", width: 0, isFlexible: true)],
      terminalWidth: 20
    )
    #expect(table.header(TextStyle(isOn: false)) == "ID    TEXT")
    #expect(table.line(["a", "0123456789abcdefgh"]) == "a     0123456789abc…")
    #expect(table.line(["longer", "x"]) == "longer  x")
  }

  @Test func progressLine() {
    let line = ProgressBar.line(done: 50, total: 100, text: "a.json.gz", width: 80)
    #expect(line == String(repeating: "█", count: 12) + String(repeating: "░", count: 12) + "  50%  a.json.gz")
    #expect(ProgressBar.line(done: 50, total: nil, text: "12 events", width: 80) == "12 events")
    #expect(ProgressBar.line(done: 200, total: 100, text: "", width: 80).contains("100%"))
    #expect(ProgressBar.line(done: 1, total: 2, text: String(repeating: "x", count: 99), width: 40).count == 39)
  }

  @Test func anInterruptTakesTheProgressLineAwayAndStillEndsTheProcess() async throws {
    let ended = await #expect(processExitsWith: .signal(SIGINT), observing: [\.standardErrorContent]) {
      Interruption.clearsTheLine()
      kill(getpid(), SIGINT)
      // The signal goes to the main thread, and its end is not long in coming; this is the bound for when it does not.
      try await Task.sleep(for: .seconds(20))
    }
    let erased = Array("\r\u{1B}[K".utf8)
    #expect(Array(try #require(ended).standardErrorContent.suffix(erased.count)) == erased)
  }

  @Test func onlyTheSeverityOfAFindingIsPainted() {
    let style = TextStyle(isOn: true)
    #expect(
      style.paintSeverity("r.yaml:1:2: error SB101: text") == "r.yaml:1:2: \u{1B}[1;31merror\u{1B}[0m SB101: text"
    )
    #expect(style.paintSeverity("r.yaml:1:2: error: r / t: x") == "r.yaml:1:2: \u{1B}[1;31merror\u{1B}[0m: r / t: x")
    #expect(style.paintSeverity("  hint: error SB1") == "  hint: error SB1")
    #expect(style.paintSeverity("2 files: 1 error") == "2 files: 1 error")
    #expect(TextStyle(isOn: false).paintSeverity("r: note SB1: x") == "r: note SB1: x")
  }

  @Test func colourOnlyWhenWanted() {
    #expect(TextStyle(isOn: true).paint("x", .red) == "\u{1B}[31mx\u{1B}[0m")
    #expect(TextStyle(isOn: false).paint("x", .red) == "x")
  }
}
