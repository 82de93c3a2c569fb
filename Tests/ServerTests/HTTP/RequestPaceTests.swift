import Testing

@testable import Server

@Suite struct RequestPaceTests {
  enum Step: Sendable {
    case head(closes: Bool = false)
    case body(Int)
    case end, read, answer
    case closingAnswer
    case timeout
  }

  private static func actions(_ steps: [Step]) -> [RequestPace.Action] {
    var pace = RequestPace(lingeringBytes: 100)
    var actions = [pace.opened()]
    for step in steps {
      switch step {
      case .head(let closes): actions.append(pace.readHead(closes: closes))
      case .body(let count): actions.append(pace.readBody(count))
      case .end: actions.append(pace.readEnd())
      case .read: actions.append(pace.readComplete())
      case .answer:
        pace.wroteHead(closes: false)
        actions.append(pace.wroteEnd())
      case .closingAnswer:
        pace.wroteHead(closes: true)
        actions.append(pace.wroteEnd())
      case .timeout: actions.append(pace.timeIsUp())
      }
    }
    return actions
  }

  @Test(
    arguments: [
      ("a silent connection", [.timeout], [.close]),
      (
        "a request that comes at once needs no timer", [.head(), .end, .read, .answer],
        [.rest, .nothing, .nothing, .wait(.head)]
      ),
      (
        "a body that takes its time", [.head(), .read, .body(9), .read, .end],
        [.rest, .wait(.body), .nothing, .nothing, .rest]
      ),
      ("a body that takes too long", [.head(), .read, .timeout], [.rest, .wait(.body), .giveUpBody]),
      (
        "an answer before the body's end", [.head(), .answer, .body(100), .end],
        [.rest, .wait(.lingering), .nothing, .wait(.head)]
      ),
      (
        "more of a body than anybody passes over", [.head(), .answer, .body(60), .body(60)],
        [.rest, .wait(.lingering), .nothing, .close]
      ),
      (
        "a body that nobody wants and that does not end", [.head(), .answer, .timeout],
        [.rest, .wait(.lingering), .close]
      ),
      ("a last answer", [.head(), .end, .closingAnswer], [.rest, .nothing, .close]),
      (
        "a last answer before the body's end", [.head(), .closingAnswer, .body(1), .end],
        [.rest, .wait(.lingering), .nothing, .close]
      ),
      ("a client that wants to end", [.head(closes: true), .end, .answer], [.rest, .nothing, .close]),
      (
        "two requests at once",
        [.head(), .end, .head(), .end, .answer, .answer],
        [.rest, .nothing, .nothing, .nothing, .nothing, .wait(.head)]
      ),
      (
        "the second request after the first", [.head(), .end, .answer, .head(), .end, .answer],
        [.rest, .nothing, .wait(.head), .rest, .nothing, .wait(.head)]
      ),
    ] as [(String, [Step], [RequestPace.Action])]
  )
  func everyPartHasItsTime(_ name: String, steps: [Step], actions: [RequestPace.Action]) {
    #expect(Self.actions(steps) == [.wait(.head)] + actions, "\(name)")
  }
}
