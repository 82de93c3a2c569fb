// Message attributes: typed values beside the body. SQS and SNS share them, with the digest by which clients check that
// they came over whole: MD5 over the attributes in the order of their names, each part with its length before it.

internal import Crypto
internal import Foundation

/// A value beside a message's body.
public struct MessageAttribute: Sendable, Equatable {
  /// What a type's values look like on the wire.
  public enum Value: Sendable, Equatable {
    /// Of the types String and Number.
    case text(String)
    /// Of the type Binary.
    case binary([UInt8])
  }

  /// `String`, `Number` or `Binary`, perhaps with a label of the user's after a dot.
  public var dataType: String
  /// The value.
  public var value: Value

  /// Makes an attribute.
  public init(dataType: String, value: Value) {
    self.dataType = dataType
    self.value = value
  }

  /// Makes a text attribute.
  public init(_ text: String) {
    self.init(dataType: "String", value: .text(text))
  }

  /// The value as text; nothing for a binary one.
  public var text: String? {
    if case .text(let text) = value { text } else { nil }
  }

  /// The type without the user's label.
  public var baseType: Substring { dataType.prefix { $0 != "." } }

  /// What it counts for in a message's size.
  func size(named name: String) -> Int {
    let valueSize =
      switch value {
      case .text(let text): text.utf8.count
      case .binary(let bytes): bytes.count
      }
    return name.utf8.count + dataType.utf8.count + valueSize
  }
}

extension [String: MessageAttribute] {
  /// The MD5 of the attributes as SQS computes it, in hex; nothing when there are none.
  public var md5: String? {
    if isEmpty { return nil }
    var digest = Insecure.MD5()
    func add(_ bytes: some Collection<UInt8>) {
      let count = UInt32(bytes.count)
      digest.update(data: (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) })
      digest.update(data: Array(bytes))
    }
    for (name, attribute) in sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      add(name.utf8)
      add(attribute.dataType.utf8)
      switch attribute.value {
      case .text(let text):
        digest.update(data: [1])
        add(text.utf8)
      case .binary(let bytes):
        digest.update(data: [2])
        add(bytes)
      }
    }
    return hex(digest.finalize())
  }

  /// What they count for in a message's size.
  var size: Int { reduce(0) { $0 + $1.value.size(named: $1.key) } }
}

// MARK: In the database

/// Attributes as JSON: a text of type String is itself, everything else an object with its type. So what rules and dead
/// letters write, and older versions have written, is text for text.
struct StoredAttributes: Codable {
  private struct Typed: Codable {
    var type: String
    var text: String?
    var binary: Data?
  }

  private enum Stored: Codable {
    case plain(String)
    case typed(Typed)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .plain(text)
      } else {
        self = .typed(try container.decode(Typed.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .plain(let text): try container.encode(text)
      case .typed(let typed): try container.encode(typed)
      }
    }
  }

  static func text(of attributes: [String: MessageAttribute]) throws -> String {
    if attributes.isEmpty { return "{}" }
    let stored = attributes.mapValues { attribute -> Stored in
      switch attribute.value {
      case .text(let text) where attribute.dataType == "String": .plain(text)
      case .text(let text): .typed(Typed(type: attribute.dataType, text: text))
      case .binary(let bytes): .typed(Typed(type: attribute.dataType, binary: Data(bytes)))
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(stored), as: UTF8.self)
  }

  static func attributes(in text: String) throws -> [String: MessageAttribute] {
    if text == "{}" { return [:] }
    return try JSONDecoder().decode([String: Stored].self, from: Data(text.utf8)).mapValues { stored in
      switch stored {
      case .plain(let text): MessageAttribute(text)
      case .typed(let typed):
        MessageAttribute(
          dataType: typed.type,
          value: typed.binary.map { .binary(Array($0)) } ?? .text(typed.text ?? "")
        )
      }
    }
  }
}

/// MD5 in hex.
func md5(of bytes: [UInt8]) -> String {
  hex(Insecure.MD5.hash(data: bytes))
}

/// Bytes in lower-case hex.
func hex(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
