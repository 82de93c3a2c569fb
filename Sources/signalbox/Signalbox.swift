// The executable: everything it can do is in SignalboxCommands.

internal import Glibc
internal import SignalboxCommands

@main
enum Signalbox {
  static func main() async {
    ignoreBrokenPipes()
    exit(await runSignalbox(Array(CommandLine.arguments.dropFirst())))
  }
}
