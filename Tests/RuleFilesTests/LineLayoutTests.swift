import EventPatterns
import Foundation
import Testing

@testable import RuleFiles

/// Indentation and blanks of `fmt`: what changes, and that nothing else ever does.
@Suite struct LineLayoutTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var before: String
    var after: String
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "blocks",
      before: """
        kind:    Rule
        id: r
        when:
            source:   [ aws.s3,aws.ec2 ]
            detail:
             eventName:
             - a
             -   b
        then:
        -   send : out
            input: {a:  "x",b: {"c":1} }
        """,
      after: """
        kind: Rule
        id: r
        when:
          source: [aws.s3, aws.ec2]
          detail:
            eventName:
              - a
              - b
        then:
          - send: out
            input: {a: "x", b: {"c": 1}}

        """
    ),
    Case(
      name: "comments",
      before: """
        # top
        kind: Rule # kind
        id: r
        when:
        # about the source
            source: [a]   # aligned
              # odd
            # about detail
            detail:
                x: [1]
                # end of detail
            # end of when
        # about then
        then:
        - send: out
          # end of the step
        # end
        """,
      after: """
        # top
        kind: Rule # kind
        id: r
        when:
          # about the source
          source: [a]   # aligned
          # odd
          # about detail
          detail:
            x: [1]
            # end of detail
          # end of when
        # about then
        then:
          - send: out
            # end of the step
        # end

        """
    ),
    Case(
      name: "text over several lines",
      before: """
        kind: Rule
        id: r
        description: |
             one
               two

             three
        title: "a
             b"
        owner: x
              y
        unless:
            - reason: >-
                folded

                text
              when: {source: [a]}
            -   reason: |2
                    given
                when: {source: [b]}
        when: {source: [a]}
        """,
      after: """
        kind: Rule
        id: r
        title: "a
             b"
        description: |
          one
            two

          three
        owner: x
              y
        when: {source: [a]}
        unless:
          - reason: >-
              folded

              text
            when: {source: [a]}
          - reason: |2
                given
            when: {source: [b]}

        """
    ),
    Case(
      name: "brackets over several lines",
      before: """
        kind: Rule
        id: r
        when:
            detail: {
                # about a
                a: [1,
                    2 ],

                b: [3] ,
              }
            source: [
              x
            ]
        """,
      after: """
        kind: Rule
        id: r
        when:
          detail: {
              # about a
              a: [1,
                  2],

              b: [3],
            }
          source: [
            x
          ]

        """
    ),
    Case(
      name: "lists in lists, anchors, values on their own line, documents",
      before: """
        kind: List
        id: l
        items:
        -   - a
            -   b
        - - &x c
        -
            d
        -    &y
             e: *x
             f :  *x
        ---
        kind:
            List
        id: m
        items: &i
        -  'a''b'
        -  "tab\\tand: colon, comma"
        ...
        """,
      after: """
        kind: List
        id: l
        items:
          - - a
            - b
          - - &x c
          -
            d
          - &y
            e: *x
            f: *x
        ---
        kind:
          List
        id: m
        items: &i
          - 'a''b'
          - "tab\\tand: colon, comma"
        ...

        """
    ),
  ]

  @Test(arguments: cases)
  func linesAreLaidOut(example: Case) {
    let outcome = RuleFormatter.format(example.before, file: "f")
    #expect(outcome.diagnostics == [] && outcome.mishap == nil)
    #expect(outcome.text == example.after)
    let again = RuleFormatter.format(outcome.text, file: "f")
    #expect(again.text == outcome.text && again.mishap == nil)
  }

  @Test(
    "what is fine stays",
    arguments: [
      "a: {b: , c: }\n", "a: [x, {b: 1}]\n", "a: {? b : c}\n", "? a\n: b\n", "a: \"x \\\n  y\\ \n  z\"\n", "- a\n- b\n",
      "a: |\n  x\n   \n  y\n", "a: |+\n\n\n  x\n\n", "a: b#c\n", "a: 'x # y'  # z\n", "a: <bucket>/<key>:x\n",
      "a: http://x,y\n",
      "a: {b: http://x/y?z=1, \"c\": [a-b, -1]}\n", "\"a b\": 1\n", "a: \"\u{2028}\"  \n",
    ]
  )
  func staysAsItIs(text: String) {
    let outcome = RuleFormatter.format(text, file: "f")
    #expect(outcome.text == text && outcome.mishap == nil)
  }

  @Test func aByteOrderMarkAndReturnsGo() {
    let outcome = RuleFormatter.format("\u{FEFF}kind: Rule\r\nid: r\rwhen:\r\n    source: a\r\n", file: "f")
    #expect(outcome.text == "kind: Rule\nid: r\nwhen:\n  source: [a]\n")
  }

  @Test func anEditThatChangesTheMeaningIsNotMade() {
    for (edit, words) in [("id: r\nkind: Rulee\n", "doing harm"), ("id: [r\n", "doing harm")] {
      let harm = RuleFormatter.Edit(name: "doing harm", apply: { _, _ in edit })
      let outcome = RuleFormatter.format("id:   r\nkind: Rule\n", file: "f", edits: [harm])
      #expect(outcome.text == "id:   r\nkind: Rule\n")
      #expect(outcome.mishap?.contains(words) == true)
    }
    let lossy = RuleFormatter.Edit(name: "losing", apply: { _, _ in "id: r\n" }, keepsWords: true)
    #expect(RuleFormatter.format("id: r # why\n", file: "f", edits: [lossy]).mishap != nil)
  }

  /// Random trees in random clothes: formatting keeps every word and the meaning, and formatting again changes nothing.
  @Test func randomFilesKeepTheirMeaning() {
    var generator = SeededNumbers(state: 7)
    for round in 0..<500 {
      var writer = UntidyYAML(generator: generator)
      let text = writer.document()
      generator = writer.generator
      let read = YAMLFile(reading: Array(text.utf8), name: "f")
      guard !read.diagnostics.containsError else { continue }
      let outcome = RuleFormatter.format(text, file: "f")
      #expect(outcome.mishap == nil, "round \(round):\n\(text)")
      let formatted = YAMLFile(reading: Array(outcome.text.utf8), name: "f")
      #expect(formatted.documents.map(\.json) == read.documents.map(\.json), "round \(round):\n\(text)")
      #expect(comments(outcome.text) == comments(text), "round \(round):\n\(text)")
      let again = RuleFormatter.format(outcome.text, file: "f")
      #expect(again.text == outcome.text, "round \(round):\n\(text)\n--- once\n\(outcome.text)")
    }
  }

  private func comments(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.firstIndex(of: "#").map { String(line[$0...]).trimmingCharacters(in: .whitespaces) }
    }
  }
}

