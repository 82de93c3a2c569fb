// Who waits for messages is woken by the commit that brings them, whatever part of the engine wrote them: the one
// statement that inserts messages notes their queues, a trigger on the writing connection those whose rows become
// receivable again, and the commit passes them on. Other processes write through connections of their own, so a waiter
// has to look for itself now and then as well.
//
// Inserts need no trigger, because there is one place for them; and with one, SQLite would keep copies of all pages that
// each of them changes.

internal import GRDB
internal import Synchronization

/// Tells which queues got messages.
package final class Arrivals: Sendable {
  private struct State {
    /// Queues that the transaction under way has touched.
    var touched: Set<Int64> = []
    var listeners: [@Sendable (Set<Int64>) -> Void] = []
  }

  private let state = Mutex(State())

  /// Calls back after every commit that put messages into queues or made them visible, with the queues' keys.
  ///
  /// The call comes on the thread that writes, so it has to be quick.
  package func listen(_ listener: @escaping @Sendable (Set<Int64>) -> Void) {
    state.withLock { $0.listeners.append(listener) }
  }

  /// Sets up the writing connection.
  func observe(_ pool: DatabasePool) throws {
    let note = DatabaseFunction("signalbox_arrived", argumentCount: 1) { [weak self] values in
      if let queue = Int64.fromDatabaseValue(values[0]) {
        self?.state.withLock { _ = $0.touched.insert(queue) }
      }
      return nil
    }
    try pool.writeWithoutTransaction { db in
      db.add(function: note)
      try db.execute(
        sql: """
          CREATE TEMP TRIGGER messages_reappear AFTER UPDATE OF queue, visible_at ON main.messages
          WHEN NEW.visible_at < OLD.visible_at OR NEW.queue <> OLD.queue
          BEGIN SELECT signalbox_arrived(NEW.queue); END;
          """
      )
    }
    pool.add(transactionObserver: CommitObserver(arrivals: self), extent: .databaseLifetime)
  }

  /// Notes that the transaction under way brings messages to a queue.
  static func note(_ queue: Int64, _ db: Database) throws {
    try db.cachedStatement(sql: "SELECT signalbox_arrived(?)").execute(arguments: [queue])
  }

  fileprivate func flush() {
    let (queues, listeners) = state.withLock { state in
      defer { state.touched = [] }
      return (state.touched, state.listeners)
    }
    guard !queues.isEmpty else { return }
    for listener in listeners { listener(queues) }
  }
}

/// Passes commits on; rows are the triggers' business.
private final class CommitObserver: TransactionObserver {
  let arrivals: Arrivals

  init(arrivals: Arrivals) { self.arrivals = arrivals }

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseDidCommit(_ db: Database) { arrivals.flush() }
  func databaseDidRollback(_ db: Database) { arrivals.flush() }
}
