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
    #expect(
      explanation.nearestChange
        == #"every condition holds on its own, but not in one element of the array: e[0] has f "Anna" but l "Smith"; e[1] has l "Jones" but f "Peter". Nearest: e[0].l is "Smith" and would have to be one of ["Jones"]"#
    )
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
        "every condition holds on its own, but not in one element of the array: e[0] has f 1 but no g; e[1] has g 2 but no f. Nearest: e[0].g is missing and would have to be one of [2]"
      ),
      (
        #"{"p":{"i":{"from":[22],"to":[22],"cidr":["0.0.0.0/0"]}}}"#,
        #"{"p":{"i":[{"from":1,"to":2},{"cidr":"0.0.0.0/0"},{"from":22,"to":22,"cidr":"10.0.0.0/8"}]}}"#,
        #"every condition holds on its own, but not in one element of the array: p.i[1] has cidr "0.0.0.0/0" but no from and no to; i[2] has from 22 and to 22 but cidr "10.0.0.0/8". Nearest: p.i[2].cidr is "10.0.0.0/8" and would have to be one of ["0.0.0.0/0"]"#
      ),
      (
        #"{"e":{"s":{"a":[1],"b":[2]}}}"#, #"{"e":[{"s":[{"a":1},{"b":2}]},{"s":{"a":3}}]}"#,
        "every condition holds on its own, but not in one element of the array: e[0].s[0] has a 1 but no b; s[1] has b 2 but no a. Nearest: e[0].s[0].b is missing and would have to be one of [2]"
      ),
      (
        #"{"u":[{"exists":true}]}"#, #"{"u":{"type":"Root","x":{"y":1}}}"#,
        "u is an object with type, x, and exists looks at leaf values only; ask for a field in it, such as u.type"
      ),
      (
        #"{"u":["x"]}"#, #"{"u":{"x":[{"y":1}]}}"#,
        "u is an object with x, and conditions look at leaf values only; ask for a field in it, such as u.x.y"
      ),
      (
        #"{"u":[{"exists":true}]}"#, #"{"u":[]}"#,
        "u is an empty list, and exists looks at leaf values only; it has none"
      ),
      (#"{"u":[{"exists":false}]}"#, #"{"u":{"x":1}}"#, "u is an object with x; any value at all would end the match"),
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
        #"n is 1 and would have to be one of [5]; not in one element of the array: e[0] has p 22 but c "y"; e[1] has c "x" but p 23. Nearest: e[0].c is "y" and would have to be one of ["x"]"#
      ),
      (
        #"{"e":{"p":[22],"c":["x"]}}"#, #"{"e":[{"p":22,"c":"y"}]}"#, #"{"e":[{"p":22,"c":"x"}]}"#,
        #"e[0].c is "y" and would have to be one of ["x"]"#
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

  /// Names join with dots, and an empty name is a part like others, but no field at the end: matching, explaining and the
  /// printed tree go by the same path and give the same answer.
  @Test(
    "empty names are the same to all",
    arguments: [
      (#"{"a":{"":{"b":[1]}}}"#, #"{"a":{"b":1}}"#, "a..b", false),
      (#"{"a":{"b":[1]}}"#, #"{"a":{"":{"b":1}}}"#, "a.b", false),
      (#"{"a":{"":[1]}}"#, #"{"a":{"":1}}"#, "a.", false),
      (#"{"a":{"":[1]}}"#, #"{"a.":1}"#, "a.", true),
      (#"{"a":{"":[1]}}"#, #"{"a":1}"#, "a.", false),
      (#"{"":[1]}"#, #"{"":1}"#, "", true),
      (#"{"":[1]}"#, #"{"":{"":1}}"#, "", false),
    ]
  )
  func emptyNames(pattern: String, event: String, path: String, isMatch: Bool) throws {
    #expect(try matches(pattern, event) == isMatch)
    let explanation = try explain(pattern, event)
    #expect(explanation.isMatch == isMatch)
    #expect(explanation.conditions.map(\.path) == [path])
    #expect(explanation.conditions[0].found == (isMatch ? ["1"] : []))
    #expect(explanation.conditions[0].holds == isMatch)
    let tree = PatternSet([try EventPattern(parsing: pattern)]).describe(names: ["one"]).text
    #expect(tree.contains(path), "\(tree)")
  }

  @Test("the printed tree names rules, fields and values")
  func tree() throws {
    let patterns = try ["x", "y", "z", "w"].map {
      try EventPattern(parsing: #"{"a":["\#($0)"],"b":[{"numeric":[">",1]}]}"#)
    }
    let set = PatternSet(patterns)
    let text = set.describe(names: ["one", "two", "three", "four"]).text
    #expect(text.contains("a\n  = \"x\"\n    → one  if b: > 1.0\n"))
    let dot = set.describe(format: .dot, names: ["one", "two", "three", "four"]).text
    #expect(dot.hasPrefix("digraph rules {") && dot.contains("label=\"\\\"x\\\"\"") && dot.hasSuffix("}\n"))
    #expect(set.statistics.patterns == 4 && set.statistics.fields == 2)
  }
}
