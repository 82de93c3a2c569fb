// Takes secrets out of what others print or answer, before it gets into records. An endpoint echoes what it was sent in
// the form it likes: only the path of the URL, the token without its scheme, escaped for JSON or for a URL.

/// Blots out secrets, in every form in which they commonly come back.
struct Redactor: Sendable {
  private let forms: [[UInt8]]

  /// Shorter values are not looked for: they would blot out half the text and are no secrets anyway.
  static let shortest = 6
  /// The beginning of a secret at a cut is taken out from this length on; shorter ones are chance.
  static let shortestPart = 4
  /// Parts of a URL are often plain words, so only longer ones are looked for.
  static let shortestURLPart = 12

  init(_ secrets: some Sequence<String>) {
    let secrets = Set(secrets.filter { $0.utf8.count >= Self.shortest })
    forms = Set(secrets.flatMap(Self.forms)).map { Array($0.utf8) }
  }

  /// What others said without secrets, fit for a record; `isCut` says that it ends where a cap was reached, perhaps
  /// inside a secret.
  func redacted(_ text: String, isCut: Bool = false) -> String {
    redacted(Array(text.utf8), isCut: isCut)
  }

  /// What others said without secrets, fit for a record.
  ///
  /// Secrets are looked for in the bytes as they came: what is made fit for a record afterwards, such as a character that
  /// the cap cut in two, would hide them.
  func redacted(_ bytes: [UInt8], isCut: Bool = false) -> String {
    var isSecret = [Bool](repeating: false, count: bytes.count)
    for form in forms {
      for start in bytes.indices where bytes[start] == form[0] {
        let length = min(form.count, bytes.count - start)
        guard length == form.count || isCut && length >= Self.shortestPart,
          bytes[start..<start + length].elementsEqual(form[..<length])
        else { continue }
        for index in start..<start + length { isSecret[index] = true }
      }
    }
    var result: [UInt8] = []
    for index in bytes.indices {
      if !isSecret[index] {
        result.append(bytes[index])
      } else if index == 0 || !isSecret[index - 1] {
        result += "[secret]".utf8
      }
    }
    return printableText(result)
  }

  // MARK: What to look for

  /// A secret URL, and the parts of it that an endpoint gets to see.
  static func parts(ofURL url: String) -> [String] {
    guard let scheme = url.firstRange(of: "://") else { return [url] }
    let rest = url[scheme.upperBound...]
    let target = rest[(rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex)...].prefix { $0 != "#" }
    let path = target.prefix { $0 != "?" }
    let pieces = [target, path] + target.split { "/?&=".contains($0) }
    return [url] + pieces.filter { $0.utf8.count >= shortestURLPart }.map(String.init)
  }

  /// A secret header's value, and what follows its scheme, as in `Bearer <token>`.
  static func parts(ofHeader value: String) -> [String] {
    guard let space = value.firstIndex(of: " ") else { return [value] }
    return [value, String(value[value.index(after: space)...])]
  }

  /// A signing secret, with and without the prefix of Standard Webhooks.
  static func parts(ofSigningSecret secret: String) -> [String] {
    secret.hasPrefix("whsec_") ? [secret, String(secret.dropFirst(6))] : [secret]
  }

  private static func forms(of secret: String) -> [String] {
    let json = secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    var forms = [secret, json, json.replacing("/", with: "\\/")]
    for kept in ["-._~", "-._~/", "-._~/:?&=@"] {
      for digits in ["0123456789ABCDEF", "0123456789abcdef"] {
        forms.append(percentEncoded(secret, keeping: kept, digits: Array(digits)))
      }
    }
    return forms
  }

  private static func percentEncoded(_ text: String, keeping kept: String, digits: [Character]) -> String {
    var result = ""
    for byte in text.utf8 {
      let character = Character(Unicode.Scalar(byte))
      if byte < 0x80, character.isLetter || character.isNumber || kept.contains(character) {
        result.append(character)
      } else {
        result += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return result
  }
}
