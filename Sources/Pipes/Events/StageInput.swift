// What enrichment and target get of an event: all of it, or what a template makes of it. A template is applied to each event
// of a batch by itself.
//
//   {"id": <$.body.id>}      JSON: a path of its own is a JSON value, one inside quotes is raw text
//   <$.body>                 the value at a path, as JSON
//   Hello, <$.body.name>     any other text

internal import EventBuses
internal import EventPatterns

/// The compiled template of a stage.
struct StageInput: Sendable {
  private static let reserved: Set<String> = [
    "aws.pipes.pipe-arn", "aws.pipes.pipe-name", "aws.pipes.source-arn", "aws.pipes.enrichment-arn",
    "aws.pipes.target-arn", "aws.pipes.event.ingestion-time", "aws.pipes.event", "aws.pipes.event.json",
  ]

  private let template: InputTemplate?

  /// Throws ``PipeError`` for a template with a name that means nothing.
  init(_ text: String?) throws(PipeError) {
    guard let text, !text.isEmpty else {
      template = nil
      return
    }
    do throws(InputTemplate.UnknownPlaceholder) {
      template = try InputTemplate(text, as: Self.form(of: text), characters: Array("$[]*/".utf8)) {
        name throws(InputTemplate.UnknownPlaceholder) in
        if Self.reserved.contains(name) { return .reserved(name) }
        if name.hasPrefix("$"), let path = try? JSONPath(parsing: name) { return .path(path) }
        throw InputTemplate.UnknownPlaceholder(name: name)
      }
    } catch {
      throw .validation("InputTemplate contains the invalid placeholder <\(error.name)>.")
    }
  }

  /// What begins as JSON has to be JSON.
  private static func form(of text: String) -> InputTemplate.Form {
    let first = text.utf8.first { !" \t\r\n".utf8.contains($0) }
    return first.map { "{[<".utf8.contains($0) } == true ? .json : .text
  }

  /// The input for an event. Throws `ShapingFailure` when a JSON template does not give JSON.
  func payload(of event: PipeEvent, _ names: PipeNames) throws(ShapingFailure) -> [UInt8] {
    guard let template else { return event.value.bytes }
    return try template.render(PipeValues(event: event, names: names))
  }

  /// The inputs of several events as one JSON list; a text that is no JSON is a JSON text in it.
  static func list(of payloads: [[UInt8]]) -> [UInt8] {
    var list: [UInt8] = [UInt8(ascii: "[")]
    for (index, payload) in payloads.enumerated() {
      if index > 0 { list.append(UInt8(ascii: ",")) }
      let isJSON = (try? JSONValue(parsing: payload)) != nil
      list += isJSON ? payload : JSONValue.string(String(decoding: payload, as: UTF8.self)).bytes
    }
    list.append(UInt8(ascii: "]"))
    return list
  }
}

/// What templates know besides the event.
struct PipeNames: Sendable {
  var pipeARN: String
  var pipeName: String
  var sourceARN: String
  var enrichmentARN: String?
  var targetARN: String
  /// When the batch came into the pipe, as RFC 3339.
  var ingestionTime = ""
}

/// What the variables of a pipe's template stand for.
private struct PipeValues: TemplateValues {
  let event: PipeEvent
  let names: PipeNames

  func value(at path: JSONPath) -> JSONValue? { path.value(in: event.decoded) }

  func value(ofReserved name: String) -> JSONValue? {
    switch name {
    case "aws.pipes.pipe-arn": .string(names.pipeARN)
    case "aws.pipes.pipe-name": .string(names.pipeName)
    case "aws.pipes.source-arn": .string(names.sourceARN)
    case "aws.pipes.enrichment-arn": names.enrichmentARN.map { .string($0) }
    case "aws.pipes.target-arn": .string(names.targetARN)
    case "aws.pipes.event.ingestion-time": .string(names.ingestionTime)
    case "aws.pipes.event": event.value
    case "aws.pipes.event.json": event.decoded
    default: nil
    }
  }
}
