import Testing

@testable import SignalboxCommands

@Suite struct ConformanceTests {
  @Test func patternAndEventAreTheBytesOfTheLine() throws {
    let line = #"{"id":"x","event" : {"a": 1.0e2,"a":[ 1 ]} ,"pattern":{"a":[1E2]},"expect":"match"}"#
    let testCase = try ConformanceCase(line: Array(line.utf8))
    #expect(String(decoding: testCase.event, as: UTF8.self) == #"{"a": 1.0e2,"a":[ 1 ]}"#)
    #expect(String(decoding: testCase.pattern, as: UTF8.self) == #"{"a":[1E2]}"#)
    #expect(testCase.expected == .match)
  }

  @Test func textsWinOverValues() throws {
    let line =
      #"{"id":"x","event":null,"event_text":"{\"a\":","pattern":null,"pattern_text":"{\"b\"","expect":"no-match"}"#
    let testCase = try ConformanceCase(line: Array(line.utf8))
    #expect(testCase.event == Array(#"{"a":"#.utf8))
    #expect(testCase.pattern == Array(#"{"b""#.utf8))
  }

  @Test(arguments: [
    ("[]", "a JSON object was expected"),
    (#"{"pattern":{}}"#, "\"id\""),
    (#"{"id":"x","pattern":{},"event":{},"expect":"perhaps"}"#, "\"expect\""),
    (#"{"id":"x","expect":"match"}"#, "\"pattern\""),
  ])
  func brokenLines(line: String, words: String) {
    let error = #expect(throws: CommandFailure.self) { try ConformanceCase(line: Array(line.utf8)) }
    #expect(error?.message.contains(words) == true)
    #expect(error?.status == .invalid)
  }

  @Test func failuresAreCountedAndNamed() async throws {
    try await withFolder { folder in
      let file = try folder.write(
        "cases.jsonl",
        #"""
        {"id":"good","pattern":{"a":[1]},"event":{"a":1},"expect":"match"}

        {"id":"wrong","pattern":{"a":[1]},"event":{"a":2},"expect":"match"}
        {"id":"refused","pattern":{"a":1},"event":{"a":2},"expect":"invalid-pattern","ruler_message":"something else"}
        """#
      )
      let plain = await signalbox("conformance", file)
      #expect(plain.status == 1)
      #expect(plain.lines == ["wrong: wanted match, got no-match", "2 passed, 1 failed"])
      let strict = await signalbox("conformance", "--messages", file)
      #expect(strict.lines.last == "1 passed, 2 failed")
    }
  }

  @Test func aBrokenCaseFileIsInvalidInput() async throws {
    try await withFolder { folder in
      let file = try folder.write("cases.jsonl", "{\"id\":\"good\"\n")
      let result = await signalbox("conformance", file)
      #expect(result.status == 2)
      #expect(result.diagnostics.contains("cases.jsonl:1: not a case"))
    }
  }
}
