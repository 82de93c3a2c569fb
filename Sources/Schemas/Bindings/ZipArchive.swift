// A zip archive of a few small files, stored and not compressed. It has no times in it, so the same files are the same
// bytes.

/// Writes zip archives.
enum ZipArchive {
  /// The archive of files: path and text.
  static func bytes(of files: [(path: String, text: String)]) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (path, text) in files {
      let (name, content) = (Array(path.utf8), Array(text.utf8))
      let offset = archive.count
      // Version 2.0, names in UTF-8, stored, 1980-01-01.
      let common =
        little(20, 2) + little(0x0800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) + little(crc32(content), 4)
        + little(UInt32(content.count), 4) + little(UInt32(content.count), 4) + little(UInt32(name.count), 2)
        + little(0, 2)
      archive += little(0x0403_4b50, 4) + common + name + content
      directory += little(0x0201_4b50, 4) + little(20, 2) + common
      // No comment, first disk, no attributes.
      directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(UInt32(offset), 4) + name
    }
    let count = UInt32(files.count)
    let end =
      little(0x0605_4b50, 4) + little(0, 2) + little(0, 2) + little(count, 2) + little(count, 2)
      + little(UInt32(directory.count), 4) + little(UInt32(archive.count), 4) + little(0, 2)
    return archive + directory + end
  }

  private static func little(_ value: UInt32, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }

  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = .max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~crc
  }
}
