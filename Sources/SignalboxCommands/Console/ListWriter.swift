// Lists of records: a table for people, JSON for programs, one object a line for pipes.

internal import ArgumentParser
internal import EventPatterns
internal import RuleFiles

/// The format of a verb that prints a list.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
  case ndjson
}

/// Writes a list of records in a format.
struct ListWriter {
  private let format: ListFormat
  private let console: Console

  init(_ format: ListFormat, on console: Console) {
    self.format = format
    self.console = console
  }

  /// Writes the records, each as a row of cells or as an object.
  func write<Record>(
    titles: [String],
    _ records: [Record],
    row: (Record) -> [String],
    json: (Record) -> JSONValue
  ) throws(OutputFailure) {
    switch format {
    case .json: try console.print(.array(records.map(json)), pretty: true)
    case .ndjson: for record in records { try console.print(json(record)) }
    case .text:
      guard !records.isEmpty else { return console.say("There are none.") }
      let rows = records.map { row($0).map(\.shownSafely) }
      let table = TextTable(titles: titles, fitting: rows)
      try console.print(table.header(console.style))
      for row in rows { try console.print(table.line(row)) }
    }
  }
}

extension JSONValue {
  /// Bytes as a value: themselves if they are JSON, else a string.
  init(showing bytes: [UInt8]) {
    self = (try? JSONValue(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
  }
}

/// Times as output writes them.
enum Timestamp {
  /// RFC 3339 with milliseconds, UTC.
  static func text(milliseconds: Int64) -> String {
    let (seconds, rest) = (
      milliseconds.floorDivided(by: 1000), milliseconds - milliseconds.floorDivided(by: 1000) * 1000
    )
    let fraction = String(1000 + rest).dropFirst()
    return "\(Instant(seconds: seconds).description.dropLast()).\(fraction)Z"
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    self / divisor - (self % divisor < 0 ? 1 : 0)
  }
}
