import EventPatterns
import RuleFiles
import Testing

/// `fmt` puts right what it may and keeps everything else.
struct RuleFormatterTests {
  @Test func putsAFileInOrder() {
    let before = """
      # about the file

      then:
        - send: out   # comment
      # why
      when:
        account: 111122223333\u{20}\u{20}
        source: aws.s3  # é
        detail: {$or: [{a: x}, {b: [yes]}]}


      kind: Rule
      id: r
      ---
      # the target
      type: stdout
      kind: Target
      id: out


      """
    let after = """
      # about the file

      kind: Rule
      id: r
      # why
      when:
        account: ["111122223333"]
        source: [aws.s3]  # é
        detail: {$or: [{a: [x]}, {b: ["yes"]}]}
      then:
        - send: out   # comment
      ---
      # the target
      kind: Target
      id: out
      type: stdout

      """
    let outcome = RuleFormatter.format(before, file: "f")
    #expect(outcome.diagnostics == [])
    #expect(outcome.text == after)
    #expect(RuleFormatter.format(after, file: "f").text == after)
  }

  @Test func blockTextIsNotTouched() {
    let text = "kind: Rule\nid: r\ndescription: |\n  one  \n\n\n  two\nwhen: {source: [a]}\n"
    #expect(RuleFormatter.format(text, file: "f").text == text)
  }

  @Test func whatIsAroundBlockTextIsTidied() {
    let before = """
      kind: Rule\u{20}
      id: r


      title: a


        b
      description: |+
        one\u{20}\u{20}


        two


      when: {source: [a]}\t


      # end

      """
    let after = """
      kind: Rule
      id: r

      title: a


        b
      description: |+
        one\u{20}\u{20}


        two


      when: {source: [a]}

      # end

      """
    #expect(RuleFormatter.format(before, file: "f").text == after)
    let kept = "kind: List\nid: l\nitems:\n  - |+\n    x\n\n\n"
    #expect(RuleFormatter.format(kept, file: "f").text == kept)
  }

  @Test func aliasesStayBehindTheirAnchors() {
    let text = "then: &x [{send: a}]\nid: r\nkind: Rule\nwhen: {source: [a]}\ntests: *x\ntitle: *x\n"
    #expect(RuleFormatter.format(text, file: "f").text == text)
  }

  @Test func whatCannotBeReadIsLeftAlone() {
    let outcome = RuleFormatter.format("kind: [\n", file: "f")
    #expect(outcome.text == "kind: [\n")
    #expect(outcome.diagnostics.map(\.code) == [.invalidYAML])
  }

  @Test(arguments: ["a: 1\r\nb: 2\r\n", "", "\n\n", "# only\n", "- a\n"])
  func oddFilesSurvive(text: String) {
    let once = RuleFormatter.format(text, file: "f").text
    #expect(RuleFormatter.format(once, file: "f").text == once)
    #expect(!once.utf8.contains(0x0D))
  }

  @Test func examplesKeepTheirMeaning() throws {
    let text = LanguageExamplesTests.everything(stage: "shadow")
    let others = ["fixtures/put-bucket-acl.json": LanguageExamplesTests.fixture]
    let formatted = RuleFormatter.format(text, file: "f").text
    let hash = try #require(load(text, others: others).repository?.hash)
    #expect(load(formatted, others: others).repository?.hash == hash)
    #expect(RuleFormatter.format(formatted, file: "f").text == formatted)
  }
}
