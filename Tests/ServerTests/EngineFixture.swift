import Foundation
import Logging
import RuleFiles
import Server
import Storage
import Synchronization

/// A project folder with rules, logs and settings, and engines that run on it.
final class EngineFixture: Sendable {
  let folder: String
  private let log = Mutex<[String]>([])

  init(rules: String, sources: String = "[{log-files: logs}]", settings: String = "") throws {
    folder = NSTemporaryDirectory() + "engine-\(UUID().uuidString)"
    for name in ["rules", "logs"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    try write("rules/rules.yaml", rules)
    try write("signalbox.yaml", "sources: \(sources)\n\(settings)\n")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ path: String, _ text: String) throws {
    // In one step, as an editor or a log shipper does.
    let partial = "\(folder)/.partial-\(UUID().uuidString)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: partial))
    guard rename(partial, "\(folder)/\(path)") == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  /// Writes a log file with these events.
  func log(_ file: String, _ events: [(id: String, name: String)]) throws {
    let records = events.map { event in
      #"{"eventVersion":"1.11","eventTime":"2026-11-01T00:00:00Z","eventSource":"cloudtrail.amazonaws.com","#
        + #""eventName":"\#(event.name)","awsRegion":"eu-central-1","eventID":"\#(event.id)","eventType":"AwsApiCall","#
        + #""recipientAccountId":"111122223333"}"#
    }
    try write("logs/\(file)", #"{"Records":[\#(records.joined(separator: ","))]}"#)
  }

  func configuration() throws -> SignalboxConfiguration {
    let loaded = SignalboxConfiguration.load(path: "\(folder)/signalbox.yaml", environment: [:])
    guard let configuration = loaded.configuration else { throw loaded.diagnostics[0] }
    return configuration
  }

  var options: EngineOptions {
    let logger = Logger(label: "test") { [self] _ in
      EngineLog(.init(format: .text, level: .debug)) { line in self.log.withLock { $0.append(line) } }
    }
    return EngineOptions(once: true, retryWait: .zero, handlesSignals: false, environment: [:], logger: logger)
  }

  var logged: String { log.withLock { $0.joined(separator: "\n") } }

  /// Reads what is there, delivers it, and ends.
  func runOnce() async throws -> EngineReport {
    try await Engine.run(configuration: try configuration(), options: options)
  }

  /// Runs an engine that watches while `body` runs, then ends it.
  func running(_ body: () async throws -> Void) async throws {
    var options = options
    options.once = false
    let (configuration, frozen) = (try configuration(), options)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = try await Engine.run(configuration: configuration, options: frozen) }
      try await body()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// Looks into the database beside an engine.
  func database() throws -> EmbeddedDatabase {
    try EmbeddedDatabase(directory: "\(folder)/data", access: .beside())
  }

  /// What became of all deliveries, by state.
  func states() throws -> [String: Int] {
    let database = try database()
    defer { try? database.close() }
    return Dictionary(uniqueKeysWithValues: try database.ledger.counts().map { ($0.key.rawValue, $0.value) })
  }

  /// The lines of a file that a target writes.
  func lines(of file: String) -> [String] {
    guard let data = FileManager.default.contents(atPath: "\(folder)/data/\(file)") else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Whether a condition comes true within ten seconds.
  func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
    for _ in 0..<1000 {
      if try condition() { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
  }
}

/// Rules that are used by several tests.
enum SampleRules {
  static let toFile = """
    kind: Rule
    id: stopped
    title: A trail was stopped
    when: {source: [aws.cloudtrail], detail: {eventName: [StopLogging]}}
    then:
      - {id: tell, send: out, input: {event: "<detail.eventID>"}}
    ---
    kind: Target
    id: out
    type: file
    path: out.jsonl
    """

  /// To a port where nobody listens.
  static let toNobody = """
    kind: Rule
    id: stopped
    when: {detail: {eventName: [StopLogging]}}
    then: [{send: dead}]
    ---
    kind: Target
    id: dead
    type: webhook
    url: http://127.0.0.1:9/
    network: any
    retry: {backoff: 1h..1h}
    """
}
