import Testing

@testable import Server

@Suite struct APIMetricsTests {
  @Test func callsAreCountedAndTimed() {
    let metrics = APIMetrics()
    metrics.count("sqs", "SendMessage", 200, 0.001)
    metrics.count("sqs", "SendMessage", 200, 0.0011)
    metrics.count("sqs", "SendMessage", 400, 60)
    metrics.count("events", "PutEvents", 200, 0.2)
    let lines = metrics.text().split(separator: "\n").map(String.init)
    let calls = lines.filter { $0.hasPrefix("signalbox_api_requests_total{") }
    #expect(
      calls == [
        #"signalbox_api_requests_total{service="events",operation="PutEvents",status="200"} 1"#,
        #"signalbox_api_requests_total{service="sqs",operation="SendMessage",status="200"} 2"#,
        #"signalbox_api_requests_total{service="sqs",operation="SendMessage",status="400"} 1"#,
      ]
    )
    // Each bucket has those of the smaller ones, too; what is on a bound belongs to it.
    let send = #"service="sqs",operation="SendMessage""#
    for (bound, count) in [("0.001", 1), ("0.0025", 2), ("30.0", 2), ("+Inf", 3)] {
      #expect(lines.contains(#"signalbox_api_request_seconds_bucket{\#(send),le="\#(bound)"} \#(count)"#))
    }
    #expect(lines.contains(#"signalbox_api_request_seconds_count{\#(send)} 3"#))
    #expect(lines.contains(#"signalbox_api_request_seconds_sum{service="events",operation="PutEvents"} 0.2"#))
  }

  @Test func labelsAreEscaped() {
    var text = MetricsText()
    text.begin("m", .gauge, "Help.")
    text.add(1, ["l": "a\"b\\c\nd"])
    #expect(text.text == "# HELP m Help.\n# TYPE m gauge\nm{l=\"a\\\"b\\\\c\\nd\"} 1\n")
  }
}
