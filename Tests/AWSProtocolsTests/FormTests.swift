import AWSProtocols
import Testing

@Suite struct FormTests {
  private func read(_ body: String) throws -> Input {
    let request = Fixture.form("ThingName=a&" + body)
    return try Fixture.json.exchange(for: request).input(of: request)
  }

  private func wanted(_ body: String) -> WantedOperation {
    var request = Fixture.form("")
    request.body = Array(body.utf8)
    return WantedOperation(request)
  }

  @Test(arguments: [
    ("Item.1=a", "a"), ("Item.1=a%20b", "a b"), ("Item.1=a+b", "a b"), ("Item.1=%C3%A9", "é"), ("Item.1=a%", "a%"),
    ("Item.1=a%4", "a%4"), ("Item.1=a%zz", "a%zz"), ("Item.1=a=b", "a=b"), ("&&Item.1=a&&", "a"), ("Item.1", ""),
    ("Item.1=a&Item.1=b", "b"), ("%49tem.1=a", "a"), ("x&Item.1=a", "a"), ("Item.1=%26%3D", "&="),
  ])
  func escapesAndEmptyPartsAreRead(_ body: String, item: String) throws {
    #expect(try read(body).strings("Flat") == [item])
  }

  @Test func aFormHasSoManyParameters() throws {
    #expect(try read("Item.1=a" + String(repeating: "&x=y", count: 4_996)).strings("Flat") == ["a"])
    let error = #expect(throws: AWSError.self) { try read("Item.1=a" + String(repeating: "&x=y", count: 4_997)) }
    #expect(error?.shape.code == "MalformedInput")
  }

  /// A stranger's eight megabytes must not cost more than their bytes: the reading ends at the limit.
  @Test func aFormThatIsTooLongIsNotReadToItsEnd() throws {
    let request = Fixture.form(String(repeating: "&a=", count: 2_000_000))
    let start = ContinuousClock.now
    #expect(throws: AWSError.self) { try Fixture.json.exchange(for: request).input(of: request) }
    #expect(ContinuousClock.now - start < .seconds(2))
  }

  @Test(arguments: [
    ("Action=A&Version=1", "A", "1"), ("Version=1&Action=A", "A", "1"), ("x=Action=B&Action=A", "A", nil),
    ("Action=A%42&Version=", "AB", ""), ("NotAction=B&Action=A", "A", nil), ("", nil, nil), ("Action", nil, nil),
    ("Action=\(String(repeating: "A", count: 300))", nil, nil),
  ] as [(String, String?, String?)])
  func whatIsWantedIsReadWithoutTheRest(_ body: String, action: String?, version: String?) {
    #expect(wanted(body).action == action)
    #expect(wanted(body).version == version)
  }
}
