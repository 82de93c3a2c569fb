// The log files that a verb reads: what was named on the command line, or why there is nothing to read.

internal import TrailEvents

enum LogInputs {
  /// Finds the files that are there; what cannot be read is said, and no file at all is an error.
  static func list(_ inputs: [String], on console: Console) throws -> LogFileListing {
    let listing = LogFileTree(inputs).list()
    for problem in listing.problems { console.sayError(problem.description.shownSafely) }
    if listing.files.isEmpty {
      throw listing.problems.isEmpty
        ? CommandFailure(
          .usage,
          "there are no log files in \(inputs.joined(separator: ", ").shownSafely)"
            + (listing.skipped.phrase.map { ": \($0)" } ?? "")
        )
        : ExitStatus.usage
    }
    if console.diagnosticsTerminal != nil { Interruption.clearsTheLine() }
    return listing
  }
}
