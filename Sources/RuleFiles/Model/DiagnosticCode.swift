// Every code a diagnostic can have, in one place with its meaning. Codes are stable: they are never renumbered or reused.

/// The code of a finding: `SB1xx` syntax, `SB2xx` references, `SB3xx` patterns, `SB4xx` lint.
public enum DiagnosticCode: String, Sendable, Hashable, CaseIterable {
  /// Not readable.
  case unreadableFile = "SB100"
  /// Not YAML.
  case invalidYAML = "SB101"
  /// A key twice.
  case duplicateKey = "SB102"
  /// A key we do not know.
  case unknownKey = "SB103"
  /// A key that must be there.
  case missingKey = "SB104"
  /// A value of the wrong shape.
  case wrongType = "SB105"
  /// A value of the right shape that makes no sense.
  case invalidValue = "SB106"
  /// An id that is none.
  case invalidID = "SB107"
  /// A `kind` we do not know.
  case unknownKind = "SB108"
  /// YAML that the dialect leaves out.
  case unsupportedYAML = "SB109"
  /// Too big, too deep, too much expansion.
  case limitExceeded = "SB110"
  /// Not UTF-8.
  case invalidUTF8 = "SB111"
  /// Keys that exclude each other.
  case conflictingKeys = "SB112"
  /// A template that cannot be read.
  case invalidTemplate = "SB113"
  /// Nothing to read.
  case emptyFolder = "SB114"

  /// An id twice.
  case duplicateID = "SB201"
  /// A target that is not there.
  case unknownTarget = "SB202"
  /// An action that is not there.
  case unknownAction = "SB203"
  /// A list that is not there.
  case unknownList = "SB204"
  /// A placeholder nobody defines.
  case unknownPlaceholder = "SB205"
  /// A parameter the action does not have.
  case unknownParameter = "SB206"
  /// A parameter the step must give.
  case missingParameter = "SB207"
  /// A fixture or script that is not there.
  case missingFile = "SB208"
  /// A dead-letter target that is no queue.
  case notAQueue = "SB209"
  /// A step that is not there.
  case unknownStep = "SB210"
  /// A reference that leads back to itself.
  case referenceCycle = "SB211"
  /// A rule that is not there.
  case unknownRule = "SB213"
  /// Not available yet at a live stage.
  case notAvailableYet = "SB212"
  /// One queue, two minds.
  case conflictingQueues = "SB214"
  /// A field that the pattern does not name.
  case unknownField = "SB215"
  /// A secret that is not there.
  case missingSecret = "SB216"

  /// A pattern the engine refuses.
  case invalidPattern = "SB301"
  /// An extension where AWS's language is asked for.
  case patternExtension = "SB302"
  /// A match expression where a field is meant, or the other way round.
  case ambiguousOperator = "SB304"
  /// Not exportable.
  case notExportable = "SB303"

  /// An account id without quotes.
  case unquotedAccount = "SB401"
  /// A scalar for a list of one.
  case scalarForList = "SB402"
  /// A secret in the file.
  case literalSecret = "SB403"
  /// No tests.
  case missingTests = "SB404"
  /// No title.
  case missingTitle = "SB405"
  /// No owner.
  case missingOwner = "SB406"
  /// An exception that has ended.
  case expiredException = "SB407"
  /// An enforced action without a guard.
  case unguardedAction = "SB408"
  /// A pattern that lets events of all kinds pass.
  case broadPattern = "SB409"
  /// Two rules with the same pattern.
  case duplicatePattern = "SB410"
  /// An expectation that nothing can break.
  case emptyExpectation = "SB411"
  /// A definition that nothing uses.
  case unusedDefinition = "SB412"
  /// A rule without steps.
  case noSteps = "SB413"
  /// A scalar that YAML 1.1 readers take for something else.
  case ambiguousScalar = "SB414"
  /// A stage that the folder cuts.
  case stageCapped = "SB415"
  /// A pattern that AWS would refuse for its wildcards.
  case complexPattern = "SB416"

