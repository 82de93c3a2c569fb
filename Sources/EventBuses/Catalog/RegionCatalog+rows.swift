// Resources as rows: a kind, a key and a JSON document.

internal import Foundation
internal import TrailEvents

extension RegionCatalog {
  /// The kind of the rows that hold what is secret about connections.
  static let secretKind = "connection-secret"

  /// Takes the rows that have changed since the last time.
  mutating func takeChanges(_ scope: Scope) -> [ResourceRow] {
    var rows: [ResourceRow] = []
    func take<Record>(_ kind: String, _ table: inout ResourceTable<Record>) {
      for (key, record) in table.takeChanged() {
        rows.append(ResourceRow(scope: scope, kind: kind, key: key, document: record.flatMap(Self.encoded)))
      }
    }
    take("bus", &buses)
    take("rule", &rules)
    take("archive", &archives)
    take("replay", &replays)
    take("connection", &connections)
    take(Self.secretKind, &secrets)
    take("api-destination", &destinations)
    take("endpoint", &endpoints)
    take("partner-source", &sources)
    take("tags", &tags)
    return rows
  }

  /// Puts in a row of the database; one of a kind that is not known here is left alone.
  mutating func load(_ row: ResourceRow) throws {
    func load<Record>(_ table: inout ResourceTable<Record>) throws {
      guard let document = row.document else { return }
      table.load(row.key, try JSONDecoder().decode(Record.self, from: Data(document)))
    }
    switch row.kind {
    case "bus": try load(&buses)
    case "rule": try load(&rules)
    case "archive": try load(&archives)
    case "replay": try load(&replays)
    case "connection": try load(&connections)
    case Self.secretKind: try load(&secrets)
    case "api-destination": try load(&destinations)
    case "endpoint": try load(&endpoints)
    case "partner-source": try load(&sources)
    case "tags": try load(&tags)
    default: break
    }
  }

  /// Records hold text, numbers and lists of them, which always encode.
  private static func encoded(_ record: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(record)).map(Array.init)
  }
}
