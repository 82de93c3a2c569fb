// Files of JSON lines and standard output: the payload, one line each.

import Delivery
import EventPatterns

/// Writes each payload as one JSON line.
struct LineTarget: Target {
  let writer: LineWriter
  /// What a receipt says.
  let summary: String
  /// How long an attempt waits for its line to be written.
  var timeout: Duration = .seconds(10)

  func deliver(_ request: DeliveryRequest) async throws(DeliveryFailure) -> DeliveryReceipt {
    let line = Self.line(of: request.payload)
    let result = await withTaskGroup(of: Result<Void, DeliveryFailure>?.self) { [writer, timeout, summary] group in
      group.addTask {
        do throws(LineWriteError) {
          return .success(try await writer.append(line))
        } catch {
          return .failure(DeliveryFailure(.errorFromTarget, error.message, retryable: error.isRetryable))
        }
      }
      group.addTask {
        do { try await Task.sleep(for: timeout) } catch { return nil }
        let message = "the line was not \(summary) within \(timeout)"
        return .failure(DeliveryFailure(.timeout, message, retryable: true))
      }
      var first: Result<Void, DeliveryFailure>?
      for await result in group {
        group.cancelAll()
        // A line that was written in the last moment is written.
        if case .success? = result { return result }
        first = first ?? result
      }
      return first
    }
    try result?.get()
    return DeliveryReceipt(summary: summary)
  }

  /// JSON in one line; what is not JSON becomes a JSON string.
  static func line(of payload: [UInt8]) -> [UInt8] {
    if let value = try? JSONValue(parsing: payload) { return value.bytes }
    return JSONValue.string(String(decoding: payload, as: UTF8.self)).bytes
  }
}
