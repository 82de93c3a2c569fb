// What reading a file takes in memory is kept for the next file: pages that are new to a process cost more than what is
// read into them.

/// Memory that readers of log files use one after the other. For one thread at a time.
public final class LogFileMemory {
  /// Uninitialised bytes.
  struct Block: BitwiseCopyable {
    var base: UnsafeMutableRawPointer
    var capacity: Int

    /// At least so many bytes.
    static func allocate(_ capacity: Int) -> Block {
      let capacity = max(capacity, 64)
      return Block(base: .allocate(byteCount: capacity, alignment: 16), capacity: capacity)
    }
  }

  /// A reader has up to three blocks at a time; those of a single huge file are not worth keeping.
  private static let (mostBlocks, largestBlock) = (3, 32 << 20)

  private var blocks: [Block] = []

  /// Makes an empty store.
  public init() {}

  deinit { for block in blocks { block.base.deallocate() } }

  fileprivate func take(_ capacity: Int) -> Block {
    // The smallest that is large enough.
    let fitting = blocks.indices.filter { blocks[$0].capacity >= capacity }
    if let index = fitting.min(by: { blocks[$0].capacity < blocks[$1].capacity }) { return blocks.remove(at: index) }
    // The next file is about as large as this one; a little more, and the block will do for that, too.
    return .allocate(capacity + capacity / 4)
  }

  fileprivate func give(_ block: Block) {
    guard block.capacity <= Self.largestBlock else { return block.base.deallocate() }
    blocks.append(block)
    guard blocks.count > Self.mostBlocks else { return }
    if let smallest = blocks.indices.min(by: { blocks[$0].capacity < blocks[$1].capacity }) {
      blocks.remove(at: smallest).base.deallocate()
    }
  }
}

extension LogFileMemory? {
  /// A block of at least so many bytes.
  func take(_ capacity: Int) -> LogFileMemory.Block { self?.take(capacity) ?? .allocate(capacity) }

  /// Gives a block back, whose bytes nobody uses any more.
  func give(_ block: LogFileMemory.Block) {
    if let self { self.give(block) } else { block.base.deallocate() }
  }
}
