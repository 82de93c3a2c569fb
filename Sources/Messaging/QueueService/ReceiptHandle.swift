// What a receipt handle says: the queue, the message's row and the secret of one receipt. Clients see it as opaque text.

internal import Foundation

/// A receipt handle.
struct ReceiptHandle: Sendable, Hashable {
  var queue: Int64
  var number: Int64
  var receipt: String

  init(queue: Int64, number: Int64, receipt: String) {
    self.queue = queue
    self.number = number
    self.receipt = receipt
  }

  /// Reads what a client sends back.
  init(_ text: String) throws(MessagingError) {
    let parts = Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self).split(separator: ".") } ?? []
    guard parts.count == 3, let queue = Int64(parts[0]), let number = Int64(parts[1]) else {
      throw Self.invalid(text)
    }
    self.init(queue: queue, number: number, receipt: String(parts[2]))
    // Base64 may be written in several ways, and is given out in one.
    guard self.text == text else { throw Self.invalid(text) }
  }

  var text: String { Data("\(queue).\(number).\(receipt)".utf8).base64EncodedString() }

  static func invalid(_ text: String) -> MessagingError {
    MessagingError(.receiptHandleIsInvalid, "The input receipt handle \"\(text)\" is not a valid receipt handle.")
  }

  /// What is said of a handle to a FIFO message whose visibility timeout is over.
  static func expired(_ text: String) -> MessagingError {
    .value(text, of: "ReceiptHandle", "The receipt handle has expired.")
  }
}
