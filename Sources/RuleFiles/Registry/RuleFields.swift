// The keys of `kind: Rule`, in the order in which `fmt` writes them.

extension MappingSpec {
  static let rule = MappingSpec(
    "rule",
    "What to look for in events, and what to do about it.",
    [
      FieldSpec("title", .line, "What a person reads first, in a few words."),
      FieldSpec("description", .string, "Why the rule exists and what a match means."),
      FieldSpec(
        "severity",
        .choice([
          .init("informational", "Good to know."),
          .init("low", "Look when there is time."),
          .init("medium", "Look this week. The default."),
          .init("high", "Look today."),
          .init("critical", "Look now."),
        ]),
        "How much a match matters."
      ),
      FieldSpec(
        "stage",
        .choice(stages),
        "How far the rule may go: draft < shadow < notify < enforce. The default is notify."
      ),
      FieldSpec("owner", .line, "Who looks after the rule."),
      FieldSpec("runbook", .line, "The address of the page that says what to do about a match."),
      FieldSpec("tags", .list(.line), "Free labels."),
      FieldSpec(
        "maps",
        .map(.list(.line)),
        "The controls and techniques the rule covers, by framework: `{mitre: [T1530], cis-aws-3.0.0: [\"2.1.4\"]}`."
      ),
      FieldSpec("bus", .line, "The event bus the rule listens on. The default is `default`."),
      FieldSpec(
        "outcome",
        .choice([
          .init("success", "Calls without `detail.errorCode`."),
          .init("failure", "Calls with `detail.errorCode`."),
          .init("any", "All calls. The default."),
        ]),
        "Which calls the rule is about: a shorthand for a condition on `detail.errorCode`."
      ),
      FieldSpec(
        "when",
        .pattern,
        "The event pattern that triggers the rule: EventBridge's pattern language, written in YAML."
      ),
      FieldSpec("every", .schedule, "When the rule fires on its own, instead of `when`: `rate(5 minutes)`, `cron(…)`."),
      FieldSpec(
        "unless",
        .list(.mapping(.exception)),
        "Exceptions: an event that matches one of them does not trigger the rule."
      ),
      FieldSpec("key", .list(.fieldPath, atLeast: 1), "The fields that say what one finding is about."),
      FieldSpec("once", .mapping(.once), "What happens to repeated findings with the same key."),
      FieldSpec("settle", .positiveTimeSpan, "How long a key must have been quiet before the rule fires."),
      FieldSpec(
        "let",
        .map(.fieldPath),
        "Values computed once per match and usable as `<name>` below: a name and the path of a field."
      ),
      FieldSpec("then", .list(.mapping(.step)), "What to do on a match, in order."),
      FieldSpec("tests", .list(.mapping(.test)), "The rule's own tests; they run offline, with virtual time."),
    ]
  )

  static let stages: [FieldType.Choice] = [
    .init("draft", "Compiled and tested only."),
    .init("shadow", "Evaluated live, decisions recorded, nothing leaves."),
    .init("notify", "`send` steps go out, `run` steps are planned and recorded but not executed. The default."),
    .init("enforce", "`run` steps execute, too."),
  ]

  static let exception = MappingSpec(
    "exception",
    "Events that are let pass, with the reason, and possibly for a time.",
    [
      FieldSpec("reason", .line, required: true, "Why the exception is right."),
      FieldSpec("owner", .line, "Who asked for it."),
      FieldSpec(
        "expires",
        .instant,
        "From when on the exception no longer holds; a date means its first second (UTC)."
      ),
      FieldSpec("when", .pattern, required: true, "The events that are let pass: an event pattern."),
    ]
  )

  static let once = MappingSpec(
    "once",
    "The first finding at once, the rest of the window together.",
    [
      FieldSpec("within", .positiveTimeSpan, required: true, "The window after the first finding."),
      FieldSpec(
        "then",
        .choice([
          .init("digest", "Later findings are counted and summed up when the window closes. The default."),
          .init("drop", "Later findings are counted and dropped."),
        ]),
        "What happens to the findings after the first."
      ),
    ]
  )

  static let step = MappingSpec(
    "step",
    "One thing to do: `send` something to a target, or `run` an action.",
    [
      FieldSpec("id", .id, "The step's name within the rule; `send-1`, `run-2`, … by its place if not written."),
      FieldSpec(
        "send",
        .reference(.target, inline: .target),
        "The target that gets the input: its id, or a definition."
      ),
      FieldSpec("run", .reference(.action, inline: .action), "The action that is run: its id, or a definition."),
      FieldSpec("input", .template, "What is sent: a template of any JSON shape. The event itself if not written."),
      FieldSpec("with", .map(.template), "The values for the action's parameters: templates by parameter name."),
      FieldSpec("guard", .mapping(.guard), "What has to hold before the action runs."),
      FieldSpec("verify", .mapping(.verify), "How to see that the action worked."),
    ]
  )

  static let `guard` = MappingSpec(
    "guard",
    "What has to hold before an action runs.",
    [
      FieldSpec("budget", .mapping(.budget), "How often the action may run."),
      FieldSpec("approve", .mapping(.approve), "Who has to say yes."),
    ]
  )

  static let budget = MappingSpec(
    "budget",
    "How often an action may run.",
    [
      FieldSpec("per-hour", .integer(1...1_000_000), "The most runs in an hour."),
      FieldSpec("per-key", .rate, "The most runs for one `key`."),
      FieldSpec(
        "over",
        .choice([
          .init("hold", "Runs beyond the budget wait for a person. The default."),
          .init("refuse", "Runs beyond the budget are refused and recorded."),
        ]),
        "What happens beyond the budget."
      ),
    ]
  )

  static let approve = MappingSpec(
    "approve",
    "Who has to say yes before an action runs.",
    [
      FieldSpec("by", .list(.line, atLeast: 1), required: true, "The people or teams that may say yes."),
      FieldSpec("when", .pattern, "The events that need approval; all if not written."),
      FieldSpec("timeout", .positiveTimeSpan, "How long to wait for an answer."),
      FieldSpec(
        "on-timeout",
        .choice([.init("deny", "Silence means no. The default."), .init("allow", "Silence means yes.")]),
        "What silence means."
      ),
    ]
  )

  static let verify = MappingSpec(
    "verification",
    "How to see that an action worked: an event that has to come.",
    [
      FieldSpec("expect", .template, required: true, "The event pattern the effect matches; may hold placeholders."),
      FieldSpec("within", .positiveTimeSpan, required: true, "How long to wait for it."),
      FieldSpec("else", .mapping(.verifyElse), "What to do if it does not come."),
    ]
  )

  static let verifyElse = MappingSpec(
    "else",
    "What to do if the effect is not seen.",
    [FieldSpec("send", .reference(.target, inline: nil), required: true, "The target that is told.")]
  )
}
