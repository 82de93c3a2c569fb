// Columns for people. Widths are settled before the first row, so that a table of any length streams: a column takes
// what it asks for, and the flexible one gets what the terminal has left.

/// A table whose rows are written one by one.
struct TextTable: Sendable {
  struct Column: Sendable {
    var title: String
    /// Characters the column takes; longer cells of the flexible column are cut, others push the rest aside.
    var width: Int
    var isFlexible = false
    var alignsRight = false
  }

  private let columns: [Column]
  private let isCutting: Bool

  /// Lays columns out in a width; without one nothing is cut.
  init(_ columns: [Column], terminalWidth: Int?) {
    isCutting = terminalWidth != nil
    var columns = columns
    if let terminalWidth, let flexible = columns.firstIndex(where: \.isFlexible) {
      let taken = columns.indices.reduce(0) { $0 + ($1 == flexible ? 0 : columns[$1].width + 2) }
      columns[flexible].width = max(columns[flexible].title.count, 12, terminalWidth - taken)
    }
    self.columns = columns
  }

  /// Lays columns out so that every row fits.
  init(titles: [String], fitting rows: [[String]], alignedRight: Set<Int> = [], terminalWidth: Int? = nil) {
    let columns = titles.enumerated().map { index, title in
      let widest = rows.reduce(title.count) { max($0, $1[index].count) }
      return Column(
        title: title,
        width: widest,
        isFlexible: index == titles.count - 1,
        alignsRight: alignedRight.contains(index)
      )
    }
    self.init(columns, terminalWidth: terminalWidth)
  }

  /// The line of titles.
  func header(_ style: TextStyle) -> String {
    style.bold(line(columns.map(\.title)))
  }

  /// A line of cells; `paint` may colour a cell after it has its width.
  func line(_ cells: [String], paint: (Int, String) -> String = { $1 }) -> String {
    var line = ""
    for (index, column) in columns.enumerated() {
      var cell = index < cells.count ? cells[index].shownSafely : ""
      if isCutting, column.isFlexible { cell = cell.cut(to: column.width) }
      let isLast = index == columns.count - 1
      if !isLast || column.alignsRight { cell = cell.padded(to: column.width, onTheLeft: column.alignsRight) }
      line += paint(index, cell) + (isLast ? "" : "  ")
    }
    return line
  }
}
