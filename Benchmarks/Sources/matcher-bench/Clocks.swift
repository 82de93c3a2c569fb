// Times and sizes as the kernel gives them.

internal import Glibc

enum Clocks {
  /// Nanoseconds of processor time that the calling thread has used.
  static var thread: Int { read(CLOCK_THREAD_CPUTIME_ID) }

  /// Nanoseconds since some moment.
  static var wall: Int { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}

/// A line of `/proc/self/status` such as `VmRSS`, in bytes; 0 if there is none.
func processMemory(_ name: String) -> Int {
  guard let file = fopen("/proc/self/status", "r") else { return 0 }
  defer { fclose(file) }
  var buffer = [CChar](repeating: 0, count: 256)
  while fgets(&buffer, Int32(buffer.count), file) != nil {
    let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if line.hasPrefix(name + ":") { return (Int(line.filter(\.isNumber)) ?? 0) * 1024 }
  }
  return 0
}
