import Crypto
import Delivery
import Foundation
import HTTPTesting
import Outbound
import RuleFiles
import Testing

@testable import Targets

private let present: Int64 = 1_700_000_000

/// A webhook and its endpoint for one test.
private func withWebhook(
  _ settings: WebhookTarget.Settings? = nil,
  path: String = "/hook",
  answering answer: @escaping @Sendable (LocalHTTPServer.Request) -> LocalHTTPServer.Answer,
  _ body: (WebhookTarget, LocalHTTPServer) async throws -> Void
) async throws {
  let server = try LocalHTTPServer(answer)
  let client = try HTTPClient()
  var settings = settings ?? WebhookTarget.Settings(url: "", network: .any)
  if settings.url.isEmpty { settings.url = server.origin + path }
  let target = WebhookTarget(settings, http: client, version: "1.2.3") { Delivery.Instant(seconds: present) }
  try await body(target, server)
  server.stop()
  await client.shutdown()
}

@Suite struct WebhookTargetTests {
  @Test func thePayloadArrivesWithItsIdentity() async throws {
    try await withWebhook { _ in
      .status(200, body: Array("ok".utf8))
    } _: { target, server in
      let receipt = try await target.deliver(request())
      #expect(receipt == DeliveryReceipt(summary: "HTTP 200", output: "ok"))
      let seen = try #require(server.requests.first)
      #expect(seen.method == "POST")
      #expect(seen.body == Array(#"{"text":"hello"}"#.utf8))
      #expect(seen.header("content-type") == "application/json")
      #expect(seen.header("user-agent") == "Signalbox/1.2.3")
      #expect(seen.header("webhook-id") == "dlv-0123456789abcdef0123456789abcdef")
      #expect(seen.header("webhook-timestamp") == "1700000000")
      #expect(seen.header("webhook-signature") == nil)
    }
  }

