// Where `send` steps go.

public import EventPatterns

/// A checked `kind: Target` document or an inline target of a step.
public struct TargetDefinition: Sendable {
  /// The id: as written, or `RULE/STEP` for an inline target.
  public var id: String
  /// What the target is for.
  public var description: String?
  /// The type and its settings.
  public var settings: Settings
  /// Rate, retries, dead letters.
  public var policy: DeliveryPolicy
  /// Which addresses may be connected to.
  public var network: Network
  /// The secrets it refers to, each where it does.
  public var secrets: [Located<SecretReference>] = []
  /// Where the definition begins.
  public var position: SourcePosition

  /// The name of the queue or topic of a target that names none: the id, with `.` for the `/` of an inline target's.
  public static func queueName(of id: String) -> String {
    String(id.map { $0 == "/" ? "." : $0 })
  }

  /// The name of the queue that the target stands for; nothing for targets of other types.
  public var queueName: String? {
    if case .queue(let queue) = settings { queue.name } else { nil }
  }

  /// Which addresses a target may connect to.
  public enum Network: String, Sendable, Hashable, CaseIterable {
    /// Public addresses only: no loopback, private, link-local or metadata addresses. The default.
    case `public`
    /// Every address.
    case any
  }

  /// The type of a target with its settings.
  public enum Settings: Sendable {
    /// An HTTP endpoint.
    case webhook(Webhook)
    /// A queue with SQS's semantics.
    case queue(Queue)
    /// A topic with SNS's semantics: every subscription gets a copy.
    case topic(subscriptions: [String])
    /// Another event bus of this engine: its rules see the event.
    case bus(name: String)
    /// A file of JSON lines.
    case file(File)
    /// Standard output, a JSON line each.
    case stdout
    /// A log group (not available yet).
    case logGroup(name: String)
    /// An event data store of the Lake (not available yet).
    case lake(store: String)
    /// A resource of AWS's, or of something compatible.
    case aws(AWS)

    /// The type as rule files write it.
    public var type: String {
      switch self {
      case .webhook: "webhook"
      case .queue: "queue"
      case .topic: "topic"
      case .bus: "bus"
      case .file: "file"
      case .stdout: "stdout"
      case .logGroup: "log-group"
      case .lake: "lake"
      case .aws: "aws"
      }
    }
  }

  /// The settings of a webhook.
  public struct Webhook: Sendable {
    /// The address, `https://…` or `http://…`.
    public var url: SettingValue
    /// The HTTP method; POST if not written.
    public var method: String
    /// Additional header fields, in file order.
    public var headers: [(name: String, value: SettingValue)]
    /// The secret that signs requests (Standard Webhooks).
    public var signingSecret: SecretReference?
    /// The proxy to go through.
    public var proxy: SettingValue?
  }

  /// The settings of a queue.
  ///
  /// What is nil was not written: SQS's default holds.
  public struct Queue: Sendable {
    /// The name of the queue; the target's id if not written.
    public var name: String
    /// How long a received message stays hidden.
    public var visibilityTimeout: TimeSpan?
    /// How often a message is received before it moves to `redriveTo`, at least 1.
    public var maxReceiveCount: Int?
    /// The queue (target id) for messages that were received too often.
    public var redriveTo: String?
    /// How long a message is kept.
    public var retention: TimeSpan?
  }

  /// The settings of a file of JSON lines.
  public struct File: Sendable {
    /// The path; relative ones count from the data directory.
    public var path: String
    /// The size in bytes from which on the file is rotated.
    public var maxSize: Int?
    /// How many rotated files are kept.
    public var keep: Int?
  }

  /// The settings of a resource of AWS's.
  public struct AWS: Sendable {
    /// The keys that requests are signed with.
    public struct Credentials: Sendable {
      /// The access key.
      public var accessKeyID: SecretReference
      /// Its secret.
      public var secretAccessKey: SecretReference
      /// The token of a session.
      public var sessionToken: SecretReference?
    }

    /// The resource.
    public var arn: String
    /// The endpoint; AWS's own if nil.
    public var endpoint: String?
    /// The Region that is signed for; the ARN's if nil.
    public var region: String?
    /// The keys.
    public var credentials: Credentials
    /// Parameters of EventBridge's targets, by their names there.
    public var parameters: [String: JSONValue]
  }
}
