import EventPatterns
import Testing

@Suite("Explanations")
struct ExplanationTests {
  private func explain(_ pattern: String, _ event: String) throws -> PatternExplanation {
    PatternExplanation(
      of: try EventPattern(parsing: pattern, language: .extended),
      event: try JSONValue(parsing: event)
    )
  }

  @Test("say per condition what was wanted and found")
  func conditions() throws {
    let pattern = #"{"source":["aws.s3"],"detail":{"eventName":["StopLogging"],"errorCode":[{"exists":false}]}}"#
    let explanation = try explain(pattern, #"{"source":"aws.s3","detail":{"eventName":"StartLogging"}}"#)
    #expect(!explanation.isMatch)
    #expect(explanation.conditions.map(\.path) == ["source", "detail.eventName", "detail.errorCode"])
    #expect(explanation.conditions.map(\.holds) == [true, false, true])
    #expect(explanation.conditions[1].wanted == #"["StopLogging"]"#)
    #expect(explanation.conditions[1].found == [#""StartLogging""#])
    #expect(explanation.conditions[1].offset == 43)
    #expect(
      explanation.nearestChange == #"detail.eventName is "StartLogging" and would have to be one of ["StopLogging"]"#
    )
  }

  @Test("name the array when every condition holds on its own")
  func arrays() throws {
    let explanation = try explain(
      #"{"e":{"f":["Anna"],"l":["Jones"]}}"#,
      #"{"e":[{"f":"Anna","l":"Smith"},{"f":"Peter","l":"Jones"}]}"#
    )
    #expect(!explanation.isMatch)
    #expect(!explanation.conditions.contains { !$0.holds })
    #expect(explanation.disagreeing == ["e.f", "e.l"])
    #expect(explanation.nearestChange?.contains("different elements of an array") == true)
  }

  @Test("take the branch of $or that is nearest, and know its conditions as alternatives")
  func alternatives() throws {
    let explanation = try explain(
      #"{"s":["x"],"$or":[{"a":[1],"b":[1]},{"c":[1]}],"$not":{"d":[1]}}"#,
      #"{"s":"x","a":2,"b":2,"c":2,"d":1}"#
    )
    #expect(explanation.conditions.map(\.path) == ["s", "a", "b", "c", "$not"])
    #expect(explanation.conditions.map(\.isAlternative) == [false, true, true, true, false])
    #expect(explanation.conditions.map(\.holds) == [true, false, false, false, false])
    #expect(explanation.conditions[4].fields == ["d"])
    #expect(explanation.conditions[4].found == ["d: 1"])
    #expect(explanation.disagreeing == [])
    #expect(explanation.nearestChange?.hasPrefix("c is 2") == true)
  }

  @Test(
    "say what would flip the answer",
    arguments: [
      (#"{"a":[{"exists":false}]}"#, #"{"b":1}"#, "a is missing; any value at all would end the match"),
      (#"{"a":[{"exists":false}]}"#, #"{"a":1}"#, "a is 1 and would have to be missing"),
      (#"{"a":[{"exists":true}]}"#, #"{}"#, "a is missing and would have to be there"),
      (#"{"a":["x"]}"#, #"{"a":"x"}"#, #"a is "x"; any value outside ["x"] would end the match"#),
      (
        #"{"$not":{"a":["x"]}}"#, #"{"a":"x"}"#,
        #"the pattern inside $not matches (a: "x") and would have to stop matching"#
      ),
      (
        #"{"e":{"f":[1],"g":[2]}}"#, #"{"e":[{"f":1},{"g":2}]}"#,
        "every condition holds on its own, but e.f, e.g hold in different elements of an array; one element would have to satisfy them together"
      ),
    ]
  )
  func changes(pattern: String, event: String, words: String) throws {
    #expect(try explain(pattern, event).nearestChange == words)
  }

  /// A suggestion that is taken has to flip the answer: the events before and after, and what was suggested.
  @Test(
    "suggest changes that do flip the answer",
    arguments: [
      (
        #"{"e":{"p":[22],"c":["x"]},"n":[5]}"#, #"{"e":[{"p":22,"c":"y"},{"p":23,"c":"x"}],"n":1}"#,
        #"{"e":[{"p":22,"c":"x"},{"p":23,"c":"x"}],"n":5}"#,
        "n is 1 and would have to be one of [5]; e.c, e.p would have to hold in one element of their array"
      ),
      (
        #"{"e":{"p":[22],"c":["x"]}}"#, #"{"e":[{"p":22,"c":"y"}]}"#, #"{"e":[{"p":22,"c":"x"}]}"#,
        #"e.c is "y" and would have to be one of ["x"], in the array element of e.p"#
      ),
      (
        #"{"$or":[{"a":[1]},{"b":[2]}]}"#, #"{"a":1,"b":2}"#, #"{"a":0,"b":0}"#,
        "several sides of $or match; all of these together: a is 1; any value outside [1] would end the match; b is 2; any value outside [2] would end the match"
      ),
      (
        #"{"$or":[{"a":[1]},{"a":[2]}]}"#, #"{"a":1}"#, #"{"a":3}"#,
        "a is 1; any value outside [1] and [2] would end the match"
      ),
      (
        #"{"s":["x"],"$or":[{"a":[1]},{"b":[2]}]}"#, #"{"s":"x","a":1,"b":2}"#, #"{"s":"y","a":1,"b":2}"#,
        #"s is "x"; any value outside ["x"] would end the match"#
      ),
      (
        #"{"a":["x"]}"#, #"{"a":["x","q"]}"#, #"{"a":["p","q"]}"#,
        #"a is "x", "q"; the match would end if all of these were values outside ["x"]"#
      ),
    ]
  )
  func flips(pattern: String, event: String, changed: String, words: String) throws {
    #expect(try explain(pattern, event).nearestChange == words)
    #expect(try matches(pattern, event) != matches(pattern, changed))
  }

  @Test("the printed tree names rules, fields and values")
  func tree() throws {
    let patterns = try ["x", "y", "z", "w"].map {
      try EventPattern(parsing: #"{"a":["\#($0)"],"b":[{"numeric":[">",1]}]}"#)
    }
    let set = PatternSet(patterns)
    let text = set.describe(names: ["one", "two", "three", "four"])
    #expect(text.contains("a\n  = \"x\"\n    → one  if b: > 1.0\n"))
    let dot = set.describe(format: .dot, names: ["one", "two", "three", "four"])
    #expect(dot.hasPrefix("digraph rules {") && dot.contains("label=\"\\\"x\\\"\"") && dot.hasSuffix("}\n"))
    #expect(set.statistics.patterns == 4 && set.statistics.fields == 2)
  }
}
