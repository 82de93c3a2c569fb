import CSignalbox
import EventPatterns
import Glibc

/// Memory whose every byte outside the text is out of bounds for the hardware: a page that may not be touched lies
/// directly behind (or before) the text, so that reading one byte too far ends the test run.
struct GuardedBytes: ~Copyable {
  enum Side: CaseIterable, Sendable { case before, after }

  private let base: UnsafeMutableRawPointer
  private let page = Int(sysconf(Int32(_SC_PAGESIZE)))
  private let pages: Int

  /// Room for texts of up to so many bytes.
  init(capacity: Int) throws {
    pages = (capacity + page - 1) / page
    let none = mmap(nil, (pages + 2) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let none, none != MAP_FAILED, mprotect(none + page, pages * page, PROT_READ | PROT_WRITE) == 0 else {
      throw EventError(message: "mmap failed", offset: 0)
    }
    base = none
  }

  deinit { munmap(base, (pages + 2) * page) }

  /// Matches a text that lies directly at a guard page.
  func matches(_ text: [UInt8], _ matcher: inout EventMatcher, guarded side: Side) throws(EventError) -> [Int] {
    precondition(text.count <= pages * page)
    let start = base + (side == .before ? page : (pages + 1) * page - text.count)
    start.copyMemory(from: text, byteCount: text.count)
    return try matcher.matches(UnsafeRawBufferPointer(start: start, count: text.count))
  }
}

/// The instruction sets that this machine can scan with.
enum InstructionSets {
  static let all: [String] = ["scalar", "sse2", "avx2", "avx512", "neon"].filter { sb_set_simd_level($0) == 0 }

  /// Scans with one from now on. Other tests may do so meanwhile: their answers must be right with any.
  static func use(_ level: String) { _ = sb_set_simd_level(level) }
}
