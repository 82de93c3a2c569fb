// From the YAML of a `when` to the JSON text of an event pattern, with a map back.
//
//     when:                                    {"source":["aws.s3"],"detail":{"bucketName":["www",{"prefix":"site-"}],
//       source: aws.s3                           ↑         ↑        ↑        ↑            ↑     ↑
//       detail: {bucketName: [$list.sites]}      each token remembers the line and column it came from
//
// What YAML allows and EventBridge does not is put right on the way: a scalar becomes a list of one, `$list.ID` becomes
// the items of the list, `outcome` becomes a condition on `detail.errorCode`. Everything else is handed on as it is,
// so that the engine's own parser is the only judge of what a pattern may say.

import EventPatterns

/// Writes event patterns as JSON.
struct PatternWriter {
  /// The JSON text so far.
  private(set) var json: [UInt8] = []
  /// Where its tokens come from.
  private(set) var sourceMap = PatternSourceMap()
  /// What was wrong on the way.
  private(set) var log = DiagnosticLog()
  /// The scalars that stood for a list of one.
  private(set) var scalarsForLists: [SourcePosition] = []
  /// Where in `json` the values and match expressions of fields stand.
  private(set) var alternatives: [Range<Int>] = []
  /// The lists that were named.
  private(set) var usedLists: Set<String> = []

  /// How many references led to no list.
  private var missingLists = 0

  private let lists: [String: [YAMLNode]]
  private let keepsReferences: Bool

  /// A writer that knows these lists, or one that writes `$list.ID` as it stands.
  init(lists: [String: [YAMLNode]], keepsReferences: Bool = false) {
    self.lists = lists
    self.keepsReferences = keepsReferences
  }

  /// Writes a whole pattern; `outcome` adds its condition.
  mutating func write(_ node: YAMLNode, outcome: Located<Outcome>? = nil) {
    guard let members = node.members else { return literal(node, as: .value) }
    let condition = outcome.flatMap { $0.value == .any ? nil : $0 }
    let detail = node["detail"]
    if let condition, Self.mentionsErrorCode(members, path: []) {
      let message = "'outcome: \(condition.value.rawValue)' is a condition on detail.errorCode, and the pattern has one"
      log.report(.conflictingKeys, at: condition.position, message, hint: "keep one of the two")
    }
    object(members, at: node.position, path: []) { writer, isFirst in
      guard let condition, detail == nil else { return }
      writer.separate(isFirst)
      writer.key("detail", at: condition.position)
      writer.token("{", at: condition.position)
      writer.errorCode(condition)
      writer.json.append(UInt8(ascii: "}"))
    } inDetail: { writer, isFirst in
      guard let condition else { return }
      writer.separate(isFirst)
      writer.errorCode(condition)
    }
  }

  private typealias Addition = (inout PatternWriter, _ isFirst: Bool) -> Void

  private mutating func errorCode(_ outcome: Located<Outcome>) {
    key("errorCode", at: outcome.position)
    token("[{\"exists\":\(outcome.value == .failure)}]", at: outcome.position)
  }

  /// Whether a pattern has a condition on `detail.errorCode`, in whatever branch.
  private static func mentionsErrorCode(_ members: [YAMLMember], path: [String]) -> Bool {
    members.contains { member in
      if member.key.hasPrefix("$") {
        let branches = member.value.items ?? [member.value]
        return branches.contains { mentionsErrorCode($0.members ?? [], path: path) }
      }
      let inner = path + [member.key]
      return inner.joined(separator: ".") == "detail.errorCode"
        || mentionsErrorCode(member.value.members ?? [], path: inner)
    }
  }

  // MARK: Objects and fields

  private mutating func object(
    _ members: [YAMLMember],
    at position: SourcePosition,
    path: [String],
    adding: Addition? = nil,
    inDetail: Addition? = nil
  ) {
    token("{", at: position)
    for (index, member) in members.enumerated() {
      separate(index == 0)
      key(member.key, at: member.keyPosition)
      field(member, path: path + [member.key], inDetail: path.isEmpty && member.key == "detail" ? inDetail : nil)
    }
    adding?(&self, members.isEmpty)
    json.append(UInt8(ascii: "}"))
  }

  /// The value of a name in an object of fields.
  private mutating func field(_ member: YAMLMember, path: [String], inDetail: Addition?) {
    let value = member.value
    switch (member.key, value.content) {
    case ("$or", .sequence(let branches)), ("$and", .sequence(let branches)):
      token("[", at: value.position)
      for (index, branch) in branches.enumerated() {
        separate(index == 0)
        if let members = branch.members {
          object(members, at: branch.position, path: Array(path.dropLast()))
        } else {
          literal(branch, as: .value)
        }
      }
      json.append(UInt8(ascii: "]"))
    case ("$not", .mapping(let members)):
      object(members, at: value.position, path: Array(path.dropLast()))
    case (_, .mapping(let members)):
      checkForOperator(value, path: path)
      object(members, at: value.position, path: path, adding: inDetail)
    case (_, .sequence(let items)):
      list(items, at: value.position, as: FieldKnowledge.isText(path) ? .text : .value, ofField: true)
    case (_, .scalar(let scalar)):
      if scalar.listReference == nil { scalarsForLists.append(value.position) }
      list([value], at: value.position, as: FieldKnowledge.isText(path) ? .text : .value, ofField: true)
    }
  }

