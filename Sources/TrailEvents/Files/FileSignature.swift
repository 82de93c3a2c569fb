// Files that are often mistaken for logs, known by their first bytes, so that the message says what they are.

/// Recognises formats that are not read.
enum FileSignature {
  /// What is wrong with a file that begins like this, or nothing if it begins like none of these.
  static func name(of beginning: UnsafeRawBufferPointer) -> String? {
    let known: [([UInt8], String)] = [
      ([0x28, 0xB5, 0x2F, 0xFD], "is compressed with zstd; decompress it first"),
      ([0x42, 0x5A, 0x68], "is compressed with bzip2; decompress it first"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "is compressed with xz; decompress it first"),
      ([0x50, 0x4B, 0x03, 0x04], "is a ZIP archive; unpack it first"),
      ([0x50, 0x41, 0x52, 0x31], "is a Parquet file; CloudTrail log files are JSON: name those"),
      ([0xFF, 0xFE], "is UTF-16 text; JSON must be UTF-8: convert it first"),
      ([0xFE, 0xFF], "is UTF-16 text; JSON must be UTF-8: convert it first"),
    ]
    return known.first { beginning.starts(with: $0.0) }?.1
  }
}
