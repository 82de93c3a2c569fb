// Files of JSON lines and standard output: the payload, one line each.

import Delivery
import EventPatterns

/// Writes each payload as one JSON line.
struct LineTarget: Target {
  let writer: LineWriter
  /// What a receipt says.
  let summary: String

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    do throws(LineWriteError) {
      try await writer.append(Self.line(of: request.payload))
    } catch {
      throw DeliveryFailure(.errorFromTarget, error.message, retryable: error.isRetryable)
    }
    return DeliveryReceipt(summary: summary)
  }

  /// JSON in one line; what is not JSON becomes a JSON string.
  static func line(of payload: [UInt8]) -> [UInt8] {
    if let value = try? JSONValue(parsing: payload) { return value.bytes }
    return JSONValue.string(String(decoding: payload, as: UTF8.self)).bytes
  }
}
