// Where a list goes on, as text for clients: the list's name and the last key, with a check of both, so that what was
// cut or changed on its way, or comes from another list, is seen to be so. It is no secret and no proof.

internal import Foundation

/// The `Marker` of a list.
enum PageMarker {
  /// The marker of a page that ends with a key.
  static func text(_ key: String, in list: String) -> String {
    Data("\(check(key, list))\(key)".utf8).base64EncodedString()
  }

  /// The key that a marker has; nothing if it is none of the list's.
  static func key(of marker: String, in list: String) -> String? {
    guard let data = Data(base64Encoded: marker), let text = String(bytes: data, encoding: .utf8) else { return nil }
    let key = String(text.dropFirst(8))
    return text.prefix(8) == check(key, list) ? key : nil
  }

  /// Eight letters that any change changes: FNV-1a.
  private static func check(_ key: String, _ list: String) -> String {
    var hash: UInt32 = 0x811c_9dc5
    for byte in "\(list)/\(key)".utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
