// The libFuzzer entry: any bytes, cut at the first line end into a pattern and an event.
//
// Neither may crash, hang or read outside its bytes (the address sanitizer watches). On top of that:
//   - a pattern matches alone if and only if it matches in a set with others, so the tree loses and invents nothing;
//   - an event that the value reader takes is one that the scanner takes.

import EventPatterns

private let others = [
  #"{"a":["x"]}"#, #"{"a":[{"prefix":"x"}]}"#, #"{"b":[1,{"exists":false}]}"#, #"{"a":{"b":[{"anything-but":"x"}]}}"#,
].compactMap { try? EventPattern(parsing: $0) }

/// libFuzzer's driver, called from a `main` of our own because SwiftPM insists on one.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

@main
struct FuzzMatcher {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runDriver(&count, &arguments) { fuzzOneInput($0, $1) }
  }
}

private func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  let cut = input.firstIndex(of: 0x0A) ?? input.endIndex
  // Exact allocations, so that reading one byte too far is seen.
  let patternText = Array(input[..<cut])
  let event = Array(input[min(cut + 1, count)...])

  for language in [EventPattern.Language.eventBridge, .extended] {
    guard let pattern = try? EventPattern(parsing: patternText, language: language) else { continue }
    var alone = EventMatcher(PatternSet([pattern]))
    var together = EventMatcher(PatternSet(others + [pattern]))
    let one = try? alone.matches(event)
    let many = try? together.matches(event)
    precondition((one == nil) == (many == nil), "one scanner took the event, the other did not")
    precondition((one == [0]) == (many?.contains(others.count) ?? false), "the tree changed the answer")
    if let value = try? JSONValue(parsing: event), case .object = value {
      precondition(one != nil, "the scanner refused an event that is valid JSON")
    }
    _ = PatternExplanation(of: pattern, event: .object(JSONObject()))
  }
  return 0
}
