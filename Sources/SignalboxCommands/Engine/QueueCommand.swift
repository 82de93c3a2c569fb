// `signalbox queue`: the queues of an engine by hand, in SQS's verbs.

internal import ArgumentParser
internal import EventPatterns
internal import Messaging
internal import RuleFiles
internal import Storage

struct QueueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Look into queues; send, receive and delete messages.",
    discussion: """
      Works beside a running engine.

      Examples:
        signalbox queue list --data data
        signalbox queue receive --data data findings --limit 10 --delete
        echo '{"hello": 1}' | signalbox queue send --data data findings -
      """,
    subcommands: [List.self, Show.self, Send.self, Receive.self, Delete.self, Purge.self]
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List the queues with the number of their messages.",
      discussion: """
        Example:
          signalbox queue list --data data
        """
    )

    @OptionGroup var location: DataLocation

    @Option(help: "text, json or ndjson.")
    var format = ListFormat.text

    func run() async throws {
      let queues = try location.open().queues.list(now: WallClock.milliseconds)
      try ListWriter(format, on: .current).write(queues)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show the messages of a queue without receiving them.",
      discussion: """
        Example:
          signalbox queue show --data data findings --format ndjson
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The queue's name.")
    var name: String

    @Option(help: "At most this many messages.")
    var limit = 100

    @Option(help: "text, json or ndjson.")
    var format = ListFormat.text

    func run() async throws {
      let messages = try location.open().queues.peek(name, limit: limit, now: WallClock.milliseconds)
      try ListWriter(format, on: .current).write(messages)
    }
  }

  struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "send",
      abstract: "Send a message.",
      discussion: """
        Example:
          signalbox queue send --data data findings '{"text": "hello"}' --attribute origin=hand
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The queue's name.")
    var name: String

    @Argument(help: "The message; - reads it from standard input.")
    var body: String

    @Option(
      name: .customLong("attribute"),
      help: "An attribute of the message, NAME=VALUE; may be given several times."
    )
    var attributes: [String] = []

    @Flag(help: "Make the queue if it is not there.")
    var create = false

    func validate() throws {
      if let broken = attributes.first(where: { !$0.contains("=") }) {
        throw ValidationError("--attribute takes NAME=VALUE, not '\(broken)'.")
      }
    }

    func run() async throws {
      let pairs = attributes.map { attribute in
        let parts = attribute.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), String(parts[1]))
      }
      let bytes = body == "-" ? try readWholeFile("-") : Array(body.utf8)
      let database = try location.open(creating: create)
      let now = WallClock.milliseconds
      if create { try database.queues.createIfAbsent(name, now: now) }
      let message = OutgoingMessage(body: bytes, attributes: Dictionary(pairs) { $1 })
      try Console.current.print(try database.queues.send(message, to: name, now: now).messageID)
    }
  }

  struct Receive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "receive",
      abstract: "Receive messages and hide them for the visibility timeout.",
      discussion: """
        Example:
          signalbox queue receive --data data findings --limit 5 --visibility 2m --format ndjson
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The queue's name.")
    var name: String

    @Option(help: "At most this many messages, 1 to 10.")
    var limit = 1

    @Option(help: "How long the messages stay hidden, such as 30s or 5m; the queue's own timeout unless given.")
    var visibility: String?

    @Flag(help: "Delete the messages once they are printed.")
    var delete = false

    @Option(help: "text, json or ndjson.")
    var format = ListFormat.ndjson

    func run() async throws {
      let timeout = try visibility.map { text in
        do {
          return try TimeSpan(parsing: text).seconds * 1000
        } catch {
          throw CommandFailure(.usage, "--visibility '\(text)': \(error)")
        }
      }
      let queues = try location.open().queues
      let received = try queues.receive(
        from: name,
        limit: limit,
        visibilityTimeout: timeout,
        now: WallClock.milliseconds
      )
      let console = Console.current
      try ListWriter(format, on: console).write(received)
      try console.output.flush()
      if delete {
        for message in received { try queues.delete(message.receiptHandle, from: name) }
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete",
      abstract: "Delete received messages by their receipt handles.",
      discussion: """
        Example:
          signalbox queue delete --data data findings 17.0f3c…
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The queue's name.")
    var name: String

    @Argument(help: ArgumentHelp("Receipt handles, as `queue receive` prints them.", valueName: "handle"))
    var receiptHandles: [String]

    func run() async throws {
      let queues = try location.open().queues
      var missing = 0
      for handle in receiptHandles where try !queues.delete(handle, from: name) {
        missing += 1
        Console.current.sayError("\(handle.shownSafely): the message is gone, or was received again since")
      }
      if missing > 0 { throw missing == receiptHandles.count ? ExitStatus.invalid : ExitStatus.partial }
    }
  }

  struct Purge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "purge",
      abstract: "Delete every message of a queue.",
      discussion: """
        Example:
          signalbox queue purge --data data findings
        """
    )

    @OptionGroup var location: DataLocation

    @Argument(help: "The queue's name.")
    var name: String

    func run() async throws {
      let count = try location.open().queues.purge(name)
      Console.current.say("\(count.counted("message")) deleted.")
    }
  }
}
