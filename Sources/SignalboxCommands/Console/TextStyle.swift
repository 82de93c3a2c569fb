// Colour and safe text for terminals. Log records are written by strangers: what is shown of them must not be able to
// move the cursor or retitle the window.

/// Paints text with ANSI colours, or leaves it alone.
struct TextStyle: Sendable, Equatable {
  var isOn: Bool

  enum Colour: Int {
    case red = 31
    case green, yellow, blue, magenta, cyan
    case grey = 90
  }

  /// The text in a colour.
  func paint(_ text: String, _ colour: Colour, bold: Bool = false) -> String {
    isOn ? "\u{1B}[\(bold ? "1;" : "")\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// The text in bold.
  func bold(_ text: String) -> String {
    isOn ? "\u{1B}[1m\(text)\u{1B}[0m" : text
  }
}

extension String {
  /// The text on one line with control characters and direction overrides made visible.
  var shownSafely: String {
    guard unicodeScalars.contains(where: \.isUnsafeToShow) else { return self }
    var shown = ""
    for scalar in unicodeScalars {
      if scalar.isUnsafeToShow {
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// JSON text as a terminal may show it and a program still reads it: the line breaks between values stay, and what is
  /// unsafe inside strings is escaped the JSON way.
  var jsonShownSafely: String {
    guard unicodeScalars.contains(where: { $0.isUnsafeToShow && $0 != "\n" }) else { return self }
    var shown = ""
    for scalar in unicodeScalars {
      if scalar.isUnsafeToShow, scalar != "\n" {
        shown += "\\u" + String(0x10000 + scalar.value, radix: 16).dropFirst()
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// The text cut to a number of characters, with an ellipsis where something is missing.
  func cut(to width: Int) -> String {
    guard width > 0 else { return "" }
    return count <= width ? self : String(prefix(width - 1)) + "…"
  }

  /// The text with blanks up to a number of characters.
  func padded(to width: Int, onTheLeft: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - count))
    return onTheLeft ? blanks + self : self + blanks
  }
}

extension Unicode.Scalar {
  fileprivate var isUnsafeToShow: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
