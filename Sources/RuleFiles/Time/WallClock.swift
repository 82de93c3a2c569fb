// What clocks on the wall show in a time zone, and when they show it. Everything else in this folder counts in UTC; the
// rules of the zones are Foundation's, which brings the IANA database with it.

internal import Foundation

/// The clocks of a time zone.
public struct WallClock: Sendable, Hashable, CustomStringConvertible {
  /// The IANA name: `Europe/Berlin`.
  public let name: String
  /// Nothing for UTC.
  private let zone: TimeZone?

  /// Clocks that show UTC.
  public static let utc = WallClock()

  private init() {
    name = "UTC"
    zone = nil
  }

  /// The clocks of the zone of an IANA name; nothing if there is no such zone.
  public init?(zone name: String) {
    if name == "UTC" || name == "Etc/UTC" {
      self.name = name
      self.zone = nil
      return
    }
    // Foundation makes zones up for offsets (`GMT+3`) and abbreviations; names of the database are cities and regions.
    guard name.contains("/") || Self.plainNames.contains(name), let zone = TimeZone(identifier: name) else {
      return nil
    }
    self.name = name
    self.zone = zone
  }

  /// The database's names without a region that are in use.
  private static let plainNames: Set<String> = [
    "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GMT", "HST", "Hongkong", "Iceland",
    "Iran", "Israel", "Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "Navajo", "PRC",
    "PST8PDT", "Poland", "Portugal", "ROC", "ROK", "Singapore", "Turkey", "UCT", "Universal", "WET", "Zulu",
  ]

  /// How far the clocks are ahead of UTC at an instant, in seconds.
  func offset(at instant: Instant) -> Int64 {
    guard let zone else { return 0 }
    return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant.seconds))))
  }

  /// What the clocks show at an instant, as if they showed UTC.
  func reading(at instant: Instant) -> Instant { Instant(seconds: instant.seconds + offset(at: instant)) }

  /// When the clocks show a reading for the first time; nothing for one that is left out when they are put forward.
  func instant(showing reading: Instant) -> Instant? {
    guard zone != nil else { return reading }
    return offsets(around: reading)
      .map { Instant(seconds: reading.seconds - $0) }
      .filter { self.reading(at: $0) == reading }
      .min()
  }

  /// When the clocks would show a reading had they not been put forward just before.
  func instant(showingOrPassing reading: Instant) -> Instant {
    if let instant = instant(showing: reading) { return instant }
    return Instant(seconds: reading.seconds - (offsets(around: reading).min() ?? 0))
  }

  /// The offsets before and after a reading: zones change theirs by less than a day, and not twice in two.
  private func offsets(around reading: Instant) -> [Int64] {
    [-86_400, 86_400].map { offset(at: Instant(seconds: reading.seconds + $0)) }
  }

  /// The name.
  public var description: String { name }
}
