import AWSProtocols
import Testing

@Suite struct QueryExchangeTests {
  private func input(_ body: String) throws -> Input {
    let request = Fixture.form(body)
    return try Fixture.json.exchange(for: request).input(of: request)
  }

  /// Of a service whose clients post to the URLs of what they mean.
  @Test(arguments: [
    ("/000000000000/q", "", "http://h:1/000000000000/q"), ("/000000000000/a%2Fb", "", "http://h:1/000000000000/a/b"),
    ("/000000000000/q", "&Url=http://h:1/000000000000/other", "http://h:1/000000000000/other"), ("/", "", nil),
  ])
  func thePathStandsForAMember(_ path: String, form: String, expected: String?) throws {
    let operation = Operation<Void>("Take", "Takes.", input: [.required("Url", .string)]) { _, _ in [:] }
    let service = Service<Void>(
      id: "q",
      title: "Q",
      protocols: [.query(namespace: "n")],
      version: "1",
      pathMember: "Url",
      operations: [operation]
    ).serving(())
    for request in [
      WireRequest("GET", "\(path)?Action=Take\(form)"),
      WireRequest(
        "POST",
        path,
        headers: ["Content-Type": "application/x-www-form-urlencoded"],
        body: Array("Action=Take\(form)".utf8)
      ),
    ] {
      let exchange = try service.exchange(for: request)
      var fields = try exchange.unvalidatedFields(of: request)
      exchange.fillFromPath(of: request, at: "http://h:1", &fields)
      #expect(fields["Url"] == expected.map(Value.string) ?? .absent)
    }
  }

  @Test func aFormIsRead() throws {
    let input = try input(
      "ThingName=abc&Count=2&IsOn=true&At=2026-01-01T00%3A00%3A00Z&Bytes=AQI%3D&Names.member.2=b&Names.member.1=a"
        + "&Item.1=x+y&Item.2=%2B&Tags.entry.1.key=k&Tags.entry.1.value=v&T.1.K=a&T.1.V=b"
        + "&Parts.member.1.Id=i&Parts.member.1.Size=3&Unknown.1.2=x&=&&a"
    )
    #expect(input.string("Name") == "abc")
    #expect(input.integer(ifAny: "Count") == 2)
    #expect(input.bool(ifAny: "IsOn") == true)
    #expect(input.time(ifAny: "At")?.seconds == 1_767_225_600)
    #expect(input.blob(ifAny: "Bytes") == [1, 2])
    #expect(input.strings("Names") == ["a", "b"])
    #expect(input.strings("Flat") == ["x y", "+"])
    #expect(input.stringMap("Tags") == ["k": "v"])
    #expect(input.stringMap("FlatTags") == ["a": "b"])
    #expect(input.structures("Parts").first?.integer(ifAny: "Size") == 3)
  }

  @Test func anEmptyListIsEmptyAndNotAbsent() throws {
    let input = try input("ThingName=a&Names=")
    #expect(input.has("Names"))
    #expect(input.strings("Names") == [])
  }

  @Test(arguments: ["Count=x", "IsOn=maybe", "At=soon", "Bytes=*", "Count=99999999999"])
  func theWrongKindIsRefused(_ parameter: String) {
    let error = #expect(throws: AWSError.self) { try input("ThingName=a&\(parameter)") }
    #expect(error?.shape.code == "MalformedInput")
  }

  @Test func aNameWithManyPartsIsRefused() {
    let name = Array(repeating: "a", count: 100).joined(separator: ".")
    #expect(throws: AWSError.self) { try input("ThingName=a&\(name)=1") }
  }

  @Test func anAnswerIsXML() throws {
    let exchange = try Fixture.json.exchange(for: Fixture.form("ThingName=a"))
    let response = exchange.response(
      [
        "Name": "a<&>\"\u{1}", "At": .time(Timestamp(milliseconds: 1_500)), "Names": ["x", "y"], "Flat": ["f", "g"],
        "Tags": ["k": "v"], "FlatTags": ["a": "b"], "Parts": [["Id": "i", "Size": 1]], "IsOn": false,
      ],
      requestID: "id"
    )
    #expect(response.headers["content-type"] == "text/xml")
    #expect(
      response.text
        == #"<PutThingsResponse xmlns="https://things.example/"><PutThingsResult>"#
        + "<Name>a&lt;&amp;&gt;&quot;\u{FFFD}</Name><At>1970-01-01T00:00:01.500Z</At>"
        + "<Names><member>x</member><member>y</member></Names><Item>f</Item><Item>g</Item>"
        + "<Tags><entry><key>k</key><value>v</value></entry></Tags><T><K>a</K><V>b</V></T>"
        + "<Parts><member><Id>i</Id><Size>1</Size></member></Parts><IsOn>false</IsOn>"
        + "</PutThingsResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></PutThingsResponse>"
    )
  }

  @Test func anAnswerWithoutMembersHasAnEmptyResult() throws {
    let request = WireRequest("GET", "/?Action=DropThings")
    let response = try Fixture.json.exchange(for: request).response([:], requestID: "id")
    #expect(
      response.text == #"<DropThingsResponse xmlns="https://things.example/"><DropThingsResult></DropThingsResult>"#
        + "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DropThingsResponse>"
    )
  }

  @Test func errorsAreXML() {
    let response = AnswerFormat.query(namespace: "n").response(AWSError("Code", "a < b"), requestID: "id")
    #expect(
      response.text == #"<ErrorResponse xmlns="n"><Error><Type>Sender</Type><Code>Code</Code><Message>a &lt; b"#
        + "</Message></Error><RequestId>id</RequestId></ErrorResponse>"
    )
  }

  @Test func anUnknownActionIsInvalid() {
    let failure = #expect(throws: RoutingFailure.self) {
      try Fixture.json.exchange(for: WireRequest("GET", "/?Action=Nope"))
    }
    #expect(failure?.error.shape.code == "InvalidAction")
  }
}
