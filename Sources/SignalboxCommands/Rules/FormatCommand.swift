// `signalbox fmt`: one way to write a rule file.

internal import ArgumentParser
internal import Foundation
internal import RuleFiles

struct FormatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Format rule files.",
    discussion: """
      Two blanks of indentation, one blank behind '-', ':' and ',', keys in the order of the reference, ambiguous scalars \
      quoted; comments, line breaks and the choice of block or flow style stay. A file that is formatted already does not \
      change, and no file changes its meaning.

      Prints the formatted text, or with --write changes the files. --check names the files that would change, --diff \
      shows what would change in them; both change nothing and end with exit code 1 if something would change.

      Examples:
        signalbox fmt --write Rules/
        signalbox fmt --check --diff Rules/
        signalbox fmt - < rule.yaml
      """
  )

  @Argument(help: "Rule folders and files; - is standard input. Rules or rules unless given.")
  var paths: [String] = []

  @Flag(help: "Name the files that are not formatted; change nothing.")
  var check = false

  @Flag(help: "Show what would change, as a unified diff; change nothing.")
  var diff = false

  @Flag(name: [.customShort("w"), .long], help: "Change the files.")
  var write = false

  func validate() throws {
    if write, check || diff { throw ValidationError("--write excludes --check and --diff.") }
    if write, paths.contains("-") { throw ValidationError("Standard input cannot be written; leave --write out.") }
  }

  func run() async throws {
    let console = Console.current
    let paths = try RuleSource.paths(paths)
    var files = RuleRepository.load(paths.filter { $0 != "-" }).files
    if paths.contains("-") { files.append("-") }
    guard !files.isEmpty else {
      throw CommandFailure(.usage, "there are no rule files in \(paths.joined(separator: ", "))")
    }
    var unformatted = 0
    var broken = 0
    for file in files {
      guard let source = String(validating: try readWholeFile(file), as: UTF8.self) else {
        console.sayError("\(file): the text is not UTF-8; save it as UTF-8 first")
        broken += 1
        continue
      }
      let formatted = RuleFormatter.format(source, file: file)
      let text = formatted.text
      for diagnostic in formatted.diagnostics { console.say(diagnostic.description) }
      if let mishap = formatted.mishap {
        console.sayError(
          "\(file): internal error: \(mishap); the file is left as it is. Please report this with the file"
        )
      }
      if formatted.diagnostics.containsError || formatted.mishap != nil {
        broken += 1
        continue
      }
      if check || diff {
        if text != source, check { try console.print(file) }
        if diff { for line in UnifiedDiff.lines(from: source, to: text, file: file) { try console.print(line) } }
      } else if !write {
        try console.output.write(text.utf8)
      } else if text != source {
        try replace(file, text)
        console.say("formatted \(file)")
      }
      if text != source { unformatted += 1 }
    }
    if broken > 0 { throw broken == files.count || !write ? ExitStatus.invalid : ExitStatus.partial }
    if check || diff, unformatted > 0 { throw ExitStatus.findings }
  }

  private func replace(_ file: String, _ text: String) throws(CommandFailure) {
    do {
      try Data(text.utf8).write(to: URL(filePath: file).resolvingSymlinksInPath(), options: .atomic)
    } catch {
      throw CommandFailure(.usage, "\(file): \(error.localizedDescription)")
    }
  }
}
