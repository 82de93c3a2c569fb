// What the rule folders look like from outside: enough to tell that something changed, without reading a file.

internal import Foundation
internal import RuleFiles

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The folders and files that rules are read from, and the `_defaults.yaml` files above them.
struct RuleFolders: Sendable {
  var paths: [String]

  /// Everything in the folders with its identity, size and time of change.
  struct Appearance: Sendable, Equatable {
    var entries: [String: Entry] = [:]

    /// The folders, as they are reached.
    var folders: [String] { entries.filter(\.value.isFolder).map(\.key) }
  }

  /// One file or folder.
  struct Entry: Sendable, Equatable {
    var isFolder: Bool
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  /// Looks at everything. Blocks.
  func appearance() -> Appearance {
    var appearance = Appearance()
    for path in paths + RuleRepository.defaultsOutside(paths) { look(at: path, depth: 0, &appearance) }
    return appearance
  }

  private func look(at path: String, depth: Int, _ appearance: inout Appearance) {
    var status = stat()
    // Links are followed, so that a link that is bent to another folder shows; a circle of them ends at some depth.
    guard depth < 32, appearance.entries.count < 100_000, stat(path, &status) == 0 else { return }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    appearance.entries[path] = Entry(
      isFolder: isFolder,
      inode: UInt64(status.st_ino),
      size: Int64(status.st_size),
      seconds: Int(status.st_mtim.tv_sec),
      nanoseconds: Int(status.st_mtim.tv_nsec)
    )
    guard isFolder, let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return }
    for name in names where !name.hasPrefix(".") {
      look(at: path.hasSuffix("/") ? path + name : "\(path)/\(name)", depth: depth + 1, &appearance)
    }
  }
}
