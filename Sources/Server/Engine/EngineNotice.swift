// What a running engine says about itself, in `engine.json` of its data directory: which process it is, where it serves,
// which rules are in force. `signalbox status` reads it, so it needs no key and no port. It is a courtesy: an engine whose
// disk is full runs on without it.

internal import Decisions
internal import Delivery
internal import Foundation
internal import Logging
internal import RuleFiles
internal import Synchronization

/// What an engine says about itself.
public struct EngineNotice: Codable, Sendable, Equatable {
  /// The rules of rule files that are in force.
  public struct Rules: Codable, Sendable, Equatable {
    /// The hash that deliveries name.
    public var hash: String
    /// How many there are.
    public var count: Int
    /// How many of them are at a live stage.
    public var live: Int
    /// When they came into force, in milliseconds since 1970.
    public var since: Int64
  }

  /// Changed rule files that did not come into force.
  public struct Refusal: Codable, Sendable, Equatable {
    /// When, in milliseconds since 1970.
    public var at: Int64
    /// What was wrong, the first lines of it.
    public var reasons: [String]
  }

  /// The id of the process.
  public var processID: Int32
  /// The version of Signalbox.
  public var version: String
  /// When it started, in milliseconds since 1970.
  public var startedAt: Int64
  /// Where AWS's APIs are served: `http://127.0.0.1:4010`.
  public var endpoint: String?
  /// The rules in force.
  public var rules: Rules?
  /// What came after them and was refused.
  public var refusal: Refusal?

  /// Reads the notice in a data directory; nothing if there is none that can be read.
  public static func read(in directory: String) -> EngineNotice? {
    guard let data = FileManager.default.contents(atPath: path(in: directory)) else { return nil }
    return try? JSONDecoder().decode(EngineNotice.self, from: data)
  }

  fileprivate static func path(in directory: String) -> String { directory + "/engine.json" }
}

/// Keeps the notice of this engine.
final class NoticeBoard: Sendable {
  private let state: Mutex<EngineNotice>
  private let directory: String
  private let clock: any Clock
  private let logger: Logger

  init(directory: String, version: String, clock: any Clock, logger: Logger) {
    let now = clock.now.milliseconds
    let id = ProcessInfo.processInfo.processIdentifier
    state = Mutex(EngineNotice(processID: id, version: version, startedAt: now))
    self.directory = directory
    self.clock = clock
    self.logger = logger
  }

  /// Notes the rules that came into force.
  func note(_ generation: RuleGeneration) {
    let rules = generation.rules.repository.rules
    let now = clock.now.milliseconds
    change { notice in
      notice.rules = EngineNotice.Rules(
        hash: generation.hash,
        count: rules.count,
        live: rules.count { $0.stage.isLive },
        since: now
      )
      notice.refusal = nil
    }
  }

  /// Notes that the rule files are in order again.
  func noteOrder() { change { $0.refusal = nil } }

  /// Notes why changed rules did not come into force.
  func note(_ refusal: RuleRefusal) {
    let reasons = refusal.description.split(separator: "\n").prefix(5).map(String.init)
    let now = clock.now.milliseconds
    change { $0.refusal = EngineNotice.Refusal(at: now, reasons: reasons) }
  }

  /// Notes where AWS's APIs are served.
  func note(endpoint: String) { change { $0.endpoint = endpoint } }

  /// Takes the notice away: the engine ends.
  func remove() { try? FileManager.default.removeItem(atPath: EngineNotice.path(in: directory)) }

  private func change(_ change: (inout EngineNotice) -> Void) {
    state.withLock { notice in
      change(&notice)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      do {
        // Within the lock, so that the newest state is what stays.
        try encoder.encode(notice).write(to: URL(filePath: EngineNotice.path(in: directory)), options: .atomic)
      } catch {
        logger.info("engine.json cannot be written; `signalbox status` will not know this engine: \(error)")
      }
    }
  }
}
