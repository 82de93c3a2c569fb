// The decompressed text of a file, of which a moving part is in memory: what a reader has not consumed yet.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// How much memory and text a reader accepts.
public struct LogFileLimits: Sendable, Equatable {
  /// The largest record (or other value at the top of a file) in bytes.
  public var recordSize: Int
  /// The most bytes that one compressed file may hold when decompressed, against compression bombs.
  public var textSize: Int
  /// The most text that may pass before anything looks like JSON, or, if the text is compressed far better than any log
  /// is, before a record is found.
  public var idleSize: Int
  /// Up to this compressed and decompressed size a gzip file is decompressed in one go, the fastest way.
  public var wholeSize: Int

  /// Makes limits; the defaults are 64 MiB a record, 32 GiB a compressed file, 64 MiB without a sign of a log, and 256 MiB
  /// at once.
  public init(
    recordSize: Int = 64 << 20,
    textSize: Int = 32 << 30,
    idleSize: Int = 64 << 20,
    wholeSize: Int = 256 << 20
  ) {
    self.recordSize = recordSize
    self.idleSize = idleSize
    self.textSize = textSize
    self.wholeSize = wholeSize
  }
}

/// The unread part of a text.
struct ByteWindow: ~Copyable {
  /// Where more bytes come from.
  private enum Feed {
    case none
    case plain(FileInput)
    case inflating(InflationStream)
  }

  private static let chunkSize = 1 << 20
  /// Logs compress ten to thirty times, very repetitive ones a hundred times; gzip's limit is 1032.
  private static let bombRatio = 200

  private let limits: LogFileLimits
  private let memory: LogFileMemory?
  private var buffer: ByteBuffer
  private var feed: Feed
  /// How often unread bytes may have moved in memory.
  private(set) var moves = 0
  /// The offset of the first unread byte in the text.
  private(set) var offset = 0
  /// The line of the first unread byte, from 1.
  private(set) var line = 1
  /// What was wrong with the bytes themselves, once it has been met.
  private(set) var damage: String?
  /// Whether the operating system failed to read, which says nothing about the file: it may be tried again.
  private(set) var hasReadFailed = false

  /// Whether something that looks like JSON has been met.
  var hasBegun = false
  /// The size of the compressed bytes if they were decompressed in one go.
  private var compressedSize: Int?

  /// Whether the text is compressed as well as only a compression bomb is.
  var isSuspicious: Bool {
    let text = offset + unread.count
    switch feed {
    case .inflating(let stream): return text / max(1, stream.bytesTaken) >= Self.bombRatio
    default: return compressedSize.map { text / max(1, $0) >= Self.bombRatio } ?? false
    }
  }

  /// Reads no further, drops what is unread, and says why.
  mutating func giveUp(_ reason: String) {
    end(reason)
    offset &+= unread.count
    buffer.start = buffer.end
  }

  private mutating func end(_ reason: String) {
    if damage == nil { damage = reason }
    compressedSize = nil
    feed = .none
  }

