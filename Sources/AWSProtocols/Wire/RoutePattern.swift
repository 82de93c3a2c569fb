// The paths of REST operations: `/v1/pipes/{Name}`, `/tags/{ResourceArn}`, `/a/{Rest+}`.

/// A method and a path with labels.
public struct RoutePattern: Sendable {
  enum Segment: Sendable, Equatable {
    case literal(String)
    case label(String)
    case rest(String)
  }

  /// Method, path and status as declared.
  public let binding: HTTPBinding
  let segments: [Segment]

  /// Reads a binding's path.
  public init(_ binding: HTTPBinding) {
    self.binding = binding
    segments = binding.path.split(separator: "/").map { part in
      guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
      let name = part.dropFirst().dropLast()
      return name.hasSuffix("+") ? .rest(String(name.dropLast())) : .label(String(name))
    }
  }

  /// How many segments are literal: the more, the better a match.
  var literals: Int { segments.count { if case .literal = $0 { true } else { false } } }

  /// The labels of a path given as it came, still percent-encoded; nothing if it is another path.
  ///
  /// Each segment is decoded by itself, so a `%2F` belongs to a label. An ARN with real slashes as the last label is
  /// taken too: some clients do not encode them.
  func labels(of rawPath: String, method: String) -> [String: String]? {
    guard method == binding.method else { return nil }
    let parts = rawPath.split(separator: "/", omittingEmptySubsequences: true)
    var labels: [String: String] = [:]
    for (index, segment) in segments.enumerated() {
      guard index < parts.count else { return nil }
      switch segment {
      case .literal(let text): guard parts[index] == text else { return nil }
      case .label(let name):
        let isLast = index == segments.count - 1
        if isLast, parts.count > segments.count, parts[index].percentDecoded.hasPrefix("arn:") {
          labels[name] = parts[index...].joined(separator: "/").percentDecoded
          return labels
        }
        labels[name] = parts[index].percentDecoded
      case .rest(let name):
        labels[name] = parts[index...].joined(separator: "/").percentDecoded
        return labels
      }
    }
    return parts.count == segments.count ? labels : nil
  }
}
