// `signalbox init`: from an empty folder to a rule that is tested, in one line.

internal import ArgumentParser
internal import Foundation

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a small project: settings, a rule with tests, a target.",
    discussion: """
      Files that exist are left alone: if one is in the way, nothing is written at all.

      Examples:
        signalbox init
        signalbox init my-rules && cd my-rules && signalbox test && signalbox match logs
      """
  )

  @Argument(help: "The folder, made if it does not exist.")
  var folder = "."

  func run() async throws {
    let console = Console.current
    let root = URL(filePath: folder, directoryHint: .isDirectory)
    let manager = FileManager.default
    let inTheWay = ProjectSkeleton.files.map(\.key).filter { manager.fileExists(atPath: root.appending(path: $0).path) }
    guard inTheWay.isEmpty else {
      throw CommandFailure(
        .usage,
        "\(folder) already has \(inTheWay.joined(separator: ", ")); choose another folder or move them away"
      )
    }
    for (name, text) in ProjectSkeleton.files {
      let file = root.appending(path: name)
      do {
        try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .withoutOverwriting)
      } catch {
        throw CommandFailure(.usage, "\(file.path): \(error.localizedDescription)")
      }
      try console.print(folder == "." ? name : file.relativePath)
    }
    let enter = folder == "." ? "" : "cd \(folder) && "
    console.say("Next: \(enter)signalbox test && signalbox match logs && signalbox run --once")
  }
}
