// HTTP parameters of an API destination whose values are paths into the event, and what they are for one event.

package import Delivery
package import EventPatterns
package import TrailEvents

extension RuleTarget.HTTPParameters {
  /// The values that are paths into the event, by what they stand for.
  package var paths: [(name: String, path: JSONPath)] {
    var paths: [(name: String, path: JSONPath)] = []
    func add(_ name: String, _ value: String) {
      guard value.hasPrefix("$"), let path = try? JSONPath(parsing: value) else { return }
      paths.append((name, path))
    }
    for (index, value) in pathValues.enumerated() { add("path:\(index)", value) }
    for (name, value) in headers { add("header:\(name)", value) }
    for (name, value) in query { add("query:\(name)", value) }
    return paths
  }
}

extension JSONPath {
  /// What stands at the path, as text in a request: nothing is an empty text, objects and lists are JSON.
  package func text(in event: JSONValue) -> String {
    switch value(in: event) {
    case .none, .null?: ""
    case .string(let text)?: text
    case let value?: value.text
    }
  }
}

extension BusEngine {
  /// What reaches an API destination, with parameters for its requests.
  package func apiDestination(_ arn: ARN, http: RuleTarget.HTTPParameters?) -> any Target {
    APIDestinationTarget(arn: arn, settings: RuleTarget(id: "", arn: arn.description, http: http), engine: self)
  }
}
