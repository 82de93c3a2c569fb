import Testing

@testable import EventPatterns

@Suite struct RegexProgramTests {
  private static func matches(_ expression: String, _ text: String, _ scratch: inout RegexScratch) throws -> Bool {
    matches(try RegexProgram(parsing: Array(expression.utf8)), text, &scratch)
  }

  private static func matches(_ program: RegexProgram, _ text: String, _ scratch: inout RegexScratch) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { bytes in
      let answer = program.matches(bytes, scratch: &scratch)
      // Whichever machine answered, the plain one says the same.
      #expect(
        program.simulate(bytes, scratch: &scratch) == answer,
        "the machines disagree about \(text.prefix(50).debugDescription)"
      )
      return answer
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var expression: String
    var matching: [String]
    var other: [String]
    init(_ expression: String, _ matching: [String], not other: [String] = []) {
      (self.expression, self.matching, self.other) = (expression, matching, other)
    }
    var testDescription: String { expression }
  }

  @Test(arguments: [
    // Literals and places.
    Case("", ["", "a"]),
    Case("abc", ["abc", "xabcx"], not: ["ab", "aabbcc", ""]),
    Case("a.c", ["abc", "aéc", "a😀c"], not: ["ac", "a\nc", "abbc"]),
    Case("(?s)a.c", ["a\nc"], not: ["ac"]),
    Case("^abc$", ["abc"], not: ["xabc", "abcx", "abc\n"]),
    Case(#"\Aabc\z"#, ["abc"], not: ["x\nabc", "abc\n"]),
    Case("^$", [""], not: ["a", "\n"]),
    Case("(?m)^b$", ["a\nb\nc", "b"], not: ["ab", "a\nbc"]),
    Case("(?m)^$", ["a\n\nb", "", "a\n"], not: ["a"]),
    Case(#"\bfoo\b"#, ["foo", "a foo b", "foo-bar"], not: ["food", "xfoo", "foo_"]),
    Case(#"\Bfoo"#, ["xfoo"], not: ["foo", " foo"]),
    Case(#"\b"#, ["a"], not: ["", "-", "é"]),
    Case("^(?:$|a)", ["", "a"], not: ["b"]),
    Case("$^", [""], not: ["a"]),
    Case("(?:^|b)$", ["", "b", "ab"], not: ["a"]),
    Case("(?:$)(?:^)|x", ["", "x"], not: ["a"]),
    Case("a$b", [], not: ["ab", "a", "a\nb"]),
    Case("x*^a", ["a"], not: ["xa"]),
    // Classes.
    Case("[abc]x", ["ax", "cx"], not: ["dx", "x"]),
    Case("^[^abc]x", ["dx", "éx", "\nx", "😀x"], not: ["ax", "x"]),
    Case("[a-cx-z]+$", ["b", "yy"], not: ["d", ""]),
    Case("[]a]", ["]", "a"], not: ["b"]),
    Case("[^]a]", ["b"], not: ["]", "a"]),
    Case("[a-]", ["-", "a"], not: ["b"]),
    Case("[-a]", ["-", "a"], not: ["b"]),
    Case(#"^[\]\-\\]+$"#, [#"]-\"#], not: ["a"]),
    Case(#"^\d+\s\w+$"#, ["12 a_9"], not: ["12a", "x a", "1 é"]),
    Case(#"^\D\S\W$"#, ["aa-", "éé€"], not: ["1a-", "a -", "aaa"]),
    Case(#"^[\d\s]+$"#, ["1 2"], not: ["a"]),
    Case(#"^[^\d\s]+$"#, ["ab"], not: ["1", " "]),
    Case(#"^[[:alpha:]_]+$"#, ["aB_"], not: ["a1", "é"]),
    Case(#"^[[:^digit:]]+$"#, ["aé"], not: ["1"]),
    Case(#"^[[:space:]]$"#, ["\u{0B}", " "], not: ["a"]),
    Case(#"^[[:word:][:punct:]]+$"#, ["a_1!~"], not: [" "]),
    Case(#"^[[:xdigit:]]{2}$"#, ["aF", "09"], not: ["g0"]),
    Case("[é-ü]", ["ö", "é"], not: ["è", "ý", "e"]),
    Case("^[\u{800}-\u{10000}]$", ["\u{800}", "\u{FFFF}", "\u{10000}"], not: ["\u{7FF}", "\u{10001}"]),
    Case("^[ࠀ-😀€]x$", ["😀x", "€x", "中x"], not: ["😁x", "ax"]),
    Case(#"[^\x00-\x{10FFFF}]"#, [], not: ["", "a", "é"]),
    Case("[a[:digit:]b]", ["a", "5", "b"], not: ["c"]),
    Case("[[:]", [":", "["], not: ["a"]),
    Case("[[a]", ["[", "a"], not: ["]"]),
    // Alternation and groups.
    Case("^(?:abc|de)$", ["abc", "de"], not: ["abcde", "abde"]),
    Case("^abc|de$", ["abcx", "xde"], not: ["xabcx", "dex"]),
    Case("^(|a)b$", ["b", "ab"], not: ["aab"]),
    Case("a|", ["", "b"]),
    Case("^(a|b|)(?P<name>c)(?<other>d)?$", ["ac", "c", "bcd"], not: ["abc"]),
    Case("()", [""]),
    // Repetitions.
    Case("^a*$", ["", "a", "aaa"], not: ["b"]),
    Case("^a+$", ["a", "aaa"], not: ["", "b"]),
    Case("^a?b$", ["b", "ab"], not: ["aab"]),
    Case("^a*?b+?c??$", ["b", "aabbc"], not: ["a", "c"]),
    Case("^a{2}$", ["aa"], not: ["a", "aaa"]),
    Case("^a{2,}$", ["aa", "aaaa"], not: ["a"]),
    Case("^a{1,3}?$", ["a", "aa", "aaa"], not: ["", "aaaa"]),
    Case("^a{0}$", [""], not: ["a"]),
    Case("^a{0,1}$", ["", "a"], not: ["aa"]),
    Case("^(ab){2,3}$", ["abab", "ababab"], not: ["ab", "abababab", "aba"]),
    Case("a{,2}", ["a{,2}"], not: ["aa"]),
    Case("a{b}", ["a{b}"], not: ["ab"]),
    Case("a{1", ["a{1"], not: ["a"]),
    Case("{", ["{"]),
    Case("}", ["}"]),
    Case("(?:){10}x", ["x"], not: [""]),
    Case("^(?:a*)*$", ["", "aaa"], not: ["b"]),
    Case("^(a|b*)*c$", ["c", "abbac"], not: ["d"]),
    Case("(?:^)*a", ["a", "ba"]),
    // Escapes.
    Case(#"^\.\*\+\?\(\)\[\]\{\}\|\^\$\\\/\-$"#, [#".*+?()[]{}|^$\/-"#], not: ["a"]),
    Case(#"^\t\n\r\f\a\v$"#, ["\t\n\r\u{0C}\u{07}\u{0B}"]),
    Case(#"^\x41\x{42}\x{1F600}\101\060$"#, ["AB😀A0"]),
    Case(#"^\0$"#, ["\0"]),
    Case(#"\Qa.b*\E+$"#, ["a.b*", "a.b***"], not: ["axb*", "a.b"]),
    Case(#"\Qa|b"#, ["a|b"], not: ["a", "b"]),
    Case(#"a\Q\Eb"#, ["ab"]),
    // Flags.
    Case("(?i)abc", ["ABC", "aBc"], not: ["abd"]),
    Case("(?i:a)b", ["Ab", "ab"], not: ["aB"]),
    Case("(?i)a(?-i)b", ["Ab"], not: ["AB"]),
    Case("a(?i)b|c", ["aB", "C"], not: ["AB"]),
    Case("(a(?i)b)c", ["aBc"], not: ["aBC", "Abc"]),
    Case("(?i)[a-c]+$", ["ABC"], not: ["D"]),
    Case("^(?i)[^a]$", ["b"], not: ["a", "A"]),
    Case("(?i)ÄÖ", ["äö", "Äö"], not: ["ao"]),
    Case(#"(?i)^\w$"#, ["\u{212A}", "a"], not: ["é"]),
    Case(#"(?i)^[\W]$"#, ["é"], not: ["\u{212A}", "a"]),
    Case(#"(?i)^[[:^lower:]]$"#, ["1"], not: ["\u{17F}", "A", "a"]),
    Case(#"\B"#, ["", "ab"], not: ["xéx"]),
    Case("(?i)k", ["K", "\u{212A}"], not: ["j"]),
    Case("^(?i)[r-t]$", ["S", "\u{17F}"], not: ["q"]),
    Case("(?i)straße", ["STRAẞE"], not: ["STRASSE"]),
    Case("(?i)i", ["I"], not: ["ı", "İ"]),
    Case("(?i)σ", ["ς", "Σ"]),
    Case("(?is-m:a.b)$", ["A\nB"], not: ["ab"]),
    Case("(?U)a+", ["a"]),
    // What rules look like.
    Case(
      #"^arn:aws:iam::\d{12}:(?:role|user)/(?i:admin)"#,
      ["arn:aws:iam::123456789012:role/Admin-x"],
      not: ["arn:aws:iam::12345:role/admin", "xarn:aws:iam::123456789012:role/admin"]
    ),
    Case(#"^(?:\d{1,3}\.){3}\d{1,3}$"#, ["10.0.0.1"], not: ["10.0.0", "10.0.0.1.2", "a.b.c.d"]),
    Case(#"(?i)aws-cli/\d+\.\d+.*(?:kali|parrot)"#, ["aws-cli/2.1 Linux/Kali"], not: ["aws-cli/2 kali", "kali"]),
  ])
  func matchesAsRE2Does(test: Case) throws {
    var scratch = RegexScratch()
    for text in test.matching { #expect(try Self.matches(test.expression, text, &scratch), "should match: \(text)") }
    for text in test.other { #expect(try !Self.matches(test.expression, text, &scratch), "should not match: \(text)") }
  }

  @Test(
    arguments: [
      ("a**", "bad repetition operator: **", 1), ("a*+", "bad repetition operator: *+", 1),
      ("ab{2}{3}", "bad repetition operator: {2}{3}", 2), ("a???", "bad repetition operator: ???", 1),
      ("*a", "missing argument to repetition operator: *", 0), ("a|+", "missing argument to repetition operator: +", 2),
      ("(?i)*", "missing argument to repetition operator: *", 4),
      ("({2})", "missing argument to repetition operator: {2}", 1),
      ("a{1001}", "invalid repetition size: {1001}", 1), ("a{3,2}", "invalid repetition size: {3,2}", 1),
      ("a{99999999999999999999}", "invalid repetition size: {99999999999999999999}", 1),
      ("(a{100}){11}", "invalid repetition size: {11}", 8),
      ("(abc", "missing ): (abc", 0), ("x(?:a(b)", "missing ): (?:a(b)", 1), ("abc)d", "unexpected ): )d", 3),
      ("[abc", "missing ]: [abc", 0), ("[]", "missing ]: []", 0), ("a[", "missing ]: [", 1),
      ("[a-", "missing ]: [a-", 0),
      ("[z-a]", "invalid character class range: z-a", 1), (#"[a-\d]"#, "invalid escape sequence: \\d", 3),
      ("[[:foo:]]", "invalid character class range: [:foo:]", 1),
      ("a\\", "trailing \\ at end of regexp", 1), ("[a\\", "trailing \\ at end of regexp", 2),
      (#"\q"#, "invalid escape sequence: \\q", 0), (#"x\Z"#, "invalid escape sequence: \\Z", 1),
      (#"(a)\1"#, "invalid escape sequence: \\1", 3), (#"\8"#, "invalid escape sequence: \\8", 0),
      (#"\é"#, "invalid escape sequence: \\é", 0), (#"\xg1"#, "invalid escape sequence: \\xg", 0),
      (#"\x{110000}"#, "invalid escape sequence: \\x{110000}", 0), (#"\x{}"#, "invalid escape sequence: \\x{}", 0),
      (#"\x"#, "invalid escape sequence: \\x", 0), (#"[\b]"#, "invalid escape sequence: \\b", 1),
      (#"a\pL"#, "Unicode character classes are not supported; name the ranges in [...]: \\pL", 1),
      (#"[\P{Greek}]"#, "Unicode character classes are not supported; name the ranges in [...]: \\P{Greek}", 1),
      (#"\p"#, "Unicode character classes are not supported; name the ranges in [...]: \\p", 0),
      ("(?=a)", "invalid perl operator: (?=", 0), ("(?!a)", "invalid perl operator: (?!", 0),
      ("(?<=a)", "invalid perl operator: (?<=", 0), ("a(?>b)", "invalid perl operator: (?>", 1),
      ("(?é)", "invalid perl operator: (?é", 0), ("(?i-)", "invalid perl operator: (?i-)", 0),
      ("(?i", "missing ): (?i", 0), ("(?", "missing ): (?", 0), ("(?-i-s)", "invalid perl operator: (?-i-", 0),
      ("(?P<n", "invalid named capture group: (?P<n", 0), ("(?P<>a)", "invalid named capture group: (?P<", 0),
      ("(?P<a b>c)", "invalid named capture group: (?P<a b", 0), ("(?P=n)", "invalid perl operator: (?P", 0),
      (
        "((?:[^a]{500})|(?:[^b]{500})|(?:[^c]{900})|(?:[^d]{900}))(?:[^e]{990})(?:[^f]{990})",
        "pattern too large - compile failed", 0
      ),
    ] as [(String, String, Int)]
  )
  func errorsAreRE2s(expression: String, message: String, offset: Int) {
    let error = #expect(throws: RegexError.self) { try RegexProgram(parsing: Array(expression.utf8)) }
    #expect(error == RegexError(message: message, offset: offset))
  }

  @Test func whatIsNoUTF8IsRefusedInExpressionsAndMatchesNothingInTexts() throws {
    let error = #expect(throws: RegexError.self) { try RegexProgram(parsing: [0x61, 0xFF]) }
    #expect(error == RegexError(message: "invalid UTF-8", offset: 1))
    var scratch = RegexScratch()
    let any = try RegexProgram(parsing: Array("^.$".utf8))
    for bytes: [UInt8] in [[0xFF], [0xC3], [0xE0, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
      #expect(!bytes.withUnsafeBufferPointer { any.matches($0, scratch: &scratch) })
    }
    // A lone surrogate, which JSON can spell, is one character.
    let surrogate: [UInt8] = [0xED, 0xA0, 0x80]
    #expect(surrogate.withUnsafeBufferPointer { any.matches($0, scratch: &scratch) })
  }

  @Test func deepNestingIsRefused() {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)).utf8)
    }
    #expect(throws: Never.self) { try RegexProgram(parsing: nested(250)) }
    #expect(throws: RegexError.self) { try RegexProgram(parsing: nested(251)) }
    #expect(throws: RegexError.self) { try RegexProgram(parsing: nested(1_000_000)) }
  }

  /// Each of these takes a backtracking engine longer than the age of the universe.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("(a*)*b", "b"), ("(a|a)*b", "b"), ("(a+)+$", ""), ("(a|aa)+b", "b"), ("^(([a-z])+.)+[A-Z]b", "aBb"),
      ("(.*)(.*)(.*)(.*)(.*)[^a]b", "Bb"), ("(a?){50}a{50}b", "b"), ("((a*)*)*b", "b"), ("(?:a*?)*?b", "b"),
      ("(|a|aa|aaa)*b", "b"), ("a{1000}b", "b"),
    ]
  )
  func pathologicalExpressionsTakeLinearTime(expression: String, end: String) throws {
    var scratch = RegexScratch()
    let text = String(repeating: "a", count: 2000)
    #expect(try Self.matches(expression, text + end, &scratch))
    #expect(try !Self.matches(expression, text + "!", &scratch))
  }

  /// The ends of all matches of a node that begin at a place: slow, plain, and not the way the program does it.
  private static func ends(_ node: RegexNode, _ text: [UInt8], from start: Int) -> Set<Int> {
    switch node {
    case .empty: return [start]
    case .literal(let bytes): return text[start...].starts(with: bytes) ? [start + bytes.count] : []
    case .set(let set):
      var decoder = UTF8()
      var bytes = text[start...].makeIterator()
      guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return [] }
      return set.contains(scalar.value) ? [start + UTF8.encode(scalar)!.count] : []
    case .concatenation(let nodes):
      return nodes.reduce([start]) { starts, node in
        starts.reduce(into: []) { $0.formUnion(ends(node, text, from: $1)) }
      }
    case .alternation(let nodes): return nodes.reduce(into: []) { $0.formUnion(ends($1, text, from: start)) }
    case .repetition(let node, let min, let max):
      var reached: Set<Int> = min == 0 ? [start] : []
      var places: Set<Int> = [start]
      var seen: Set<Set<Int>> = []
      for count in 1...(max ?? 1000) {
        places = places.reduce(into: []) { $0.formUnion(ends(node, text, from: $1)) }
        if count >= min {
          reached.formUnion(places)
          if !seen.insert(places).inserted { break }
        }
      }
      return reached
    case .assertion(let assertion):
      func isWord(_ index: Int) -> Bool {
        text.indices.contains(index) && ScalarSet.wordCharacters.contains(UInt32(text[index]))
      }
      let holds =
        switch assertion {
        case .textStart: start == 0
        case .textEnd: start == text.count
        case .lineStart: start == 0 || text[start - 1] == 10
        case .lineEnd: start == text.count || text[start] == 10
        case .wordBoundary: isWord(start - 1) != isWord(start)
        case .notWordBoundary: isWord(start - 1) == isWord(start)
        }
      return holds ? [start] : []
    }
  }

  @Test(arguments: 0..<20)
  func programsAgreeWithAPlainEvaluator(seed: Int) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    func expression(_ depth: Int) -> String {
      let atoms = [
        "a", "b", "é", ".", "[ab]", "[^a]", "[à-ü]", #"\b"#, #"\B"#, "^", "$", "(?m:^)", "(?m:$)", "ab", "\n",
      ]
      if depth == 0 { return atoms[random(atoms.count)] }
      let inner = expression(depth - 1)
      switch random(6) {
      case 0: return inner + expression(depth - 1)
      case 1: return "(?:\(inner)|\(expression(depth - 1)))"
      case 2: return "(?:\(inner))" + ["*", "+", "?", "{2}", "{1,3}", "{2,}"][random(6)]
      case 3: return "(?:\(inner)|)" + expression(depth - 1)
      case 4: return expression(depth - 1) + inner + expression(0)
      default: return inner
      }
    }
    var scratch = RegexScratch()
    var counts = (matching: 0, other: 0)
    for _ in 0..<40 {
      let source = expression(3)
      var parser = RegexParser(Array(source.utf8))
      let node = try parser.parse()
      let program = try RegexProgram(parsing: Array(source.utf8))
      for _ in 0..<8 {
        let text = (0..<random(7)).map { _ in ["a", "b", "é", "\n", " "][random(5)] }.joined()
        let bytes = Array(text.utf8)
        let starts = (0...bytes.count).filter { $0 == bytes.count || bytes[$0] & 0xC0 != 0x80 }
        let expected = starts.contains { !Self.ends(node, bytes, from: $0).isEmpty }
        #expect(Self.matches(program, text, &scratch) == expected, "\(source) in \(text.debugDescription)")
        if expected { counts.matching += 1 } else { counts.other += 1 }
      }
    }
    #expect(counts.matching > 10 && counts.other > 10)
  }

  @Test func anAutomatonWithTooManyStatesGivesUpItsTable() throws {
    // Which of the last twelve characters were an a: 4096 sets of threads.
    var scratch = RegexScratch()
    var state: UInt64 = 99
    let noise = String(
      decoding: (0..<20_000).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 63 == 0 ? UInt8(ascii: "a") : UInt8(ascii: "b")
      },
      as: UTF8.self
    )
    let expression = "a[ab]{12}c"
    #expect(try !Self.matches(expression, noise, &scratch))
    #expect(try Self.matches(expression, noise + "a" + noise.prefix(12) + "c", &scratch))
    #expect(try !Self.matches("^(?:[ab]*a[ab]{11})$", noise + "c", &scratch))
    // States of very many threads.
    #expect(try !Self.matches("(?:[ab]{990}|[ab]{991}|[ab]{992}|[ab]{993}){1}c", String(noise.prefix(3000)), &scratch))
    #expect(try Self.matches("a[ab]{11}$", noise + "a" + noise.prefix(11), &scratch))
  }

  @Test func oneScratchServesManyPrograms() throws {
    var scratch = RegexScratch()
    let small = try RegexProgram(parsing: Array("^[ab]c$".utf8))
    let large = try RegexProgram(parsing: Array("^(?:[^x]{300}|ac)$".utf8))
    for _ in 0..<200 {
      for (text, isSmall, isLarge) in [("ac", true, true), ("bc", true, false), ("cc", false, false)] {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBufferPointer { bytes in
          #expect(small.matches(bytes, scratch: &scratch) == isSmall)
          #expect(large.matches(bytes, scratch: &scratch) == isLarge)
        }
      }
    }
  }

  @Test func programsAreEqualByTheirSource() throws {
    let one = try RegexProgram(parsing: Array("a+".utf8))
    #expect(try one == RegexProgram(parsing: Array("a+".utf8)))
    #expect(try one != RegexProgram(parsing: Array("aa*".utf8)))
    #expect(try Set([one, RegexProgram(parsing: Array("a+".utf8))]).count == 1)
  }
}
