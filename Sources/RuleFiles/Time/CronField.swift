// One plain field of a cron expression: `*`, numbers, names, ranges, lists and steps.

/// What numbers a field of a cron expression may hold, and what they are called.
struct CronField: Sendable {
  var name: String
  var range: ClosedRange<Int>
  var names: [String] = []
  /// Whether steps (`1/2`) may stand in the field.
  var takesSteps = true

  static let minute = CronField(name: "minute", range: 0...59)
  static let hour = CronField(name: "hour", range: 0...23)
  static let dayOfMonth = CronField(name: "day-of-month", range: 1...31)
  static let month = CronField(
    name: "month",
    range: 1...12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
  )
  static let dayOfWeek = CronField(
    name: "day-of-week",
    range: 1...7,
    names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    takesSteps: false
  )
  static let year = CronField(name: "year", range: 1970...2199)

  /// The number a text stands for: digits in range, or a name.
  func number(_ text: some StringProtocol) -> Int? {
    if let index = names.firstIndex(of: text.uppercased()) { return range.lowerBound + index }
    guard let number = text.plainNumber, number <= Int64(range.upperBound) else { return nil }
    return range.contains(Int(number)) ? Int(number) : nil
  }

  /// All numbers a field's text stands for, in order.
  func values(_ text: String, at place: Int) throws(NotationError) -> [Int] {
    var found: Set<Int> = []
    var start = place
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      found.formUnion(try item(part, at: start))
      start += part.utf8.count + 1
    }
    return found.sorted()
  }

  private func item(_ text: Substring, at place: Int) throws(NotationError) -> [Int] {
    let slash = text.firstIndex(of: "/")
    let base = slash.map { text[..<$0] } ?? text
    var step = 1
    if let slash {
      guard takesSteps else {
        throw NotationError(
          "EventBridge knows no steps in \(name): list the days, such as MON,WED,FRI",
          at: place + base.utf8.count
        )
      }
      let digits = text[text.index(after: slash)...]
      guard let number = digits.plainNumber, number > 0, number <= Int64(range.count) else {
        throw NotationError(
          "'\(digits)' is not a step for \(name): use a whole number from 1 to \(range.count)",
          at: place + base.utf8.count + 1
        )
      }
      step = Int(number)
    }
    if base == "*" { return Array(stride(from: range.lowerBound, through: range.upperBound, by: step)) }
    guard let dash = base.firstIndex(of: "-") else {
      let first = try require(base, at: place)
      return slash == nil ? [first] : Array(stride(from: first, through: range.upperBound, by: step))
    }
    let first = try require(base[..<dash], at: place)
    let last = try require(base[base.index(after: dash)...], at: place + base[...dash].utf8.count)
    if first <= last { return Array(stride(from: first, through: last, by: step)) }
    guard name != Self.year.name else {
      throw NotationError("the range of years ends (\(last)) before it begins (\(first))", at: place)
    }
    // FRI-MON and 22-2 go round the end, as in Quartz, whose expressions EventBridge's are.
    return stride(from: first, through: last + range.count, by: step).map {
      ($0 - range.lowerBound) % range.count + range.lowerBound
    }
  }

  private func require(_ text: Substring, at place: Int) throws(NotationError) -> Int {
    if let number = number(text) { return number }
    let also = names.isEmpty ? "" : " or \(names[0])-\(names[names.count - 1])"
    let hint: String
    switch text {
    case "?": hint = "; ? stands only alone, in day-of-month or day-of-week"
    case _ where text.contains("#") || text.uppercased().contains("L") || text.uppercased().hasSuffix("W"):
      hint = "; L, W and # stand only in day fields, and not in lists or ranges"
    default: hint = ""
    }
    throw NotationError(
      "'\(text)' is not a \(name): use \(range.lowerBound)-\(range.upperBound)\(also)\(hint)",
      at: place
    )
  }
}
