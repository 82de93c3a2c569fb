// Secrets stand in rule files by reference only. The reference may be printed; what it points to never.

/// Where a secret is kept.
public enum SecretReference: Sendable, Hashable, CustomStringConvertible {
  /// An environment variable of the engine's process: `{env: NAME}`.
  case environment(String)
  /// A file, read when the secret is needed; one final line break is not part of it: `{file: path}`.
  case file(String)

  /// The reference in the form of the rule file.
  public var description: String {
    switch self {
    case .environment(let name): "{env: \(name)}"
    case .file(let path): "{file: \(path)}"
    }
  }
}

/// A setting that may be written down or kept elsewhere.
public enum SettingValue: Sendable, Hashable, CustomStringConvertible {
  /// Written in the rule file.
  case text(String)
  /// Kept elsewhere.
  case secret(SecretReference)

  /// The text or the reference, never the secret.
  public var description: String {
    switch self {
    case .text(let text): text
    case .secret(let reference): reference.description
    }
  }
}
