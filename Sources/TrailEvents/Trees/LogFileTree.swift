// From what a person wrote on the command line or in a configuration (files, folders, patterns, `-`) to the files that
// are there now.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A file that may hold records.
public struct LogFile: Sendable, Hashable {
  /// The path, made of the input it was found by; `-` is standard input.
  public var path: String
  /// Its size in bytes; 0 for standard input.
  public var size: Int64
  /// When it was last written, in milliseconds since 1970.
  public var modifiedAt: Int64
  /// Whether it is a plain file: no pipe, device or socket, which may never end or never begin.
  public var isRegular: Bool

  /// Makes a file's description.
  public init(path: String, size: Int64, modifiedAt: Int64, isRegular: Bool = true) {
    self.path = path
    self.size = size
    self.modifiedAt = modifiedAt
    self.isRegular = isRegular
  }

  /// What the path says, if it is CloudTrail's.
  public var layout: TrailPath? { TrailPath(path) }
}

/// The files that a walk has found.
public struct LogFileListing: Sendable, Equatable {
  /// The files to read, oldest first by the times in their names, then by path.
  public var files: [LogFile] = []
  /// What was passed over in folders, by its name or place.
  public var skipped = SkippedFiles()
  /// Inputs that do not exist or cannot be read.
  public var problems: [LogFileDiagnostic] = []
  /// The folders that were walked, for watching.
  var folders: [String] = []

  /// The sizes of all files together, for progress.
  public var totalSize: Int64 { files.reduce(0) { $0 + $1.size } }
}

/// Inputs and how they are walked.
public struct LogFileTree: Sendable, Equatable {
  /// What to read: files, folders, patterns, `-`.
  public var inputs: [String]

  /// Makes a tree of inputs.
  public init(_ inputs: [String]) { self.inputs = inputs }

  /// Finds the files that are there now.
  public func list() -> LogFileListing {
    var walk = Walk()
    for input in inputs { walk.add(input) }
    var times: [String: String] = [:]
    for file in walk.listing.files { times[file.path] = file.layout?.time ?? "" }
    walk.listing.files.sort { (times[$0.path] ?? "", $0.path) < (times[$1.path] ?? "", $1.path) }
    return walk.listing
  }

  /// Finds the files at and below a path that belongs to the tree, as when a new folder has appeared.
  func list(below path: String) -> LogFileListing {
    var walk = Walk()
    walk.add(path)
    walk.listing.problems.removeAll()
    walk.listing.files.removeAll { !$0.isRegular || !contains($0.path) }
    walk.listing.files.sort { $0.path < $1.path }
    return walk.listing
  }

  /// Whether a file that was found below one of the folders belongs to the tree.
  func contains(_ path: String) -> Bool {
    inputs.contains { input in
      if input == path { return true }
      if FileNameRules.verdict(path) != .read { return false }
      if GlobPattern.isPattern(input), GlobPattern(input).matches(path) { return true }
      return path.hasPrefix(input.hasSuffix("/") ? input : input + "/")
    }
  }

  /// Whether files of the tree can be at or below a path.
  func reaches(_ path: String) -> Bool {
    inputs.contains { input in
      let top = GlobPattern.isPattern(input) ? GlobPattern(input).base : input
      let folder = top.isEmpty || top.hasSuffix("/") ? top : top + "/"
      return path == top || path.hasPrefix(folder) || folder.hasPrefix(path + "/")
    }
  }

  /// The folders to watch so that no file of the tree is missed: those walked, and those that named files are in.
  func watchedFolders(_ listing: LogFileListing) -> [String] {
    var folders = listing.folders
    for input in inputs where input != "-" {
      if GlobPattern.isPattern(input) {
        let base = GlobPattern(input).base
        folders.append(base.isEmpty ? "." : base)
      } else if !folders.contains(input) {
        let parent = input.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        folders.append(parent.isEmpty ? (input.hasPrefix("/") ? "/" : ".") : parent)
      }
    }
    var seen: Set<String> = []
    return folders.filter { seen.insert($0).inserted }
  }
}

/// One walk over inputs.
private struct Walk {
  var listing = LogFileListing()
  private var seenFiles: Set<String> = []

  mutating func add(_ input: String) {
    if input == "-" {
      addFile(LogFile(path: "-", size: 0, modifiedAt: 0))
      return
    }
    var status = stat()
    if stat(input, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        walk(input, status, pattern: nil)
      } else {
        addFile(Self.file(input, status))
      }
      return
    }
    let problem = FileError.last("cannot be found").message
    guard GlobPattern.isPattern(input) else {
      listing.problems.append(LogFileDiagnostic(file: input, message: problem))
      return
    }
    let pattern = GlobPattern(input)
    let before = listing.files.count
    let base = pattern.base.isEmpty ? "." : pattern.base
    if stat(base, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { walk(pattern.base, status, pattern: pattern) }
    if listing.files.count == before {
      listing.problems.append(LogFileDiagnostic(file: input, message: "matches no file; check the pattern"))
    }
  }

  private mutating func addFile(_ file: LogFile) {
    if seenFiles.insert(file.path).inserted { listing.files.append(file) }
  }

  private static func file(_ path: String, _ status: stat) -> LogFile {
    #if canImport(Darwin)
    let modified = status.st_mtimespec
    #else
    let modified = status.st_mtim
    #endif
    let milliseconds = Int64(modified.tv_sec) * 1000 + Int64(modified.tv_nsec) / 1_000_000
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    return LogFile(path: path, size: Int64(status.st_size), modifiedAt: milliseconds, isRegular: isRegular)
  }

  /// Walks a folder and those in it. An empty path is the current folder, whose files have no folder in their path.
  private mutating func walk(_ top: String, _ status: stat, pattern: GlobPattern?) {
    var pending = [(path: top, status: status)]
    // Folders by device and inode, against loops of symbolic links.
    var seen: Set<[UInt64]> = []
    while let (path, status) = pending.popLast() {
      guard seen.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted else { continue }
      guard let folder = opendir(path.isEmpty ? "." : path) else {
        listing.problems.append(LogFileDiagnostic(file: path, message: FileError.last("cannot be opened").message))
        continue
      }
      defer { closedir(folder) }
      listing.folders.append(path.isEmpty ? "." : path)
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name != ".", name != ".." else { continue }
        let inner = path.isEmpty ? name : path.hasSuffix("/") ? path + name : path + "/" + name
        var status = stat()
        guard stat(inner, &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR {
          if FileNameRules.isWalked(name) {
            pending.append((inner, status))
          } else if pattern == nil {
            listing.skipped.foreign += 1
          }
        } else if status.st_mode & S_IFMT == S_IFREG, pattern?.matches(inner) ?? true {
          count(inner, status)
        }
      }
    }
  }

  private mutating func count(_ path: String, _ status: stat) {
    switch FileNameRules.verdict(path) {
    case .read: addFile(Self.file(path, status))
    case .digest: listing.skipped.digests += 1
    case .partial: listing.skipped.unfinished += 1
    case .ignore: listing.skipped.foreign += 1
    }
  }
}
