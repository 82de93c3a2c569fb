// Code bindings: the types of a schema in a programming language. AWS knows four languages; we write those two whose types
// are nothing but types. For the others there is an error, and not a package that does not compile.

/// A language of code bindings, as AWS calls it.
public enum CodeLanguage: String, Sendable, CaseIterable {
  /// Interfaces.
  case typeScript3 = "TypeScript3"
  /// Classes of `typing.TypedDict`.
  case python36 = "Python36"

  /// The language of a name.
  init(named name: String) throws(SchemasError) {
    guard let language = CodeLanguage(rawValue: name) else {
      let offered = Self.allCases.map(\.rawValue).joined(separator: " and ")
      if ["Java8", "Go1"].contains(name) {
        throw .badRequest("Code bindings are not written in \(name) here: there are \(offered).")
      }
      throw .badRequest("Language is not valid: there are \(offered).")
    }
    self = language
  }

  /// The files of a schema's binding: path and text.
  func files(of types: [DeclaredType], package: String) -> [(path: String, text: String)] {
    switch self {
    case .typeScript3: [("\(package)/index.ts", TypeScriptWriter.text(of: types))]
    case .python36: [("\(package)/__init__.py", PythonWriter.text(of: types)), ("\(package)/py.typed", "")]
    }
  }
}
