import EventPatterns
import Testing

@testable import TrailEvents

/// Records are matched where they lie. What matches, what is refused and what is said of a file has to be what comes of
/// writing each record's envelope and matching that.
@Suite struct RecordMatchTests {
  /// Something found in a file.
  private struct Finding: Equatable {
    var patterns: [Int]
    var refusal: EventError?
    var bytes: [UInt8]
    var line: Int
    var offset: Int

    init(_ match: RecordMatch) {
      let record = match.record
      (patterns, refusal) = (match.patterns, match.refusal)
      (bytes, line, offset) = (Array(record.bytes), record.line, record.offset)
    }
  }

  private static let patterns = [
    #"{"source":["aws.s3"]}"#, #"{"source":[{"prefix":"aws."}],"detail":{"eventName":["Put"]}}"#,
    #"{"source":["aws.cloudtrail"]}"#, #"{"detail-type":["AWS API Call via CloudTrail"]}"#,
    #"{"detail-type":[{"suffix":"Sign In via CloudTrail"}]}"#,
    #"{"detail-type":[{"anything-but":"AWS API Call via CloudTrail"}]}"#, #"{"account":["111122223333"]}"#,
    #"{"account":[""]}"#, #"{"region":["us-east-1"]}"#, #"{"region":[""]}"#, #"{"region":[{"exists":false}]}"#,
    #"{"time":[{"prefix":"2026-07-"}]}"#, #"{"time":["1970-01-01T00:00:00Z"]}"#,
    #"{"id":["3b11f0d8-f156-8b74-88dd-e8bac4deb96d"]}"#, #"{"id":[{"prefix":"3"}]}"#, #"{"version":["0"]}"#,
    #"{"resources":[{"exists":true}]}"#, #"{"detail":{"resources":{"type":["t"],"ARN":["b"]}}}"#,
    #"{"detail":{"eventSource":["s3.amazonaws.com"]}}"#, #"{"detail":{"requestParameters":{"k":["x\"y"]}}}"#,
    #"{"detail":{"errorCode":[{"exists":false}],"n":[{"numeric":[">",1]}]}}"#, #"{"detail":{"list":["b"]}}"#,
    #"{"detail":{"a.b":["c"]}}"#, #"{"detail":{"source":[{"exists":true}]}}"#,
  ]

