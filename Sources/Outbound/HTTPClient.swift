// The HTTP client. One thread of its own runs libcurl's multi interface for all requests of the process: connections
// are kept and shared, HTTP/2 streams multiplexed, and no thread of Swift's cooperative pool ever waits for a socket.
//
//   send() ── Mailbox (lock) ──► TransferLoop (the thread) ──► Transfer (one easy handle) ──► continuation

import CCurl
import Foundation
import Synchronization

/// Sends HTTP requests.
///
/// Made once per process and shared; `shutdown()` ends its thread.
public final class HTTPClient: Sendable {
  private let mailbox: Mailbox

  /// How many idle connections are kept open for the next request.
  public static let idleConnections = 64

  /// Starts the client's thread.
  public init() throws(HTTPError) {
    guard Self.libraryIsReady, let multi = curl_multi_init() else {
      throw HTTPError(.internal, "libcurl could not be initialised")
    }
    _ = signalbox_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.idleConnections)
    let mailbox = Mailbox(multi: multi)
    self.mailbox = mailbox
    let thread = Thread { TransferLoop(mailbox: mailbox).run() }
    thread.name = "http"
    thread.start()
  }

  deinit {
    mailbox.stop()
  }

  /// Sends a request and waits for the whole answer.
  ///
  /// Cancelling the task drops the request at once.
  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let ticket = Ticket()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        mailbox.start(TransferOrder(ticket: ticket, request: request, continuation: continuation))
      }
    } onCancel: {
      ticket.isCancelled.store(true, ordering: .releasing)
      mailbox.cancel(ticket)
    }
    return try result.get()
  }

  /// Drops what is under way (it fails as cancelled), closes all connections and waits for the thread's end.
  public func shutdown() async {
    await withCheckedContinuation { mailbox.stop(then: $0) }
  }

  private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
}

/// The identity of one `send`, and whether its caller still wants it.
final class Ticket: Sendable {
  let isCancelled = Atomic(false)
}

/// What the loop needs to carry out one `send`.
struct TransferOrder: Sendable {
  var ticket: Ticket
  var request: HTTPRequest
  var continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>
}
