// Which events of the journal were on which bus, for buses that somebody looks at later: written with the event, so that
// a crash loses none, and small, so that whoever looks does not slow down who sends.

package import GRDB

/// Events on buses that are looked at later.
package struct BusArrivals: Sendable {
  /// An event that was on a bus.
  package struct Arrival: Sendable, Equatable {
    /// Its place: ascending, never used twice.
    package var number: Int64
    /// The ARN of the bus.
    package var bus: String
    /// The event as an EventBridge envelope (JSON); empty when the journal no longer has it.
    package var envelope: [UInt8]
  }

  /// Notes that an event of the journal was on a bus, given by its ARN.
  package static func add(_ eventID: String, on bus: String, _ db: Database) throws {
    try db.cachedStatement(sql: "INSERT INTO bus_arrivals (bus, event_id) VALUES (?, ?)")
      .execute(arguments: [bus, eventID])
  }

  /// The oldest arrivals, in their order: so many of them, and no more than make so many bytes, but at least one.
  package static func oldest(limit: Int, bytes: Int = .max, _ db: Database) throws -> [Arrival] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT number, bus, envelope FROM bus_arrivals LEFT JOIN journal USING (event_id) ORDER BY number LIMIT ?
          """
      ),
      arguments: [limit]
    )
    var arrivals: [Arrival] = []
    var size = 0
    while size < bytes, let row = try rows.next() {
      arrivals.append(Arrival(number: row[0], bus: row[1], envelope: try row.bytes(at: 2)))
      size += arrivals[arrivals.count - 1].envelope.count
    }
    return arrivals
  }

  /// Forgets the arrivals up to a number: they have been looked at.
  package static func remove(through number: Int64, _ db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM bus_arrivals WHERE number <= ?").execute(arguments: [number])
  }

  /// How many arrivals have not been looked at.
  package static func count(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "SELECT count(*) FROM bus_arrivals") ?? 0
  }
}
