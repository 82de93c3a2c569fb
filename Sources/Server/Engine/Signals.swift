// Signals as a stream: SIGTERM and SIGINT stop the engine, SIGHUP reloads the rules.

internal import Dispatch

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The signals that the engine acts on.
struct Signals {
  /// The numbers of the signals as they come; several of the same may be one.
  let numbers: AsyncStream<Int32>
  private let sources: [any DispatchSourceSignal]

  /// Takes the signals over from their default action.
  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(16))
    let queue = DispatchQueue(label: "signalbox.signals")
    numbers = stream
    sources = [SIGTERM, SIGINT, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { continuation.yield(number) }
      source.activate()
      return source
    }
  }

  /// Gives the signals their default action back.
  func release() {
    for source in sources { source.cancel() }
    Self.restoreDefaults()
  }

  /// Lets the next signal end the process.
  static func restoreDefaults() {
    for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, SIG_DFL) }
  }
}
