// The rules a verb works on: where they are, and what is said when they cannot be used.

internal import ArgumentParser
internal import Decisions
internal import Foundation
internal import RuleFiles
internal import Server

enum RuleSource {
  /// The paths given, or the usual folder of this directory, or what the settings file here says.
  static func paths(_ given: [String]) throws -> [String] {
    if !given.isEmpty { return given }
    let manager = FileManager.default
    for folder in ["Rules", "rules"] where manager.fileExists(atPath: folder) { return [folder] }
    let settings = SettingsFile.usualName
    guard manager.fileExists(atPath: settings) else {
      throw CommandFailure(.usage, "name the rule folder; there is no Rules, rules or \(settings) here")
    }
    return try SettingsFile.load(settings).rules
  }

  /// Reads rule files; a place without any is most likely the wrong place.
  static func read(_ given: [String]) throws -> RuleRepository.LoadResult {
    let paths = try paths(given)
    let result = RuleRepository.load(paths)
    if result.files.isEmpty, !result.diagnostics.contains(where: { $0.severity == .error }) {
      throw CommandFailure(
        .usage,
        "there are no rule files (.yaml, .yml) in \(paths.joined(separator: ", ").shownSafely)"
      )
    }
    return result
  }

  /// Loads rules that must be valid; what is wrong with them goes to standard error.
  static func load(_ given: [String]) throws -> RuleRepository {
    let result = try read(given)
    let problems = result.diagnostics.filter { $0.severity != .note }
    if !problems.isEmpty {
      let report = Report(title: "validate", diagnostics: problems, files: result.files)
      Console.current.say(String(report.rendered(as: .text).dropLast()))
    }
    guard let repository = result.repository else { throw failure(of: result) }
    return repository
  }

  /// The exit code of rules that cannot be used: files that are not there are no fault of the rules.
  static func failure(of result: RuleRepository.LoadResult) -> ExitStatus {
    result.diagnostics.allSatisfy { $0.severity != .error || $0.code == .unreadableFile } ? .usage : .invalid
  }

  /// Loads and compiles rules that must be valid.
  static func compile(_ given: [String]) throws -> RuleSet {
    try RuleSet(try load(given))
  }

  /// The failure of a verb that was asked for a rule that is not there.
  static func noSuchRule(_ id: String, in repository: RuleRepository) -> CommandFailure {
    let hint = Suggestion.hint(for: id, among: repository.rules.map(\.id))
    return CommandFailure(.usage, "there is no rule '\(id.shownSafely)'" + (hint.map { "; \($0)" } ?? ""))
  }
}

/// The format of a report on the command line.
struct ReportFormatOption: ExpressibleByArgument {
  var format: ReportFormat

  init(_ format: ReportFormat) { self.format = format }

  init?(argument: String) {
    guard let format = ReportFormat(rawValue: argument) else { return nil }
    self.format = format
  }

  var defaultValueDescription: String { format.rawValue }
  static var allValueStrings: [String] { ReportFormat.allCases.map(\.rawValue) }
}
