// The executable: everything it can do is in SignalboxCommands.

internal import Glibc
internal import SignalboxCommands

@main
enum Signalbox {
  static func main() async {
    ignoreBrokenPipes()
    let arguments = Array(CommandLine.arguments.dropFirst())
    // An engine that is told to reload before it has read its rules for the first time has nothing to reload, and must
    // not end of it.
    if arguments.first == "run" { signal(SIGHUP, SIG_IGN) }
    exit(await runSignalbox(arguments))
  }
}
