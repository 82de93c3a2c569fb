import Testing

@testable import TrailEvents

@Suite struct LogFileReaderTests {
  /// The names of the events in some bytes, and what the file came to.
  private func read(_ bytes: [UInt8], limits: LogFileLimits = LogFileLimits()) -> ([String], LogFileSummary) {
    var reader = LogFileReader(bytes: bytes, name: "f", limits: limits)
    return Self.drain(&reader)
  }

  private func read(_ text: String) -> ([String], LogFileSummary) { read(Array(text.utf8)) }

  private static func drain(_ reader: inout LogFileReader) -> ([String], LogFileSummary) {
    var names: [String] = []
    while let record = reader.next() {
      let field: RecordFields.Field = record.isEnvelope ? .id : .eventName
      names.append(FieldText.string(record.bytes, record.fields[field]) ?? "?")
      if let again = try? TrailRecord(checking: record.bytes) {
        #expect(again.bytes.count == record.bytes.count)
      } else {
        Issue.record("a record was handed out that is not one")
      }
    }
    #expect(reader.next() == nil)
    return (names, reader.summary)
  }

  private static func record(_ name: String) -> String { #"{"eventName":"\#(name)","x":{"y":[1,"]}"]}}"# }

  @Test(
    arguments: [
      (#"{"Records":[\#(record("a")),\#(record("b"))]}"#, ["a", "b"]),
      ("\u{FEFF} {\n \"Records\" : [ \(record("a"))\n,\n\(record("b")) ] }\n\n", ["a", "b"]),
      (#"{"more":[{}],"Records":[\#(record("a"))],"after":{"x":"]}"}}"#, ["a"]),
      ("[\(record("a")), \(record("b"))]", ["a", "b"]),
      (record("a"), ["a"]),
      ("{\n  \"eventName\": \"a\",\n  \"x\": {\n\"y\": 1\n  }\n}\n", ["a"]),
      ("\(record("a"))\n\(record("b"))\r\n\n\(record("c"))", ["a", "b", "c"]),
      ("{\"Records\":[\(record("a"))]}\n{\"Records\":[]}\n{\"Records\":[\(record("b"))]}\n", ["a", "b"]),
      (#"{"id":"e","source":"s","detail-type":"t","detail":{"eventName":"x"}}"#, ["e"]),
      (
        #"[{"id":"e","source":"s","detail-type":"t","detail":{}},{"id":"f","source":"s","detail-type":"t","detail":{}}]"#,
        ["e", "f"]
      ),
      (#"{"eventVersion":"1.08","insightDetails":{"state":"Start"}}"#, ["?"]),
      (#"{"Records":[{"eventName":"a","readOnly":"true","requestParameters":null}]}"#, ["a"]),
    ] as [(String, [String])]
  )
  func everyShapeIsRead(text: String, names: [String]) {
    for bytes in [Array(text.utf8), gzip(text)] {
      let (found, summary) = read(bytes)
      #expect(found == names)
      #expect(summary.isClean, "\(summary.diagnostics)")
      #expect(summary.kind == .log)
      #expect(summary.delivered == names.count)
      #expect(summary.note.isEmpty)
    }
  }

  @Test func gzipMayHaveSeveralMembersAndPadding() {
    let one = gzip("\(Self.record("a"))\n")
    let two = gzip("\(Self.record("b"))\n")
    #expect(read(one + two).0 == ["a", "b"])
    let padded = read(one + two + [0, 0, 0])
    #expect(padded.0 == ["a", "b"])
    #expect(padded.1.isClean)
    let trailed = read(one + Array("tail".utf8))
    #expect(trailed.0 == ["a"])
    #expect(trailed.1.isDamaged)
    #expect(trailed.1.note.contains("something else after the end"))
  }

  @Test func largeFilesAreReadPieceByPiece() {
    let text = (0..<1500).map { Self.record("event number \($0)") }.joined(separator: "\n")
    let names = (0..<1500).map { "event number \($0)" }
    let document = "{\"Records\":[" + text.split(separator: "\n").joined(separator: ",") + "]}"
    for limits in [LogFileLimits(), LogFileLimits(wholeSize: 100), LogFileLimits(wholeSize: 100_000)] {
      for text in [text, document] {
        #expect(read(gzip(text), limits: limits).0 == names)
        #expect(read(gzip(text.utf8.prefix(1000)) + gzip(text.utf8.dropFirst(1000)), limits: limits).0 == names)
      }
    }
  }

  @Test func aRecordLargerThanTheWindowIsRead() {
    let big = String(repeating: "0123456789äöü", count: 120_000)
    let text = "{\"Records\":[\(Self.record("a")),{\"eventName\":\"b\",\"big\":\"\(big)\"},\(Self.record("c"))]}"
    for limits in [LogFileLimits(), LogFileLimits(wholeSize: 100)] {
      #expect(read(gzip(text), limits: limits).0 == ["a", "b", "c"])
      #expect(read(Array(text.utf8), limits: limits).0 == ["a", "b", "c"])
    }
    let (names, summary) = read(gzip(text), limits: LogFileLimits(recordSize: 1 << 19, wholeSize: 100))
    #expect(names == ["a"])
    #expect(summary.note.contains("larger than the limit"))
  }

  @Test(
    arguments: [
      (#"{"digestEndTime":"2024-05-06T07:08:09Z","digestS3Object":"x","logFiles":[]}"#, .digest),
      (#"{"digestStartTime":"2024-05-06T06:08:09Z","digestEndTime":"2024-05-06T07:08:09Z","logFiles":[]}"#, .digest),
      (
        #"{"awsAccountId":"111122223333","digestStartTime":"2024-05-06T06:08:09Z","logFiles":[{"s3Bucket":"b"}]}"#,
        .digest
      ),
      ("{\n \"logFiles\": [],\n \"digestEndTime\": null\n}\n", .digest), (#"{"digestS3Bucket":"b"}"#, .digest),
      (#"{"logFiles":[]}"#, .other), (#"{"digestOfTimes":"x"}"#, .other),
      (#"{"Message":"CloudTrail validation message."}"#, .validationMessage),
      ("CloudTrail validation message.", .validationMessage),
      ("", .empty), (" \n ", .empty), (#"{"Records":[]}"#, .empty), ("[]", .empty),
      (#"{"hello":"world"}"#, .other), ("<html></html>", .other), ("42", .other), ("{}", .other), ("null\n", .other),
      ("May 6 07:08:09 host sshd[1]: line\nMay 6 07:08:10 host sshd[1]: line\n", .other),
      (#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}"#, .other),
      (#"{"Records":["text",7]}"#, .other),
    ] as [(String, LogFileSummary.Kind)]
  )
  func otherFilesAreToldApart(text: String, kind: LogFileSummary.Kind) {
    for bytes in [Array(text.utf8), gzip(text)] {
      let (names, summary) = read(bytes)
      #expect(names.isEmpty)
      #expect(summary.kind == kind)
      #expect(!summary.note.isEmpty)
      #expect(summary.diagnostics.isEmpty == (kind != .other))
    }
  }

  @Test(
    arguments: [
      (#"{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]}"#, "an S3 event notification"),
      (#"{"Records":[{"EventSource":"aws:sns","Sns":{}}]}"#, "an SNS notification (as Lambda gets it)"),
      (#"{"Records":[{"eventSource":"aws:kinesis","kinesis":{}}]}"#, "an event of kinesis"),
      (#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#, "an S3 test notification"),
      (#"{"Type":"Notification","TopicArn":"arn:aws:sns:x","Message":"{}"}"#, "an SNS notification"),
      (#"{"s3Bucket":"b","s3ObjectKey":["k"]}"#, "CloudTrail's notification of a new log file"),
      (#"{"fileVersion":"1.0","configurationItems":[]}"#, "an AWS Config snapshot"),
      (#"{"hello":"world"}"#, "neither a CloudTrail log"),
    ]
  )
  func documentsOfOtherKindsAreNamed(text: String, name: String) {
    let (names, summary) = read(Array(text.utf8))
    #expect(names.isEmpty)
    #expect(summary.note.contains("is \(name)"), "\(summary.note)")
  }

  @Test(
    arguments: [
      ([0x28, 0xB5, 0x2F, 0xFD, 0], "zstd"), (Array("BZh91AY".utf8), "bzip2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
      ([0x50, 0x4B, 3, 4], "ZIP"), (Array("PAR1".utf8), "Parquet"), ([0xFF, 0xFE, 0x7B, 0], "UTF-16"),
      ([0, 1, 2, 3, 0xFF, 0x0A, 0x00], "no CloudTrail log"),
    ] as [([UInt8], String)]
  )
  func foreignFormatsAreNamed(bytes: [UInt8], words: String) {
    let (names, summary) = read(bytes)
    #expect(names.isEmpty)
    #expect(summary.kind == .other)
    #expect(summary.note.contains(words), "\(summary.note)")
  }

  @Test func aBadLineIsReportedAndTheNextLinesGoOn() {
    let text = [
      Self.record("a"), #"{"eventName":"b","#, Self.record("c"), "garbage", "", Self.record("d"),
      #"{"eventName":"e","x":"unclosed}"#, Self.record("f"), #"{"eventName":"g"}}"#, Self.record("h"),
    ].joined(separator: "\n")
    let (names, summary) = read(text)
    #expect(names == ["a", "c", "d", "f", "g", "h"])
    #expect(summary.rejected == 4)
    #expect(summary.diagnostics.map(\.line) == [2, 4, 7, 9])
    #expect(summary.diagnostics.first?.description.hasPrefix("f:2: ") == true)
  }

  @Test(arguments: [
    #"{"eventName":"bad","#, #"{"eventName":[{"#, #"{"eventName":"bad"#, "garbage", #"{"eventName" "bad"}"#, "\u{0}",
  ])
  func aBadFirstLineDoesNotHideTheOthers(line: String) {
    let (names, summary) = read("\(line)\n\(Self.record("a"))\n\(Self.record("b"))\n")
    #expect(names == ["a", "b"])
    #expect(summary.rejected == 1)
    #expect(summary.diagnostics.first?.line == 1)
  }

  @Test func aBadRecordInADocumentEndsItWithThePlace() {
    let (names, summary) = read("{\"Records\":[\n\(Self.record("a")),\n{\"eventName\":tru},\n\(Self.record("c"))]}")
    #expect(names == ["a"])
    #expect(summary.diagnostics.map(\.line) == [3])
    #expect(summary.diagnostics.first?.message.contains("true, false or null") == true)
    #expect(!summary.isClean)
  }

  @Test(arguments: [
    #"{"Records":[\#(record("a")),\#(record("b").dropLast())"#, #"{"Records":[\#(record("a"))"#,
    #"{"Records":[\#(record("a")),"#,
    #"{"Records":[\#(record("a"))]"#, #"[\#(record("a")),"#,
    #"{"Records":[\#(record("a"))],"#,
  ])
  func aDocumentThatIsCutOffGivesWhatCameBefore(text: String) {
    let (names, summary) = read(text)
    #expect(names.first == "a")
    #expect(summary.rejected == 1)
    #expect(summary.note.contains("cut off"))
  }

  @Test func truncatedGzipGivesWhatCameBefore() {
    let names = (0..<500).map { "event \($0)" }
    for text in [
      "{\"Records\":[" + names.map(Self.record).joined(separator: ",") + "]}",
      names.map(Self.record).joined(separator: "\n"),
    ] {
      let whole = gzip(text)
      var counts: Set<Int> = []
      for length in stride(from: 20, to: whole.count, by: 97) {
        let (found, summary) = read(Array(whole[..<length]))
        #expect(found == Array(names[..<found.count]))
        #expect(summary.isDamaged)
        #expect(summary.rejected == 1)
        #expect(summary.note.contains("truncated"), "\(summary.note)")
        counts.insert(found.count)
      }
      #expect(counts.count > 3)
    }
  }

  @Test func damagedGzipIsReported() {
    let text = "{\"Records\":[" + (0..<500).map { Self.record("event \($0)") }.joined(separator: ",") + "]}"
    var bytes = gzip(text)
    bytes[bytes.count - 6] ^= 1  // the checksum
    let (found, summary) = read(bytes)
    #expect(found.count == 500)
    #expect(summary.isDamaged)
    #expect(summary.note.contains("incorrect data check"), "\(summary.note)")
    for index in stride(from: 10, to: bytes.count, by: 31) {
      var bytes = gzip(text)
      bytes[index] ^= 0x55
      #expect(!read(bytes).1.isClean)
    }
  }

  @Test func everyPrefixAndEveryFlippedByteIsSurvived() {
    let text = Array("{\"Records\":[\(Self.record("a")),\(Self.record("bé"))]}\n\(Self.record("c"))\n".utf8)
    for length in 0..<text.count {
      #expect(read(Array(text[..<length])).0.count <= 3)
      for mask: UInt8 in [0x01, 0x20, 0x80] {
        var broken = text
        broken[length] ^= mask
        #expect(read(broken).0.count <= 4)
      }
    }
  }

  @Test func whereReadsCutTheTextMakesNoDifference() {
    let lines = [Self.record("a"), "bad", #"{"eventName":"b","#, Self.record("é😀"), #"{"x":1}"#, Self.record("c")]
    var texts = [
      lines.joined(separator: "\n"), lines.reversed().joined(separator: "\r\n") + "\n",
      "\u{FEFF}{\n\"Records\": [\n\(Self.record("a")),\n\(Self.record("b"))\n], \"after\": {\"x\": [1]}}\n\n\(Self.record("c"))",
      "{\"eventName\":[{\n\(Self.record("a"))\n\(Self.record("b"))\n", "text\ntext\n\(Self.record("a"))\n",
      "CloudTrail validation message.\n", "{\n \"eventName\":\n tru\n}\n\(Self.record("a"))\n", "PAR1",
      "{\"Records\":[tru",
    ].map { Array($0.utf8) }
    let whole = Array("{\"Records\":[\(Self.record("a")),\(Self.record("b"))]}\n\(Self.record("c"))\n".utf8)
    for index in whole.indices {
      texts.append(Array(whole[..<index]))
      var flipped = whole
      flipped[index] ^= 0x20
      texts.append(flipped)
    }
    texts += texts.map { gzip($0) } + texts.prefix(9).map { gzip($0).dropLast(9) }
    for text in texts {
      let (names, summary) = read(text)
      for size in [1, 2, 5, 64] {
        var reader = LogFileReader(
          FileInput(bytes: text, largestRead: size),
          name: "f",
          limits: LogFileLimits(wholeSize: size == 64 ? 1 << 20 : 0)
        )
        let (namesAgain, again) = Self.drain(&reader)
        #expect(namesAgain == names, "\(String(decoding: text, as: UTF8.self))")
        #expect(again == summary, "\(String(decoding: text, as: UTF8.self))")
      }
    }
  }

  @Test func aBombIsBounded() {
    let (names, summary) = read(
      gzip([UInt8](repeating: UInt8(ascii: " "), count: 20 << 20)),
      limits: LogFileLimits(textSize: 5 << 20, wholeSize: 1 << 20)
    )
    #expect(names.isEmpty)
    #expect(summary.isDamaged)
    #expect(summary.note.contains("more than"))
  }

  @Test func diagnosticsAreBounded() {
    let (names, summary) = read(Self.record("a") + "\n" + String(repeating: "bad\n", count: 5000))
    #expect(names == ["a"])
    #expect(summary.rejected == 5000)
    #expect(summary.diagnostics.count == LogFileSummary.maximumDiagnostics)
    #expect(summary.note.contains("4999 more"))
  }

  @Test func aFileThatCannotBeOpenedIsReported() {
    var reader = LogFileReader(path: "/nonexistent/file.json.gz")
    let (names, summary) = Self.drain(&reader)
    #expect(names.isEmpty)
    #expect(summary.kind == .unreadable)
    #expect(summary.note.contains("No such file"))
    var folder = LogFileReader(path: "/")
    #expect(Self.drain(&folder).1.note.contains("folder"))
  }

  @Test func recordsKnowTheirPlace() {
    var reader = LogFileReader(bytes: Array("\n\(Self.record("a"))\n\n  \(Self.record("b"))".utf8), name: "f")
    let first = reader.next()
    #expect(first?.line == 2)
    #expect(first?.offset == 1)
    let second = reader.next()
    #expect(second?.line == 4)
    #expect(second?.offset == Self.record("a").utf8.count + 5)
  }

  // MARK: Compression bombs

  /// Small limits, so that the tests are quick: 16 KiB without a sign of a log, 64 KiB a record.
  private static let tight = LogFileLimits(recordSize: 64 << 10, idleSize: 16 << 10, wholeSize: 100)

  @Test(
    "a compressed file without records is given up early",
    arguments: [
      ("", " ", "looks like JSON"),
      ("", "no log\n", "looks like JSON"),
      ("{\"a\":\"", "x", "compressed as no log is"),
      ("", "{\n", "no record in its first"),
      ("[", "{},", "no record in its first"),
    ]
  )
  func bombs(beginning: String, part: String, words: String) {
    let text = beginning + String(repeating: part, count: (256 << 10) / part.utf8.count)
    for wholeSize in [100, 64 << 20] {
      var limits = Self.tight
      limits.wholeSize = wholeSize
      let (names, summary) = read(gzip(text), limits: limits)
      #expect(names == [])
      #expect(summary.kind == .other)
      let isTold = summary.diagnostics.contains { $0.message.contains(words) }
      #expect(isTold)
      // Not a hundred thousand complaints, and not all of the text.
      #expect(summary.rejected < 40_000)
    }
  }

  @Test("a log is read to its end, however it begins and however well it is compressed")
  func noBombs() {
    let late = String(repeating: "\n", count: 15 << 10) + Self.record("a")
    #expect(read(gzip(late), limits: Self.tight).0 == ["a"])
    let odd = Self.record("a") + "\n" + String(repeating: "{}\n", count: 20_000) + Self.record("b")
    #expect(read(gzip(odd), limits: Self.tight).0 == ["a", "b"])
    let plain = String(repeating: "{\"other\": \"log\"}\n", count: 2_000) + Self.record("b")
    #expect(read(Array(plain.utf8), limits: Self.tight).0 == ["b"])
  }

  @Test("an event without its type says what it lacks")
  func incompleteEvents() {
    let (names, summary) = read(#"{"source":"aws.s3","detail":{}}"#)
    #expect(names == [])
    #expect(
      summary.note
        == "line 1: has 'detail' but no 'detail-type', and is skipped; an EventBridge event has detail-type, source and detail"
    )
  }

  // MARK: Remedies

  @Test(
    "a message says what to do",
    arguments: [
      (Array(gzip(record("a")).dropLast(9)), "copy the file again"), (gzip(record("a")) + [1], "copy the file again"),
      (Array(#"{"Records":[\#(record("a"))"#.utf8), "copy the file again"),
      (Array("{\"eventName\":\"".utf8) + [0xFF] + Array("\"}".utf8), "convert it to UTF-8"),
      (Array(#"{"eventName":tru}"#.utf8), "mend what wrote it"),
      (Array("text".utf8), "name CloudTrail's own log files"),
      (Array(#"{"hello":"world"}"#.utf8), "name CloudTrail's own log files"),
      (Array(#"{"Records":[7]}"#.utf8), "name CloudTrail's own log files"),
      (Array(#"{"s3Bucket":"b","s3ObjectKey":["k"]}"#.utf8), "name CloudTrail's own log files"),
      (Array(#"{"Records":[],"Records":[]}"#.utf8), "a file or a line of its own"),
      (Array("PAR1".utf8), "name those"), ([0xFF, 0xFE, 0x7B, 0], "convert it"),
      (Array((#"{"a":"# + String(repeating: "[", count: 2000)).utf8), "see what wrote it"),
    ] as [([UInt8], String)]
  )
  func remedies(bytes: [UInt8], words: String) throws {
    let diagnostics = read(bytes).1.diagnostics
    #expect(!diagnostics.isEmpty)
    for diagnostic in diagnostics { #expect(diagnostic.message.contains(words), "\(diagnostic)") }
  }

  @Test("a file that cannot be read says what to do")
  func unreadableRemedies() {
    #expect(LogFileReader(path: "/nonexistent/file.json").summary.note.hasSuffix("; check the path"))
    #expect(LogFileReader(path: "/").summary.note.hasSuffix("; name the files in it"))
  }
}
