import Testing

@testable import TrailEvents

/// Files come in pieces, and where a piece ends is chance: in a character, an escape, a number, a gzip header. The records
/// must be the same, byte for byte, wherever that is.
@Suite struct ChunkedReadingTests {
  private static let first =
    #"{"eventVersion":"1.08","eventName":"Put\"Öbject\\","n":-1.5e+3,"é":"\u00e9\ud83d\ude00😀€","l":[true,null,{"x":"]}"}]}"#
  private static let second = #"{"eventName":"b\/\u0041","requestParameters":null,"empty":{},"list":[[],[{}]]}"#

  /// A log file as a person would write it.
  private static let pretty = """
    \u{FEFF}{
      "Records": [
        {
          "eventName": "Put\\"Öbject\\\\",
          "requestParameters": { "bücket" : "\\u00e9\\ud83d\\ude00 😀 €", "n" : [ -0.5E-3 , 12 , true , null ] }
        },
        { "eventName" : "second" }
      ]
    }

    """

  static let inputs: [(name: String, bytes: [UInt8])] = {
    let document = Array("{\"Records\":[\(first),\(second)],\"after\":[{\"é\":1}]}".utf8)
    let lines = Array("\(first)\n\(second)\r\n\n  \(first)".utf8)
    let damaged = Array("\(first)\n{\"eventName\":\"é\n\(second)\ngarbage é\n\(first)\n".utf8)
    return [
      ("a log file", document), ("a log file with room", Array(pretty.utf8)), ("lines", lines),
      ("lines, some bad", damaged),
      ("an array", Array("[\(first),\n\(second)]".utf8)), ("log files as lines", document + [0x0A] + document),
      ("gzip of a log file", gzip(document)), ("gzip of one with room", gzip(pretty)), ("gzip of lines", gzip(lines)),
      ("gzip in two members", gzip(lines.prefix(77)) + gzip(lines.dropFirst(77))),
      ("gzip, padded", gzip(lines) + [0, 0, 0, 0]),
      ("gzip cut off", Array(gzip(document).dropLast(9))), ("gzip with a tail", gzip(lines) + Array("tail".utf8)),
    ]
  }()

  /// The bytes of all records, and what the file came to.
  private static func read(_ input: FileInput, _ limits: LogFileLimits) -> ([[UInt8]], LogFileSummary) {
    var reader = LogFileReader(input, name: "f", limits: limits)
    var records: [[UInt8]] = []
    while let record = reader.next() { records.append(Array(record.bytes)) }
    return (records, reader.summary)
  }

  @Test("a file may be cut at every byte", arguments: inputs.map(\.name))
  func everyCut(name: String) throws {
    let bytes = try #require(Self.inputs.first { $0.name == name }).bytes
    let (records, summary) = Self.read(FileInput(bytes: bytes), LogFileLimits())
    #expect(records.count >= 2 || summary.isDamaged)
    // From the middle on there are two pieces; before, more, of which the first ends at every byte, too.
    for size in 1..<bytes.count {
      // Decompressed at once, and piece by piece.
      for limits in [LogFileLimits(), LogFileLimits(wholeSize: 0)] {
        let (again, summaryAgain) = Self.read(FileInput(bytes: bytes, largestRead: size), limits)
        #expect(again == records, "cut at \(size)")
        #expect(summaryAgain == summary, "cut at \(size)")
      }
    }
  }

  @Test("a file may end at every byte, and what was whole before is read", arguments: inputs.map(\.name))
  func everyEnd(name: String) throws {
    let bytes = try #require(Self.inputs.first { $0.name == name }).bytes
    let (records, _) = Self.read(FileInput(bytes: bytes), LogFileLimits())
    for length in 0..<bytes.count {
      var cut: [[[UInt8]]] = []
      for (size, limits) in [(Int.max, LogFileLimits()), (7, LogFileLimits(wholeSize: 0))] {
        let (found, _) = Self.read(FileInput(bytes: Array(bytes[..<length]), largestRead: size), limits)
        #expect(found.count <= records.count, "ends at \(length)")
        // The last line may be shorter and still a record; all before it are whole.
        #expect(found.dropLast().elementsEqual(records.prefix(max(0, found.count - 1))), "ends at \(length)")
        cut.append(found)
      }
      #expect(cut[0] == cut[1], "ends at \(length)")
    }
  }
}