/// SplitMix64: the same numbers in every run.
private struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Writes trees as nobody should.
private struct UntidyYAML {
  var generator: SeededNumbers
  private var lines: [String] = []
  private var notes = 0

  init(generator: SeededNumbers) { self.generator = generator }

  mutating func document() -> String {
    mapping(at: 0, depth: 0)
    return lines.joined(separator: "\n") + (chance(2) ? "\n" : "")
  }

  private mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }
  private mutating func blanks(_ range: ClosedRange<Int>) -> String {
    String(repeating: " ", count: Int.random(in: range, using: &generator))
  }
  private func pad(_ column: Int) -> String { String(repeating: " ", count: column) }

  private mutating func comment(at column: Int) {
    if chance(6) {
      notes += 1
      let column = chance(3) ? Int.random(in: 0...12, using: &generator) : column
      lines.append(pad(column) + "# note \(notes)")
    }
    if chance(12) { lines.append(chance(2) ? "" : "   ") }
  }

  private mutating func ending() -> String {
    guard chance(7) else { return chance(6) ? "  " : "" }
    notes += 1
    return blanks(1...4) + "# note \(notes)"
  }

  private mutating func mapping(at column: Int, depth: Int, firstOnLine: String? = nil) {
    var start = firstOnLine
    for index in 0..<Int.random(in: 1...3, using: &generator) {
      if start == nil { comment(at: column) }
      let key = (start ?? pad(column)) + "k\(index)" + (chance(6) ? " " : "") + ":"
      start = nil
      value(after: key, at: column, depth: depth)
    }
  }

  private mutating func sequence(at column: Int, depth: Int, firstOnLine: String? = nil) {
    var start = firstOnLine
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      if start == nil { comment(at: column) }
      let dash = (start ?? pad(column)) + "-"
      start = nil
      let gap = blanks(1...3)
      let inner = column + 1 + gap.count
      switch Int.random(in: 0...(depth < 3 ? 3 : 0), using: &generator) {
      case 1: mapping(at: inner, depth: depth + 1, firstOnLine: dash + gap)
      case 2: sequence(at: inner, depth: depth + 1, firstOnLine: dash + gap)
      default: value(after: dash, at: column, depth: 9)
      }
    }
  }

  private mutating func value(after beginning: String, at column: Int, depth: Int) {
    let gap = blanks(1...3)
    switch Int.random(in: 0...(depth < 4 ? 9 : 5), using: &generator) {
    case 0: lines.append(beginning + gap + "word" + ending())
    case 1: lines.append(beginning + gap + flow(2) + ending())
    case 2:
      lines.append(beginning + gap + "\"quoted # no comment")
      lines.append(blanks((column + 1)...(column + 5)) + "more: text\"" + ending())
    case 3:
      let inner = column + Int.random(in: 1...4, using: &generator)
      lines.append(beginning + gap + (chance(2) ? "|" : ">-"))
      lines.append(pad(inner) + "text")
      if chance(3) { lines.append(chance(2) ? "" : pad(inner + 2)) }
      lines.append(pad(inner) + blanks(0...3) + "more: [ text")
    case 4:
      lines.append(beginning + gap + "[a," + (chance(2) ? " # note in brackets" : ""))
      lines.append(blanks((column + 1)...(column + 6)) + flow(1) + " ," + ending())
      lines.append(blanks((column + 1)...(column + 6)) + "b ]" + ending())
    case 5: lines.append(beginning + ending())
    case 6, 7:
      let inner = column + Int.random(in: 1...5, using: &generator)
      lines.append(beginning + ending())
      mapping(at: inner, depth: depth + 1)
    default:
      let isMapping = beginning.hasSuffix(":")
      let inner = column + Int.random(in: (isMapping ? 0 : 1)...4, using: &generator)
      lines.append(beginning + ending())
      sequence(at: inner, depth: depth + 1)
    }
  }

  private mutating func flow(_ depth: Int) -> String {
    guard depth > 0 else { return ["1", "x", "'q, r'", "\"s: t\"", "~"].randomElement(using: &generator) ?? "" }
    let (a, b) = (flow(depth - 1), flow(depth - 1))
    let comma = blanks(0...1) + "," + blanks(chance(4) ? 0...0 : 1...2)
    return chance(2)
      ? "[\(blanks(0...1))\(a)\(comma)\(b)\(blanks(0...1))]"
      : "{\(blanks(0...1))a: \(a)\(comma)\"b\":\(blanks(0...2))\(b)\(blanks(0...1))}"
  }
}
