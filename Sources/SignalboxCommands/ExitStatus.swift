// What the process says with its last word. The table is part of the contract with scripts; every verb ends through
// one of these values.

/// The exit codes of every verb.
public enum ExitStatus: Int32, Error, Sendable, CaseIterable {
  /// All is well.
  case clean = 0
  /// The verb worked and found something: failed tests, lint findings, differences.
  case findings = 1
  /// The rules or the input are not valid.
  case invalid = 2
  /// The command line, the configuration or the system (files, network) stands in the way.
  case usage = 3
  /// Part of the work is done, part could not be.
  case partial = 4
}

/// An end with a message for the person at the terminal.
struct CommandFailure: Error, Equatable {
  var status: ExitStatus
  /// What was wrong, where, and what to do about it.
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}
