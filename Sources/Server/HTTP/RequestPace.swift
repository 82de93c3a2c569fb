// How far the requests of a connection have come, and how long each part may take. A client that sends a letter now and
// then is never silent, so an idle timeout does not see it: there is only so much time for a head, for a body, and for
// the rest of a body that nobody wants any more.
//
//   head ──► body ──► (answering) ──► head …
//              └─ answered before its end ──► lingering ──► head, or closed

/// The progress of the requests on a connection. It knows no clock: whoever drives it starts the timers that it names.
struct RequestPace {
  /// What the connection's client is given time for.
  enum Wait: Equatable {
    /// The next request's head.
    case head
    /// The rest of a body.
    case body
    /// The rest of a body whose request has been answered: who sends it should see the answer before the connection ends.
    case lingering
  }

  /// What has to be done.
  enum Action: Equatable {
    /// Nothing that is not being done.
    case nothing
    /// Start the timer for this, and no other.
    case wait(Wait)
    /// Stop the timer.
    case rest
    /// Close the connection.
    case close
    /// Say that the body was too slow.
    case giveUpBody
  }

  /// The most bytes that are read of a body nobody wants.
  let lingeringBytes: Int
  private var unanswered = 0
  private var isReading = false
  private var closesAfterAnswer = false
  private var wait: Wait?
  private var unwanted = 0

  /// A connection that has just been opened.
  init(lingeringBytes: Int) { self.lingeringBytes = lingeringBytes }

  /// Whether a request is being read.
  var isInRequest: Bool { isReading }
  /// Whether a request has no answer yet.
  var hasUnanswered: Bool { unanswered > 0 }

  /// The connection is open.
  mutating func opened() -> Action { begin(.head) }

  /// - Parameter closes: whether the client wants the connection to end after the answer.
  mutating func readHead(closes: Bool) -> Action {
    unanswered += 1
    isReading = true
    closesAfterAnswer = closesAfterAnswer || closes
    return rest()
  }

  mutating func readBody(_ count: Int) -> Action {
    guard wait == .lingering else { return .nothing }
    unwanted += count
    return unwanted > lingeringBytes ? .close : .nothing
  }

  mutating func readEnd() -> Action {
    isReading = false
    guard wait == .lingering else { return rest() }
    return closesAfterAnswer ? .close : begin(.head)
  }

  /// All that had arrived was read. Most bodies come with their heads, and need no timer.
  mutating func readComplete() -> Action { isReading && wait == nil ? begin(.body) : .nothing }

  /// - Parameter closes: whether the answer says that the connection ends with it.
  mutating func wroteHead(closes: Bool) { closesAfterAnswer = closesAfterAnswer || closes }

  mutating func wroteEnd() -> Action {
    unanswered = max(0, unanswered - 1)
    if unanswered == 0, isReading {
      unwanted = 0
      return begin(.lingering)
    }
    if closesAfterAnswer { return .close }
    return unanswered == 0 ? begin(.head) : .nothing
  }

  mutating func timeIsUp() -> Action {
    defer { wait = nil }
    return wait == .body ? .giveUpBody : .close
  }

  private mutating func begin(_ wait: Wait) -> Action {
    self.wait = wait
    return .wait(wait)
  }

  private mutating func rest() -> Action {
    guard wait != nil else { return .nothing }
    wait = nil
    return .rest
  }
}
