// The files of a rule repository: which ones there are, and how they are read. The only file of the module that
// touches the file system.

import FoundationEssentials
import Glibc

/// A rule file with its text.
public struct SourceFile: Sendable, Hashable {
  /// The path as messages name it; `-` for standard input.
  public var path: String
  /// The text.
  public var bytes: [UInt8]
  /// Where the file is: what folder defaults go by, however the path was written.
  var location: String
  /// Whether it stands above what was asked for, and only counts for its ceiling.
  var isInherited = false

  /// Makes a file of its text.
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    location = PathText.normalized(path)
  }

  /// Makes a file of its text.
  public init(path: String, _ text: String) {
    self.init(path: path, bytes: Array(text.utf8))
  }

  /// Whether the file holds what the rules of its folder have in common.
  var isDefaults: Bool { name == "_defaults.yaml" || name == "_defaults.yml" }

  /// The folder with its final slash; empty for a bare name.
  var folder: String { Self.folder(of: path) }

  /// The folder of the location with its final slash.
  var locationFolder: String { Self.folder(of: location) }

  private static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

  private var name: String { path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path }
}

/// Reads folders and files.
struct RuleFolder {
  /// The files that were found, defaults among them, in order of their paths.
  private(set) var files: [SourceFile] = []
  /// What could not be read.
  private(set) var log = DiagnosticLog()
  /// The folders that were named, and those of the files that were.
  private(set) var folders: [String] = []
  private var seen: Set<String> = []

  /// The largest file that is read at all; what is too large for YAML is reported by its reader.
  private static let largestFile = 16 << 20
  /// The deepest folder below the one that was named.
  private static let deepestFolder = 32

  /// Finds and reads the rule files of paths: a folder stands for all in it, a file for itself, `-` for standard input.
  init(paths: [String]) {
    for path in paths {
      if path == "-" {
        if seen.insert(path).inserted { addStandardInput() }
        folders.append(".")
        continue
      }
      let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      switch Self.kind(of: path) {
      case .folder:
        folders.append(path)
        addNamedFolder(path)
      case .file:
        add(path)
        let folder = SourceFile(path: path, bytes: []).folder
        folders.append(folder.isEmpty ? "." : folder)
        for name in Self.defaultsNames where Self.kind(of: folder + name) == .file { add(folder + name) }
      case .other:
        let place = SourcePosition(file: path, line: 1, column: 1)
        log.report(
          .unreadableFile,
          at: place,
          "this is neither a file nor a folder",
          hint: "name a file, a folder, or - for standard input"
        )
      case .missing:
        let place = SourcePosition(file: path, line: 1, column: 1)
        log.report(.unreadableFile, at: place, "there is no such file or folder", hint: "check the path")
      }
    }
    for folder in folders { addDefaults(above: folder) }
  }

  private static let defaultsNames = ["_defaults.yaml", "_defaults.yml"]

  /// The files of folder defaults that would hold for rules at these paths from outside of them, whether or not they
  /// are there: those above folders, and those beside and above files.
  static func defaultsOutside(_ paths: [String]) -> [String] {
    paths.filter { $0 != "-" }.flatMap { path in
      let isFile = kind(of: path) == .file
      let folder = PathText.absolute(isFile ? SourceFile(path: path, bytes: []).folder : path)
      let folders = (isFile ? [folder] : []) + RepositoryFolders(folder).above
      return folders.flatMap { folder in defaultsNames.map { PathText.file($0, in: folder) } }
    }
  }

  /// A folder that was asked for; that there is nothing in it is worth saying.
  private mutating func addNamedFolder(_ path: String) {
    guard !seen.contains(Self.resolved(path) + "/") else { return }
    let (filesBefore, findingsBefore) = (files.count, log.diagnostics.count)
    addFolder(path, depth: 0)
    let isEmpty = files[filesBefore...].allSatisfy(\.isDefaults) && log.diagnostics.count == findingsBefore
    guard isEmpty else { return }
    let place = SourcePosition(file: path, line: 1, column: 1)
    log.report(.emptyFolder, at: place, "there are no rule files in '\(path)'", hint: "check the path")
  }

