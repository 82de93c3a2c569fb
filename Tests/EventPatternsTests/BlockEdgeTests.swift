import EventPatterns
import Testing

/// The scanner reads blocks of 64 bytes with whatever instructions the machine has. Nothing may depend on where in a block
/// something stands, on the instructions, or on the memory around the text.
@Suite("Wherever a token stands", .serialized)
struct BlockEdgeTests {
  private static func matcher(_ patterns: String...) throws -> EventMatcher {
    EventMatcher(PatternSet(try patterns.map { try EventPattern(parsing: $0, language: .extended) }))
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }

  // MARK: Texts that are right

  /// What a string spells and how.
  private static let strings: [(spelling: String, text: String)] = [
    ("", ""), ("x", "x"), (#"\""#, "\""), (#"\\"#, "\\"), (#"\\\""#, "\\\""), (#"\\\\"#, "\\\\"),
    (#"\\\\\""#, "\\\\\""),
    (#"\u0041\u00e9\u20AC\ud83d\ude00"#, "Aé€😀"), (#"\/\b\f\n\r\t"#, "/\u{8}\u{C}\n\r\t"), ("é€😀é€😀", "é€😀é€😀"),
    (#"]}],{[:\",\":"#, #"]}],{[:",":"#), (#"\u005c\u0022"#, "\\\""),
    ("\u{7F}\u{80}\u{7FF}\u{FFFF}", "\u{7F}\u{80}\u{7FF}\u{FFFF}"),
  ]

  @Test("strings, escapes and brackets are read at every offset of a block")
  func stringsAtEveryOffset() throws {
    for (spelling, text) in Self.strings {
      let wanted = JSONValue.string(text).text
      var matcher = try Self.matcher(
        #"{"a":[\#(wanted)],"z":[1]}"#,
        #"{"a":[{"prefix":\#(wanted)}],"z":[1]}"#,
        #"{"z":[2]}"#,
        #"{"k\#(wanted.dropFirst()):[true]}"#,
        #"{"a":[{"suffix":\#(wanted)},{"exists":false}]}"#
      )
      for level in InstructionSets.all {
        InstructionSets.use(level)
        for offset in 0...130 {
          // As a value behind another string, as a name, in a part that no pattern asks about, and behind blanks.
          let filler = String(repeating: "f", count: offset)
          let event =
            #"{"p":"\#(filler)","a":"\#(spelling)","k\#(spelling)":true,"q":{"\#(spelling)":["\#(spelling)"]},"z":1}"#
          #expect(try matcher.matches(Array(event.utf8)) == [0, 1, 3, 4], "\(event), \(level)")
          let spread =
            "{\(Self.blanks(offset))\"a\":\(Self.blanks(offset % 3))\"\(spelling)\"\(Self.blanks(offset % 7)),\"z\":1}"
          #expect(try matcher.matches(Array(spread.utf8)) == [0, 1, 4], "\(spread), \(level)")
        }
      }
    }
  }

  @Test("runs of backslashes of every length end where they should")
  func backslashes() throws {
    for count in Array(0...12) + [31, 32, 33, 63, 64, 65, 127, 128, 129] {
      let text = String(repeating: "\\", count: count)
      let spelling = String(repeating: "\\\\", count: count)
      var matcher = try Self.matcher(
        JSONValue.members(["a": .array([.string(text)]), "z": .array([.number("1")])]).text,
        JSONValue.members(["a": .array([.string(text + "\"")]), "z": .array([.number("1")])]).text
      )
      for level in InstructionSets.all {
        InstructionSets.use(level)
        for offset in count < 13 ? Array(0...70) : [0, 1, 2, 56, 57, 58, 59, 60, 61] {
          let filler = String(repeating: "f", count: offset)
          let even = #"{"p":"\#(filler)","a":"\#(spelling)","z":1}"#
          #expect(try matcher.matches(Array(even.utf8)) == [0], "\(count) at \(offset), \(level)")
          let odd = #"{"p":"\#(filler)","a":"\#(spelling)\"","z":1}"#
          #expect(try matcher.matches(Array(odd.utf8)) == [1], "\(count) and a quote at \(offset), \(level)")
          #expect(throws: EventError.self, "\(count) at \(offset), \(level)") {
            try matcher.matches(Array(#"{"p":"\#(filler)","a":"\#(spelling)\","z":1}"#.utf8))
          }
        }
      }
    }
  }

  // MARK: Texts that are wrong

  private static let brokenValues: [[UInt8]] =
    [
      "01", "-01", "00", "1.", "1.e1", "+1", ".5", "-.5", "1e", "1e+", "1E-", "-", "--1", "1..2", "0x1", "1_000",
      "1e5.5", "1-2",
      "tru", "nul", "fals", "truex", "True", "NULL", "nulll", "NaN", "Infinity", "-Infinity", "tru e", "'a'", "a", "#",
      "/**/1",
      #""a"#, #""\x""#, #""\u12G4""#, #""\u12""#, #""\"#, #""\""#, #""\u""#, #""\U0041""#, "\"\u{1}\"", "\"\t\"",
      "\"\n\"", "\"\u{0}\"",
      "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1:2]", #"{"a":}"#, #"{"a"}"#, #"{"a" 1}"#, #"{"a"::1}"#, "{a:1}",
      #"{"a":1,}"#, "{,}", "{1:1}",
      #"{"a":1 "b":2}"#, #"{"a":1,,"b":2}"#, #"{"a",1}"#, "[}", "{]", "[1", #"{"a":1"#, "[1}", #"{"a":1]"#, "]", "}",
      #""a"b"#, #""a""b""#,
      #"1"a""#, "1[", "[]1", "{}{}", "[][]", "1 2", #"true"a""#, "\u{B}1", "1\u{C}", "\u{0}", "\u{A0}1", "1\u{A0}",
      "\u{FEFF}1", "\u{2028}1", "", ",",
    ].map { Array($0.utf8) }
    + [
      [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF8, 0x88], [0xFF],
      [0xFE], [0x80], [0xBF, 0x61], [0xC2], [0xC2, 0x41], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xF0, 0x9F, 0x98],
      [0xE2, 0x28, 0xA1],
    ].map { [0x22] + $0 + [0x22] }
    + [[0xFF], [0x31, 0x80], [0xC3, 0xA9]]

  @Test("what is no JSON is refused wherever it stands, also where no pattern looks")
  func brokenValuesAnywhere() throws {
    let places: [(String, String)] = [
      (#"{"a":"#, #","z":1}"#), (#"{"q":"#, #","a":1}"#), (#"{"q":{"r":[[{"s":"#, "}]]}}"), (#"{"z":1,"q":[1,"#, "]}"),
      (#"{"a":{"b":[{},"#, "]}}"), (#"{"q":"#, "}"),
    ]
    var matcher = try Self.matcher(
      #"{"a":[{"exists":true}],"z":[1]}"#,
      #"{"a":{"b":[{"exists":false}]}}"#,
      #"{"z":[1]}"#
    )
    for level in InstructionSets.all {
      InstructionSets.use(level)
      for value in Self.brokenValues {
        for (before, after) in places {
          let start = before.utf8.count
          // At the start, and so that each of its bytes comes to stand at the edge of a block.
          for fill in [0] + (0...(value.count + 1)).map({ 64 - start % 64 - $0 }).filter({ $0 > 0 }) {
            let event = Array(before.utf8) + Array(repeating: 0x20, count: fill) + value + Array(after.utf8)
            #expect(throws: EventError.self, "\(String(decoding: event, as: UTF8.self)), \(level)") {
              try matcher.matches(event)
            }
          }
        }
      }
    }
    #expect(try matcher.matches(Array(#"{"a":1,"z":1}"#.utf8)) == [0, 1, 2])
  }

  @Test("soups of tokens are refused or read as the reader of documents does, by all instructions alike")
  func soups() throws {
    let pieces =
      [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\"a\"", "\"a\":", "\"z\":1", "{\"a\":", ",\"b\":[", "]}", "1", "-",
        "0", ".", "e5", "true", "null", "tru", " ", "\n",
        "\t", "\u{1}", "é", "\\u0041", "\"\\", "\\\"", "{}", "[]", "{\"a\":1}", "[1,2]", "        ",
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
      ].map { Array($0.utf8) } + [[0x80], [0xC3], [0xFF]]
    let whole = Array(
      #"{"a":{"b":[1,{"c":"x\"y\\"},[null,-1.5e3]]},"é":"😀\u00e9","z":1,"q":[{"a":[]},{}],"t":false}"#.utf8
    )
    var matcher = try Self.matcher(#"{"z":[1]}"#, #"{"a":[{"exists":true}]}"#, #"{"a":{"b":{"c":[{"exists":true}]}}}"#)
    var random = SeededGenerator(seed: 17)
    var read = 0
    for _ in 0..<10_000 {
      var text = whole
      if RandomValues.chance(1, in: 3, &random) {
        text = Array("{\"a\":".utf8)
        for _ in 0..<Int.random(in: 1...12, using: &random) { text += RandomValues.pick(pieces, &random) }
        text += Array(",\"z\":1}".utf8)
      } else {
        for _ in 0..<RandomValues.pick([0, 1, 1, 2], &random) {
          let start = Int.random(in: 0..<text.count, using: &random)
          let end = min(text.count, start + Int.random(in: 0...2, using: &random))
          text.replaceSubrange(start..<end, with: RandomValues.pick(pieces, &random))
        }
      }
      text.insert(contentsOf: Array(repeating: 0x20, count: Int.random(in: 0...64, using: &random)), at: 0)
      let isEvent = Self.isEvent(text)
      read += isEvent ? 1 : 0
      var first: [Int]?
      for level in InstructionSets.all {
        InstructionSets.use(level)
        let answer = try? matcher.matches(text)
        #expect((answer != nil) == isEvent, "\(String(decoding: text, as: UTF8.self).debugDescription), \(level)")
        #expect(first == nil || first == answer, "\(String(decoding: text, as: UTF8.self).debugDescription), \(level)")
        first = answer
      }
    }
    #expect(read > 500)
  }

  /// Whether the text begins with an object, as far as that goes. (What follows is not looked at.)
  private static func isEvent(_ text: [UInt8]) -> Bool {
    var reader = JSONReader(text)
    guard let first = try? reader.next(), first == .objectStart else { return false }
    return (try? reader.skipRest(of: first)) != nil
  }

  // MARK: Memory

  private static let guardedEvent =
    #"{"source":"aws.s3","d":{"e":"Put\"O\\b\ud83d\ude00","n":-1.5e+3,"f":[true,false,null,12],"l":[{"k":"ü€😀"},{}],"#
    + #""o":{},"deep":[[[["x"]]]]},"é":"😀 €","skipped":{"a":["]}",{"b":"\\\\"}],"u":"\u0041"},"last":[]}"#

  @Test(
    "nothing is read outside the text, whatever its length and wherever it ends",
    arguments: GuardedBytes.Side.allCases
  )
  func guarded(side: GuardedBytes.Side) throws {
    let memory = try GuardedBytes(capacity: 4096)
    var matcher = try Self.matcher(
      #"{"source":["aws.s3"]}"#,
      #"{"d":{"l":{"k":["ü€😀"]}}}"#,
      #"{"d":{"e":[{"prefix":"Put\"O"}]}}"#
    )
    let event = Array(Self.guardedEvent.utf8)
    for level in InstructionSets.all {
      InstructionSets.use(level)
      for length in 0..<event.count {
        #expect(throws: EventError.self, "cut at \(length), \(level)") {
          try memory.matches(Array(event[..<length]), &matcher, guarded: side)
        }
      }
      for shift in 0...130 {
        let text = Array(repeating: 0x20, count: shift) + event
        #expect(try memory.matches(text, &matcher, guarded: side) == [0, 1, 2], "shifted by \(shift), \(level)")
      }
      // A key, a string, a number and a literal in the very last bytes.
      for end in [
        #""source":"aws.s3"}"#, #""source":1}"#, #""source":true}"#, #""source":["aws.s3"]}"#, #""source":{}}"#,
      ] {
        for shift in 0...70 {
          let text = "{\"\(String(repeating: "k", count: shift))\":0,\(end)"
          let wanted = end.contains("aws.s3") ? [0] : []
          #expect(try memory.matches(Array(text.utf8), &matcher, guarded: side) == wanted, "\(text), \(level)")
        }
      }
    }
  }

  @Test("random events are read at the edge of memory, and refused wherever they are cut")
  func guardedRandomEvents() throws {
    let memory = try GuardedBytes(capacity: 1 << 16)
    var random = SeededGenerator(seed: 99)
    let generator = RandomPatterns(world: .everything)
    for _ in 0..<20 {
      let patterns = (0..<20).map { _ in generator.pattern(&random) }
      var matcher = EventMatcher(
        PatternSet(try patterns.map { try EventPattern(parsing: $0.text, language: .extended) })
      )
      let event = generator.event(for: patterns, &random)
      let wanted = NaiveEvaluator.matches(patterns.map(NaivePattern.init), event)
      var text = JSONSpelling.bytes(of: event, seed: random.next())
      while text.last != UInt8(ascii: "}") { text.removeLast() }
      for side in GuardedBytes.Side.allCases {
        for length in Set(
          [0, 1, 63, 64, 65, text.count - 1] + (0..<60).map { _ in Int.random(in: 0..<text.count, using: &random) }
        )
        where length < text.count {
          #expect(throws: EventError.self) { try memory.matches(Array(text[..<length]), &matcher, guarded: side) }
        }
        #expect(try memory.matches(text, &matcher, guarded: side) == wanted)
      }
    }
  }

  @Test("deep nesting is read and refused as deep as promised", arguments: [1, 62, 63, 64, 65, 500, 998])
  func depth(depth: Int) throws {
    let (open, close) = (String(repeating: "[", count: depth), String(repeating: "]", count: depth))
    var matcher = try Self.matcher(#"{"a":["x"]}"#, #"{"z":[1]}"#, #"{"a":{"b":["y"]}}"#)
    for level in InstructionSets.all {
      InstructionSets.use(level)
      #expect(try matcher.matches(Array(#"{"a":\#(open)"x"\#(close),"z":1}"#.utf8)) == [0, 1])
      #expect(
        try matcher.matches(Array(#"{"a":\#(open){"b":"y"}\#(close),"q":\#(open)\#(close),"z":1}"#.utf8)) == [1, 2]
      )
      let objects = String(repeating: #"{"q":"#, count: depth) + "1" + String(repeating: "}", count: depth)
      #expect(try matcher.matches(Array(#"{"q":\#(objects),"z":1}"#.utf8)) == [1])
      #expect(throws: EventError.self) {
        try matcher.matches(Array(#"{"a":\#(open)"x"\#(close.dropLast()),"z":1}"#.utf8))
      }
    }
  }
}
