// Runs a verb in the process and catches what it says.

import Foundation
import Testing

@testable import SignalboxCommands

/// What a command line came to.
struct CommandResult {
  var status: Int32
  var output: String
  var diagnostics: String

  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Runs a command line, as if typed without a terminal.
func signalbox(_ arguments: String...) async -> CommandResult { await signalbox(arguments) }

/// Runs a command line, as if typed without a terminal.
func signalbox(_ arguments: [String]) async -> CommandResult {
  let output = ByteSink()
  let diagnostics = ByteSink()
  let status = await runSignalbox(arguments, console: Console(output: output, diagnostics: diagnostics))
  return CommandResult(status: status, output: output.contents, diagnostics: diagnostics.contents)
}

/// A folder that lives as long as the test's closure.
func withFolder<Result>(_ body: (TestFolder) async throws -> Result) async throws -> Result {
  let url = FileManager.default.temporaryDirectory.appending(path: "signalbox-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try await body(TestFolder(url: url))
}

struct TestFolder {
  var url: URL
  var path: String { url.path(percentEncoded: false) }

  /// Writes a file below the folder and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path(percentEncoded: false)
  }

  /// The text of a file below the folder.
  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
  }
}
