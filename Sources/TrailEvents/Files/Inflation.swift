// gzip, twice: libdeflate decompresses an ordinary log file in one go, some three times as fast as zlib. zlib takes what
// is too large to hold and what is damaged, because it can say how far it came.

internal import CDeflate

/// Decompresses a whole gzip file in memory.
enum WholeInflation {
  /// How it ended.
  enum Outcome {
    case done
    /// More than the limit would come out.
    case tooLarge
    /// Not a well-formed gzip file.
    case damaged
  }

  /// Appends all members of a gzip file to a buffer.
  static func inflate(_ compressed: UnsafeRawBufferPointer, into buffer: inout ByteBuffer, limit: Int) -> Outcome {
    guard let decompressor = libdeflate_alloc_decompressor() else { return .damaged }
    defer { libdeflate_free_decompressor(decompressor) }
    var input = compressed
    while input.count >= 18, input[0] == 0x1F, input[1] == 0x8B {
      var taken = 0
      var given = 0
      let room = buffer.room
      switch libdeflate_gzip_decompress_ex(
        decompressor,
        input.baseAddress,
        input.count,
        room.baseAddress,
        room.count,
        &taken,
        &given
      )
      {
      case LIBDEFLATE_SUCCESS:
        buffer.end += given
        input = UnsafeRawBufferPointer(rebasing: input[taken...])
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        guard buffer.capacity < limit else { return .tooLarge }
        buffer.makeRoom(min(buffer.capacity * 2, limit) - (buffer.end - buffer.start))
      default:
        return .damaged
      }
    }
    // Tape-style padding after the last member is harmless; anything else is for the careful path to judge.
    return input.allSatisfy { $0 == 0 } ? .done : .damaged
  }
}

/// Decompresses gzip from an input piece by piece.
final class InflationStream {
  private let input: FileInput
  private let stream: UnsafeMutablePointer<z_stream>
  private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
  private var available = UnsafeRawBufferPointer(start: nil, count: 0)
  private var isInsideMember = true
  private var isFinished = false
  /// How many compressed bytes have been decompressed.
  private(set) var bytesTaken = 0
  /// What was wrong with the compressed bytes, once it has been met.
  private(set) var damage: String?

  /// Starts with bytes that were already taken from the input to see what it is.
  init(_ input: FileInput, beginning: UnsafeRawBufferPointer) {
    precondition(beginning.count <= chunk.count)
    self.input = input
    chunk.copyMemory(from: beginning)
    available = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[..<beginning.count])
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for a gzip header.
    if inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) != Z_OK {
      fail("cannot be decompressed: zlib gave no memory; free some, and try again")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    chunk.deallocate()
  }

  /// Decompresses some bytes; 0 is the end, and then ``damage`` says whether it came too early.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while !isFinished {
      if available.isEmpty {
        let count = try input.read(into: chunk)
        available = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[..<count])
        if count == 0 {
          isFinished = true
          if isInsideMember { damage = "the gzip data ends early: the file is truncated; \(LogFileRemedy.copyAgain)" }
          break
        }
      }
      if !isInsideMember, !startMember() { break }

      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: available.baseAddress?.assumingMemoryBound(to: UInt8.self)
      )
      stream.pointee.avail_in = UInt32(available.count)
      let size = min(buffer.count, 1 << 30)
      stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(size)
      let code = CDeflate.inflate(stream, Z_NO_FLUSH)
      bytesTaken += available.count - Int(stream.pointee.avail_in)
      available = UnsafeRawBufferPointer(rebasing: available[(available.count - Int(stream.pointee.avail_in))...])
      let given = size - Int(stream.pointee.avail_out)

      switch code {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: isInsideMember = false
      default:
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
        fail("the gzip data is damaged (\(reason)); \(LogFileRemedy.copyAgain)")
      }
      if given > 0 { return given }
    }
    return 0
  }

  /// Goes on with the next member of the file, if there is one.
  private func startMember() -> Bool {
    if available[0] == 0x1F {
      inflateReset(stream)
      isInsideMember = true
      return true
    }
    isFinished = true
    if !available.allSatisfy({ $0 == 0 }) {
      damage = "there is something else after the end of the gzip data; \(LogFileRemedy.copyAgain)"
    }
    return false
  }

  private func fail(_ reason: String) {
    damage = reason
    isFinished = true
  }
}
