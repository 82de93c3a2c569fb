// Which files of a folder are read. Only names decide here; what a file really is, its content says later.

/// The rules for names met while walking folders. A file that was named outright is always read.
enum FileNameRules {
  /// What to do with a file.
  enum Verdict: Equatable {
    case read
    /// A digest file by CloudTrail's layout: skipped and counted.
    case digest
    /// Somebody is still writing it; it will be renamed.
    case partial
    /// Not a log file by its name.
    case ignore
  }

  private static let partialSuffixes = [".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart", ".swp", "~"]
  private static let logSuffixes = [".json", ".jsonl", ".ndjson", ".gz"]

  /// Decides about a file by its path.
  static func verdict(_ path: String) -> Verdict {
    let name = path.split(separator: "/").last ?? ""
    let lower = name.lowercased()
    if partialSuffixes.contains(where: lower.hasSuffix) { return .partial }
    // `aws s3 cp` writes `name.json.gz.1a2B3c4D` and renames.
    if let range = lower.firstRange(of: ".json.gz."), lower[range.upperBound...].count == 8 { return .partial }
    if name.hasPrefix(".") { return .ignore }
    guard logSuffixes.contains(where: lower.hasSuffix) else { return .ignore }
    return TrailPath(path)?.kind == .digest ? .digest : .read
  }

  /// Whether a folder is walked into.
  static func isWalked(_ name: String) -> Bool { !name.hasPrefix(".") }
}
