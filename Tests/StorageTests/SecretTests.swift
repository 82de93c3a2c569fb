import Foundation
import GRDB
import Testing

@testable import Storage

@Suite("Secrets at rest")
struct SecretTests {
  static let box = SecretBox(key: [UInt8](repeating: 1, count: 32), origin: "keys/master.key")
  static let other = SecretBox(key: [UInt8](repeating: 2, count: 32), origin: "keys/master.key")
  static let place = SecretPlace.connection(account: "1", region: "r", name: "n")

  let directory = TestDirectory()

  /// Whether any file of the directory has a text in its bytes.
  func isOnDisk(_ text: String) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).contains { name in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/" + name))
      return bytes.range(of: Data(text.utf8)) != nil
    }
  }

  @Test func `What is sealed is opened by its key in its row, and not otherwise`() throws {
    let sealed = try Self.box.seal(Array("s3cr3t".utf8), for: Self.place)
    #expect(Self.box.open(sealed, for: Self.place) == Array("s3cr3t".utf8))
    #expect(SecretBox.isSealed(sealed) && !SecretBox.isSealed(Array("{}".utf8)))
    #expect(try Self.box.seal(Array("s3cr3t".utf8), for: Self.place) != sealed)
    var changed = sealed
    changed[20] ^= 1
    let elsewhere: [(SecretBox, [UInt8], SecretPlace)] = [
      (Self.other, sealed, Self.place), (Self.box, changed, Self.place),
      (Self.box, Array(sealed.dropLast()), Self.place),
      (Self.box, [], Self.place), (Self.box, [1], Self.place), (Self.box, Array("{}".utf8), Self.place),
      (Self.box, sealed, .connection(account: "1", region: "r", name: "m")),
      (Self.box, sealed, .connection(account: "2", region: "r", name: "n")),
      (Self.box, sealed, .signingKey(purpose: "n")),
    ]
    for (box, bytes, place) in elsewhere { #expect(box.open(bytes, for: place) == nil) }
  }

  @Test func `Another key is told from the right one, and the file is named`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    #expect(try !database.hasSealedSecrets())
    try database.keepSecrets(in: Self.box)
    try database.keepSecrets(in: Self.box)
    #expect(try database.hasSealedSecrets())
    let error = #expect(throws: StorageError.self) { try database.keepSecrets(in: Self.other) }
    #expect(error == .wrongKey(origin: "keys/master.key", path: database.path))
    #expect(error?.description.hasPrefix("keys/master.key: this is not the key") == true)
  }

  @Test func `What an earlier version left in clear text is sealed, and its bytes are gone`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    try database.write { db in
      // A row that was changed and one that was deleted leave bytes behind.
      for text in ["clear-1", "clear-2", "clear-3"] {
        try db.execute(
          sql: "INSERT OR REPLACE INTO bus_resources VALUES ('1', 'r', 'connection-secret', 'n', ?)",
          arguments: [Data("{\"password\":\"\(text)\",\"more\":\"\(String(repeating: "x", count: 9000))\"}".utf8)]
        )
      }
      try db.execute(sql: "INSERT INTO bus_resources VALUES ('1', 'r', 'connection-secret', 'm', ?)", arguments: ["{}"])
      try db.execute(sql: "INSERT INTO bus_resources VALUES ('1', 'r', 'connection', 'n', ?)", arguments: ["{\"a\":1}"])
      try db.execute(sql: "INSERT INTO signing_keys VALUES ('sns', '-----BEGIN clear-key', 'certificate')")
      try db.execute(sql: "DELETE FROM bus_resources WHERE key = 'm'")
    }
    #expect(try isOnDisk("clear-3") && isOnDisk("clear-key"))
    let (count, isCleaned) = try database.keepSecrets(in: Self.box)
    #expect(count == 2 && isCleaned)
    for text in ["clear-1", "clear-2", "clear-3", "clear-key"] { #expect(try !isOnDisk(text)) }
    let rows = try database.read { db in
      (
        try Data.fetchOne(db, sql: "SELECT document FROM bus_resources WHERE kind = 'connection-secret'"),
        try Data.fetchOne(db, sql: "SELECT private_key FROM signing_keys"),
        try String.fetchOne(db, sql: "SELECT document FROM bus_resources WHERE kind = 'connection'")
      )
    }
    let secret = Self.box.open(Array(try #require(rows.0)), for: Self.place).map { String(decoding: $0, as: UTF8.self) }
    #expect(secret?.hasPrefix("{\"password\":\"clear-3\"") == true)
    #expect(
      Self.box.open(Array(try #require(rows.1)), for: .signingKey(purpose: "sns")) == Array("-----BEGIN clear-key".utf8)
    )
    #expect(rows.2 == "{\"a\":1}")
    #expect(try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM secret_checks") } == 1)
    // The second time there is nothing to do.
    #expect(try database.keepSecrets(in: Self.box).sealed == 0)
  }

  @Test func `With another key nothing in clear text is touched`() throws {
    let database = try EmbeddedDatabase(directory: directory.path)
    try database.keepSecrets(in: Self.box)
    try database.write { db in
      try db.execute(sql: "INSERT INTO signing_keys VALUES ('sns', 'clear', 'certificate')")
    }
    #expect(throws: StorageError.self) { try database.keepSecrets(in: Self.other) }
    #expect(try database.read { try String.fetchOne($0, sql: "SELECT private_key FROM signing_keys") } == "clear")
  }
}
