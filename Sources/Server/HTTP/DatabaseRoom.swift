// How much room the database has left, if the settings limit it. It is measured now and then: what comes meanwhile may be
// too much by a little, and no call waits for a measurement.

internal import Dispatch
internal import Logging
internal import Storage
internal import Synchronization

/// The room in a database.
final class DatabaseRoom: Sendable {
  /// How often it is measured.
  private static let pause = Duration.milliseconds(500)

  private let database: EmbeddedDatabase
  private let limit: Int64?
  private let logger: Logger
  private let isFull = Mutex(false)
  private let measuring = DispatchQueue(label: "signalbox.room")

  /// - Parameter limit: the bytes in use from which on nothing more is taken; none if nil.
  init(_ database: EmbeddedDatabase, limit: Int64?, logger: Logger) {
    self.database = database
    self.limit = limit
    self.logger = logger
    measure()
  }

  /// What a caller is told when there is no room; nothing if there is.
  var lack: String? {
    guard let limit, isFull.withLock({ $0 }) else { return nil }
    return "The database has reached its limit (serve: {largest-database: \(limit)}), so nothing more is taken. "
      + "Receive or delete something, or raise the limit."
  }

  /// The limit for `/metrics`.
  var metrics: String {
    guard let limit else { return "" }
    var text = MetricsText()
    text.gauge("signalbox_database_limit_bytes", limit, "The size from which on calls bring nothing more.")
    return text.text
  }

  /// Measures until the task is cancelled.
  func run() async {
    guard limit != nil else { return }
    while (try? await Task.sleep(for: Self.pause)) != nil {
      await withCheckedContinuation { continuation in
        measuring.async { [self] in
          measure()
          continuation.resume()
        }
      }
    }
  }

  /// Blocks.
  private func measure() {
    guard let limit, let used = try? database.usedBytes() else { return }
    let now = used >= limit
    let before = isFull.withLock { isFull in
      defer { isFull = now }
      return isFull
    }
    if now, !before {
      logger.warning("the database has reached its limit; calls bring nothing more", metadata: ["bytes": "\(used)"])
    } else if before, !now {
      logger.notice("the database is below its limit again", metadata: ["bytes": "\(used)"])
    }
  }
}
