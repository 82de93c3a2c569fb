import EventPatterns
import Testing

@Suite("Match expressions")
struct OperatorTests {
  @Test(
    "literals",
    arguments: [
      MatchCase(#"{"a":["x"]}"#, #"{"a":"x"}"#, true),
      MatchCase(#"{"a":["x"]}"#, #"{"a":"X"}"#, false),
      MatchCase(#"{"a":["x","y"]}"#, #"{"a":["q","y"]}"#, true),
      MatchCase(#"{"a":["x"]}"#, #"{"a":[]}"#, false),
      MatchCase(#"{"a":["x"]}"#, #"{}"#, false),
      MatchCase(#"{"a":[null]}"#, #"{"a":null}"#, true),
      MatchCase(#"{"a":[null]}"#, #"{"a":""}"#, false),
      MatchCase(#"{"a":[""]}"#, #"{"a":""}"#, true),
      MatchCase(#"{"a":[true]}"#, #"{"a":true}"#, true),
      MatchCase(#"{"a":[true]}"#, #"{"a":"true"}"#, false),
      MatchCase(#"{"a":["x\u0079\n"]}"#, #"{"a":"\u0078y\u000a"}"#, true),
      MatchCase(#"{"a":["😀"]}"#, #"{"a":"\ud83d\ude00"}"#, true),
      MatchCase(#"{"a":["\ud83d"]}"#, #"{"a":"\ud83d"}"#, true),
      MatchCase(#"{"a":["\ud83d"]}"#, #"{"a":"?"}"#, false),
      MatchCase(#"{"a\u0062":[1]}"#, #"{"\u0061b":1}"#, true),
      MatchCase(#"{"a":["a/b"]}"#, #"{"a":"a\/b"}"#, true),
    ]
  )
  func literals(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test(
    "an escaped half of a surrogate pair is itself and nothing else, and two halves that meet are one character",
    arguments: [
      MatchCase(#"{"a":[{"prefix":"\ud83d"}]}"#, #"{"a":"\ud83dx"}"#, true),
      MatchCase(#"{"a":[{"prefix":"\ud83d"}]}"#, #"{"a":"\ud83d\ude00"}"#, false),
      MatchCase(#"{"a":[{"suffix":"\ude00"}]}"#, #"{"a":"x\ude00"}"#, true),
      MatchCase(#"{"a":[{"suffix":"\ude00"}]}"#, #"{"a":"😀"}"#, false),
      MatchCase(#"{"a":[{"wildcard":"*\ud83d*"}]}"#, #"{"a":"x\uD83D\u0041"}"#, true),
      MatchCase(#"{"a":[{"anything-but":"\ud83d"}]}"#, #"{"a":"\ud83d"}"#, false),
      MatchCase(#"{"a":[{"anything-but":"\ud83d"}]}"#, #"{"a":"\ufffd"}"#, true),
      MatchCase(#"{"a":["\ud83d\ud83d\ude00"]}"#, #"{"a":"\ud83d😀"}"#, true),
      MatchCase(#"{"\ud83d":[1]}"#, #"{"\uD83D":1}"#, true),
      MatchCase(#"{"\ud83d":[1]}"#, #"{"\ufffd":1}"#, false),
      MatchCase(#"{"a":[{"equals-ignore-case":"\ud83d"}]}"#, #"{"a":"\ud83d"}"#, true),
      MatchCase(#"{"a":[{"equals-ignore-case":"\ud83d"}]}"#, #"{"a":"\ufffd\ufffd\ufffd"}"#, false),
      MatchCase(#"{"a":[{"equals-ignore-case":"x\ud83dÉ"}]}"#, #"{"a":"X\ud83dé"}"#, true),
    ]
  )
  func surrogates(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test(
    "numbers compare by value as far as a double holds them",
    arguments: [
      MatchCase(#"{"a":[300]}"#, #"{"a":300.0}"#, true),
      MatchCase(#"{"a":[300]}"#, #"{"a":3.0e2}"#, true),
      MatchCase(#"{"a":[300]}"#, #"{"a":"300"}"#, false),
      MatchCase(#"{"a":[0]}"#, #"{"a":-0.0}"#, true),
      MatchCase(#"{"a":[0.1]}"#, #"{"a":1e-1}"#, true),
      MatchCase(#"{"a":[9007199254740993]}"#, #"{"a":9007199254740993}"#, true),
      MatchCase(#"{"a":[9007199254740993]}"#, #"{"a":9007199254740992}"#, false),
      MatchCase(#"{"a":[1e400]}"#, #"{"a":1e400}"#, true),
      MatchCase(#"{"a":[1e400]}"#, #"{"a":10e399}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, #"{"a":5.0}"#, true),
      MatchCase(#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, #"{"a":0}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, #"{"a":"3"}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, #"{"a":4.9e-324}"#, true),
      MatchCase(#"{"a":[{"numeric":["=",3.018e2]}]}"#, #"{"a":301.8}"#, true),
      MatchCase(#"{"a":[{"numeric":[">",0]}]}"#, #"{"a":9007199254740993}"#, false),
      MatchCase(#"{"a":[{"numeric":["<",0]}]}"#, #"{"a":-1e-7}"#, true),
      MatchCase(#"{"a":[{"anything-but":5}]}"#, #"{"a":5e0}"#, false),
      MatchCase(#"{"a":[{"anything-but":5}]}"#, #"{"a":"5"}"#, true),
      MatchCase(#"{"a":[123456789012345]}"#, #"{"a":123456789012345.000}"#, true),
    ]
  )
  func numbers(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test(
    "prefix, suffix, wildcard and case",
    arguments: [
      MatchCase(#"{"a":[{"prefix":"ab"}]}"#, #"{"a":"abc"}"#, true),
      MatchCase(#"{"a":[{"prefix":"ab"}]}"#, #"{"a":"a"}"#, false),
      MatchCase(#"{"a":[{"prefix":""}]}"#, #"{"a":1}"#, false),
      MatchCase(#"{"a":[{"prefix":"3"}]}"#, #"{"a":300}"#, false),
      MatchCase(#"{"a":[{"suffix":"é"}]}"#, #"{"a":"caf\u00e9"}"#, true),
      MatchCase(#"{"a":[{"suffix":"bc"}]}"#, #"{"a":"abcd"}"#, false),
      MatchCase(#"{"a":[{"prefix":{"equals-ignore-case":"EC2"}}]}"#, #"{"a":"ec2.amazonaws.com"}"#, true),
      MatchCase(#"{"a":[{"suffix":{"equals-ignore-case":".PNG"}}]}"#, #"{"a":"a.pngx"}"#, false),
      MatchCase(#"{"a":[{"equals-ignore-case":"yES"}]}"#, #"{"a":"Yes"}"#, true),
      MatchCase(#"{"a":[{"equals-ignore-case":"É"}]}"#, #"{"a":"é"}"#, true),
      MatchCase(#"{"a":[{"equals-ignore-case":"ß"}]}"#, #"{"a":"SS"}"#, true),
      MatchCase(#"{"a":[{"equals-ignore-case":"k"}]}"#, "{\"a\":\"\u{212A}\"}", false),
      MatchCase(#"{"a":[{"equals-ignore-case":"𐐀"}]}"#, #"{"a":"𐐨"}"#, true),
      MatchCase(#"{"a":[{"wildcard":"a*b*"}]}"#, #"{"a":"ab"}"#, true),
      MatchCase(#"{"a":[{"wildcard":"a*b*"}]}"#, #"{"a":"b"}"#, false),
      MatchCase(#"{"a":[{"wildcard":"*ab*ab"}]}"#, #"{"a":"xab"}"#, false),
      MatchCase(#"{"a":[{"wildcard":"*ab*ab"}]}"#, #"{"a":"xabab"}"#, true),
      MatchCase(#"{"a":[{"wildcard":"a\\*b"}]}"#, #"{"a":"a*b"}"#, true),
      MatchCase(#"{"a":[{"wildcard":"a\\*b"}]}"#, #"{"a":"axb"}"#, false),
      MatchCase(#"{"a":[{"wildcard":"a\\\\*"}]}"#, #"{"a":"a\\zz"}"#, true),
      MatchCase(#"{"a":[{"wildcard":"*"}]}"#, #"{"a":1}"#, false),
    ]
  )
  func texts(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test(
    "anything-but needs a value and excludes only its own kind",
    arguments: [
      MatchCase(#"{"a":[{"anything-but":["x"]}]}"#, #"{"a":["x","y"]}"#, true),
      MatchCase(#"{"a":[{"anything-but":["x"]}]}"#, #"{"a":["x"]}"#, false),
      MatchCase(#"{"a":[{"anything-but":["x"]}]}"#, #"{"a":null}"#, true),
      MatchCase(#"{"a":[{"anything-but":["x"]}]}"#, #"{}"#, false),
      MatchCase(#"{"a":[{"anything-but":{"prefix":"x"}}]}"#, #"{"a":"xy"}"#, false),
      MatchCase(#"{"a":[{"anything-but":{"suffix":["y","z"]}}]}"#, #"{"a":"az"}"#, false),
      MatchCase(#"{"a":[{"anything-but":{"equals-ignore-case":["Yes","no"]}}]}"#, #"{"a":"YES"}"#, false),
      MatchCase(#"{"a":[{"anything-but":{"wildcard":"*x*"}}]}"#, #"{"a":"axb"}"#, false),
      MatchCase(#"{"a":[{"anything-but":{"wildcard":"*x*"}}]}"#, #"{"a":7}"#, true),
      MatchCase(#"{"a":[{"anything-but":"2001:db8::1"}]}"#, #"{"a":"2001:DB8:0:0:0:0:0:1"}"#, true),
    ]
  )
  func anythingBut(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test(
    "addresses and networks",
    arguments: [
      MatchCase(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"10.0.0.255"}"#, true),
      MatchCase(#"{"a":[{"cidr":"10.0.0.77/24"}]}"#, #"{"a":"10.0.0.1"}"#, true),
      MatchCase(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"10.0.1.0"}"#, false),
      MatchCase(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"::ffff:a00:1"}"#, true),
      MatchCase(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"10.0.0.1 "}"#, false),
      MatchCase(#"{"a":[{"cidr":"0.0.0.0/0"}]}"#, #"{"a":"::1"}"#, false),
      MatchCase(#"{"a":[{"cidr":"2001:db8::/32"}]}"#, #"{"a":"2001:DB8:0:0:0:0:0:1"}"#, true),
      MatchCase(#"{"a":[{"cidr":"2001:db8::/32"}]}"#, #"{"a":"2001:db9::"}"#, false),
      MatchCase(#"{"a":["10.0.0.1"]}"#, #"{"a":"010.0.0.01"}"#, true),
      MatchCase(#"{"a":[{"exactly":"2001:db8::1"}]}"#, #"{"a":"2001:DB8::1"}"#, false),
      MatchCase(#"{"a":["a:b"]}"#, #"{"a":"A:B"}"#, false),
      MatchCase(#"{"a":["::"]}"#, #"{"a":"0:0:0:0:0:0:0:0"}"#, true),
      MatchCase(#"{"a":["1::8"]}"#, #"{"a":"1:0:0:0:0:0:0:8"}"#, true),
    ]
  )
  func addresses(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test(
    "exists looks at leaves",
    arguments: [
      MatchCase(#"{"a":[{"exists":true}]}"#, #"{"a":null}"#, true),
      MatchCase(#"{"a":[{"exists":true}]}"#, #"{"a":{"b":1}}"#, false),
      MatchCase(#"{"a":[{"exists":true}]}"#, #"{"a":[]}"#, false),
      MatchCase(#"{"a":[{"exists":false}]}"#, #"{"a":{}}"#, true),
      MatchCase(#"{"a":[{"exists":false}]}"#, #"{"a":0}"#, false),
      MatchCase(#"{"a":[{"exists":false},"x"]}"#, #"{"a":"x"}"#, true),
      MatchCase(#"{"a":[{"exists":false},"x"]}"#, #"{"a":"y"}"#, false),
    ]
  )
  func exists(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event) == test.expected)
  }

  @Test(
    "extensions",
    arguments: [
      MatchCase(#"{"a":[{"contains":"b*"}]}"#, #"{"a":"ab*c"}"#, true),
      MatchCase(#"{"a":[{"contains":"b*"}]}"#, #"{"a":"abc"}"#, false),
      MatchCase(#"{"a":[{"all-of":["x",{"prefix":"y"}]}]}"#, #"{"a":["yy","x"]}"#, true),
      MatchCase(#"{"a":[{"all-of":["x",{"prefix":"y"}]}]}"#, #"{"a":["x"]}"#, false),
      MatchCase(#"{"a":[{"equals-field":"b.c"}]}"#, #"{"a":"v","b":{"c":["u","v"]}}"#, true),
      MatchCase(#"{"a":[{"equals-field":"b.c"}]}"#, #"{"a":"v","b":{"c":"w"}}"#, false),
      MatchCase(#"{"a":[{"equals-field":"b"}]}"#, #"{"a":1.0,"b":1}"#, true),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"6"}"#, true),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"six"}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":""}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"6.0e1"}"#, true),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"06"}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"6 "}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":" 6"}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"+6"}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"6."}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"-"}"#, false),
      MatchCase(#"{"a":[{"numeric":[">",5],"as":"number"}]}"#, #"{"a":"\u0036"}"#, true),
      MatchCase(#"{"$not":{"a":["x"]}}"#, #"{"a":"y"}"#, true),
      MatchCase(#"{"b":[1],"$not":{"a":["x"]}}"#, #"{"a":"x","b":1}"#, false),
      MatchCase(#"{"d":{"$not":{"a":["x"],"b":["y"]}}}"#, #"{"d":{"a":"x","b":"z"}}"#, true),
      MatchCase(#"{"$and":[{"a":["x"]},{"a":["y"]}]}"#, #"{"a":["x","y"]}"#, true),
      MatchCase(#"{"$and":[{"a":["x"]},{"a":["y"]}]}"#, #"{"a":["x"]}"#, false),
      MatchCase(#"{"e":{"$and":[{"x":[1]},{"y":[2]}]}}"#, #"{"e":[{"x":1},{"y":2}]}"#, true),
      MatchCase(#"{"$not":{"$not":{"a":[1]}}}"#, #"{"a":1}"#, true),
      MatchCase(#"{"$or":[{"$not":{"a":[1]}},{"b":[1]}]}"#, #"{"a":1,"b":1}"#, true),
      MatchCase(#"{"$or":[{"$not":{"a":[1]}},{"b":[1]}]}"#, #"{"a":1}"#, false),
    ]
  )
  func extensions(_ test: MatchCase) throws {
    #expect(try matches(test.pattern, test.event, language: .extended) == test.expected)
  }

  @Test("texts that nearly match everywhere are searched once", .timeLimit(.minutes(1)))
  func longTexts() throws {
    let long = String(repeating: "a", count: 3_000_000)
    let piece = String(repeating: "a", count: 3000)
    #expect(try !matches(#"{"a":[{"wildcard":"*\#(piece)b*"}]}"#, #"{"a":"\#(long)"}"#))
    #expect(try matches(#"{"a":[{"wildcard":"*\#(piece)b*"}]}"#, #"{"a":"\#(long)b"}"#))
    #expect(try !matches(#"{"a":[{"suffix":{"equals-ignore-case":"éaß"}}]}"#, #"{"a":"\#(long)"}"#))
    #expect(try matches(#"{"a":[{"suffix":{"equals-ignore-case":"éaß"}}]}"#, #"{"a":"\#(long)ÉASS"}"#))
  }

  @Test(
    "EventBridge's language refuses the extensions",
    arguments: [
      #"{"a":[{"contains":"x"}]}"#, #"{"a":[{"regex":"x"}]}"#, #"{"a":[{"all-of":["x"]}]}"#,
      #"{"a":[{"equals-field":"b"}]}"#, #"{"a":[{"numeric":[">",5],"as":"number"}]}"#,
      #"{"$and":[{"a":[1]}]}"#,
    ]
  )
  func strictness(_ pattern: String) throws {
    #expect(throws: PatternError.self) { try EventPattern(parsing: pattern) }
    #expect(try EventPattern(parsing: pattern, language: .extended).firstExtension != nil)
  }
}
