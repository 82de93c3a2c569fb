// Compares what a test set off with what it expects.

internal import EventPatterns
internal import RuleFiles

/// One test's expectation against its outcome.
struct RuleTestCheck {
  let rule: Rule
  let test: RuleTest
  let outcome: RuleTestOutcome

  private var expect: RuleTest.Expectation { test.expect }
  private var fires: Bool { outcome.lastMatch?.triggers ?? false }

  /// Everything that did not come out as expected.
  func failures() -> [RuleTestResult.Failure] {
    if !outcome.problems.isEmpty { return outcome.problems }
    if let reason = unbreakable { return [failure(reason)] }
    var found: [RuleTestResult.Failure] = []
    // A step that cannot be rendered is a fault of the rule even where the test looks at something else.
    for decision in outcome.decisions where decision.disposition == .failed {
      found.append(failure("the step '\(decision.stepID)' cannot be rendered: \(decision.reason)"))
    }
    found += matchFailures() + becauseFailures() + sendFailures() + runFailures() + suppressedFailures()
    return found
  }

  /// Why nothing that the rule does could break the expectation, if that is so.
  private var unbreakable: String? {
    if expect.match == true, expect.because != nil {
      return "'because' says why the event does not match, and 'match: true' says that it does; drop one of them"
    }
    let sends = rule.steps.contains { if case .send = $0.operation { true } else { false } }
    let runs = rule.steps.contains { if case .run = $0.operation { true } else { false } }
    let breakable =
      expect.match != nil || expect.because != nil
      || expect.sends.map { sends || !$0.isEmpty } ?? false
      || expect.runs.map { runs || !$0.isEmpty } ?? false
      || expect.suppressed.map { $0 != 0 || !rule.exceptions.isEmpty || rule.once != nil } ?? false
    return breakable
      ? nil : "nothing can break this expectation; say match, because, sends, runs or suppressed so that it can fail"
  }

  // MARK: Matching

  private func matchFailures() -> [RuleTestResult.Failure] {
    guard let wanted = expect.match, wanted != fires else { return [] }
    if !wanted { return [failure("the event was not to trigger the rule, and it does")] }
    if let match = outcome.lastMatch, let exception = match.exception {
      return [
        failure(
          "the event was to trigger the rule, and the exception '\(rule.exceptions[exception].reason)' "
            + "(\(rule.exceptions[exception].position)) holds for it"
        )
      ]
    }
    let failing = failingConditions()
    let lines = failing.map { condition in
      let found = condition.found.isEmpty ? "nothing" : condition.found.joined(separator: ", ")
      let path = rule.pattern?.spelling(of: condition.path) ?? condition.path
      return "\(path): wanted \(condition.wanted), found \(found)"
    }
    return [
      failure(
        "the event was to trigger the rule, and its pattern does not match",
        got: lines.isEmpty ? nil : lines.joined(separator: "\n")
      )
    ]
  }

  private func becauseFailures() -> [RuleTestResult.Failure] {
    guard let wanted = expect.because else { return [] }
    guard !fires else { return [failure("the event was to fail at \(wanted), and it triggers the rule")] }
    if outcome.lastMatch != nil {
      return wanted == "unless"
        ? [] : [failure("the event was to fail at \(wanted), and an exception holds for it (because: unless)")]
    }
    let paths = failingPaths()
    if paths.contains((try? FieldPath(parsing: wanted))?.dotted ?? wanted) { return [] }
    return [
      failure(
        "the event does not match, but not because of \(wanted)",
        wanted: wanted,
        got: paths.map { rule.pattern?.spelling(of: $0) ?? $0 }.joined(separator: "\n")
      )
    ]
  }

  /// What `because` may name: the fields (and keywords) of conditions that fail, or the fields whose values come from
  /// different elements of an array.
  private func failingPaths() -> [String] {
    guard let explanation = explanation() else { return [] }
    let failing = explanation.conditions.filter { !$0.holds }
    let paths = failing.flatMap { $0.fields.contains($0.path) ? [$0.path] : [$0.path] + $0.fields }
    return paths + explanation.disagreeing
  }

  private func failingConditions() -> [PatternExplanation.Condition] {
    explanation()?.conditions.filter { !$0.holds } ?? []
  }

  private func explanation() -> PatternExplanation? {
    guard let event = outcome.lastEvent, let json = rule.pattern?.json,
      let pattern = try? EventPattern(parsing: json, language: .extended)
    else { return nil }
    return PatternExplanation(of: pattern, event: event)
  }

  // MARK: Steps

