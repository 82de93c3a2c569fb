import EventPatterns
import Testing

@testable import RuleFiles

@Suite("Templates")
struct TemplateTests {
  static let hostile = "\"}\n<who>\\ $(rm -rf /) `id` ';|&\t\u{1}é"

  static func scope() throws -> TemplateScope {
    let event = try JSONValue(
      parsing: #"""
        {"id":"e-1","account":"111122223333","region":"us-east-1","detail-type":"AWS API Call via CloudTrail",
         "resources":["arn:a","arn:b"],
         "detail":{"eventName":"PutBucketAcl","n":1e3,"ok":true,"none":null,"list":[1,"two",{"three":3}],
         "requestParameters":{"bucketName":"my-bucket","x-amz-acl":"public-read","odd.one":"dots"}}}
        """#
    )
    return TemplateScope(
      event: event,
      names: [
        "bucket": .string("my-bucket"), "hostile": .string(hostile), "nul": .string("a\0b"),
        "identity": .members(["arn": .string("arn:aws:iam::1:user/alice"), "n": .integer(7)]),
      ],
      ruleID: "r-1",
      ruleTitle: "A \"title\"",
      ruleSeverity: "high",
      deliveryID: "dlv-00",
      now: Instant(seconds: 1_795_456_633)
    )
  }

  @Test(
    arguments: [
      ("plain", "plain"),
      ("", ""),
      ("<bucket>", "my-bucket"),
      ("<account>/<region>", "111122223333/us-east-1"),
      ("<detail.eventName> on <detail.requestParameters.bucketName>", "PutBucketAcl on my-bucket"),
      (#"<detail.requestParameters["odd.one"]>"#, "dots"),
      ("<detail-type>", "AWS API Call via CloudTrail"),
      ("<resources[1]>", "arn:b"),
      ("<identity.arn>", "arn:aws:iam::1:user/alice"),
      ("[<detail.missing>]", "[]"),
      ("[<detail.none>]", "[]"),
      ("<detail.n> <detail.ok> <detail.list>", #"1e3 true [1,"two",{"three":3}]"#),
      ("<rule.id> <rule.title> <rule.severity>", #"r-1 A "title" high"#),
      ("<delivery.id> <now>", "dlv-00 2026-11-23T17:57:13Z"),
      (#"\<b>"#, "<b>"),
      (#"\\<bucket>"#, #"\my-bucket"#),
      (#"\\\<bucket>"#, #"\<bucket>"#),
      (#"C:\dir \\d+ \"#, #"C:\dir \\d+ \"#),
      ("a > b", "a > b"),
      ("<hostile>", hostile),
    ]
  )
  func textIsRendered(template: String, result: String) throws {
    #expect(try Template(parsing: template).text(in: Self.scope()) == result)
    #expect(try Template(parsing: template).payload(in: Self.scope()) == Array(result.utf8))
  }

  @Test(
    arguments: [
      (#"{"text":"<bucket> in <account>"}"#, #"{"text":"my-bucket in 111122223333"}"#),
      (#"{"n":"<detail.n>","t":"n=<detail.n>"}"#, #"{"n":1e3,"t":"n=1e3"}"#),
      (
        #"{"l":"<detail.list>","none":"<detail.none>","gone":"<detail.gone>"}"#,
        #"{"l":[1,"two",{"three":3}],"none":null,"gone":null}"#
      ),
      (
        #"{"v":"<hostile>","t":"x <hostile>"}"#,
        #"{"v":"\"}\n<who>\\ $(rm -rf /) `id` ';|&\t\u0001é","t":"x \"}\n<who>\\ $(rm -rf /) `id` ';|&\t\u0001é"}"#
      ),
      (#"["<bucket>",1,null,true,{"<bucket>":["<rule.id>"]}]"#, #"["my-bucket",1,null,true,{"<bucket>":["r-1"]}]"#),
      (#"{"who":"<identity>"}"#, #"{"who":{"arn":"arn:aws:iam::1:user/alice","n":7}}"#),
      (#"{"e":"\\<b>"}"#, #"{"e":"<b>"}"#),
      (#"{"j":"<event.json>"}"#, nil),
      ("[]", "[]"),
      ("{}", "{}"),
      ("12", "12"),
    ] as [(String, String?)]
  )
  func jsonIsRendered(template: String, result: String?) throws {
    let scope = try Self.scope()
    let payload = try Template(try JSONValue(parsing: template)).payload(in: scope)
    // Whatever goes in, what comes out is JSON.
    let value = try JSONValue(parsing: payload)
    if let result { #expect(String(decoding: payload, as: UTF8.self) == result) }
    if let inner = value["j"]?.string { #expect(try JSONValue(parsing: inner) == scope.event) }
  }

  @Test func theWholeEventIsAValueOrText() throws {
    let scope = try Self.scope()
    #expect(try Template(.members(["e": .string("<event>")])).value(in: scope)["e"] == scope.event)
    #expect(try Template(parsing: "<event>").text(in: scope) == scope.event.text)
    #expect(try Template(parsing: "<event.json>").text(in: scope) == scope.event.text)
  }

  @Test(arguments: ["<detail.gone!>", "x <detail.none!> y", "<identity.gone!>"])
  func requiredFieldsFailWhenMissing(template: String) throws {
    let scope = try Self.scope()
    let name = template.drop { $0 != "<" }.dropFirst().prefix { $0 != "!" }
    for value in [JSONValue.string(template), .array([.string(template)])] {
      let failure = #expect(throws: RenderFailure.self) { try Template(value).payload(in: scope) }
      #expect(failure?.reference == String(name))
      #expect(failure?.message.contains("<\(name)!>") == true)
    }
    #expect(try Template(parsing: "<detail.eventName!>").text(in: scope) == "PutBucketAcl")
  }

  @Test(
    arguments: [
      ("https://h/<account>?b=<bucket>", "https://h/111122223333?b=my-bucket"),
      (
        "https://h/?q=<hostile>",
        "https://h/?q=%22%7D%0A%3Cwho%3E%5C%20%24%28rm%20-rf%20%2F%29%20%60id%60%20%27%3B%7C%26%09%01%C3%A9"
      ),
      ("<identity.arn>", "arn%3Aaws%3Aiam%3A%3A1%3Auser%2Falice"),
      ("https://h/<nul>", "https://h/a%00b"),
    ]
  )
  func urlsAreEncoded(template: String, result: String) throws {
    #expect(try Template(parsing: template).text(in: Self.scope(), for: .url) == result)
  }

  @Test(arguments: [TemplatePlace.argument, .environment])
  func argumentsTakeAnythingButNUL(place: TemplatePlace) throws {
    let scope = try Self.scope()
    #expect(try Template(parsing: "--x=<hostile>").text(in: scope, for: place) == "--x=\(Self.hostile)")
    #expect(
      try Template(parsing: "<identity>").text(in: scope, for: place) == #"{"arn":"arn:aws:iam::1:user/alice","n":7}"#
    )
    for template in ["<nul>", "x<nul>", "plain\0"] {
      let failure = #expect(throws: RenderFailure.self) { try Template(parsing: template).text(in: scope, for: place) }
      #expect(failure?.message.contains("NUL") == true)
    }
  }

  @Test(
    arguments: [
      ("a < b", 2, #"\<"#), ("<", 0, "text ends"), ("x <bucket", 2, "no >"), ("<a b>", 0, "blank"),
      ("<>", 0, "no placeholder"),
      ("<https://wiki|book>", 0, #"\<"#), ("é<a!!>", 2, "'!'"), (#"<a["x]>"#, 0, "quote"), ("<b>bold</b>", 7, "'/'"),
    ] as [(String, Int, String)]
  )
  func badTemplatesAreRefusedWithAPlace(template: String, offset: Int, words: String) throws {
    let tree = JSONValue.members(["a": .array([.null, .string(template)])])
    let error = #expect(throws: TemplateError.self) { try Template(tree) }
    #expect(error?.error.offset == offset, "\(error?.message ?? "")")
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.location.description == "a[1]")
  }

  @Test func placeholdersAreListedWithTheirPlaces() throws {
    let tree = try JSONValue(parsing: #"{"a":"é <x> <detail.y!>","b":[{"c":"<rule.id>"},"<typo>"]}"#)
    let found = try Template(tree).placeholders
    #expect(found.map(\.reference.description) == ["x", "detail.y", "rule.id", "typo"])
    #expect(found.map(\.offset) == [3, 7, 0, 0])
    #expect(found.map(\.isRequired) == [false, true, false, false])
    #expect(found.map(\.location.description) == ["a", "a", "b[0].c", "b[1]"])
    #expect(found.map { $0.isKnown(names: ["x"]) } == [true, true, true, false])
  }

  @Test func deepTemplatesAreRendered() throws {
    let deep = String(repeating: "[", count: 900) + #""<bucket>""# + String(repeating: "]", count: 900)
    let text = String(decoding: try Template(JSONValue(parsing: deep)).payload(in: Self.scope()), as: UTF8.self)
    #expect(text == deep.replacing("<bucket>", with: "my-bucket"))
  }
}
