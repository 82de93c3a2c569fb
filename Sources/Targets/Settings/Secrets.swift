// Turns references into the values behind them, when targets are made. A reload makes new targets, so a changed file or
// a rotated secret takes effect with it.

import Foundation
import Glibc
public import RuleFiles

/// Why a target could not be made.
public struct TargetSetupError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was wrong and what to do, for a person; never holds a secret.
  public var message: String
  /// The reference that leads to nothing, if that is what is wrong.
  public var missing: SecretReference?

  /// Makes an error.
  public init(_ message: String, missing: SecretReference? = nil) {
    self.message = message
    self.missing = missing
  }

  /// The message.
  public var description: String { message }
}

/// Reads what settings refer to.
struct SecretReader: Sendable {
  var environment: [String: String]

  /// The largest secret file, in bytes.
  static let largestFile = 64 * 1024

  /// The value of a setting; `user` names whoever needs it.
  func value(of setting: SettingValue, for user: String) throws(TargetSetupError) -> String {
    switch setting {
    case .text(let text): text
    case .secret(let reference): try value(of: reference, for: user)
    }
  }

  /// The value behind a reference; `user` names whoever needs it.
  func value(of reference: SecretReference, for user: String) throws(TargetSetupError) -> String {
    switch reference {
    case .environment(let name):
      guard let value = environment[name], !value.isEmpty else {
        throw TargetSetupError(
          "\(user) needs the environment variable \(name), which is not set; set it before the start",
          missing: reference
        )
      }
      return value
    case .file(let path):
      return try contents(of: path, for: user)
    }
  }

  private func contents(of path: String, for user: String) throws(TargetSetupError) -> String {
    guard let file = fopen(path, "re") else {
      let why = String(cString: strerror(errno))
      throw TargetSetupError("\(user) needs the secret in \(path): \(why)", missing: .file(path))
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: Self.largestFile + 1)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    guard bytes.count <= Self.largestFile else {
      throw TargetSetupError("\(user): \(path) is larger than a secret can be (\(Self.largestFile) bytes)")
    }
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.last == 0x0D { bytes.removeLast() }
    guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
      throw TargetSetupError("\(user): \(path) is empty or is not UTF-8 text", missing: .file(path))
    }
    return text
  }
}
