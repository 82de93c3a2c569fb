// What came out of a rule's own test.

public import RuleFiles

/// The result of one test of one rule.
public struct RuleTestResult: Sendable, Hashable {
  /// The rule.
  public var ruleID: String
  /// The test's name.
  public var name: String
  /// Where the test is written.
  public var position: SourcePosition
  /// What did not come out as expected; empty when the test passed.
  public var failures: [Failure]

  /// Whether everything came out as expected.
  public var hasPassed: Bool { failures.isEmpty }

  /// An expectation that did not hold.
  public struct Failure: Sendable, Hashable {
    /// Where the expectation is written.
    public var position: SourcePosition
    /// What did not hold, in one sentence.
    public var message: String
    /// What was wanted, if there is more to compare than the message says.
    public var wanted: String?
    /// What came instead.
    public var got: String?
  }
}

extension Report {
  /// Makes a report of test results: a case for each test, in a group for each rule.
  public init(title: String = "test", results: [RuleTestResult]) {
    let cases = results.map { result in
      Case(
        name: result.name,
        group: result.ruleID,
        position: result.position,
        findings: result.failures.map { Finding($0) }
      )
    }
    self.init(title: title, noun: "test", cases: cases)
  }
}

extension Report.Finding {
  init(_ failure: RuleTestResult.Failure) {
    self.init(
      code: "test",
      summary: "An expectation of a rule's test did not hold",
      severity: .error,
      position: failure.position,
      message: failure.message,
      details: [failure.wanted.map { Detail("wanted", $0) }, failure.got.map { Detail("got", $0) }].compactMap { $0 }
    )
  }
}
