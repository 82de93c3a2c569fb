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

  /// The oldest arrivals, in their order.
  package static func oldest(limit: Int, _ db: Database) throws -> [Arrival] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT number, bus, envelope FROM bus_arrivals LEFT JOIN journal USING (event_id) ORDER BY number LIMIT ?
          """
      ),
      arguments: [limit]
    ).map { Arrival(number: $0[0], bus: $0[1], envelope: try $0.bytes(at: 2)) }
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
