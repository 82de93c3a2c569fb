// Which engine a verb looks into: the data directory, named directly or by the settings file.

internal import ArgumentParser
internal import Foundation
internal import RuleFiles
internal import Server
internal import Storage

/// The options that name a data directory.
struct DataLocation: ParsableArguments {
  @Option(help: ArgumentHelp("The engine's data directory.", valueName: "folder"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "The settings file that names the data directory; signalbox.yaml if it is here.",
      valueName: "file"
    )
  )
  var config: String?

  /// The data directory.
  func directory() throws -> String {
    if let data { return data }
    guard let settings = try settings() else {
      throw CommandFailure(
        .usage,
        "say where the engine's data is: --data FOLDER, or --config \(SettingsFile.usualName)"
      )
    }
    return settings.dataDirectory
  }

  /// The settings file that was named, or the one that is here unless the data directory was named.
  func settings() throws -> SignalboxConfiguration? {
    if let config { return try SettingsFile.load(config) }
    let usual = SettingsFile.usualName
    guard data == nil, FileManager.default.fileExists(atPath: usual) else { return nil }
    return try SettingsFile.load(usual)
  }

  /// Opens the database beside a running engine.
  func open(creating: Bool = false) throws -> EmbeddedDatabase {
    try EmbeddedDatabase(directory: try directory(), access: .beside(creating: creating))
  }
}

extension StorageError {
  /// The exit code that says the same.
  var exitStatus: ExitStatus {
    switch self {
    case .notFound, .invalid: .invalid
    default: .usage
    }
  }
}

/// The wall clock at the edge of the verbs; everything below is given its time.
enum WallClock {
  /// Milliseconds since 1970.
  static var milliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
  /// The instant.
  static var now: Instant { Instant(seconds: milliseconds / 1000) }
}
