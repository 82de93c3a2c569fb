// What the client's thread does: take commands, let libcurl move bytes, finish what is done, sleep until a socket, a
// timer of libcurl's or a command wakes it.

import CCurl
import Glibc
import Synchronization

/// The loop over all transfers; lives on one thread.
final class TransferLoop {
  private let mailbox: Mailbox
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]

  /// The longest sleep in milliseconds; commands and libcurl's own timers end it sooner.
  private let longestSleep: Int32 = 60_000

  init(mailbox: Mailbox) {
    self.mailbox = mailbox
  }

  func run() {
    blockBrokenPipeSignal()
    while true {
      let (commands, isStopping) = mailbox.take()
      for command in commands { obey(command) }
      if isStopping { break }
      var running: Int32 = 0
      curl_multi_perform(mailbox.multi, &running)
      collect()
      curl_multi_poll(mailbox.multi, nil, 0, longestSleep, nil)
    }
    for transfer in transfers.values { finish(transfer, .failure(Mailbox.shutDown)) }
    mailbox.end()
  }

  /// OpenSSL writes to sockets in a way that raises SIGPIPE when the other side is gone; blocked, it is an error instead.
  private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  private func obey(_ command: Mailbox.Command) {
    switch command {
    case .start(let order):
      guard !order.ticket.isCancelled.load(ordering: .acquiring) else {
        return order.continuation.resume(returning: .failure(Transfer.cancelled))
      }
      do throws(HTTPError) {
        let transfer = try Transfer(order)
        transfers[transfer.easy] = transfer
        curl_multi_add_handle(mailbox.multi, transfer.easy)
      } catch {
        order.continuation.resume(returning: .failure(error))
      }
    case .cancel(let ticket):
      guard let transfer = transfers.values.first(where: { $0.order.ticket === ticket }) else { return }
      finish(transfer, .failure(Transfer.cancelled))
    }
  }

  /// Finishes what libcurl reports as done, or sends it on where a redirect leads.
  private func collect() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(mailbox.multi, &left)?.pointee {
      guard message.msg == CURLMSG_DONE, let transfer = transfers[message.easy_handle] else { continue }
      let code = message.data.result
      do throws(HTTPError) {
        if try transfer.redirects(after: code) {
          curl_multi_remove_handle(mailbox.multi, transfer.easy)
          curl_multi_add_handle(mailbox.multi, transfer.easy)
        } else {
          finish(transfer, .success(try transfer.response(after: code)))
        }
      } catch {
        finish(transfer, .failure(error))
      }
    }
  }

  private func finish(_ transfer: Transfer, _ result: Result<HTTPResponse, HTTPError>) {
    curl_multi_remove_handle(mailbox.multi, transfer.easy)
    transfers[transfer.easy] = nil
    transfer.order.continuation.resume(returning: result)
  }
}
