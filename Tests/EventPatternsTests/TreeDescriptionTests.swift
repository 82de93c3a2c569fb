import Testing

@testable import EventPatterns

/// The printed tree: all of a small one, the top of a big one, what leads to a rule, and always how much is missing.
@Suite("The printed tree")
struct TreeDescriptionTests {
  private func set(_ patterns: [String]) throws -> PatternSet {
    PatternSet(try patterns.map { try EventPattern(parsing: $0, language: .extended) })
  }

  /// `a` has ten values, each with five values of `b`, each with four patterns about `c`: 200 in all.
  private func bigSet() throws -> PatternSet {
    var patterns: [String] = []
    for a in 0..<10 {
      for b in 0..<5 {
        for c in 0..<4 { patterns.append(#"{"a":["a\#(a)"],"b":["b\#(b)"],"c":[{"anything-but":"c\#(c)"}]}"#) }
      }
    }
    return try set(patterns)
  }

  @Test("is whole if it fits, and says where it is cut if it does not")
  func budget() throws {
    let set = try set((0..<5).map { #"{"a":["\#($0)"]}"# })
    let all = set.describe(maximumEntries: 11)
    #expect(!all.isCut)
    #expect(all.text == "a\n" + (0..<5).map { "  = \"\($0)\"\n    → #\($0)\n" }.joined())
    let some = set.describe(maximumEntries: 3)
    #expect(some.isCut)
    #expect(some.text == "a\n  = \"0\"\n    → #0\n  … 4 more values, 4 rules\n")
    #expect(set.describe(maximumEntries: 1).text == "a\n  … 5 values, 5 rules\n")
    #expect(set.describe(format: .dot, maximumEntries: 3).text.contains("label=\"… 4 more values, 4 rules\""))
  }

  @Test("is as deep as fits, or as asked")
  func depth() throws {
    let set = try bigSet()
    let top = set.describe(maximumEntries: 40).text.split(separator: "\n")
    #expect(top.first == "a")
    #expect(top.count == 21)
    #expect(top.count { $0 == "    … 20 rules" } == 10)
    #expect(set.describe(depth: 1).text.split(separator: "\n") == top)

    let two = set.describe(depth: 2)
    #expect(!two.isCut)
    #expect(two.text == set.describe(maximumEntries: 1000).text)
    #expect(two.text.contains("  = \"a3\"\n    b\n      = \"b0\"\n        → #60  if c: anything-but \"c0\"\n"))
  }

  @Test("shows first where most patterns are")
  func weights() throws {
    let set = try set(
      (0..<20).map { #"{"a":["few\#($0)"]}"# } + (0..<30).map { #"{"a":["many"],"b":[{"anything-but":"\#($0)"}]}"# }
    )
    let text = set.describe(depth: 1, maximumEntries: 2).text
    #expect(text == "a\n  = \"many\"\n    … 30 rules\n  … 20 more values, 20 rules\n")
  }

  @Test("counts patterns that wait in many places once")
  func distinctPatterns() throws {
    let set = try set((0..<10).map { #"{"a":["x","y","z"],"b":[{"anything-but":"\#($0)"}]}"# })
    #expect(set.describe(maximumEntries: 1).text == "a\n  … 3 values, 10 rules\n")
  }

  @Test("shows values that lead to the same patterns together")
  func sameValues() throws {
    let set = try set([#"{"a":["x","y"]}"#, #"{"a":["z"]}"#, #"{"a":["v"]}"#, #"{"a":["w"]}"#])
    #expect(set.describe().text.hasPrefix("a\n  = \"x\" or \"y\"\n    → #0\n  = \"z\"\n    → #1\n"))
    let values = (0..<100).map { "\"v\($0)\"" }.joined(separator: ",")
    let long = try self.set([#"{"a":[\#(values)]}"#, #"{"a":["x"]}"#, #"{"a":["y"]}"#, #"{"a":["z"]}"#])
    #expect(long.describe().text.contains("\"v29\" or 70 more\n"))
    #expect(long.describe(format: .dot).text.contains(#"[label="\"v0\"\l\"v1\"\l\"v2\"\l97 more\l"]"#))
  }

  @Test("shows what leads to some patterns, and how much lies beside it")
  func slice() throws {
    let set = try bigSet()
    let slice = set.describe(patterns: [64, 199])
    #expect(slice.isCut)
    #expect(
      slice.text == """
        a
          = "a3"
            b
              = "b1"
                → #64  if c: anything-but "c0"
                … 3 rules
              … 4 more values, 16 rules
          = "a9"
            b
              = "b4"
                → #199  if c: anything-but "c3"
                … 3 rules
              … 4 more values, 16 rules
          … 8 more values, 160 rules

        """
    )
  }

  @Test("tells of long lists the first values only")
  func longLists() throws {
    let values = (0..<300).map { "{\"anything-but\":\"v\($0)\"}" }.joined(separator: ",")
    let text = try set([#"{"a":[\#(values)]}"#]).describe().text
    let first = (0..<5).map { "anything-but \"v\($0)\"" }.joined(separator: " or ")
    #expect(text == "→ #0  if a: \(first) or 295 more\n")
  }

  @Test("is valid DOT, whatever rules and fields are called")
  func quoting() throws {
    let hostile = "q\" \\N \\\" &lt; <b> \u{1}\n; } -> n0 [label=\"x\"];"
    let quoted = JSONValue.string(hostile).text
    var patterns = (0..<5).map { #"{\#(quoted):[\#(quoted),\#($0)],"b":[{"suffix":\#(quoted)}]}"# }
    patterns.append(#"{"b":[{"regex":"\\w+\\."}]}"#)
    let description = try set(patterns).describe(format: .dot, names: Array(repeating: hostile, count: 6))
    try expectDOT(description.text)
    #expect(description.text.contains("&amp;lt;"))
    #expect(!description.text.utf8.contains(1))
  }

  @Test("of a big set is small in either format")
  func bigSets() throws {
    let set = try set(
      (0..<3000).map { index in
        #"{"a":["a\#(index % 700)"],"b":["b\#(index % 11)"],"c\#(index % 3)":[{"prefix":"\#(index)"}]}"#
      }
    )
    for format in [PatternSet.DescriptionFormat.text, .dot] {
      let lines = set.describe(format: format, maximumEntries: 150).text.split(separator: "\n")
      #expect(lines.count < 800)
    }
    try expectDOT(set.describe(format: .dot, maximumEntries: 150).text)
    try expectDOT(set.describe(format: .dot, patterns: [7, 2999], maximumEntries: 150).text)
  }

  /// Checks that a text is a graph in DOT as far as it is used here: nodes before their edges, each node with one edge to
  /// it, strings closed.
  private func expectDOT(_ text: String) throws {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.popLast() == "" && lines.popLast() == "}" && lines.removeFirst() == "digraph rules {")
    var nodes: Set<Substring> = []
    var reached: Set<Substring> = []
    for line in lines.dropFirst(3) {
      // What is outside of strings, with every string as `S`.
      var bare = ""
      var (isInside, isEscaped) = (false, false)
      for character in line {
        if isEscaped {
          isEscaped = false
        } else if isInside, character == "\\" {
          isEscaped = true
        } else if character == "\"" {
          isInside.toggle()
          if isInside { bare.append("S") }
        } else if !isInside {
          bare.append(character)
        }
      }
      #expect(!isInside, "\(line)")
      let edge = bare.wholeMatch(of: /\ \ (n\d+)\ ->\ (n\d+)(\ \[label=S\])?;/)
      if let edge {
        #expect(nodes.contains(edge.1) && nodes.contains(edge.2), "\(line)")
        #expect(reached.insert(edge.2).inserted, "\(line)")
      } else {
        let node = try #require(bare.wholeMatch(of: /\ \ (n\d+)\ \[[a-zA-Z0-9=.,\ ]*\];/), "\(line)")
        #expect(nodes.insert(node.1).inserted, "\(line)")
      }
    }
    #expect(nodes.count == reached.count + 1 && nodes.contains("n0"))
  }
}
