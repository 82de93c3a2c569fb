// `signalbox dlq`: what could not be delivered, and what to do about it.

internal import ArgumentParser
internal import EventPatterns
internal import Messaging
internal import Server
internal import Storage

struct DeadLetterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dlq",
    abstract: "Look into dead-letter queues; redrive or drop what is there.",
    discussion: """
      A redrive puts deliveries back into the outbox as if just decided, and messages back into the queue they came from.
      Works beside a running engine.

      Examples:
        signalbox dlq list --data data
        signalbox dlq show --data data alerts-dlq
        signalbox dlq redrive --data data alerts-dlq
        signalbox dlq drop --data data alerts-dlq 5f0c1c6e-0000-4000-8000-000000000000
      """,
    subcommands: [List.self, Show.self, Redrive.self, Drop.self]
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List the dead-letter queues.",
      discussion: """
        Example:
          signalbox dlq list --data data
        """
    )

    @OptionGroup var location: DataLocation

    @Option(help: "text, json or ndjson.")
    var format = ListFormat.text

    func run() async throws {
      let queues = try location.open().deadLetterQueues.list(now: WallClock.milliseconds)
      try ListWriter(format, on: .current).write(queues)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show the dead letters of a queue, or one of them.",
      discussion: """
        Example:
          signalbox dlq show --data data alerts-dlq --format json
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The queue's name.")
    var name: String

    @Argument(help: ArgumentHelp("A message's id; all messages unless given.", valueName: "message"))
    var messageID: String?

    @Option(help: "At most this many messages.")
    var limit = 100

    @Option(help: "text, json or ndjson.")
    var format = ListFormat.text

    func run() async throws {
      let database = try location.open()
      let console = Console.current
      guard let messageID else {
        let messages = try database.queues.peek(name, limit: limit, now: WallClock.milliseconds)
        let queues = try database.queues.list(now: WallClock.milliseconds)
        let limits = Dictionary(queues.map { ($0.name, $0.attributes.redrive?.maxReceiveCount) }) { first, _ in first }
        return try ListWriter(format, on: console).write(
          titles: ["SENT", "MESSAGE", "TRIES", "ERROR", "RULE", "WHY"],
          messages,
          row: { Self.row($0, receiveLimit: $0.sourceQueue.flatMap { limits[$0] ?? nil }) },
          json: \.json
        )
      }
      guard let message = try database.deadLetterQueues.show(messageID, in: name) else {
        throw CommandFailure(.invalid, "there is no message \(messageID.shownSafely) in queue \(name)")
      }
      try console.print(message.json, pretty: format != .ndjson)
    }

    /// A letter of the outbox says all by itself; a message of a queue was received as often as its queue allows.
    private static func row(_ message: QueueMessage, receiveLimit: Int?) -> [String] {
      let attributes = message.attributes
      let rule =
        attributes[DeadLetter.Attribute.ruleARN]?.split(separator: "/").last.map(String.init)
        ?? attributes["signalbox.rule"]
      return [
        Timestamp.text(milliseconds: message.sentAt), message.messageID,
        attributes[DeadLetter.Attribute.retryAttempts].flatMap(Int.init).map { String($0 + 1) }
          ?? receiveLimit.map(String.init) ?? "-",
        attributes[DeadLetter.Attribute.errorCode] ?? "-", rule ?? "-",
        attributes[DeadLetter.Attribute.errorMessage] ?? message.sourceQueue.map { "received too often from \($0)" }
          ?? "-",
      ]
    }
  }

  struct Redrive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "redrive",
      abstract: "Give dead letters another chance.",
      discussion: """
        A step that could not be rendered for its event is rendered again, with the rules of the settings file as they are
        now; if it still cannot be, its letter stays.

        Examples:
          signalbox dlq redrive --data data alerts-dlq
          signalbox dlq redrive --config signalbox.yaml alerts-dlq
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The queue's name.")
    var name: String

    @Argument(help: ArgumentHelp("Messages by id; all that nobody is working on unless given.", valueName: "message"))
    var messageIDs: [String] = []

    func run() async throws {
      let now = WallClock.milliseconds
      let deadLetters = try location.open().deadLetterQueues
      var renderer: Result<StepRenderer, RuleRefusal>?
      // The rules are only read when a letter asks for them, and not while the database waits for us.
      if let settings = try location.settings(), try deadLetters.hasUnrendered(name) {
        renderer = Result { () throws(RuleRefusal) in try StepRenderer(settings) }
      }
      let result = try deadLetters.redrive(
        name,
        messageIDs: messageIDs.isEmpty ? nil : messageIDs,
        now: now,
        render: renderer.map { renderer in
          { record, event in
            switch renderer {
            case .success(let renderer): renderer.render(record, event: event, now: now)
            case .failure:
              .refused("it has to be rendered again, and the rules are not right; see `signalbox validate`")
            }
          }
        }
      )
      let console = Console.current
      for (message, reason) in result.stayed.sorted(by: { $0.key < $1.key }) {
        console.sayError("\(message.shownSafely): \(reason)")
      }
      let delivered = result.deliveries.counted("delivery", "deliveries")
      console.say("\(delivered) in the outbox again, \(result.messages.counted("message")) in their queue again.")
      if !result.stayed.isEmpty { throw ExitStatus.partial }
    }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "drop",
      abstract: "Delete dead letters for good.",
      discussion: """
        Name the messages, or say --all.

        Example:
          signalbox dlq drop --data data alerts-dlq --all
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The queue's name.")
    var name: String

    @Argument(help: ArgumentHelp("Messages by id.", valueName: "message"))
    var messageIDs: [String] = []

    @Flag(help: "Drop every message that nobody is working on.")
    var all = false

    func validate() throws {
      guard all != !messageIDs.isEmpty else { throw ValidationError("Name the messages to drop, or say --all.") }
    }

    func run() async throws {
      let dropped = try location.open().deadLetterQueues.drop(
        name,
        messageIDs: all ? nil : messageIDs,
        now: WallClock.milliseconds
      )
      Console.current.say("\(dropped.counted("message")) dropped.")
      if !all, dropped < Set(messageIDs).count {
        Console.current.sayError("\((Set(messageIDs).count - dropped).counted("message")) not found in queue \(name)")
        throw dropped == 0 ? ExitStatus.invalid : ExitStatus.partial
      }
    }
  }
}
