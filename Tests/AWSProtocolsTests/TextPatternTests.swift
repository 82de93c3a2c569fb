import AWSProtocols
import Testing

@Suite struct TextPatternTests {
  @Test(arguments: [
    (#"[\.\-_A-Za-z0-9]+"#, "a.b-c_D9", true), (#"[\.\-_A-Za-z0-9]+"#, "a b", false), (#"[a-z]+"#, "", false),
    (#"[a-z]*"#, "", true), (#"[a-z]+"#, "é", false), (#"[\w+=,.@-]*"#, "a+b=c,d.e@f-g_1", true),
    (#"[\w+=,.@-]*"#, "a b", false), (#"\d{12}"#, "123456789012", true), (#"\d{12}"#, "1234567890123", false),
    (#"arn:aws:[a-z]+:.*"#, "arn:aws:sqs:x", true), (#"a|b"#, "ab", false), (#"[a-z]+"#, "abc\n", false),
  ])
  func allOfATextMustMatch(_ pattern: String, text: String, matches: Bool) {
    #expect(TextPattern(stringLiteral: pattern).matches(text) == matches)
  }

  @Test func anExpressionThatTakesTooLongIsQuotedAndNotMatched() {
    let pattern = TextPattern("^(a+)+$", matchedAs: "a+")
    #expect(pattern.description == "^(a+)+$")
    #expect(pattern.matches("aaa") && !pattern.matches(""))
    #expect(!pattern.matches(String(repeating: "a", count: 5000) + "b"))
  }
}
