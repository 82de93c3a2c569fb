// Which event ids have been met. CloudTrail often delivers an event in two files, so a look over a tree of logs may want
// each only once. Ids are UUIDs nearly always; those take 16 bytes each instead of a string.

/// The event ids of a run.
struct SeenEvents {
  private var identifiers: Set<UInt128> = []
  private var texts: Set<String> = []

  /// Notes an id; says whether it is new.
  mutating func insert(_ id: String) -> Bool {
    guard let identifier = Self.identifier(id) else { return texts.insert(id).inserted }
    return identifiers.insert(identifier).inserted
  }

  /// The value of a UUID in its lower-case canonical form; nothing for any other text.
  private static func identifier(_ id: String) -> UInt128? {
    guard id.utf8.count == 36 else { return nil }
    var value: UInt128 = 0
    for (index, byte) in id.utf8.enumerated() {
      switch (index, byte) {
      case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")), (23, UInt8(ascii: "-")): continue
      case (8, _), (13, _), (18, _), (23, _): return nil
      case (_, UInt8(ascii: "0")...UInt8(ascii: "9")): value = value << 4 | UInt128(byte - UInt8(ascii: "0"))
      case (_, UInt8(ascii: "a")...UInt8(ascii: "f")): value = value << 4 | UInt128(byte - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return value
  }
}
