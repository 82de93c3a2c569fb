// What a queue can be asked for: the limits of Amazon SQS. `Messaging` keeps queues to the same limits, whoever makes them;
// a test of `Targets`, which knows both, holds the two together.

/// The limits of queues and topics, as rule files may use them.
package enum QueueLimits {
  /// How long a received message may stay hidden.
  package static let visibilityTimeout = TimeSpan(seconds: 0)...TimeSpan(seconds: 12 * 3600)
  /// How long a message may be kept.
  package static let retention = TimeSpan(seconds: 60)...TimeSpan(seconds: 14 * 86_400)
  /// How often a message may be received.
  package static let maxReceiveCount = 1...1000
  /// The queue that gets what could not be delivered, where nothing else is said; the engine makes it.
  package static let deadLetterQueue = "dead-letters"
  /// The longest name, in characters.
  package static let longestName = 80

  /// What is wrong with the name of a queue or topic; nothing if it can be used.
  package static func complaint(aboutName name: String) -> String? {
    if name.utf8.count > longestName {
      return "the name '\(name)' has \(name.utf8.count) characters and may have at most \(longestName)"
    }
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_.".utf8.contains(byte)
      }
    }
    return isPlain && !name.isEmpty
      ? nil : "'\(name)' is not the name of a queue: letters, digits, '-', '_' and '.' may stand in it"
  }
}
