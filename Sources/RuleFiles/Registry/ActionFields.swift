// The types of `kind: Action` with their settings.

extension VariantSpec {
  static let action = VariantSpec(
    "action",
    by: "type",
    common: [
      FieldSpec("params", .map(.mapping(.parameter)), "The values a step hands over, by name."),
      FieldSpec("env", .map(.setting), "Additional environment variables: text with placeholders, or `{env: NAME}`."),
      FieldSpec(
        "emits",
        .list(.json),
        "The events the action causes, as fields of `detail`: they must not trigger it again."
      ),
      FieldSpec(
        "timeout",
        .positiveTimeSpan,
        "How long a run may take before its process group is killed. The default is 60s."
      ),
      FieldSpec("idempotent", .boolean, "Whether running twice does no harm. The default is false."),
      FieldSpec("limits", .mapping(.limits), "How fast and how much at a time."),
      FieldSpec("retry", .mapping(.retry), "How long and how often a run is tried."),
      FieldSpec("dead-letter", .reference(.target, inline: nil), "The queue that gets what could not be run."),
    ],
    [
      ("command", .command),
      ("script", .script),
    ]
  )
}

extension MappingSpec {
  static let command = MappingSpec(
    "command",
    "Runs a program with a list of arguments, never through a shell; the event is on standard input.",
    [
      FieldSpec(
        "argv",
        .list(.string, atLeast: 1),
        required: true,
        "The program and its arguments. A placeholder goes into its argument whole, whatever it holds."
      )
    ]
  )

  static let script = MappingSpec(
    "script",
    "Runs a file of the repository; the event is on standard input, parameters are environment variables.",
    [
      FieldSpec(
        "file",
        .line,
        required: true,
        "The script; the path counts from the rule file's folder and stays in the repository."
      ),
      FieldSpec("interpreter", .list(.line), "The program, with arguments, that runs the script: `[python3, -u]`."),
    ]
  )

  static let parameter = MappingSpec(
    "parameter",
    "A value a step hands over.",
    [
      FieldSpec(
        "type",
        .oneOf(ActionDefinition.Parameter.ValueType.self),
        "The form of the value. The default is string."
      ),
      FieldSpec("match", .line, "The regular expression (RE2 syntax) that the value must match."),
      FieldSpec("default", .string, "The value if a step gives none; without it the parameter is required."),
      FieldSpec("description", .string, "What the value is for."),
    ]
  )
}
