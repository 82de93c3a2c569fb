// What others said, made fit for a record that people read on a terminal.

/// Makes text of bytes: invalid UTF-8 and control characters but tab and line break are replaced.
func printableText(_ bytes: some Collection<UInt8>) -> String {
  var text = String.UnicodeScalarView()
  for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    text.append(isControl && scalar != "\n" && scalar != "\t" ? "\u{FFFD}" : scalar)
  }
  return String(text)
}

extension String {
  /// The value in quotes, cut to what a message can hold.
  var quoted: String {
    let cut = unicodeScalars.count > 80 ? String(String.UnicodeScalarView(unicodeScalars.prefix(80))) + "…" : self
    return "'" + printableText(cut.utf8).replacing("\n", with: "\\n") + "'"
  }
}
