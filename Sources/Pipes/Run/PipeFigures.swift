// What pipes have done since the server started: what CloudWatch has of them in AWS (EventBridge User Guide, "Monitoring
// Amazon EventBridge Pipes": Invocations, EventCount, ExecutionFailed, ExecutionPartiallyFailed, …StageDuration,
// …StageFailed), for whoever reads `/metrics`.

public import Delivery
internal import Synchronization
internal import TrailEvents

/// What one pipe has done.
public struct PipeFigures: Sendable, Equatable {
  /// What a stage did: `enrichment` or `target`.
  public struct Stage: Sendable, Equatable {
    /// Seconds that it took, by batch.
    public var seconds = Histogram()
    /// Batches that it did not take as a whole.
    public var failures = 0
  }

  /// Batches of which every message was done with.
  public var succeeded = 0
  /// Batches of which some messages come back.
  public var partiallyFailed = 0
  /// Batches of which all messages come back.
  public var failed = 0
  /// Messages taken from the source.
  public var events = 0
  /// Messages that no filter took.
  public var filtered = 0
  /// Messages that come back.
  public var failedEvents = 0
  /// What its stages did, by name.
  public var stages: [String: Stage] = [:]

  /// Adds a batch.
  mutating func add(_ pass: PipePass) {
    events += pass.batch.count
    filtered += pass.filtered
    let failures = Set(pass.failures.map(\.message)).count
    failedEvents += failures
    switch failures {
    case 0: succeeded += 1
    case pass.batch.count: failed += 1
    default: partiallyFailed += 1
    }
    for run in pass.stages {
      stages[run.name, default: Stage()].seconds.add(run.seconds)
      if run.hasFailed { stages[run.name]?.failures += 1 }
    }
  }
}

/// How a stage did with a batch.
struct PipeStageRun: Sendable, Equatable {
  var name: String
  var seconds: Double
  var hasFailed: Bool
}

/// Figures by pipe; those of a pipe that is gone go with it.
final class PipeCounter: Sendable {
  private let figures = Mutex<[PipeKey: PipeFigures]>([:])

  func add(_ pass: PipePass, of key: PipeKey) { figures.withLock { $0[key, default: PipeFigures()].add(pass) } }

  func forget(_ key: PipeKey) { figures.withLock { $0[key] = nil } }

  var all: [PipeKey: PipeFigures] { figures.withLock { $0 } }
}

extension PipeEngine {
  /// What the pipes that have had something to do have done, in the order of their ARNs.
  public var figures: [(pipe: String, figures: PipeFigures)] {
    counter.all.map { key, figures in
      (ARN(service: "pipes", in: key.scope, resource: "pipe/\(key.name)").description, figures)
    }
    .sorted { $0.0 < $1.0 }
  }
}
