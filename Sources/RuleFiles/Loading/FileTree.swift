// Paths of rule files: what can be said about them as text, and which folder is the repository they belong to.

import FoundationEssentials
import Glibc

/// Paths as text.
package enum PathText {
  /// The path without `.`, empty parts and `..` that can be resolved without looking; a relative path that leads out
  /// begins with `..`.
  package static func normalized(_ path: String) -> String {
    let isAbsolute = path.hasPrefix("/")
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part != ".." {
        parts.append(part)
      } else if let last = parts.last, last != ".." {
        parts.removeLast()
      } else if !isAbsolute {
        parts.append(part)
      }
    }
    return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
  }

  /// Whether a relative path leads out of the folder it counts from.
  package static func leadsOut(_ path: String) -> Bool {
    let normalized = normalized(path)
    return normalized == ".." || normalized.hasPrefix("../")
  }

  /// The path from the root of the file system, without `.` and `..`.
  static func absolute(_ path: String) -> String {
    normalized(path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)")
  }

  /// The folders above a folder, the nearest first.
  static func above(_ folder: String) -> [String] {
    var folders: [String] = []
    var rest = folder
    while let slash = rest.lastIndex(of: "/"), rest != "/" {
      rest = slash == rest.startIndex ? "/" : String(rest[..<slash])
      folders.append(rest)
    }
    return folders
  }

  /// A folder's file.
  static func file(_ name: String, in folder: String) -> String {
    folder == "/" ? "/\(name)" : folder.isEmpty ? name : "\(folder)/\(name)"
  }

  /// Whether a path is a folder or lies in it.
  static func isWithin(_ path: String, _ folder: String) -> Bool {
    path == folder || folder == "/" || path.hasPrefix("\(folder)/")
  }
}

/// The repository that a folder of rules belongs to.
struct RepositoryFolders {
  /// The folder itself, absolute.
  let folder: String
  /// The folders above it that belong to the repository, the nearest first; none if nothing says where it ends.
  let above: [String]

  /// The repository is the outermost folder that holds a settings file or is under version control: a pack that brings such
  /// a file along does not thereby leave the repository it was copied into.
  init(_ folder: String) {
    let folder = PathText.absolute(folder)
    let all = PathText.above(folder)
    let root = all.lastIndex { above in
      ["signalbox.yaml", "signalbox.yml", ".git"].contains { access(PathText.file($0, in: above), F_OK) == 0 }
    }
    self.folder = folder
    above = root.map { Array(all[...$0]) } ?? []
  }

  /// The outermost folder.
  var root: String { above.last ?? folder }
}

/// What a rule file may say about other files, and how they are read.
struct RepositoryFiles {
  /// Reads a file; throws words for a person.
  var read: (String) throws(FileProblem) -> [UInt8]
  /// Whether there is a folder with this path.
  var isFolder: (String) -> Bool = { _ in false }
  /// Whether a file lies in the repository, links followed.
  var holds: (String) -> Bool = { !$0.hasPrefix("/") && !PathText.leadsOut($0) }

  /// The files of a disk; `folders` are the ones that were loaded.
  static func onDisk(_ folders: [String]) -> RepositoryFiles {
    let roots = Set(folders.flatMap { [$0, RepositoryFolders($0).root] }.map(resolved))
    return RepositoryFiles(
      read: { path throws(FileProblem) in try RuleFolder.read(path) },
      isFolder: { path in
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      },
      holds: { path in
        let path = resolved(path)
        return roots.contains { PathText.isWithin(path, $0) }
      }
    )
  }

  private static func resolved(_ path: String) -> String {
    let path = PathText.absolute(path)
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}