  @Test(arguments: [
    (#"{"a":1}"#, "application/json"), (" [1]", "application/json"), ("hello", "text/plain; charset=utf-8"),
    ("{not json", "text/plain; charset=utf-8"), ("12", "text/plain; charset=utf-8"), ("", "text/plain; charset=utf-8"),
  ])
  func contentTypeFollowsThePayload(_ payload: String, _ type: String) {
    #expect(WebhookTarget.contentType(of: Array(payload.utf8)) == type)
  }

  @Test func whoeverAsksForTheAnswerGetsItAsItIs() async throws {
    var settings = WebhookTarget.Settings(url: "", network: .any)
    settings.secrets = ["hunter2"]
    let body = Array(("hunter2" + String(repeating: "x", count: 10_000)).utf8)
    try await withWebhook(settings) { _ in
      .status(200, body: body)
    } _: { target, _ in
      var request = request()
      #expect(try await target.deliver(request).answer.isEmpty)
      request.answerLimit = 1 << 20
      let receipt = try await target.deliver(request)
      #expect(receipt.answer == body)
      #expect(receipt.output.utf8.count < 5000 && !receipt.output.contains("hunter2"))
    }
  }

  @Test func ownHeadersReplaceOurs() async throws {
    var settings = WebhookTarget.Settings(url: "", network: .any)
    settings.headers = [HTTPHeader("content-type", "application/cloudevents+json"), HTTPHeader("X-Team", "secops")]
    settings.method = "PUT"
    try await withWebhook(settings) { _ in
      .status(204)
    } _: { target, server in
      _ = try await target.deliver(request())
      let seen = try #require(server.requests.first)
      #expect(seen.method == "PUT")
      #expect(seen.headers.filter { $0.name == "content-type" }.map(\.value) == ["application/cloudevents+json"])
      #expect(seen.header("x-team") == "secops")
    }
  }

  // The example of the Standard Webhooks specification; the value was computed by its reference implementation.
  @Test func signatureOfTheSpecification() throws {
    let signer = try WebhookSigner(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let body = Array(#"{"test": 2432232314}"#.utf8)
    #expect(
      signer.signature(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
  }

  @Test func rawSecretsSignTooAndTheReceiverCanCheckIt() async throws {
    var settings = WebhookTarget.Settings(url: "", network: .any)
    settings.signer = try WebhookSigner(secret: "a plain secret")
    try await withWebhook(settings) { _ in
      .status(200)
    } _: { target, server in
      _ = try await target.deliver(request())
      let seen = try #require(server.requests.first)
      let text = "\(seen.header("webhook-id") ?? "").\(seen.header("webhook-timestamp") ?? "")."
      let code = HMAC<SHA256>.authenticationCode(
        for: Array(text.utf8) + seen.body,
        using: SymmetricKey(data: Data("a plain secret".utf8))
      )
      #expect(seen.header("webhook-signature") == "v1," + Data(code).base64EncodedString())
    }
  }

  @Test(arguments: ["whsec_", "whsec_not base64!"])
  func brokenSigningSecretsAreRefusedWithoutShowingThem(_ secret: String) {
    let error = #expect(throws: TargetSetupError.self) { try WebhookSigner(secret: secret) }
    #expect(error?.message.contains("not base64!") == false)
  }

  @Test(
    arguments: [
      (200, nil), (201, nil), (204, nil),
      (301, false), (400, false), (403, false), (404, false), (410, false), (413, false), (422, false),
      (401, true), (407, true), (408, true), (409, true), (425, true), (429, true),
      (500, true), (502, true), (503, true), (504, true), (599, true),
    ] as [(Int, Bool?)]
  )
  func statusDecides(_ status: Int, _ isRetryable: Bool?) async throws {
    try await withWebhook { _ in
      .status(status, body: Array("said".utf8))
    } _: { target, _ in
      let failure = await failure(of: target, request())
      #expect(failure?.isRetryable == isRetryable)
      #expect(failure == nil || failure?.output == "said" || status == 204)
      #expect(failure == nil || failure?.message.contains("HTTP \(status)") == true)
    }
  }

  @Test(arguments: [
    (404, RetryConditions.only([.status(404)]), true), (500, .only([.status(404)]), false),
    (502, .only([.statusClass(5)]), true), (429, .only([.statusClass(5)]), false), (429, .only([.status(429)]), true),
    (500, .only([]), false),
  ])
  func onDecidesInstead(_ status: Int, _ conditions: RetryConditions, _ isRetryable: Bool) {
    #expect(conditions.includes(status: status) == isRetryable)
  }

  @Test(
    arguments: [
      (429, "120", Duration.seconds(120)), (503, "0", .seconds(0)),
      (503, "Tue, 14 Nov 2023 22:14:20 GMT", .seconds(60)),
      (503, "Sun, 06 Nov 1994 08:49:37 GMT", .seconds(0)), (429, "99999999999999999999", .seconds(7 * 86_400)),
      (429, "soon", nil), (429, "-5", nil), (500, "120", nil),
    ] as [(Int, String, Duration?)]
  )
  func retryAfterIsPassedOn(_ status: Int, _ header: String, _ wait: Duration?) async throws {
    try await withWebhook { _ in
      .status(status, headers: [("Retry-After", header)])
    } _: { target, _ in
      #expect(await failure(of: target, request())?.retryAfter == wait)
    }
  }

  @Test func anEndpointThatHangsTimesOut() async throws {
    let settings = WebhookTarget.Settings(url: "", network: .any, timeout: .milliseconds(100))
    try await withWebhook(settings) { _ in
      .hang
    } _: { target, _ in
      let failure = await failure(of: target, request())
      #expect(failure?.code == .timeout)
      #expect(failure?.isRetryable == true)
    }
  }

  @Test func networkFailuresFollowOn() {
    for code in [HTTPError.Code.nameLookup, .connect, .tls, .broken, .timeout] {
      let error = HTTPError(code, "x")
      #expect(WebhookOutcome.failure(for: error, retryOn: .standard).isRetryable)
      #expect(WebhookOutcome.failure(for: error, retryOn: .only([.network])).isRetryable)
      #expect(!WebhookOutcome.failure(for: error, retryOn: .only([.statusClass(5)])).isRetryable)
    }
    #expect(!WebhookOutcome.failure(for: HTTPError(.refusedByPolicy, "x"), retryOn: .only([.network])).isRetryable)
    #expect(WebhookOutcome.failure(for: HTTPError(.cancelled, "x"), retryOn: .only([])).isRetryable)
  }

  @Test func privateAddressesAreRefusedForGood() async throws {
    try await withWebhook(WebhookTarget.Settings(url: "", network: .public)) { _ in
      .status(200)
    } _: { target, server in
      let failure = await failure(of: target, request())
      #expect(failure?.code == .noPermissions)
      #expect(failure?.isRetryable == false)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func secretsNeverReachRecords() async throws {
    let settings = WebhookTarget.Settings(
      url: "",
      headers: [HTTPHeader("Authorization", "Bearer TOPSECRET", isSecret: true)],
      network: .any,
      secrets: ["Bearer TOPSECRET"]
    )
    try await withWebhook(settings, path: "/services/PATHSECRET?key=QUERYSECRET") { seen in
      .status(400, body: Array("bad header: \(seen.header("authorization") ?? "") \u{1B}[31m".utf8))
    } _: { target, server in
      let first = await failure(of: target, request())
      #expect(server.requests.first?.header("authorization") == "Bearer TOPSECRET")
      server.stop()
      let second = await failure(of: target, request())
      for text in [first?.message, first?.output, second?.message, second?.output] {
        let text = try #require(text)
        #expect(!text.contains("SECRET") && !text.contains("\u{1B}"), "\(text)")
      }
      #expect(first?.output.hasPrefix("bad header: [secret]") == true)
    }
  }

  @Test func longAnswersAreCut() async throws {
    try await withWebhook { _ in
      .status(500, body: [UInt8](repeating: 0x61, count: 100_000))
    } _: { target, _ in
      let failure = await failure(of: target, request())
      #expect(failure?.output.utf8.count ?? 0 < 5000)
      #expect(failure?.output.hasSuffix("[cut]") == true)
    }
  }
}
