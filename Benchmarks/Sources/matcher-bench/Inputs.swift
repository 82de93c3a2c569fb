// Rules and events as the matcher will be given them: bytes in memory.

internal import EventPatterns
internal import Glibc

/// What is wrong with an input, for the person.
struct InputError: Error, CustomStringConvertible {
  var description: String
}

/// The lines of a file, without copies: ranges of one block of memory.
struct Lines: ~Copyable {
  let memory: UnsafeRawBufferPointer
  let ranges: [Range<Int>]

  init(path: String) throws(InputError) {
    guard let file = fopen(path, "rb") else { throw InputError(description: "\(path): cannot be opened") }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let size = ftell(file)
    rewind(file)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, 1), alignment: 64)
    guard fread(memory.baseAddress, 1, size, file) == size else {
      throw InputError(description: "\(path): cannot be read")
    }
    var ranges: [Range<Int>] = []
    var start = 0
    for offset in 0..<size where memory[offset] == UInt8(ascii: "\n") {
      if offset > start { ranges.append(start..<offset) }
      start = offset + 1
    }
    if size > start { ranges.append(start..<size) }
    self.memory = UnsafeRawBufferPointer(memory)
    self.ranges = ranges
  }

  deinit { memory.deallocate() }

  /// The bytes of a line.
  func line(_ number: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[ranges[number]]) }
}

/// The texts of the patterns of a rule file: JSON lines of `{"name", "pattern"}`.
func patternTexts(path: String) throws -> [[UInt8]] {
  let lines = try Lines(path: path)
  return try lines.ranges.indices.map { number in
    let line = Array(lines.line(number))
    var reader = JSONReader(line)
    guard try reader.next() == .objectStart else { throw InputError(description: "\(path):\(number + 1): no object") }
    while case .name(let name) = try reader.next() {
      let token = try reader.next()
      let start = reader.tokenStart
      try reader.skipRest(of: token)
      if name.elementsEqual("pattern".utf8) { return Array(line[start..<reader.offset]) }
    }
    throw InputError(description: "\(path):\(number + 1): no \"pattern\"")
  }
}
