import EventPatterns
import Testing

@Suite("Array consistency")
struct ArrayConsistencyTests {
  @Test(
    "values come from the same elements",
    arguments: [
      MatchCase(
        #"{"e":{"f":["Anna"],"l":["Jones"]}}"#,
        #"{"e":[{"f":"Anna","l":"Smith"},{"f":"Peter","l":"Jones"}]}"#,
        false
      ),
      MatchCase(
        #"{"e":{"f":["Anna"],"l":["Jones"]}}"#,
        #"{"e":[{"f":"Bo","l":"Jones"},{"f":"Anna","l":"Jones"}]}"#,
        true
      ),
      MatchCase(#"{"a":{"x":[1]},"b":{"y":[2]}}"#, #"{"a":[{"x":0},{"x":1}],"b":[{"y":2},{"y":3}]}"#, true),
      MatchCase(
        #"{"a":{"b":{"c":[1]},"d":[2]}}"#,
        #"{"a":[{"b":[{"c":1}],"d":9},{"b":[{"c":3}],"d":2}]}"#,
        false
      ),
      MatchCase(#"{"a":{"b":{"c":[1]},"d":[2]}}"#, #"{"a":[{"b":[{"c":3},{"c":1}],"d":2}]}"#, true),
      MatchCase(#"{"d":[1],"a":{"x":[2]}}"#, #"{"d":1,"a":[{"x":1},{"x":2}]}"#, true),
      MatchCase(#"{"a":{"x":[1],"y":[2]}}"#, #"{"a":[[{"x":1},{"y":2}]]}"#, false),
      MatchCase(#"{"a":{"x":[1],"y":[2]}}"#, #"{"a":[[{"x":1,"y":2}]]}"#, true),
      MatchCase(#"{"a":[1],"a.b":[2]}"#, #"{"a":[1,{"b":2}]}"#, true),
      MatchCase(#"{"a":[1]}"#, #"{"a":[[2],[3,[1]]]}"#, true),
    ]
  )
  func elements(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test(
    "exists: false asks about the elements picked by earlier paths",
    arguments: [
      MatchCase(#"{"a":{"x":[1],"y":[{"exists":false}]}}"#, #"{"a":[{"x":1},{"x":2,"y":3}]}"#, true),
      MatchCase(#"{"a":{"x":[1],"y":[{"exists":false}]}}"#, #"{"a":[{"x":1,"y":0},{"x":2}]}"#, false),
      MatchCase(#"{"a":{"b":[{"exists":false}],"x":[1]}}"#, #"{"a":[{"x":1},{"x":2,"b":3}]}"#, false),
      MatchCase(#"{"a":{"x":[1],"y":[{"exists":false},7]}}"#, #"{"a":[{"x":1,"y":0},{"x":1,"y":7}]}"#, true),
    ]
  )
  func absence(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test("large arrays are searched without repeating the search")
  func largeArrays() throws {
    // Every condition holds somewhere, in elements that never agree; unrelated arrays offer thousands of other picks.
    let count = 3000
    let both = (0..<count).map { #"{"x":1,"y":\#($0 % 2 == 0 ? 0 : 1)}"# }.joined(separator: ",")
    let apart = (0..<count).map { $0 % 2 == 0 ? #"{"x":1}"# : #"{"y":2}"# }.joined(separator: ",")
    let event = #"{"a":[\#(both)],"b":[\#(both)],"c":[\#(apart)]}"#
    #expect(try !matches(#"{"a":{"x":[1],"y":[1]},"b":{"x":[1],"y":[0]},"c":{"x":[1],"y":[2]}}"#, event))
    #expect(try matches(#"{"a":{"x":[1],"y":[1]},"b":{"x":[1],"y":[0]},"c":{"y":[2]}}"#, event))
  }
}
