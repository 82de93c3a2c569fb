import AWSProtocols
import Testing

@Suite struct RESTExchangeTests {
  @Test func labelsQueryAndHeadersAreRead() throws {
    let request = WireRequest("GET", "/things/a%2Fb%20c?filter=x&filter=y", headers: ["X-Token": "t"])
    let input = try Fixture.rest.exchange(for: request).input(of: request)
    #expect(input.string("Name") == "a/b c")
    #expect(input.strings("Filter") == ["x", "y"])
    #expect(input.string(ifAny: "Token") == "t")
  }

  @Test(arguments: [
    ("/things/arn:aws:x:y:z:a/b", "arn:aws:x:y:z:a/b"), ("/things/arn%3Aaws%3Ax%3Ay%3Az%3Aa%2Fb", "arn:aws:x:y:z:a/b"),
  ])
  func anARNMayHaveSlashesInThePath(_ path: String, name: String) throws {
    let request = WireRequest("GET", path)
    #expect(try Fixture.rest.exchange(for: request).input(of: request).string("Name") == name)
  }

  @Test func theBodyHasItsOwnNames() throws {
    let request = WireRequest("PUT", "/things/n", body: Array(#"{"size":3}"#.utf8))
    let exchange = try Fixture.rest.exchange(for: request)
    let input = try exchange.input(of: request)
    #expect(input.integer(ifAny: "Size") == 3)
    let response = exchange.response(.fields(input.fields), requestID: "id")
    #expect(response.status == 201)
    #expect(response.text == #"{"size":3}"#)
    #expect(response.headers["x-name"] == "n")
  }

  @Test(arguments: [("DELETE", "/things/a"), ("GET", "/things"), ("GET", "/things/a/b"), ("GET", "/"), ("GET", "")])
  func otherPathsAreUnknown(_ method: String, path: String) {
    let failure = #expect(throws: RoutingFailure.self) { try Fixture.rest.exchange(for: WireRequest(method, path)) }
    #expect(failure?.error.shape.code == "UnknownOperationException")
  }

  @Test func errorsHaveTheirTypeInTheHeader() {
    let response = AnswerFormat.restJSON.response(AWSError("Gone", "Away.", status: 404), requestID: "id")
    #expect(response.status == 404)
    #expect(response.headers["x-amzn-errortype"] == "Gone")
    #expect(response.text == #"{"message":"Away."}"#)
  }
}
