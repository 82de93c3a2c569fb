// What `signalbox.yaml` says, checked and resolved: every path is one that can be opened, every reference has its value.
// How it is read stands in ConfigurationReader; which keys there are, in ConfigurationFields.

public import RuleFiles
public import Storage
public import Targets

/// The settings of an engine.
public struct SignalboxConfiguration: Sendable {
  /// The file they come from.
  public var file: String
  /// Where the engine keeps its database.
  public var dataDirectory: String
  /// The folders and files with rules.
  public var rules: [String]
  /// Where events come from.
  public var sources: [Source]
  /// What holds for targets and actions that say nothing.
  public var defaults: DeliveryPolicy
  /// The queue for what targets without a `dead-letter` gave up.
  public var deadLetterQueue: String
  /// How the engine reports what it does.
  public var log: LogSettings
  /// How long events and records are kept.
  public var retention: RetentionPolicy
  /// The most deliveries that may wait before sources are read more slowly.
  public var outboxLimit: Int
  /// How long attempts under way may go on after the engine was told to stop.
  public var shutdownGrace: Duration
  /// The account in events of the engine's own (schedules).
  public var account: String
  /// The region in events of the engine's own (schedules).
  public var region: String
  /// What the ARNs of services that are not here stand for.
  public var functions: [FunctionMapping] = []
  /// The resources that deliveries are forwarded to, in AWS or at endpoints that are compatible.
  public var forward: [AWSForwarding.Entry] = []
  /// How the API is served, for `signalbox serve`.
  public var serve = ServeSettings()

  /// What holds when there is no settings file.
  public static let standard = SignalboxConfiguration(
    file: "",
    dataDirectory: "data",
    rules: [],
    sources: [],
    defaults: DeliveryPolicy(),
    deadLetterQueue: "dead-letters",
    log: LogSettings(),
    retention: RetentionPolicy(),
    outboxLimit: 1_000_000,
    shutdownGrace: .seconds(10),
    account: "000000000000",
    region: "us-east-1"
  )

  /// Somewhere events come from.
  public struct Source: Sendable, Equatable {
    /// What is read.
    public enum Kind: Sendable, Equatable {
      /// Files, folders and trees of log files; watched for new files unless `watch` is false.
      case logFiles([String], watch: Bool)
      /// Standard input: records or events, JSON lines or log files.
      case standardInput
    }

    /// The name under which positions are kept.
    public var name: String
    /// What is read.
    public var kind: Kind
    /// The bus whose rules see the events.
    public var bus: String

    /// Makes a source.
    public init(name: String, kind: Kind, bus: String = "default") {
      self.name = name
      self.kind = kind
      self.bus = bus
    }
  }

  /// How the engine reports what it does.
  public struct LogSettings: Sendable, Equatable {
    /// The form of a line.
    public enum Format: String, Sendable, CaseIterable {
      /// For people.
      case text
      /// A JSON object a line, for collectors.
      case json
    }

    /// How much is reported.
    public enum Level: String, Sendable, CaseIterable {
      /// Everything.
      case debug
      /// What a person who watches wants to see. The default.
      case info
      /// What a person should know later.
      case notice
      /// What may need somebody's attention.
      case warning
      /// What needs somebody's attention.
      case error
    }

    /// The form of a line.
    public var format: Format
    /// The least that is reported.
    public var level: Level

    /// Makes settings.
    public init(format: Format = .text, level: Level = .info) {
      self.format = format
      self.level = level
    }
  }

  /// What reading a file brought.
  public struct LoadResult: Sendable {
    /// The settings; nothing if one of the findings is an error.
    public var configuration: SignalboxConfiguration?
    /// Everything there is to say, in reading order.
    public var diagnostics: [Diagnostic]
  }
}
