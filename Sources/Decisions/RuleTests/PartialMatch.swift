// Comparing what was rendered with what a test wants: objects may have more members than wanted, everything else must
// be equal. Each difference is one line that begins with the path, so that a person sees at once what moved.

internal import EventPatterns
internal import RuleFiles

/// The differences between a wanted value and what came.
enum PartialMatch {
  /// One line for each difference; none means that all that is wanted is there.
  static func differences(wanted: JSONValue, got: JSONValue, at path: [FieldPath.Segment] = []) -> [String] {
    switch (wanted, got) {
    case (.object(let wanted), .object(let got)):
      return wanted.members.flatMap { name, value in
        let inner = path + [.name(name)]
        guard let found = got[name] else { return ["\(shown(inner)): wanted \(value.text), and there is nothing"] }
        return differences(wanted: value, got: found, at: inner)
      }
    case (.array(let wanted), .array(let got)) where wanted.count == got.count:
      return zip(wanted, got).enumerated().flatMap { index, pair in
        differences(wanted: pair.0, got: pair.1, at: path + [.index(index)])
      }
    case (.number(let wanted), .number(let got)) where wanted == got || Double(wanted) == Double(got):
      return []
    default:
      return wanted == got ? [] : ["\(shown(path)): wanted \(wanted.text), got \(got.text)"]
    }
  }

  /// The differences between a wanted value and the bytes of a payload, which is JSON or plain text.
  static func differences(wanted: JSONValue, payload: [UInt8]) -> [String] {
    let text = String(decoding: payload, as: UTF8.self)
    if case .string(let wantedText) = wanted {
      return wantedText == text ? [] : ["wanted \(wanted.text), got \(JSONValue.string(text).text)"]
    }
    guard let got = try? JSONValue(parsing: payload) else {
      return ["wanted \(wanted.text), got the text \(JSONValue.string(text).text)"]
    }
    return differences(wanted: wanted, got: got)
  }

  private static func shown(_ path: [FieldPath.Segment]) -> String {
    path.isEmpty ? "the whole" : FieldPath(path).description
  }
}
