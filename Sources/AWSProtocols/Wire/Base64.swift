// Base64 for blobs in JSON and XML, and for tokens.

internal import Foundation

/// Base64 of blobs and tokens.
public enum Base64 {
  /// The text of bytes.
  public static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// The bytes of a text; nothing if it is none.
  public static func decode(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { [UInt8]($0) } }
}
