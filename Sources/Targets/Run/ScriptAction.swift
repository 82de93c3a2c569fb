// `type: script`: a file of the repository. Values reach it in its environment only, so that what is in an event never
// stands where an interpreter would read code or options.

import RuleFiles

extension ProcessAction.Settings {
  /// The settings of a script; `file` is an absolute path, its folder the working directory.
  init(
    script file: String,
    interpreter: [String],
    id: String,
    parameters: [ParameterRule]
  ) {
    let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
    let argv = interpreter + [file]
    self.init(
      id: id,
      arguments: { _ in argv },
      parameters: parameters,
      directory: folder.isEmpty ? "/" : folder
    )
  }
}