  /// The ceilings of a repository hold for its rules also when a part of it is loaded by itself.
  private mutating func addDefaults(above folder: String) {
    let here = FileManager.default.currentDirectoryPath
    for above in RepositoryFolders(folder).above {
      for name in Self.defaultsNames {
        let path = PathText.file(name, in: above)
        guard Self.kind(of: path) == .file else { continue }
        add(
          PathText.isWithin(path, here) && here != "/" ? String(path.dropFirst(here.count + 1)) : path,
          isInherited: true
        )
      }
    }
  }

  private enum Kind { case file, folder, other, missing }

  private static func kind(of path: String) -> Kind {
    var isFolder = false
    let manager = FileManager.default
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else { return .missing }
    if isFolder { return .folder }
    // A pipe or device would block or never end.
    let resolved = (try? manager.destinationOfSymbolicLink(atPath: path)) == nil ? path : Self.resolved(path)
    let type = try? manager.attributesOfItem(atPath: resolved)[.type] as? FileAttributeType
    return type == .typeRegular ? .file : .other
  }

  private static func resolved(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().path
  }

  private mutating func addFolder(_ path: String, depth: Int) {
    let place = SourcePosition(file: path, line: 1, column: 1)
    // Links may lead in circles; the same folder is read once.
    guard seen.insert(Self.resolved(path) + "/").inserted else { return }
    guard depth <= Self.deepestFolder else {
      return log.report(
        .limitExceeded,
        at: place,
        "folders nest deeper than \(Self.deepestFolder) levels",
        hint: "flatten them"
      )
    }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      return log.report(.unreadableFile, at: place, "the folder cannot be read", hint: "check its permissions")
    }
    for name in names where !name.hasPrefix(".") {
      let child = path == "/" ? "/\(name)" : "\(path)/\(name)"
      switch Self.kind(of: child) {
      case .folder:
        if name != "fixtures", !name.hasPrefix("_") { addFolder(child, depth: depth + 1) }
      case .file:
        let isDefaults = name == "_defaults.yaml" || name == "_defaults.yml"
        let isYAML = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
        let isSettings = name == "signalbox.yaml" || name == "signalbox.yml"
        if isDefaults || isYAML && !name.hasPrefix("_") && !isSettings { add(child) }
      case .other, .missing: continue
      }
    }
  }

  private mutating func addStandardInput() {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= Self.largestFile {
      let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        let place = SourcePosition(file: "-", line: 1, column: 1)
        return log.report(
          .unreadableFile,
          at: place,
          "standard input cannot be read",
          hint: "name the file instead of -"
        )
      }
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    files.append(SourceFile(path: "-", bytes: bytes))
  }

  private mutating func add(_ path: String, isInherited: Bool = false) {
    guard seen.insert(Self.resolved(path)).inserted else { return }
    do {
      var file = SourceFile(path: path, bytes: try Self.read(path))
      file.location = PathText.absolute(path)
      file.isInherited = isInherited
      files.append(file)
    } catch {
      log.report(.unreadableFile, at: SourcePosition(file: path, line: 1, column: 1), "\(error)", hint: error.hint)
    }
  }

  /// Reads a file within bounds.
  static func read(_ path: String) throws(FileProblem) -> [UInt8] {
    switch kind(of: path) {
    case .missing: throw FileProblem("there is no such file", hint: "check the path")
    case .folder: throw FileProblem("it is a folder", hint: "name a file")
    case .other: throw FileProblem("it is not a regular file", hint: "name a plain file")
    case .file: break
    }
    let size = try? FileManager.default.attributesOfItem(atPath: resolved(path))[.size] as? Int
    guard (size ?? 0) <= largestFile else {
      throw FileProblem(
        "it is larger than the \(largestFile >> 20) MiB that are read",
        hint: "split it into several files"
      )
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileProblem("it cannot be read; check its permissions")
    }
    return Array(data)
  }
}
