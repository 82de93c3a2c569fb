import Testing

@testable import Outbound

@Suite struct RequestURLTests {
  @Test(arguments: [
    ("https://hooks.example.com/services/T0/SECRET?token=SECRET", "https://hooks.example.com"),
    ("http://user:SECRET@example.com:8080/x", "http://example.com:8080"),
    ("HTTPS://EXAMPLE.com:443/", "https://example.com"),
    ("http://[::1]:8080/", "http://[::1]:8080"),
    ("http://0x7f.1/", "http://127.0.0.1"),
    ("http://2130706433/", "http://127.0.0.1"),
    ("http://017700000001/", "http://127.0.0.1"),
    ("http://example.com#@evil.example/", "http://example.com"),
  ])
  func onlyTheOriginIsShown(_ text: String, _ origin: String) throws {
    #expect(try RequestURL(parsing: text).origin == origin)
  }

  @Test(arguments: [
    ("https://example.com", false), ("http://example.com", true), ("http://10.0.0.1", true), ("http://[::1]:1", false),
    ("http://127.0.0.1:1", false), ("http://0x7f.1/", false), ("http://localhost:1", false),
    ("http://a.localhost", false),
    ("http://127.0.0.1.example.com", true), ("http://127.0.0.1@example.com", true),
    ("http://localhost.example.com", true),
  ])
  func withoutTLSOnlyThisMachineIsOutOfSight(_ text: String, _ isReadable: Bool) throws {
    #expect(try HTTPRequest.isReadable(text) == isReadable)
  }

  @Test(arguments: [
    "", "example.com", "/path", "ftp://example.com/", "file:///etc/passwd", "gopher://x/", "http://",
    "http://exa mple.com/", "http://example.com/\r\nx: y", "javascript:alert(1)", "http://example.com:99999/",
  ])
  func otherThingsAreRefused(_ text: String) {
    let error = #expect(throws: HTTPError.self) { try RequestURL(parsing: text) }
    #expect(error?.code == .invalidRequest)
  }
}
