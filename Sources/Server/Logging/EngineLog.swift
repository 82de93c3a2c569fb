// The engine's log on standard error: one line an entry, for people or for collectors. Standard output is for results
// only (a `stdout` target writes there).

internal import EventPatterns
internal import Foundation
public import Logging
internal import RuleFiles

/// A log handler that writes lines to standard error.
public struct EngineLog: LogHandler {
  /// The form of a line.
  public var format: SignalboxConfiguration.LogSettings.Format
  /// The least that is reported.
  public var logLevel: Logger.Level
  /// Fields of every entry.
  public var metadata: Logger.Metadata = [:]
  private let write: @Sendable (String) -> Void

  /// Makes a handler; it writes whole lines to standard error unless told otherwise.
  public init(_ settings: SignalboxConfiguration.LogSettings, write: (@Sendable (String) -> Void)? = nil) {
    self.write = write ?? { LogOutput.standardError.write($0) }
    format = settings.format
    logLevel =
      switch settings.level {
      case .debug: .debug
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      }
  }

  /// Whether the reader of standard error stalls, so that a line more would wait for it; looks for a second at most.
  public static var isStalled: Bool { LogOutput.standardError.hasNoRoom }

  /// One of the fields of every entry.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes an entry.
  public func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let now = Instant(seconds: Int64(Date().timeIntervalSince1970)).description
    switch format {
    case .text:
      let level = event.level.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)
      let details = fields.map { " \($0.key)=\(Self.quoted($0.value.description))" }.joined()
      write("\(now) \(level) \(Self.oneLine(event.message.description))\(details)")
    case .json:
      var members: [(String, JSONValue)] = [
        ("time", .string(now)),
        ("level", .string(event.level.rawValue)),
        ("message", .string(event.message.description)),
      ]
      members += fields.map { ($0.key, Self.json($0.value)) }
      write(JSONValue.object(JSONObject(members)).text)
    }
  }

  /// Counts are numbers; everything else is text, so that a field has the same type in every entry.
  private static func json(_ value: Logger.MetadataValue) -> JSONValue {
    if case .stringConvertible(let number as Int) = value { return .integer(number) }
    return .string(value.description)
  }

  private static func quoted(_ text: String) -> String {
    let needsQuotes = text.isEmpty || text.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0.isNewline }
    return needsQuotes ? JSONValue.string(text).text : text
  }

  /// Nothing that comes from outside may begin a line of its own.
  private static func oneLine(_ text: String) -> String {
    text.contains(where: \.isNewline) ? text.split(whereSeparator: \.isNewline).joined(separator: " | ") : text
  }
}
