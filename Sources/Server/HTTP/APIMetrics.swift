// What the API has done, for Prometheus.

internal import Synchronization

/// Counts calls and their time.
final class APIMetrics: Sendable {
  private struct CallKey: Hashable {
    var service: String
    var operation: String
    var status: Int
  }

  private struct Histogram {
    var counts = [Int](repeating: 0, count: APIMetrics.bounds.count + 1)
    var sum = 0.0
  }

  private struct State {
    var calls: [CallKey: Int] = [:]
    var seconds: [String: Histogram] = [:]
  }

  /// Upper bounds of the latency buckets, in seconds.
  static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

  private let state = Mutex(State())

  /// Counts a call.
  func count(_ service: String, _ operation: String, _ status: Int, _ seconds: Double) {
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.calls[CallKey(service: service, operation: operation, status: status), default: 0] += 1
      state.seconds[service, default: Histogram()].counts[bucket] += 1
      state.seconds[service]?.sum += seconds
    }
  }

  /// The text that Prometheus reads.
  func text() -> String {
    let (calls, seconds) = state.withLock { ($0.calls, $0.seconds) }
    var text = MetricsText()
    text.begin("signalbox_api_requests_total", .counter, "API calls, by operation and HTTP status.")
    for (key, count) in calls.sorted(by: {
      ($0.key.service, $0.key.operation, $0.key.status) < ($1.key.service, $1.key.operation, $1.key.status)
    }) {
      text.add(count, ["service": key.service, "operation": key.operation, "status": String(key.status)])
    }
    text.begin("signalbox_api_request_seconds", .histogram, "How long API calls took, by service.")
    for (service, histogram) in seconds.sorted(by: { $0.key < $1.key }) {
      var sum = 0
      for (index, count) in histogram.counts.enumerated() {
        sum += count
        let bound = index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf"
        text.add(sum, ["service": service, "le": bound], suffix: "_bucket")
      }
      text.add(histogram.sum, ["service": service], suffix: "_sum")
      text.add(sum, ["service": service], suffix: "_count")
    }
    return text.text
  }
}

/// Writes Prometheus's text format.
struct MetricsText {
  /// The kinds of metric.
  enum Kind: String {
    case counter, gauge, histogram
  }

  private(set) var text = ""
  private var name = ""

  /// Begins a metric.
  mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a value of the metric begun last.
  mutating func add(
    _ value: some CustomStringConvertible,
    _ labels: KeyValuePairs<String, String> = [:],
    suffix: String = ""
  ) {
    text += name + suffix
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
    }
    text += " \(value)\n"
  }

  /// A metric with one value.
  mutating func gauge(_ name: String, _ value: some CustomStringConvertible, _ help: String, _ kind: Kind = .gauge) {
    begin(name, kind, help)
    add(value)
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
  }
}
