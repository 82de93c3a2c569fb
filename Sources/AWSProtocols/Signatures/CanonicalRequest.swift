// Signature Version 4, the part both sides must agree on to the byte: which text of a request is signed.

internal import Crypto

/// How a service's clients write the path into the text that is signed.
public enum PathEncoding: Sendable {
  /// Dot segments removed, then encoded once more: all services but one.
  case twice
  /// As it is: S3, where `a//b` and `a/../b` are keys.
  case once
}

/// The text of a request that is signed.
struct CanonicalRequest {
  let text: String

  /// - Parameters:
  ///   - signedHeaders: the names that are signed, in lower case and in the order that the client gave.
  ///   - payloadHash: lower-case hex, or one of the words that stand for it.
  ///   - isPresigned: whether the signature stands in the query string and has to be left out of it.
  init(
    _ request: WireRequest,
    signedHeaders: [String],
    payloadHash: String,
    pathEncoding: PathEncoding,
    isPresigned: Bool
  ) {
    var lines = [request.method, Self.path(request.path, pathEncoding), Self.query(request, isPresigned)]
    for name in signedHeaders {
      lines.append("\(name):" + request.headers.all(name).map(Self.collapsed).joined(separator: ","))
    }
    lines.append("")
    lines.append(signedHeaders.joined(separator: ";"))
    lines.append(payloadHash)
    text = lines.joined(separator: "\n")
  }

  var hash: String { SHA256.hash(data: Array(text.utf8)).hex }

  private static func path(_ raw: String, _ encoding: PathEncoding) -> String {
    let path = raw.isEmpty ? "/" : raw
    switch encoding {
    case .once: return PercentText.encode(path.percentDecoded, keepingSlashes: true)
    case .twice:
      var kept: [Substring] = []
      for part in path.split(separator: "/", omittingEmptySubsequences: true) {
        if part == ".." { kept = kept.dropLast() } else if part != "." { kept.append(part) }
      }
      let normal = "/" + kept.joined(separator: "/") + (path.hasSuffix("/") && !kept.isEmpty ? "/" : "")
      return PercentText.encode(normal, keepingSlashes: true)
    }
  }

  private static func query(_ request: WireRequest, _ isPresigned: Bool) -> String {
    request.queryParameters
      .filter { !(isPresigned && $0.name == "X-Amz-Signature") }
      .map { (PercentText.encode($0.name), PercentText.encode($0.value)) }
      .sorted { $0.0 == $1.0 ? Self.precedes($0.1, $1.1) : Self.precedes($0.0, $1.0) }
      .map { "\($0.0)=\($0.1)" }
      .joined(separator: "&")
  }

  private static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

  /// A header's value without blanks around it, and with one blank where there were several.
  private static func collapsed(_ value: String) -> String {
    value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
  }
}

extension Sequence<UInt8> {
  /// Lower-case hex.
  var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var output: [UInt8] = []
    for byte in self { output += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: output, as: UTF8.self)
  }
}
