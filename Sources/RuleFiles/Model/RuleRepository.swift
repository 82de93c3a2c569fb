// All documents of a rule folder, checked against each other. A repository is only made when there is no error.

/// A checked set of rules, targets, actions and lists: what is compiled, matched against and delivered to.
public struct RuleRepository: Sendable {
  /// The rules, in order of file path and place.
  public let rules: [Rule]
  /// The targets by id, inline ones (`RULE/STEP`) among them.
  public let targets: [TargetDefinition]
  /// The actions by id, inline ones (`RULE/STEP`) among them.
  public let actions: [ActionDefinition]
  /// The lists.
  public let lists: [ValueList]
  /// A hash of everything that decides (64 lower-case hexadecimal digits): equal for repositories that act alike,
  /// whatever their comments, tests and file names.
  public let hash: String

  private let ruleIndex: [String: Int]
  private let targetIndex: [String: Int]
  private let actionIndex: [String: Int]

  init(
    rules: [Rule],
    targets: [TargetDefinition],
    actions: [ActionDefinition],
    lists: [ValueList],
    hash: String
  ) {
    self.rules = rules
    self.targets = targets
    self.actions = actions
    self.lists = lists
    self.hash = hash
    ruleIndex = Dictionary(rules.enumerated().map { ($1.id, $0) }) { first, _ in first }
    targetIndex = Dictionary(targets.enumerated().map { ($1.id, $0) }) { first, _ in first }
    actionIndex = Dictionary(actions.enumerated().map { ($1.id, $0) }) { first, _ in first }
  }

  /// The rule of an id.
  public func rule(_ id: String) -> Rule? { ruleIndex[id].map { rules[$0] } }

  /// The target of an id.
  public func target(_ id: String) -> TargetDefinition? { targetIndex[id].map { targets[$0] } }

  /// The action of an id.
  public func action(_ id: String) -> ActionDefinition? { actionIndex[id].map { actions[$0] } }

  /// What loading brought.
  public struct LoadResult: Sendable {
    /// The repository; nothing if one of the findings is an error.
    public var repository: RuleRepository?
    /// Everything there is to say, in reading order.
    public var diagnostics: [Diagnostic]
    /// The files that were read, in order.
    public var files: [String]

    /// The documents, for `lint` and `fmt`.
    package var documents: [RuleDocument] = []
    /// The rules as far as they could be decoded.
    package var rules: [Rule] = []
    /// The scalars in patterns that stood for a list of one.
    var scalarsForLists: [SourcePosition] = []
    /// The documents that something refers to.
    var used: [DocumentKind: Set<String>] = [:]
  }
}