  /// Sets that ask about all of the envelope, about nothing of it, and about nothing at all.
  private static let sets: [PatternSet] = {
    let ofDetail = patterns.filter { $0.hasPrefix(#"{"detail":"#) }
    return [patterns, ofDetail, []].map { texts in
      PatternSet(texts.compactMap { try? EventPattern(parsing: $0, language: .extended) })
    }
  }()

  /// Both ways of a set, with the scratch memory of all files before.
  private struct Comparison: ~Copyable {
    var quick: RecordMatcher
    var slow: EventMatcher
    var writer = EnvelopeWriter()

    init(_ set: PatternSet) {
      quick = RecordMatcher(set)
      slow = EventMatcher(set)
    }

    /// What matches when each record is written into an envelope.
    mutating func slowly(_ reader: consuming LogFileReader) -> ([Finding], LogFileSummary) {
      var found: [Finding] = []
      while let record = reader.next() {
        do throws(EventError) {
          let patterns = try slow.matches(writer.envelope(of: record))
          if !patterns.isEmpty { found.append(Finding(RecordMatch(record, patterns: patterns))) }
        } catch {
          found.append(Finding(RecordMatch(record, patterns: [], refusal: error)))
        }
      }
      return (found, reader.summary)
    }

    mutating func quickly(_ reader: consuming LogFileReader, limit: Int) -> ([Finding], LogFileSummary) {
      var found: [Finding] = []
      while !reader.isAtEnd {
        if let match = reader.nextMatch(&quick, within: limit) { found.append(Finding(match)) }
      }
      return (found, reader.summary)
    }

    mutating func expectSame(
      _ bytes: [UInt8],
      blockSizes: [Int] = [128 << 10],
      readSizes: [Int] = [.max],
      limits: LogFileLimits = LogFileLimits(),
      _ comment: String
    ) {
      let expected = slowly(LogFileReader(FileInput(bytes: bytes), name: "f", limits: limits))
      for blockSize in blockSizes {
        for readSize in readSizes {
          var reader = LogFileReader(FileInput(bytes: bytes, largestRead: readSize), name: "f", limits: limits)
          reader.blockSize = blockSize
          let found = quickly(reader, limit: blockSize % 2 == 0 ? .max : 1)
          #expect(found.0 == expected.0, "\(comment), blocks of \(blockSize), reads of \(readSize)")
          #expect(found.1 == expected.1, "\(comment), blocks of \(blockSize), reads of \(readSize)")
        }
      }
    }
  }

  private static let plain =
    #"{"eventVersion":"1.09","eventTime":"2026-07-06T07:59:14Z","eventSource":"s3.amazonaws.com","eventName":"Put","#
    + #""awsRegion":"us-east-1","eventID":"3b11f0d8-f156-8b74-88dd-e8bac4deb96d","eventType":"AwsApiCall","#
    + #""recipientAccountId":"111122223333","eventCategory":"Management","resources":[{"type":"t","ARN":"a"},{"ARN":"b"}]}"#

  /// The plain record with a member in the place of another one or beside all others.
  private static func record(_ member: String) -> String {
    let name = member.prefix { $0 != ":" }
    let start = plain.firstRange(of: "\(name):\"")?.lowerBound
    guard let start else { return plain.dropLast() + "," + member + "}" }
    let end = plain[start...].firstRange(of: "\",")?.upperBound ?? plain.endIndex
    return plain[..<start] + member + "," + plain[end...]
  }

  /// Every way that a member can be other than usual.
  private static let members: [String] = {
    let names = [
      "eventSource", "eventTime", "eventName", "awsRegion", "eventID", "eventId", "eventType", "eventCategory",
      "recipientAccountId", "detail-type", "source", "detail", "userIdentity", "insightDetails", "accountId", "time",
    ]
    let values = [
      #""""#, #""x""#, "1", "-1.5e3", "true", "null", "{}", "[]", #"{"a":1}"#, #"["s3.amazonaws.com"]"#,
      #"[ "a" , "b" ]"#,
      #"[["a"]]"#, #""a\"b""#, #""\u0061ws""#, #""é😀""#, #"{"accountId":"9","eventSource":"ec2.amazonaws.com"}"#,
    ]
    let other = [
      #""eventSource":"aws:s3""#, #""eventSource":"aws:""#, #""eventSource":"aws""#, #""eventSource":".amazonaws.com""#,
      #""eventSource":"a.amazonaws.com.cn""#, #""eventSource":"a.b.c""#, #""eventType":"AwsConsoleSignIn""#,
      #""eventType":"AwsServiceEvent""#, #""eventType":"AwsVpceEvent""#, #""eventCategory":"NetworkActivity""#,
      #""eventTime":"2026-07-06t07:59:14z""#, #""eventTime":"2026-07-06T07:59:60Z""#,
      #""eventTime":"2026-07-06 07:59:14""#,
      #""eventTime":"2026-07-06T07:59:14.25Z""#, #""eventTime":"2026-13-06T07:59:14Z""#,
      #""eventSourc\u0065":"ec2.amazonaws.com""#, #""detail-typ\u0065":"x""#, #""n":12,"errorCode":null"#, #""n":12"#,
      #""requestParameters":{"k":"x\"y"}"#, #""requestParameters":"{\"k\":\"v\"}""#, #""a.b":"c""#, #""a":{"b":"c"}"#,
      #""list":["a","b\\"]"#, #""":{"":""}"#, #""eventSource" : "ec2.amazonaws.com""#,
      #""eventSource":"\#(String(repeating: "x", count: 200))""#, #""eventName":"ConsoleLogin","eventType":[]"#,
      #""deep":\#(String(repeating: "[", count: 998) + String(repeating: "]", count: 998))"#,
      #""deep":\#(String(repeating: "[", count: 999) + String(repeating: "]", count: 999))"#,
      #""detail-type":"t","source":"s","detail":{"eventID":"e"}"#, #""detail-type":{},"source":{},"detail":{}"#,
    ]
    return names.flatMap { name in values.map { "\"\(name)\":\($0)" } } + other
  }()

  @Test("every unusual member is judged as in an envelope", arguments: sets.indices)
  func unusualMembers(set: Int) {
    var comparison = Comparison(Self.sets[set])
    for member in Self.members {
      let (instead, beside) = (Self.record(member), Self.plain.dropLast() + "," + member + "}")
      comparison.expectSame(Array("{\"Records\":[\(Self.plain),\(instead),\(beside),\(Self.plain)]}".utf8), member)
    }
    let without = Self.plain.replacing(#""eventSource":"s3.amazonaws.com","#, with: "")
    let others = "[\(Self.plain)\n, \(without),{},{\"eventName\":\"a\"},7,\"x\",[{}],\(Self.plain)]"
    comparison.expectSame(Array(others.utf8), "others")
  }

  private static let document: [UInt8] = {
    let escaped = plain.replacing("\"Put\"", with: #""Put","requestParameters":{"k":"x\"y","p":"\u00e9\\"}"#)
    let wide = plain.replacing(":", with: " :\n\t").replacing("us-east-1", with: "ö€😀")
    return Array("{\"Records\" : [\n\(plain),\(escaped) ,\n \(wide),\(plain)],\"after\":[{\"é\":1}]}\n".utf8)
  }()

  @Test("a block may end at every byte", arguments: sets.indices)
  func everyBlock(set: Int) {
    var comparison = Comparison(Self.sets[set])
    comparison.expectSame(Self.document, blockSizes: Array(1...700), "document")
  }

  @Test("a file may come in pieces of every size, and end at every byte")
  func everyCut() {
    var comparison = Comparison(Self.sets[0])
    let sizes = [1, 2, 3, 63, 64, 65, 200, 333, 500]
    comparison.expectSame(Self.document, blockSizes: [100, 400, 128 << 10], readSizes: sizes, "document")
    let limits = LogFileLimits(wholeSize: 0)
    comparison.expectSame(gzip(Self.document), blockSizes: [400, 1 << 17], readSizes: sizes, limits: limits, "gzip")
    for length in 0..<Self.document.count {
      comparison.expectSame(Array(Self.document[..<length]), blockSizes: [300], "ends at \(length)")
    }
  }

  @Test("any byte may be another one", arguments: [0x00, 0x22, 0x5C, 0x7D, 0x2C, 0x80] as [UInt8])
  func everySubstitution(byte: UInt8) {
    var comparison = Comparison(Self.sets[0])
    // A third of the places for each, so that this takes seconds.
    for index in Self.document.indices where index % 3 == Int(byte) % 3 {
      var changed = Self.document
      changed[index] = byte
      comparison.expectSame(changed, blockSizes: [900], "byte \(index) as \(byte)")
    }
  }

  @Test("one matcher and one memory go from file to file, and from reader to reader")
  func sharedByReaders() {
    var matcher = RecordMatcher(Self.sets[0])
    var comparison = Comparison(Self.sets[0])
    let expected = comparison.slowly(LogFileReader(bytes: Self.document, name: "f")).0
    var first = LogFileReader(bytes: Self.document, name: "f")
    var second = LogFileReader(bytes: Self.document, name: "f")
    for finding in expected {
      #expect(first.nextMatch(&matcher).map(Finding.init) == finding)
      #expect(second.nextMatch(&matcher).map(Finding.init) == finding)
    }
    #expect(first.nextMatch(&matcher) == nil && second.nextMatch(&matcher) == nil)
    #expect(first.isAtEnd && second.isAtEnd)
  }

  @Test("readers use the memory of those before them")
  func memory() throws {
    let folder = try TemporaryFolder()
    let memory = LogFileMemory()
    for count in [3, 1, 700, 2, 400, 5] {
      let records = Array(repeating: Self.plain, count: count).joined(separator: ",")
      let path = try folder.write("\(count).json.gz", gzip("{\"Records\":[\(records)]}"))
      var reader = LogFileReader(path: path, memory: memory)
      var found = 0
      while let record = reader.next() { found += record.bytes.elementsEqual(Self.plain.utf8) ? 1 : 0 }
      #expect(found == count)
      #expect(reader.summary.isClean)
    }
  }
}
