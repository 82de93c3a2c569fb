// Rules that fire on their own (`every`): the event they fire with and what they decide.

internal import EventPatterns
public import RuleFiles
public import TrailEvents

extension RuleSet {
  /// The event of a scheduled firing, as EventBridge sends it.
  ///
  /// Its id is the same for the same rule and instant, so that a firing that is repeated after a crash is known.
  public func scheduledEvent(rule index: Int, at instant: Instant, account: String, region: String) -> TrailEvent {
    let rule = repository.rules[index]
    let id = StableID.scheduledEvent(rule: rule.id, at: instant.seconds)
    let envelope = JSONValue.members([
      "version": .string("0"),
      "id": .string(id),
      "detail-type": .string("Scheduled Event"),
      "source": .string("aws.events"),
      "account": .string(account),
      "time": .string(instant.description),
      "region": .string(region),
      "resources": .array([.string("arn:aws:events:\(region):\(account):rule/\(rule.id)")]),
      "detail": .object(JSONObject()),
    ])
    return TrailEvent(
      eventID: id,
      envelope: envelope.bytes,
      source: "aws.events",
      detailType: "Scheduled Event",
      account: account,
      region: region,
      time: instant.seconds
    )
  }

  /// Decides what a scheduled rule does when it fires.
  public func decide(firing rule: Int, event: TrailEvent) -> [Decision] {
    decide(event, matches: [RuleMatch(rule: rule)], at: Instant(seconds: event.time))
  }
}
