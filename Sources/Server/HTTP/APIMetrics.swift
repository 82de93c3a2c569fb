// What the API has done, for Prometheus.

internal import Delivery
internal import Synchronization

/// Counts calls and their time.
final class APIMetrics: Sendable {
  private struct CallKey: Hashable {
    var service: String
    var operation: String
    var status: Int
  }

  private struct OperationKey: Hashable {
    var service: String
    var operation: String
  }

  private struct State {
    var calls: [CallKey: Int] = [:]
    var seconds: [OperationKey: Histogram] = [:]
  }

  /// Upper bounds of the latency buckets, in seconds; the longest poll of a queue takes 20.
  private static let bounds = Histogram.latencies.filter { $0 <= 30 }

  private let state = Mutex(State())

  /// Counts a call.
  func count(_ service: String, _ operation: String, _ status: Int, _ seconds: Double) {
    state.withLock { state in
      state.calls[CallKey(service: service, operation: operation, status: status), default: 0] += 1
      let key = OperationKey(service: service, operation: operation)
      state.seconds[key, default: Histogram(bounds: Self.bounds)].add(seconds)
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
    text.begin("signalbox_api_request_seconds", .histogram, "How long API calls took, by operation.")
    for (key, histogram) in seconds.sorted(by: {
      ($0.key.service, $0.key.operation) < ($1.key.service, $1.key.operation)
    }
    ) {
      text.add(histogram, [("service", key.service), ("operation", key.operation)])
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
  mutating func add(_ value: some CustomStringConvertible, _ labels: KeyValuePairs<String, String> = [:]) {
    add(value, labels.map { ($0.key, $0.value) }, suffix: "")
  }

  /// Adds a histogram of the metric begun last.
  mutating func add(_ histogram: Histogram, _ labels: [(String, String)] = []) {
    var sum = 0
    for (index, count) in histogram.counts.enumerated() {
      sum += count
      let bound = index < histogram.bounds.count ? "\(histogram.bounds[index])" : "+Inf"
      add(sum, labels + [("le", bound)], suffix: "_bucket")
    }
    add(histogram.sum, labels, suffix: "_sum")
    add(sum, labels, suffix: "_count")
  }

  private mutating func add(_ value: some CustomStringConvertible, _ labels: [(String, String)], suffix: String) {
    text += name + suffix
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",") + "}"
    }
    text += " \(value)\n"
  }

  /// A metric that is one histogram.
  mutating func histogram(_ name: String, _ histogram: Histogram, _ help: String) {
    begin(name, .histogram, help)
    add(histogram)
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
