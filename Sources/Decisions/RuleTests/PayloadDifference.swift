// Comparing what was rendered with what a test wants: objects may have more members than wanted, everything else must
// be equal. Each difference names its path, so that a person sees at once what moved in a large payload.

internal import EventPatterns
internal import RuleFiles

/// A place where what came is not what was wanted.
struct PayloadDifference: Hashable {
  /// The place in the payload; empty for all of it.
  var path: FieldPath
  /// The wanted value as JSON, or the wanted text.
  var wanted: String
  /// What stands there, in the same form.
  var got: String

  /// The differences between a wanted value and the bytes of a payload, which is JSON or plain text.
  static func all(wanted: JSONValue, payload: [UInt8]) -> [PayloadDifference] {
    let text = String(decoding: payload, as: UTF8.self)
    if case .string(let wanted) = wanted {
      return wanted == text ? [] : [PayloadDifference(path: FieldPath([]), wanted: wanted, got: text)]
    }
    guard let got = try? JSONValue(parsing: payload) else {
      return [PayloadDifference(path: FieldPath([]), wanted: wanted.text, got: text)]
    }
    return all(wanted: wanted, got: got, at: [])
  }

  private static func all(wanted: JSONValue, got: JSONValue, at path: [FieldPath.Segment]) -> [PayloadDifference] {
    switch (wanted, got) {
    case (.object(let wanted), .object(let got)):
      return wanted.members.flatMap { name, value in
        let inner = path + [.name(name)]
        guard let found = got[name] else {
          return [PayloadDifference(path: FieldPath(inner), wanted: value.text, got: "nothing")]
        }
        return all(wanted: value, got: found, at: inner)
      }
    case (.array(let wanted), .array(let got)) where wanted.count == got.count:
      return zip(wanted, got).enumerated().flatMap { index, pair in
        all(wanted: pair.0, got: pair.1, at: path + [.index(index)])
      }
    case (.number(let wanted), .number(let got)) where isSameNumber(wanted, got):
      return []
    default:
      return wanted == got ? [] : [PayloadDifference(path: FieldPath(path), wanted: wanted.text, got: got.text)]
    }
  }

  /// Whether two spellings mean one number: `1.0` and `1`, but not two large numbers that a `Double` cannot tell apart.
  private static func isSameNumber(_ wanted: String, _ got: String) -> Bool {
    guard let left = Double(wanted), let right = Double(got), left.magnitude < 1e15 else { return wanted == got }
    return left == right
  }
}