  /// What the code means, in one line.
  public var summary: String {
    switch self {
    case .unreadableFile: "The file or folder cannot be read"
    case .invalidYAML: "The text is not YAML"
    case .duplicateKey: "A mapping has a key twice"
    case .unknownKey: "The key is not part of the rule-file language here"
    case .missingKey: "A required key is missing"
    case .wrongType: "The value has the wrong type"
    case .invalidValue: "The value has the right type but is not allowed"
    case .invalidID: "The id does not have the form of an id"
    case .unknownKind: "The document's kind is missing or unknown"
    case .unsupportedYAML: "A feature of YAML that rule files leave out (tags, merge keys, keys that are no scalars)"
    case .limitExceeded: "The file is too large, nests too deeply, or its aliases expand to too much"
    case .invalidUTF8: "The file is not UTF-8"
    case .conflictingKeys: "Keys stand together that exclude each other"
    case .invalidTemplate: "A template or field path cannot be read"
    case .emptyFolder: "There are no rule files in the folder"
    case .duplicateID: "Two documents of the same kind have the same id"
    case .unknownTarget: "There is no Target with that id"
    case .unknownAction: "There is no Action with that id"
    case .unknownList: "There is no List with that id"
    case .unknownPlaceholder: "A placeholder names nothing that is known"
    case .unknownParameter: "The action has no such parameter"
    case .missingParameter: "A required parameter of the action is not given"
    case .missingFile: "A fixture or script does not exist, lies outside the repository or cannot be used"
    case .notAQueue: "A dead-letter or redrive target is not a queue"
    case .unknownStep: "The rule has no such step"
    case .referenceCycle: "Targets lead back to themselves"
    case .unknownRule: "There is no Rule with that id"
    case .notAvailableYet: "A rule at a live stage needs something that is not available yet"
    case .conflictingQueues: "Two targets stand for the same queue and want it to behave differently"
    case .unknownField: "A test's `because` names no field of the rule's pattern"
    case .missingSecret: "The secret that a live target or action refers to is not there"
    case .invalidPattern: "The event pattern is not valid"
    case .patternExtension: "The pattern uses an extension of AWS's language where that is not allowed"
    case .ambiguousOperator: "A match expression stands where a field with its list is expected"
    case .notExportable: "The rule cannot be written as an EventBridge rule"
    case .unquotedAccount: "An account id stands without quotes"
    case .scalarForList: "A single value stands where EventBridge wants a list"
    case .literalSecret: "A secret is written down in the file"
    case .missingTests: "The rule has no tests"
    case .missingTitle: "The rule has no title"
    case .missingOwner: "The rule has no owner"
    case .expiredException: "An exception has ended"
    case .unguardedAction: "An enforced action has no guard"
    case .broadPattern: "The pattern asks for neither a source nor a value in detail, so most events pass"
    case .duplicatePattern: "Two rules have the same pattern"
    case .emptyExpectation: "Nothing can break the test's expectation"
    case .unusedDefinition: "Nothing uses the definition"
    case .noSteps: "The rule does nothing on a match"
    case .ambiguousScalar: "Other YAML readers take the plain scalar for something else"
    case .stageCapped: "The folder's max-stage keeps the rule from the stage it asks for"
    case .complexPattern: "EventBridge would refuse the pattern as too complex"
    }
  }

  /// The severity of a finding unless it says otherwise.
  public var severity: Diagnostic.Severity {
    switch self {
    case .unquotedAccount, .scalarForList, .missingTests, .expiredException, .broadPattern, .duplicatePattern,
      .ambiguousScalar, .emptyFolder, .unknownField, .complexPattern:
      .warning
    case .missingTitle, .missingOwner, .unguardedAction, .unusedDefinition, .noSteps, .stageCapped:
      .note
    default:
      .error
    }
  }
}