  private func sendFailures() -> [RuleTestResult.Failure] {
    guard let expected = expect.sends else { return [] }
    let fired = outcome.decisions.filter { $0.kind == .send }
    var found = unexpected(fired, expected: expected.map(\.step), verb: "sends")
    for send in expected {
      let decisions = fired.filter { $0.stepID == send.step }
      guard let last = decisions.last(where: { $0.disposition != .failed }) else {
        found += missing(send.step, of: fired, verb: "send", at: send.position)
        continue
      }
      guard let wanted = send.payload else { continue }
      // A step may fire for several events: one of them must send what is wanted.
      if decisions.contains(where: { PayloadDifference.all(wanted: wanted, payload: $0.payload).isEmpty }) { continue }
      found.append(different(PayloadDifference.all(wanted: wanted, payload: last.payload), send))
    }
    return found
  }

  private func different(_ differences: [PayloadDifference], _ send: RuleTest.ExpectedSend) -> RuleTestResult.Failure {
    let paths = differences.map(\.path).filter { !$0.segments.isEmpty }.map(\.description)
    func lines(_ value: (PayloadDifference) -> String) -> String {
      differences.map { $0.path.segments.isEmpty ? value($0) : "\($0.path): \(value($0))" }.joined(separator: "\n")
    }
    return failure(
      "the step '\(send.step)' sends something else" + (paths.isEmpty ? "" : ": \(paths.joined(separator: ", "))"),
      at: send.position,
      wanted: lines(\.wanted),
      got: lines(\.got)
    )
  }

  private func runFailures() -> [RuleTestResult.Failure] {
    guard let expected = expect.runs else { return [] }
    let fired = outcome.decisions.filter { $0.kind == .run }
    var found = unexpected(fired, expected: expected.map(\.step), verb: "runs")
    for run in expected {
      let decisions = fired.filter { $0.stepID == run.step }
      guard let last = decisions.last(where: { $0.disposition != .failed }) else {
        found += missing(run.step, of: fired, verb: "run", at: run.position)
        continue
      }
      if let argv = run.argv, !decisions.contains(where: { isPlanned($0.arguments, as: argv, in: run.position.file) }) {
        found.append(
          failure(
            "the step '\(run.step)' runs other arguments",
            at: run.position,
            wanted: list(argv),
            got: list(last.arguments)
          )
        )
      }
      for (name, value) in run.with ?? [] {
        let got = last.parameters.last { $0.name == name }?.value
        guard !decisions.contains(where: { $0.parameters.contains(ParameterValue(name: name, value: value)) }) else {
          continue
        }
        found.append(
          failure(
            "the step '\(run.step)' runs with another '\(name)'",
            at: run.position,
            wanted: value,
            got: got ?? "nothing"
          )
        )
      }
    }
    return found
  }

  /// Whether planned arguments are the expected ones. A script's file is planned as a path that leads there from where the
  /// test runs; the test may name it as the action does, from the rule file's folder.
  private func isPlanned(_ arguments: [String], as expected: [String], in ruleFile: String) -> Bool {
    let folder = ruleFile.lastIndex(of: "/").map { ruleFile[...$0] } ?? ""
    return arguments.count == expected.count
      && zip(arguments, expected).allSatisfy { $0 == $1 || $0 == folder + $1 }
  }

  private func unexpected(_ fired: [Decision], expected: [String], verb: String) -> [RuleTestResult.Failure] {
    var seen: Set<String> = Set(expected)
    return fired.filter { $0.disposition != .failed && seen.insert($0.stepID).inserted }.map {
      failure("the step '\($0.stepID)' \(verb), and the test does not expect it", got: readable($0.payload))
    }
  }

  private func missing(
    _ step: String,
    of fired: [Decision],
    verb: String,
    at position: SourcePosition
  ) -> [RuleTestResult.Failure] {
    // That it failed to render has been said already.
    if fired.contains(where: { $0.stepID == step }) { return [] }
    let exists = rule.steps.contains { $0.id == step }
    let reason = !exists ? "the rule has no such step" : fires ? "it is no \(verb) step" : "the rule does not fire"
    return [failure("the step '\(step)' was to \(verb), and \(reason)", at: position)]
  }

  private func suppressedFailures() -> [RuleTestResult.Failure] {
    guard let wanted = expect.suppressed else { return [] }
    if rule.once != nil { return [failure("'suppressed' cannot be tested yet for a rule with 'once'")] }
    guard wanted != outcome.suppressed else { return [] }
    return [failure("\(wanted) findings were to be suppressed, and \(outcome.suppressed) are")]
  }

  // MARK: Words

  private func failure(
    _ message: String,
    at position: SourcePosition? = nil,
    wanted: String? = nil,
    got: String? = nil
  ) -> RuleTestResult.Failure {
    RuleTestResult.Failure(position: position ?? expect.position, message: message, wanted: wanted, got: got)
  }

  private func list(_ arguments: [String]) -> String {
    JSONValue.array(arguments.map { .string($0) }).text
  }

  private func readable(_ payload: [UInt8]) -> String {
    (try? JSONValue(parsing: payload))?.prettyText ?? String(decoding: payload, as: UTF8.self)
  }
}
