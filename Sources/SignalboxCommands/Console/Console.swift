// The verbs' view of the outside: results go to standard output and nowhere else, everything said about them to
// standard error. Bound as a task-local value, so that tests run a verb in the process and read what it said.

internal import EventPatterns
internal import Glibc

/// Standard output and standard error as the verbs use them.
public struct Console: Sendable {
  /// Results.
  public var output: ByteSink
  /// Messages, summaries, progress.
  public var diagnostics: ByteSink
  /// What is known about the terminal behind standard output.
  public var outputTerminal: Terminal?
  /// What is known about the terminal behind standard error.
  public var diagnosticsTerminal: Terminal?

  /// A terminal's properties.
  public struct Terminal: Sendable, Equatable {
    /// Columns.
    public var width: Int
    /// Whether colours are welcome (`NO_COLOR` is not set, `TERM` is not `dumb`).
    public var hasColour: Bool

    /// Makes a description.
    public init(width: Int, hasColour: Bool) {
      self.width = width
      self.hasColour = hasColour
    }
  }

  /// A console over these sinks.
  public init(
    output: ByteSink,
    diagnostics: ByteSink,
    outputTerminal: Terminal? = nil,
    diagnosticsTerminal: Terminal? = nil
  ) {
    self.output = output
    self.diagnostics = diagnostics
    self.outputTerminal = outputTerminal
    self.diagnosticsTerminal = diagnosticsTerminal
  }

  /// The process's own standard output and standard error.
  public static func standard() -> Console {
    Console(
      output: ByteSink(descriptor: STDOUT_FILENO),
      diagnostics: ByteSink(descriptor: STDERR_FILENO),
      outputTerminal: Terminal(descriptor: STDOUT_FILENO),
      diagnosticsTerminal: Terminal(descriptor: STDERR_FILENO)
    )
  }

  /// The console of the running verb.
  @TaskLocal public static var current = Console(output: ByteSink(), diagnostics: ByteSink())

  /// How results are painted.
  var style: TextStyle { TextStyle(isOn: outputTerminal?.hasColour ?? false) }
  /// How messages are painted.
  var diagnosticsStyle: TextStyle { TextStyle(isOn: diagnosticsTerminal?.hasColour ?? false) }

  /// Prints a line of the result.
  func print(_ line: String = "") throws(OutputFailure) {
    try output.write(line.utf8)
    try output.write(CollectionOfOne(UInt8(ascii: "\n")))
    if outputTerminal != nil { try output.flush() }
  }

  /// Prints a value on a line of its own.
  func print(_ value: JSONValue, pretty: Bool = false) throws(OutputFailure) {
    try print(pretty ? value.prettyText : value.text)
  }

  /// Says something beside the result; a closed standard error is nobody's fault and stops nothing.
  func say(_ line: String) {
    try? diagnostics.write((line + "\n").utf8)
    try? diagnostics.flush()
  }

  /// Says that something was wrong.
  func sayError(_ message: String) {
    say(diagnosticsStyle.paint("error:", .red, bold: true) + " " + message)
  }

  /// Says that something may be wrong.
  func sayWarning(_ message: String) {
    say(diagnosticsStyle.paint("warning:", .yellow, bold: true) + " " + message)
  }
}

extension Console.Terminal {
  /// What a descriptor's terminal is like; nothing if there is none.
  init?(descriptor: Int32) {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = isKnown ? Int(size.ws_col) : 80
    let noColour = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? false
    hasColour = !noColour && !isDumb
  }
}
