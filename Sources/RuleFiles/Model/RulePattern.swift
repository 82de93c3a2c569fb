// The `when` of a rule in the form the engine takes: JSON text. A map from its bytes back to the rule file lets every
// later message about the pattern (compile errors, `explain`) name file, line and column of what was written.

public import EventPatterns

/// An event pattern out of a rule file.
public struct RulePattern: Sendable {
  /// The parsed pattern.
  public var pattern: EventPattern
  /// The pattern as the JSON text that PutRule would take, with lists spliced in and `outcome` applied.
  public var json: [UInt8]
  /// From bytes of `json` to places in the rule file.
  public var sourceMap: PatternSourceMap
  /// Where the pattern begins in the rule file.
  public var position: SourcePosition

  /// Puts a pattern together with its text and its places.
  public init(pattern: EventPattern, json: [UInt8], sourceMap: PatternSourceMap, position: SourcePosition) {
    self.pattern = pattern
    self.json = json
    self.sourceMap = sourceMap
    self.position = position
  }
}

/// The places in a rule file that the bytes of a pattern's JSON text come from.
public struct PatternSourceMap: Sendable, Hashable {
  private var offsets: [Int] = []
  private var positions: [SourcePosition] = []

  /// An empty map.
  public init() {}

  /// Says that the JSON text from this byte on comes from a place.
  ///
  /// Offsets are added in ascending order.
  mutating func append(offset: Int, position: SourcePosition) {
    offsets.append(offset)
    positions.append(position)
  }

  /// Takes back the tokens from a byte of the JSON text on.
  mutating func removeTokens(from offset: Int) {
    while let last = offsets.last, last >= offset {
      offsets.removeLast()
      positions.removeLast()
    }
  }

  /// The place of the token that a byte of the JSON text belongs to; nothing for an empty map.
  public func position(ofByte offset: Int) -> SourcePosition? {
    var low = 0
    var high = offsets.count
    while low < high {
      let middle = (low + high) / 2
      if offsets[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? positions[low - 1] : positions.first
  }
}
