// The `tests` of a rule: fixtures are read and changed here, so that whoever runs the tests only needs the events.

import EventPatterns
import TrailEvents

extension RuleTest {
  /// Decodes a test of a rule with these steps; nothing if it cannot be run.
  init?(_ node: YAMLNode, steps: [Step], _ context: inout DecodingContext) {
    guard node.members != nil else { return nil }
    var given: [GivenEvent] = []
    for event in node["given"]?.itemsOrSelf ?? [] {
      if let event = GivenEvent(event, &context) { given.append(event) }
    }
    if let late = given.indices.dropFirst().first(where: { given[$0].at < given[$0 - 1].at }) {
      let message = "the event happens at \(given[late].at), before the one above it"
      context.log.report(.invalidValue, at: given[late].position, message, hint: "list events in order of time")
    }
    guard let expectation = node["expect"], expectation.members != nil else { return nil }
    self.init(
      name: node["name"]?.text ?? "",
      given: given,
      expect: Expectation(expectation, steps: steps, &context),
      position: node.position
    )
  }
}

extension RuleTest.GivenEvent {
  fileprivate init?(_ node: YAMLNode, _ context: inout DecodingContext) {
    guard node.members != nil else { return nil }
    at = node["at"]?.timeSpan ?? TimeSpan(seconds: 0)
    like = nil
    position = node.position
    switch (node["like"], node["event"]) {
    case (let fixture?, nil):
      guard let name = fixture.text else { return nil }
      let path = DecodingContext.path(of: name, besides: fixture.position.file)
      let hint = "the path counts from the rule file's folder"
      like = path
      guard !name.hasPrefix("/"), context.files.holds(path) else {
        let message = "the fixture '\(name)' is not a file of the repository"
        context.log.report(.missingFile, at: fixture.position, message, hint: "\(hint); copy it into the repository")
        return nil
      }
      do {
        event = try Self.envelope(try context.files.read(path))
      } catch {
        context.log.report(
          .missingFile,
          at: fixture.position,
          "the fixture '\(name)' cannot be used: \(error)",
          hint: hint
        )
        return nil
      }
    case (nil, let inline?):
      do {
        event = try Self.envelope(inline.json.bytes)
      } catch {
        context.log.report(.invalidValue, at: inline.position, "the event cannot be used: \(error)")
        return nil
      }
    case (.some, let inline?):
      context.log.report(.conflictingKeys, at: inline.position, "an event has 'like' or 'event', not both")
      return nil
    case (nil, nil):
      let hint = "write `like: fixtures/NAME.json`, or the event itself under `event:`"
      context.log.report(.missingKey, at: node.position, "the given event has neither 'like' nor 'event'", hint: hint)
      return nil
    }
    for member in node["set"]?.members ?? [] { apply(member.key, at: member.keyPosition, member.value.json, &context) }
    for path in node["unset"]?.itemsOrSelf ?? [] {
      if let text = path.text { apply(text, at: path.position, nil, &context) }
    }
    // A test of an event that no source would take shows nothing.
    if let lack = TrailRecord.lack(of: event.bytes) {
      let hint = "give a CloudTrail record, or an EventBridge event with detail-type, source and detail"
      context.log.report(.invalidValue, at: position, "the given event would not be read: \(lack)", hint: hint)
      return nil
    }
  }

  private mutating func apply(
    _ path: String,
    at position: SourcePosition,
    _ value: JSONValue?,
    _ context: inout DecodingContext
  ) {
    do {
      try event.set(FieldPath(parsing: path), to: value)
    } catch let error as NotationError {
      context.log.report(.invalidValue, at: position, error.message)
    } catch {
      context.log.report(.invalidValue, at: position, "\(error)")
    }
  }

  /// An EventBridge event as it is, a CloudTrail record with the envelope it would have, anything else as it is too: what
  /// it lacks is said once its changes are made.
  private static func envelope(_ bytes: [UInt8]) throws(FileProblem) -> JSONValue {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      // The parser's words quote what it met, and that may be a line of a file that is no fixture at all.
      let place = JSONReader(bytes).position(of: error.offset)
      throw FileProblem("it is not JSON at line \(place.line), column \(place.column)")
    }
    guard case .object(let object) = value else { throw FileProblem("it is \(value.kind) and has to be an object") }
    guard object["Records"] == nil else { throw FileProblem("it is a whole log file; keep one record of it") }
    guard TrailRecord.lack(of: bytes) == nil else { return value }
    do {
      return try JSONValue(parsing: TrailEvent(record: bytes).envelope)
    } catch {
      throw FileProblem("its envelope cannot be made")
    }
  }
}

extension RuleTest.Expectation {
  fileprivate init(_ node: YAMLNode, steps: [Step], _ context: inout DecodingContext) {
    match = node["match"]?.boolean
    because = node["because"]?.text
    suppressed = node["suppressed"]?.integer
    position = node.position
    if node.members?.isEmpty == true {
      let hint = "say what must come out: `match`, `because`, `sends`, `runs` or `suppressed`"
      context.log.report(.emptyExpectation, at: node.position, "nothing can break the expectation", hint: hint)
    }
    if let because = node.member("because"), match != false {
      let message = "'because' names the condition that fails, so the test has to say `match: false`"
      context.log.report(.conflictingKeys, at: because.keyPosition, message)
    }
    if match == false {
      for member in node.members ?? [] where ["sends", "runs"].contains(member.key) {
        let isEmpty = member.value.itemsOrSelf.isEmpty || member.value.members?.isEmpty == true
        guard !isEmpty else { continue }
        let message = "a rule that does not match does nothing, and '\(member.key)' says that it does"
        context.log.report(.conflictingKeys, at: member.keyPosition, message)
      }
    }
    sends = node["sends"].map { sends in
      context.steps(of: sends, "send", among: steps).map { step, value, position in
        let isAny = value == nil || value?.scalar.map { $0.isPlain && $0.text == "any" } == true
        return RuleTest.ExpectedSend(step: step, payload: isAny ? nil : value?.json, position: position)
      }
    }
    runs = node["runs"].map { runs in
      context.steps(of: runs, "run", among: steps).map { step, value, position in
        RuleTest.ExpectedRun(
          step: step,
          argv: value?["argv"]?.texts,
          with: value?["with"]?.members?.map { ($0.key, $0.value.text ?? "") },
          position: position
        )
      }
    }
  }
}

extension DecodingContext {
  /// The steps that an expectation names, either in a list or with what is expected of each.
  fileprivate mutating func steps(
    of node: YAMLNode,
    _ verb: String,
    among steps: [Step]
  ) -> [(step: String, value: YAMLNode?, position: SourcePosition)] {
    let named: [(step: String, value: YAMLNode?, position: SourcePosition)] =
      if let members = node.members {
        members.map { ($0.key, $0.value, $0.keyPosition) }
      } else {
        node.itemsOrSelf.compactMap { item in item.text.map { ($0, nil, item.position) } }
      }
    let known = steps.compactMap { step -> String? in
      switch step.operation {
      case .send: verb == "send" ? step.id : nil
      case .run: verb == "run" ? step.id : nil
      }
    }
    for entry in named where !known.contains(entry.step) {
      let hint = Suggestion.hint(for: entry.step, among: known)
      log.report(.unknownStep, at: entry.position, "the rule has no '\(verb)' step '\(entry.step)'", hint: hint)
    }
    return named
  }
}
