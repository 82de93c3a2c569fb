import Testing

@testable import Targets

@Suite struct RedactorTests {
  @Test(arguments: [
    "https://h.example/services/T/B/SeCrEtPaTh", "Cannot POST /services/T/B/SeCrEtPaTh",
    #"{"path":"\/services\/T\/B\/SeCrEtPaTh"}"#, "next=%2Fservices%2FT%2FB%2FSeCrEtPaTh",
    "https%3a%2f%2fh.example%2fservices%2fT%2fB%2fSeCrEtPaTh",
  ])
  func aSecretURLIsFoundInEveryForm(_ answer: String) {
    let redactor = Redactor(Redactor.parts(ofURL: "https://h.example/services/T/B/SeCrEtPaTh"))
    let text = redactor.redacted(answer)
    #expect(text.contains("[secret]"))
    #expect(!text.contains("SeCrEtPaTh"))
  }

  @Test(arguments: [
    "invalid token abc/def/SuperSecret", #"got Bearer abc\/def\/SuperSecret"#, "token=abc%2Fdef%2FSuperSecret",
  ])
  func aTokenIsFoundWithoutItsScheme(_ answer: String) {
    let text = Redactor(Redactor.parts(ofHeader: "Bearer abc/def/SuperSecret")).redacted(answer)
    #expect(text.contains("[secret]"))
    #expect(!text.contains("SuperSecret"))
  }

  @Test func aQueryValueIsFoundAlone() {
    let redactor = Redactor(Redactor.parts(ofURL: "https://h.example/hook?key=0123456789ab&v=2"))
    #expect(redactor.redacted("bad key 0123456789ab for /hook, v=2") == "bad key [secret] for /hook, v=2")
  }

  @Test func aSigningSecretIsFoundWithoutItsPrefix() {
    let redactor = Redactor(Redactor.parts(ofSigningSecret: "whsec_MfKQ9r8GKYqrTwjU"))
    #expect(redactor.redacted("key MfKQ9r8GKYqrTwjU, whsec_MfKQ9r8GKYqrTwjU") == "key [secret], [secret]")
  }

  @Test func aSecretThatIsCutIsTakenOutOnlyWhereTheTextIsCut() {
    let redactor = Redactor(["abcdef", "abcdef-ghijklmnop"])
    #expect(redactor.redacted("it was abcdef-ghijk", isCut: true) == "it was [secret]")
    #expect(redactor.redacted("it was abcd", isCut: true) == "it was [secret]")
    #expect(redactor.redacted("it was abcd") == "it was abcd")
    // Three bytes are chance.
    #expect(redactor.redacted("it was abc", isCut: true) == "it was abc")
  }

  @Test func aSecretThatIsCutInsideACharacterIsFound() {
    let secret = "token-ä-9876"
    let cut = Array("it was \(secret)".utf8.prefix(14))
    #expect(cut.last == 0xC3)
    #expect(Redactor([secret]).redacted(cut, isCut: true) == "it was [secret]")
  }

  @Test func whatIsNotASecretIsMadeFitForARecord() {
    #expect(Redactor(["abcdef"]).redacted([0x61, 0x1B, 0xFF, 0x0A]) == "a\u{FFFD}\u{FFFD}\n")
  }

  @Test func shortValuesStay() {
    #expect(
      Redactor(["short"] + Redactor.parts(ofURL: "https://h/hook/a")).redacted("short /hook/a") == "short /hook/a"
    )
  }
}
