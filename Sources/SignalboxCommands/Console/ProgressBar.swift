// One line on standard error that says how far long work is. It exists only on a terminal, redraws itself a few times
// a second, and gets out of the way when results are printed to the same screen.

internal import Glibc

/// The progress of work whose size is known in bytes, or unknown.
struct ProgressBar {
  private let console: Console
  private let total: Int64?
  private var lastDrawn: Int64?
  private var isShown = false

  /// Nanoseconds between two drawings.
  private static let interval: Int64 = 100_000_000

  /// A bar over a number of bytes; without a number it shows only the text.
  init(total: Int64?, on console: Console = .current) {
    self.console = console
    self.total = total
  }

  /// Whether there is somebody to see the bar and it is time to redraw it; `now` is monotonic, in nanoseconds.
  func isDue(_ now: Int64) -> Bool {
    guard console.diagnosticsTerminal != nil else { return false }
    return lastDrawn.map { now - $0 >= Self.interval } ?? true
  }

  /// Redraws.
  mutating func show(done: Int64, text: String, now: Int64) {
    guard let terminal = console.diagnosticsTerminal else { return }
    lastDrawn = now
    isShown = true
    draw(Self.line(done: done, total: total, text: text, width: terminal.width))
  }

  /// Takes the bar off the screen.
  mutating func hide() {
    guard isShown else { return }
    isShown = false
    draw("")
  }

  private func draw(_ line: String) {
    try? console.diagnostics.write("\r\u{1B}[K\(line)".utf8)
    try? console.diagnostics.flush()
  }

  /// What the bar looks like: `████████░░░░  63%  text`.
  static func line(done: Int64, total: Int64?, text: String, width: Int) -> String {
    guard let total, total > 0 else { return text.cut(to: width - 1) }
    let part = min(1, max(0, Double(done) / Double(total)))
    let cells = 24
    let full = Int(part * Double(cells))
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
    let percent = "\(Int(part * 100))%".padded(to: 4, onTheLeft: true)
    return "\(bar) \(percent)  \(text)".cut(to: width - 1)
  }
}

/// Clocks of the verbs that measure.
enum Ticks {
  /// Monotonic time in nanoseconds.
  static var monotonic: Int64 { read(CLOCK_MONOTONIC) }
  /// The processor time this process has used, in nanoseconds.
  static var processor: Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
