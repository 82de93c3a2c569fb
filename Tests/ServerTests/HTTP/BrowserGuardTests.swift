import AWSProtocols
import Testing

@testable import Server

@Suite struct BrowserGuardTests {
  @Test(arguments: [
    "localhost", "localhost:4010", "LocalHost:1", "a.localhost", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:4010",
  ])
  func theMachinesOwnNamesAreTaken(_ host: String) {
    #expect(BrowserGuard.objection(to: ["host": host]) == nil)
  }

  @Test(arguments: [
    "", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0", "127.0.0.256", "128.0.0.1",
    "[::2]", "[::1", "[::1]x", "localhost:", "localhost:x", "127.0.0.1:80:80", "evil.example:4010", "xlocalhost",
    "0.0.0.0",
  ])
  func othersAreNot(_ host: String) {
    #expect(BrowserGuard.objection(to: ["host": host]) != nil)
  }

  @Test(arguments: [
    ("origin", "http://localhost:3000", true), ("origin", "https://127.0.0.1", true),
    ("origin", "http://[::1]:1", true), ("origin", "null", false), ("origin", "https://evil.example", false),
    ("origin", "https://localhost.evil.example", false), ("origin", "localhost", false), ("origin", "", false),
    ("sec-fetch-site", "cross-site", false), ("sec-fetch-site", "Cross-Site", false),
    ("sec-fetch-site", "same-origin", true), ("sec-fetch-site", "none", true),
  ])
  func pagesOfOthersAreRefused(_ name: String, value: String, isTaken: Bool) {
    let headers = Headers([("host", "localhost:4010"), (name, value)])
    #expect((BrowserGuard.objection(to: headers) == nil) == isTaken)
  }
}
