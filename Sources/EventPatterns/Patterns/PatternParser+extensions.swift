// Match expressions that EventBridge does not have. Only rule files may use them.

extension PatternParser {
  /// Reads the rest of a match expression that only the extended language has; nothing if the name is not one.
  mutating func extendedExpression(_ name: String, at offset: Int) throws(PatternError) -> Alternative? {
    func made(_ predicate: Predicate, _ extensionName: String? = nil) -> Alternative {
      Alternative(predicate: predicate, offset: offset, extensionName: extensionName ?? name)
    }
    switch name {
    case "contains":
      let text = try onlyString("contains takes a string: the text that the value must hold")
      return made(.wildcard(Wildcard(containing: text)))
    case "regex":
      let text = try string("regex takes a string: an RE2 expression")
      let start = reader.tokenStart
      let program: RegexProgram
      do {
        program = try RegexProgram(parsing: text)
      } catch {
        throw PatternError(message: "regex: \(error.message)", offset: start + 1 + error.offset)
      }
      try end("Only one key allowed in match expression")
      return made(.regex(program))
    case "all-of":
      guard try next() == .arrayStart else { throw failure("all-of takes a list: values the field must all hold") }
      var members: [Predicate] = []
      while true {
        let token = try next()
        if token == .arrayEnd { break }
        let member = try alternative(token)
        switch member.predicate {
        case .absent, .allOf, .equalsField:
          throw PatternError(message: "all-of takes values and tests of single values", offset: member.offset)
        default: members.append(member.predicate)
        }
      }
      guard !members.isEmpty else { throw failure("all-of needs at least one value in its list") }
      try end("Only one key allowed in match expression")
      return made(.allOf(members))
    case "equals-field":
      return made(.equalsField(try onlyString("equals-field takes a string: the dotted path of the other field")))
    case "numeric":
      // `{"numeric": […], "as": "number"}` also takes strings that spell a number.
      let range = try numericExpression()
      switch try next() {
      case .objectEnd: return Alternative(predicate: .numeric(range, inStrings: false), offset: offset)
      case .name(let key) where key.elementsEqual("as".utf8):
        guard case .string(let kind) = try next(), kind.elementsEqual("number".utf8) else {
          throw failure("as takes \"number\"")
        }
        try end("Only numeric and as are allowed in this match expression")
        return made(.numeric(range, inStrings: true), "as")
      default: throw failure("Too many elements in numeric expression")
      }
    default:
      return nil
    }
  }
}
