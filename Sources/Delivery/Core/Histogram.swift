// Times, counted by how long they were.

/// How often values fell between bounds, for Prometheus.
public struct Histogram: Sendable, Equatable {
  /// Upper bounds for latencies, in seconds: from a write to a day of retries.
  public static let latencies = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400,
  ]

  /// The upper bounds, ascending.
  public let bounds: [Double]
  /// How many values were at most each bound and over the one before; the last is those over all bounds.
  public private(set) var counts: [Int]
  /// The sum of all values.
  public private(set) var sum = 0.0

  /// Makes a histogram of nothing.
  public init(bounds: [Double] = Histogram.latencies) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// Adds a value, as often as said.
  public mutating func add(_ value: Double, times: Int = 1) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += times
    sum += value * Double(times)
  }

  /// How many values there are.
  public var count: Int { counts.reduce(0, +) }
}
