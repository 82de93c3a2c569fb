// Random waits. The draw uses one number of the generator and no rejection loop: the bias is below 2^-20 for any wait we
// could draw, and a generator that always says the same (in tests) gives the exact ends of the range.

extension ClosedRange where Bound == Duration {
  /// A duration out of the range, evenly spread over its milliseconds.
  func jittered(using generator: inout some RandomNumberGenerator) -> Duration {
    let low = lowerBound.milliseconds
    let width = UInt64(clamping: upperBound.milliseconds - low)
    let (high, _) = generator.next().multipliedFullWidth(by: width + 1)
    return .milliseconds(low + Int64(high))
  }
}
