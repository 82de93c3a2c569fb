// Ctrl-C while a progress line is on the screen: the line goes, and then the process ends the way it would have anyway,
// so that shells and scripts see the signal.

internal import Glibc

enum Interruption {
  /// Takes the progress line off the screen before SIGINT or SIGTERM end the process.
  ///
  /// For verbs that show progress and have nothing to save; the engine acts on signals itself.
  static func clearsTheLine() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        // Only what POSIX allows in a handler: write, signal, raise.
        let erase: StaticString = "\r\u{1B}[K"
        _ = write(STDERR_FILENO, erase.utf8Start, erase.utf8CodeUnitCount)
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }
}