  /// A mapping whose only key is a match expression is nearly always meant as one, and would quietly match nothing.
  private mutating func checkForOperator(_ node: YAMLNode, path: [String]) {
    guard let member = node.members?.first, node.members?.count == 1, let field = path.last else { return }
    let isScalar = member.value.scalar != nil
    guard FieldKnowledge.operatorNames.contains(member.key),
      isScalar || !FieldKnowledge.operatorsThatMayBeFields.contains(member.key)
    else { return }
    let place = member.keyPosition
    let message = "'\(field)' has the match expression '\(member.key)' without the brackets of a list"
    let otherwise = isScalar ? "; a field with that name is `\(member.key): [\(member.value.scalar?.text ?? "")]`" : ""
    log.report(.ambiguousOperator, at: place, message, hint: "write \(field): [{\(member.key): …}]" + otherwise)
  }

  // MARK: Lists and values

  /// A list in which `$list.ID` stands for the items of a list.
  private mutating func list(_ items: [YAMLNode], at position: SourcePosition, as wanted: Wanted, ofField: Bool = false)
  {
    token("[", at: position)
    var isFirst = true
    for item in items {
      let missingBefore = missingLists
      for value in spliced(item) {
        separate(isFirst)
        isFirst = false
        let start = json.count
        literal(value, as: wanted)
        if ofField, missingLists > missingBefore {
          // What would have stood there is not known; the rest of the pattern can be judged all the same.
          json.removeSubrange(start...)
          sourceMap.removeTokens(from: start)
          token("\"\"", at: value.position)
        }
        if ofField { alternatives.append(start..<json.count) }
      }
    }
    json.append(UInt8(ascii: "]"))
  }

  /// The item, or the items of the list that it names.
  private mutating func spliced(_ item: YAMLNode) -> [YAMLNode] {
    guard let name = item.scalar?.listReference, !keepsReferences else { return [item] }
    usedLists.insert(name)
    if let items = lists[name] { return items }
    missingLists += 1
    log.report(
      .unknownList,
      at: item.position,
      "there is no List with the id '\(name)'",
      hint: Suggestion.hint(for: name, among: lists.keys.sorted())
        ?? "define one with `kind: List` and `id: \(name)`"
    )
    // A list of nothing: it cannot be a reference again.
    return [YAMLNode(content: .sequence([]), position: item.position)]
  }

  /// What a scalar is taken for.
  private enum Wanted {
    /// What it looks like; twelve digits look like an account id.
    case value
    /// Text, whatever it looks like.
    case text
    /// A number if it can be one, even of twelve digits.
    case number
  }

  /// A value or a match expression.
  private mutating func literal(_ node: YAMLNode, as wanted: Wanted) {
    switch node.content {
    case .scalar(let scalar):
      if scalar.listReference != nil, !keepsReferences { return list([node], at: node.position, as: wanted) }
      let value: JSONValue =
        switch wanted {
        case .text: node.isNull ? .null : .string(scalar.text)
        case .value: scalar.json
        case .number: scalar.resolvedJSON
        }
      token(value.text, at: node.position)
    case .sequence(let items):
      list(items, at: node.position, as: wanted)
    case .mapping(let members):
      token("{", at: node.position)
      for (index, member) in members.enumerated() {
        separate(index == 0)
        key(member.key, at: member.keyPosition)
        literal(member.value, as: Self.wanted(by: member.key, in: wanted))
      }
      json.append(UInt8(ascii: "}"))
    }
  }

  /// What the scalars of a match expression are taken for, in a field where values are taken for `outer`.
  private static func wanted(by name: String, in outer: Wanted) -> Wanted {
    switch name {
    case "anything-but", "all-of", "exactly": outer
    case "numeric": .number
    default: FieldKnowledge.takesText(name) ? .text : .value
    }
  }

  // MARK: Tokens

  private mutating func key(_ name: String, at position: SourcePosition) {
    token(JSONValue.string(name).text, at: position)
    json.append(UInt8(ascii: ":"))
  }

  private mutating func token(_ text: String, at position: SourcePosition) {
    sourceMap.append(offset: json.count, position: position)
    json.append(contentsOf: text.utf8)
  }

  private mutating func separate(_ isFirst: Bool) {
    if !isFirst { json.append(UInt8(ascii: ",")) }
  }
}

extension YAMLScalar {
  /// The list that the scalar names: `$list.ID`.
  var listReference: String? {
    text.hasPrefix("$list.") ? String(text.dropFirst("$list.".count)) : nil
  }
}
