// A service that has one of everything.

import AWSProtocols
import EventPatterns
import TrailEvents

enum Fixture {
  static let things = Operation<Void>(
    "PutThings",
    "Puts things.",
    input: [
      .required("Name", .string(1...8, pattern: "[a-z]+"), queryName: "ThingName"),
      .optional("Kind", .choice("ONE", "TWO")),
      .optional("Count", .integer(1...10)),
      .optional("Big", .long),
      .optional("Ratio", .double),
      .optional("IsOn", .boolean),
      .optional("At", .timestamp),
      .optional("Bytes", .blob),
      .optional("Free", .document),
      .optional("Names", .list(.string(0...4), 0...2)),
      .optional("Flat", .list(.string).flattened(), queryName: "Item"),
      .optional("Tags", .map(.string, .string)),
      .optional("FlatTags", .map(.string, .string).flattened().entries(key: "K", value: "V"), queryName: "T"),
      .optional("Parts", .list(.structure([.required("Id", .string(1...2)), .optional("Size", .integer)]))),
      .optional("Password", .string(3...), secret: true),
    ],
    output: [
      .optional("Name", .string),
      .optional("At", .timestamp),
      .optional("Names", .list(.string)),
      .optional("Flat", .list(.string).flattened(), queryName: "Item"),
      .optional("Tags", .map(.string, .string)),
      .optional("FlatTags", .map(.string, .string).flattened().entries(key: "K", value: "V"), queryName: "T"),
      .optional("Parts", .list(.structure([.optional("Id", .string), .optional("Size", .integer)]))),
      .optional("Free", .document),
      .optional("Bytes", .blob),
      .optional("Count", .integer),
      .optional("Ratio", .double),
      .optional("IsOn", .boolean),
    ]
  ) { _, call in .fields(call.input.fields) }

  static let nothing = Operation<Void>("DropThings", "Drops things.") { _, _ in [:] }

  static let thing = Operation<Void>(
    "GetThing",
    "Gets a thing.",
    http: HTTPBinding("GET", "/things/{Name}"),
    input: [
      .required("Name", .string(1...64), at: .label),
      .optional("Filter", .list(.string), at: .query("filter")),
      .optional("Token", .string, at: .header("x-token")),
    ],
    output: [.optional("Name", .string), .optional("Filter", .list(.string)), .optional("Token", .string)]
  ) { _, call in .fields(call.input.fields) }

  static let putThing = Operation<Void>(
    "PutThing",
    "Puts a thing.",
    http: HTTPBinding("PUT", "/things/{Name}", status: 201),
    input: [.required("Name", .string, at: .label), .optional("Size", .integer, jsonName: "size")],
    output: [
      .optional("Size", .integer, jsonName: "size"), .optional("Name", .string, at: .header("x-name")),
    ]
  ) { _, call in .fields(call.input.fields) }

  static let query = "https://things.example/"
  static let json = Service<Void>(
    id: "things",
    title: "Things",
    protocols: [.json(version: "1.1", targetPrefix: "Things"), .query(namespace: query)],
    version: "2020-01-01",
    operations: [things, nothing],
    missing: ["BreakThings": "things do not break here"]
  ).serving(())
  static let rest = Service<Void>(
    id: "rest",
    title: "Rest",
    protocols: [.restJSON],
    version: "2020-01-01",
    operations: [thing, putThing]
  ).serving(())

  static func jsonRequest(_ body: String, _ operation: String = "PutThings") -> WireRequest {
    WireRequest(
      "POST",
      "/",
      headers: ["X-Amz-Target": "Things.\(operation)", "Content-Type": "application/x-amz-json-1.1"],
      body: Array(body.utf8)
    )
  }

  static func form(_ body: String) -> WireRequest {
    WireRequest(
      "POST",
      "/",
      headers: ["Content-Type": "application/x-www-form-urlencoded"],
      body: Array("Action=PutThings&Version=2020-01-01&\(body)".utf8)
    )
  }

  static func call(_ input: Input) -> Call {
    Call(
      input: input,
      scope: Scope(account: "000000000000", region: "us-east-1"),
      caller: .root(of: "000000000000", accessKeyID: "A"),
      requestID: "r",
      time: Timestamp(milliseconds: 0)
    )
  }
}

extension WireResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}
