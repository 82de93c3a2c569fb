// The engine's database and lock lie in the data directory, where targets may write, too. A line of JSON in the database
// would be the end of it, so no way of naming one of these files is good enough: links of both kinds are followed.

import Foundation
import RuleFiles

/// Which files belong to the engine.
struct EngineOwnership {
  private let directory: String
  /// The files there are, by device and inode.
  private let files: [(device: dev_t, inode: ino_t)]

  init(dataDirectory: String) {
    directory = Self.resolved(dataDirectory)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    files = names.filter { $0.hasPrefix(EngineFiles.prefix) }.compactMap { name in
      Self.status("\(dataDirectory)/\(name)").map { ($0.st_dev, $0.st_ino) }
    }
  }

  /// Whether a path leads to a file of the engine, or to where it would make one.
  func owns(_ path: String) -> Bool {
    if let status = Self.status(path),
      files.contains(where: { $0.device == status.st_dev && $0.inode == status.st_ino })
    {
      return true
    }
    let path = Self.resolved(path)
    guard path.hasPrefix("\(directory)/") else { return false }
    return path.dropFirst(directory.utf8.count + 1).hasPrefix(EngineFiles.prefix)
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  /// The path with its links followed, as far as there is something.
  private static func resolved(_ path: String, links: Int = 0) -> String {
    if let real = realpath(path, nil) {
      defer { free(real) }
      return String(cString: real)
    }
    // Links may lead in circles.
    if links < 40, let link = linkTarget(of: path) { return resolved(link, links: links + 1) }
    guard let slash = path.lastIndex(of: "/") else { return path }
    let (folder, name) = (String(path[..<slash]), path[path.index(after: slash)...])
    let parent = folder.isEmpty ? "" : resolved(folder, links: links)
    switch name {
    case "", ".": return parent
    case "..": return parent.lastIndex(of: "/").map { String(parent[..<$0]) } ?? parent
    default: return "\(parent)/\(name)"
    }
  }

  /// Where a link leads whose end is not there.
  private static func linkTarget(of path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let link = String(decoding: buffer.prefix(count), as: UTF8.self)
    guard !link.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return link }
    return "\(path[...slash])\(link)"
  }
}
