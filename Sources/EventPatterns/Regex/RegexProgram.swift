// Placeholder until the engine lands: accepts no expression.

struct RegexProgram: Sendable, Hashable {
  init(parsing text: [UInt8]) throws(RegexError) {
    throw RegexError(message: "regular expressions are not available in this build", offset: 0)
  }
  func matches(_ text: UnsafeBufferPointer<UInt8>, scratch: inout RegexScratch) -> Bool { false }
}

struct RegexScratch {
  init() {}
}

struct RegexError: Error {
  var message: String
  var offset: Int
}
