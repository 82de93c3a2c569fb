// What happens ten thousand times should not fill the log ten thousand times. The first few are reported, then every
// doubling, each with the count: enough to notice, to see how bad it is, and to find an example.

/// Decides which of many alike occurrences are worth a line in the log.
package struct Thinning: Sendable {
  private var counts: [String: Int] = [:]
  private let first: Int

  /// Makes a thinning that lets the `first` of each kind through.
  package init(first: Int = 5) { self.first = first }

  /// Counts an occurrence; the count if it should be reported, nil if not.
  package mutating func count(_ kind: String) -> Int? {
    let count = counts[kind, default: 0] + 1
    counts[kind] = count
    return count <= first || count & (count - 1) == 0 ? count : nil
  }
}
