// Numbers as people read them.

internal import Glibc

extension BinaryInteger {
  /// The number with thin groups: `12,345`.
  var grouped: String {
    let digits = String(magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + text
  }

  /// The number with a noun in the right form: `1 file`, `2 files`.
  func counted(_ noun: String, _ plural: String? = nil) -> String {
    "\(grouped) \(self == 1 ? noun : plural ?? noun + "s")"
  }
}

extension Double {
  /// The number with a fixed number of decimals, never in scientific form.
  func fixed(_ decimals: Int) -> String {
    guard isFinite else { return "0" }
    var scale: Int64 = 1
    for _ in 0..<decimals { scale *= 10 }
    guard magnitude * Double(scale) < 9e18 else { return "\(self)" }
    let scaled = Int64((self * Double(scale)).rounded())
    guard decimals > 0 else { return String(scaled) }
    let fraction = String(scaled.magnitude % scale.magnitude).padding(with: "0", to: decimals)
    return (scaled < 0 ? "-" : "") + "\(scaled.magnitude / scale.magnitude).\(fraction)"
  }
}

extension Int {
  /// The number as a size in bytes: `512 bytes`, `9.1 KiB`, `1.3 MiB`.
  var asBytes: String {
    if self < 1024 { return counted("byte") }
    let (size, unit) = self < 1 << 20 ? (Double(self) / 1024, "KiB") : (Double(self) / 1_048_576, "MiB")
    return "\(size.fixed(1)) \(unit)"
  }
}

extension Double {
  /// The share as a percentage, the finer the smaller it is: `38%`, `3.8%`, `0.04%`.
  var asPercentage: String {
    let percents = self * 100
    if percents > 0, percents < 0.005 { return "<0.01%" }
    return percents == 0 ? "0%" : "\(percents.fixed(percents < 0.995 ? 2 : percents < 9.95 ? 1 : 0))%"
  }
}

extension String {
  fileprivate func padding(with character: Character, to width: Int) -> String {
    String(repeating: character, count: Swift.max(0, width - count)) + self
  }
}