  /// Looks at the beginning of an input and decides how to read it.
  init(_ input: FileInput, limits: LogFileLimits, memory: LogFileMemory?) {
    self.limits = limits
    self.memory = memory
    buffer = ByteBuffer(capacity: min(max(input.size ?? 0, 4096) + 64, Self.chunkSize), memory: memory)
    feed = .plain(input)
    let first = min(buffer.capacity, 64 * 1024)
    do throws(FileError) {
      while buffer.end < 2 {
        let count = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.room[..<(first - buffer.end)]))
        if count == 0 { break }
        buffer.end += count
      }
      let used = buffer.used
      if used.count >= 2, used[0] == 0x1F, used[1] == 0x8B { try startInflating(input) }
    } catch {
      damage = error.message
      hasReadFailed = true
      feed = .none
    }
  }

  private mutating func startInflating(_ input: FileInput) throws(FileError) {
    guard let size = input.size, size <= limits.wholeSize else {
      return stream(input)
    }
    var compressed = ByteBuffer(capacity: size + 1, memory: memory)
    compressed.room.copyMemory(from: buffer.used)
    compressed.end = buffer.end
    while true {
      if compressed.room.isEmpty { compressed.makeRoom(Self.chunkSize) }
      let count = try input.read(into: compressed.room)
      if count == 0 { break }
      compressed.end += count
    }
    // The last four bytes are the size of the last member: a good guess, nothing more.
    let bytes = compressed.used
    let hint =
      bytes.count < 18
      ? 0 : Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self)))
    if hint > limits.wholeSize {
      return stream(FileInput(bytes: Array(bytes)), beginning: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    let guess = hint > bytes.count * 1040 ? bytes.count * 8 : max(hint, bytes.count)
    var text = ByteBuffer(capacity: min(guess + 64, limits.wholeSize), memory: memory)
    switch WholeInflation.inflate(bytes, into: &text, limit: limits.wholeSize) {
    case .done:
      buffer = text
      feed = .none
      compressedSize = bytes.count
    case .tooLarge, .damaged:
      stream(FileInput(bytes: Array(bytes)), beginning: UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }

  private mutating func stream(_ input: FileInput, beginning: UnsafeRawBufferPointer? = nil) {
    feed = .inflating(InflationStream(input, beginning: beginning ?? buffer.used))
    buffer.start = 0
    buffer.end = 0
  }

  /// The unread bytes that are in memory.
  var unread: UnsafeRawBufferPointer { buffer.used }

  /// Steps over unread bytes.
  mutating func consume(_ count: Int) {
    // Log files have hardly any line breaks, so finding the next one is as fast as memory.
    var at = buffer.base + buffer.start
    let end = at + count
    while at < end, let newline = memchr(at, Int32(UInt8(ascii: "\n")), end - at) {
      line &+= 1
      at = newline + 1
    }
    offset &+= count
    buffer.start &+= count
  }

  /// The line of an unread byte.
  func line(at index: Int) -> Int {
    line + unread[..<min(index, unread.count)].count { $0 == UInt8(ascii: "\n") }
  }

  /// Gets more bytes behind the unread ones; false at the end of the text.
  ///
  /// Small needs are met by one read, so that a line from a pipe is seen as soon as it is there; a record that has
  /// already filled a good part of the window doubles it, so that walking it again costs little.
  mutating func fill() -> Bool {
    if !hasBegun, offset + unread.count > limits.idleSize {
      giveUp(
        "nothing in its first \(limits.idleSize >> 20) MiB of text looks like JSON: it is no log, and is given up; "
          + LogFileRemedy.nameLogs
      )
    }
    moves &+= 1
    var wanted = 1
    if unread.count >= Self.chunkSize / 4 { wanted = unread.count }
    var got = 0
    while got < wanted {
      // A compressed file of a few megabytes can hold terabytes; whoever is told to stop does not read to its end.
      if Task.isCancelled {
        damage = "reading was stopped"
        hasReadFailed = true
        feed = .none
        return got > 0
      }
      if buffer.room.isEmpty || buffer.start > 0 { buffer.makeRoom(max(wanted - got, 64 * 1024)) }
      let count: Int
      do throws(FileError) {
        switch feed {
        case .none: return got > 0
        case .plain(let input): count = try input.read(into: buffer.room)
        case .inflating(let stream):
          count = try stream.read(into: buffer.room)
          if count == 0, let damage = stream.damage { self.damage = damage }
        }
      } catch {
        damage = error.message
        hasReadFailed = true
        feed = .none
        return got > 0
      }
      if count == 0 {
        feed = .none
        return got > 0
      }
      buffer.end += count
      got += count
      if case .inflating = feed, offset + unread.count > limits.textSize {
        end("holds more than \(limits.textSize) bytes when decompressed: the rest is not read; split the file")
      }
    }
    return true
  }
}
