// Shapes that several operations share.

internal import AWSProtocols
internal import EventBuses
internal import EventPatterns
internal import TrailEvents

extension Events {
  static let name64 = Shape.string(1...64, pattern: #"[\.\-_A-Za-z0-9]+"#)
  static let archiveName = Shape.string(1...48, pattern: #"[\.\-_A-Za-z0-9]+"#)
  static let busName = Shape.string(1...256, pattern: #"[/\.\-_A-Za-z0-9]+"#)
  static let busNameOrARN = Shape.string(
    1...1600,
    pattern: #"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+"#
  )
  static let ownBusName = Shape.string(1...256, pattern: #"[\.\-_A-Za-z0-9]+"#)
  static let sourceName = Shape.string(1...256, pattern: #"aws\.partner(/[\.\-_A-Za-z0-9]+){2,}"#)
  static let account = Shape.string(12...12, pattern: #"\d{12}"#)
  static let description = Shape.string(0...512)
  static let lineDescription = Shape.string(0...512, pattern: ".*")
  static let kmsKey = Shape.string(0...2048, pattern: #"^[a-zA-Z0-9_\-/:]*$"#)
  static let arn = Shape.string(1...1600)
  static let sourceARN = Shape.string(
    1...1600,
    pattern: #"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:.+\/.+$"#
  )
  static let endpoint = Shape.string(
    1...2048,
    pattern: #"^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$"#
  )
  static let eventPattern = Shape.string(0...4096)
  static let deadLetterConfig = Shape.structure([.optional("Arn", arn)])
  static let logConfig = Shape.structure([
    .optional("IncludeDetail", .choice("NONE", "FULL")),
    .optional("Level", .choice("OFF", "ERROR", "INFO", "TRACE")),
  ])
  static let tags = Shape.list(
    .structure([.required("Key", .string(1...128)), .required("Value", .string(0...256))])
  )

  static func tags(_ call: Call) -> [ResourceTag] {
    call.input.structures("Tags").map { ResourceTag(key: $0.string("Key"), value: $0.string("Value")) }
  }

  static func tagList(_ tags: [ResourceTag]) -> Value {
    .list(tags.map { ["Key": .string($0.key), "Value": .string($0.value)] })
  }

  // MARK: Pages

  /// The members that every list takes.
  static func paging(_ limit: String = "Limit") -> [Member] {
    [.optional("NextToken", .string(1...2048)), .optional(limit, .integer(1...100))]
  }

  /// A page of a list that is sorted by key: its items, and the token of the next one.
  ///
  /// A token is the key of the last item, so that what comes and goes meanwhile moves nothing.
  static func page<Item>(
    _ items: [Item],
    _ call: Call,
    as member: String,
    limit: String = "Limit",
    key: (Item) -> String,
    _ value: (Item) -> Value
  ) throws -> Value {
    var rest = items[...]
    if let token = call.input.string(ifAny: "NextToken") {
      guard let last = PageToken.key(of: token) else {
        throw AWSError("ValidationException", "NextToken is not valid.")
      }
      rest = items.drop { key($0) <= last }
    }
    let shown = rest.prefix(call.input.integer(ifAny: limit) ?? 100)
    let isMore = shown.count < rest.count
    return [
      member: .list(shown.map(value)),
      "NextToken": .maybe(isMore ? shown.last.map { PageToken.token(for: key($0)) } : nil),
    ]
  }
}

/// Tokens of pages: the key of the last item, written so that nobody takes it for something to be made up.
enum PageToken {
  static func token(for key: String) -> String {
    "p1" + key.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  static func key(of token: String) -> String? {
    guard token.hasPrefix("p1"), token.utf8.count.isMultiple(of: 2) else { return nil }
    let digits = Array(token.utf8.dropFirst(2))
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
