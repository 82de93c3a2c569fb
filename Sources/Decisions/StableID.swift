// Ids that come out the same whenever the same things meet, on every machine and after every restart.

import Crypto

/// Ids derived from what they name.
public enum StableID {
  /// The idempotency key of a delivery: `dlv-` and 32 hexadecimal digits of SHA-256 over event, rule and step.
  public static func delivery(event: String, rule: String, step: String) -> String {
    "dlv-" + hash([event, rule, step], bytes: 16)
  }

  /// An id in the form of a UUID for the event of a scheduled firing.
  public static func scheduledEvent(rule: String, at seconds: Int64) -> String {
    uuid(["schedule", rule, String(seconds)])
  }

  /// An id in the form of a UUID for an event that another bus gets as an event of its own.
  public static func event(_ event: String, on bus: String) -> String { uuid(["bus", event, bus]) }

  /// An id in the form of a UUID for the invocation of a schedule's target.
  ///
  /// - Parameter since: since when the schedule is timed as it is, in milliseconds since 1970: one that was made again under
  ///   the same name is another.
  public static func invocation(of schedule: String, since: Int64, at seconds: Int64) -> String {
    uuid(["invocation", schedule, String(since), String(seconds)])
  }

  /// An id in the form of a UUID for an event that a pipe puts on a bus.
  ///
  /// - Parameter place: which of the events that came of the messages.
  public static func pipedEvent(of messages: [String], pipe: String, place: Int) -> String {
    uuid(["pipe", pipe, String(place)] + messages)
  }

  private static func uuid(_ names: [String]) -> String {
    let digits = hash(names, bytes: 16)
    var parts: [Substring] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }

  /// Hexadecimal digits of the first bytes of SHA-256 over the parts, which a NUL byte separates.
  private static func hash(_ parts: [String], bytes: Int) -> String {
    var input: [UInt8] = []
    for (index, part) in parts.enumerated() {
      if index > 0 { input.append(0) }
      input.append(contentsOf: part.utf8)
    }
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in SHA256.hash(data: input).prefix(bytes) { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
