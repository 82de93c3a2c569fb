import AWSProtocols
import EventPatterns
import Testing

@Suite struct JSONExchangeTests {
  private func input(_ body: String) throws -> Input {
    let request = Fixture.jsonRequest(body)
    return try Fixture.json.exchange(for: request).input(of: request)
  }

  @Test func everyKindIsRead() throws {
    let input = try input(
      #"{"Name":"abc","Count":2.0,"Big":9007199254740993,"Ratio":0.5,"IsOn":true,"At":1.5,"Bytes":"AQI=","Free":{"a":[1]},"#
        + #""Names":["a","b"],"Tags":{"k":"v"},"Parts":[{"Id":"x","Size":3}],"Unknown":1,"Kind":null}"#
    )
    #expect(input.string("Name") == "abc")
    #expect(input.integer(ifAny: "Count") == 2)
    #expect(input.integer(ifAny: "Big") == 9_007_199_254_740_993)
    #expect(input.double(ifAny: "Ratio") == 0.5)
    #expect(input.bool(ifAny: "IsOn") == true)
    #expect(input.time(ifAny: "At") == Timestamp(milliseconds: 1500))
    #expect(input.blob(ifAny: "Bytes") == [1, 2])
    #expect(input.document(ifAny: "Free")?.text == #"{"a":[1]}"#)
    #expect(input.strings("Names") == ["a", "b"])
    #expect(input.stringMap("Tags") == ["k": "v"])
    #expect(input.structures("Parts").map { $0.string("Id") } == ["x"])
    #expect(!input.has("Kind"))
  }

  @Test(arguments: [
    (#"{"Name":1}"#, "Name: a string was expected, but there is a number"),
    (#"{"Count":"x"}"#, "Count: an integer was expected, but there is a string"),
    (#"{"Count":99999999999}"#, "Count: an integer was expected, but there is a number"),
    (#"{"Parts":[{"Id":[]}]}"#, "Parts.1.Id: a string was expected, but there is a list"),
    (#"{"Tags":[]}"#, "Tags: an object was expected, but there is a list"),
    (#"{"Bytes":"*"}"#, "Bytes: base64 was expected, but there is a string"),
    (#"{"At":"soon"}"#, "At: a time was expected, but there is a string"),
    ("[]", "A JSON object was expected"),
  ])
  func theWrongKindIsToldWithItsPlace(_ body: String, message: String) {
    let error = #expect(throws: AWSError.self) { try input(body) }
    #expect(error?.shape.code == "SerializationException")
    #expect(error?.message == message)
  }

  @Test(arguments: ["{", "nul", "\u{1}", #"{"Name":"#, #"{"Name":"a"}x"#])
  func whatIsNoJSONIsRefused(_ body: String) {
    let error = #expect(throws: AWSError.self) { try input(body) }
    #expect(error?.shape.code == "SerializationException")
  }

  @Test func deepJSONIsRefused() {
    let body = #"{"Free":"# + String(repeating: "[", count: 100_000)
    #expect(throws: AWSError.self) { try input(body) }
  }

  static let name = #""Name":"a""#

  @Test(arguments: [
    ("{}", "Value null at 'name' failed to satisfy constraint: Member must not be null"),
    (
      "{\(name),\"Parts\":[{\"Id\":\"\"}]}",
      "Value '' at 'parts.1.member.id' failed to satisfy constraint: Member must have length greater than or equal to 1"
    ),
    (
      #"{"Name":"abcdefghi"}"#,
      "Value 'abcdefghi' at 'name' failed to satisfy constraint: Member must have length less than or equal to 8"
    ),
    (
      #"{"Name":"A"}"#,
      "Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"
    ),
    (
      "{\(name),\"Kind\":\"THREE\"}",
      "Value 'THREE' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [ONE, TWO]"
    ),
    (
      "{\(name),\"Count\":0}",
      "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1"
    ),
    (
      "{\(name),\"Count\":11}",
      "Value '11' at 'count' failed to satisfy constraint: Member must have value less than or equal to 10"
    ),
    (
      "{\(name),\"Names\":[\"a\",\"b\",\"c\"]}",
      "Value '[a, b, c]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 2"
    ),
    (
      "{\(name),\"Parts\":[{\"Id\":\"x\"},{}]}",
      "Value null at 'parts.2.member.id' failed to satisfy constraint: Member must not be null"
    ),
    (
      "{\(name),\"Password\":\"a\"}",
      "Value '***' at 'password' failed to satisfy constraint: Member must have length greater than or equal to 3"
    ),
  ])
  func whatIsNotKeptIsToldInAWSsWords(_ body: String, sentence: String) {
    let error = #expect(throws: AWSError.self) { try input(body) }
    #expect(error?.shape.code == "ValidationException")
    #expect(error?.message == "1 validation error detected: \(sentence)")
  }

  @Test func allViolationsAreCounted() {
    let error = #expect(throws: AWSError.self) { try input(#"{"Count":0,"Kind":"x"}"#) }
    #expect(error?.message.hasPrefix("3 validation errors detected: Value null at 'name'") == true)
  }

  @Test func anAnswerIsWritten() throws {
    let request = Fixture.jsonRequest(#"{"Name":"a"}"#)
    let exchange = try Fixture.json.exchange(for: request)
    let response = exchange.response(
      [
        "Name": "a", "At": .time(Timestamp(milliseconds: 1_500)), "Names": ["x"], "Tags": ["k": "v"],
        "Parts": [["Id": "i", "Size": 1]], "Bytes": .blob([1]), "Ratio": .double(0.25), "IsOn": true, "Count": 7,
        "NotDeclared": "x", "Free": .absent,
      ],
      requestID: "id"
    )
    #expect(response.status == 200)
    #expect(response.headers["x-amzn-requestid"] == "id")
    #expect(response.headers["content-type"] == "application/x-amz-json-1.1")
    #expect(
      response.text
        == #"{"Name":"a","At":1.5,"Names":["x"],"Tags":{"k":"v"},"Parts":[{"Id":"i","Size":1}],"Bytes":"AQ==","Count":7,"#
        + #""Ratio":0.25,"IsOn":true}"#
    )
  }

  @Test func errorsHaveTheirTypeInTheBody() throws {
    let error = AWSError("QueueDoesNotExist", "It does not.", queryCode: "AWS.SimpleQueueService.NonExistentQueue")
    let response = AnswerFormat.json(version: "1.0").response(error, requestID: "id")
    #expect(response.status == 400)
    #expect(response.text == #"{"__type":"QueueDoesNotExist","message":"It does not."}"#)
    #expect(response.headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender")
  }

  @Test func unknownAndMissingOperationsAreToldApart() {
    let unknown = #expect(throws: RoutingFailure.self) {
      try Fixture.json.exchange(for: Fixture.jsonRequest("{}", "Nope"))
    }
    #expect(unknown?.error.shape.code == "UnknownOperationException")
    let missing = #expect(throws: RoutingFailure.self) {
      try Fixture.json.exchange(for: Fixture.jsonRequest("{}", "BreakThings"))
    }
    #expect(missing?.error.message == "BreakThings is not offered here: things do not break here")
  }
}
