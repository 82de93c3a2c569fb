// The secrets of this installation. There is one master key in a file; secrets of access keys, the seals of session tokens
// and the key of what the database keeps sealed are derived from it, so the database alone tells no secret, and temporary
// credentials outlive a restart.

internal import AWSProtocols
internal import Crypto
internal import Foundation
public import Storage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The access key of an account's root.
public struct RootKey: Sendable, Hashable {
  /// The access key id.
  public var accessKeyID: String
  /// The secret.
  public var secret: String

  /// Makes a key.
  public init(accessKeyID: String, secret: String) {
    self.accessKeyID = accessKeyID
    self.secret = secret
  }
}

/// Why the key files cannot be used.
public struct KeyFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was wrong, where, and what to do.
  public let description: String
}

/// The secrets of an installation.
public struct KeyRing: Sendable {
  private let master: SymmetricKey
  private let origin: String

  /// Wraps a master key of at least 32 bytes.
  ///
  /// - Parameter origin: where it comes from, for errors.
  public init(master: [UInt8], origin: String = "the master key") {
    self.master = SymmetricKey(data: master)
    self.origin = origin
  }

  /// Reads the master key of a data directory, which is made at first (`keys/master.key`, mode 0600).
  ///
  /// - Parameter isNeeded: whether the database has secrets that only the key of then can open: another is no help.
  public init(directory: String, isNeeded: Bool = false) throws(KeyFileError) {
    let path = directory + "/keys/master.key"
    if let text = try KeyFiles.read(path) {
      guard let bytes = Base64.decode(text.trimmingCharacters(in: .whitespacesAndNewlines)), bytes.count >= 32 else {
        throw KeyFileError(
          description: "\(path): this is no key. Put the file back from a backup; without it, access keys and sessions "
            + "that were given out stop working."
        )
      }
      self.init(master: bytes, origin: path)
    } else {
      guard !isNeeded else {
        throw KeyFileError(
          description:
            "\(path): the file is missing, and secrets in the database are sealed with the key that was in it."
            + " Put it back from a backup; Docs/storage.md says how to go on without these secrets."
        )
      }
      let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) }
      try KeyFiles.create(path, Base64.encode(bytes) + "\n")
      self.init(master: bytes, origin: path)
    }
  }

  /// The secret of an access key: 40 characters.
  func secret(of accessKeyID: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(for: Array("secret:\(accessKeyID)".utf8), using: master)
    return String(Base64.encode(Array(code)).prefix(40))
  }

  /// The key that seals session tokens.
  var sealingKey: SymmetricKey { key(for: "session-token") }

  /// What seals the secrets that the database keeps.
  public var secretBox: SecretBox {
    SecretBox(key: key(for: "stored-secrets").withUnsafeBytes { [UInt8]($0) }, origin: origin)
  }

  private func key(for purpose: String) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(inputKeyMaterial: master, info: Array(purpose.utf8), outputByteCount: 32)
  }
}

/// The key files of a data directory.
public enum KeyFiles {
  /// The root key of a data directory: from the environment, from `keys/root-access-key`, or newly made there.
  ///
  /// - Returns: the key, and whether it was made just now.
  public static func rootKey(
    directory: String,
    environment: [String: String]
  ) throws(KeyFileError) -> (key: RootKey, isNew: Bool, path: String?) {
    let names = ("SIGNALBOX_ROOT_ACCESS_KEY_ID", "SIGNALBOX_ROOT_SECRET_ACCESS_KEY")
    switch (environment[names.0], environment[names.1]) {
    case (let id?, let secret?) where !id.isEmpty && !secret.isEmpty:
      guard id.utf8.count >= 4, id.utf8.count <= 128, !id.contains("/"), secret.utf8.count >= 8 else {
        throw KeyFileError(
          description: "\(names.0) must have 4 to 128 characters and no slash, and \(names.1) at least 8 characters."
        )
      }
      return (RootKey(accessKeyID: id, secret: secret), false, nil)
    case (nil, nil): break
    default: throw KeyFileError(description: "Set both of \(names.0) and \(names.1), or neither.")
    }
    let path = directory + "/keys/root-access-key"
    if let text = try read(path) {
      var values: [Substring: String] = [:]
      for line in text.split(separator: "\n") {
        let line = line.hasPrefix("export ") ? line.dropFirst(7) : line
        let pair = line.split(separator: "=", maxSplits: 1)
        if pair.count == 2 { values[pair[0]] = String(pair[1]) }
      }
      guard let id = values["AWS_ACCESS_KEY_ID"], let secret = values["AWS_SECRET_ACCESS_KEY"] else {
        throw KeyFileError(
          description: "\(path): AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing. Write both, or remove the file "
            + "to have a new key made."
        )
      }
      return (RootKey(accessKeyID: id, secret: secret), false, path)
    }
    let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) }
    let key = RootKey(
      accessKeyID: UniqueID.make("AKIA"),
      secret: String(Base64.encode(bytes + bytes.reversed()).filter { $0 != "+" && $0 != "/" && $0 != "=" }.prefix(40))
    )
    try create(path, exportLines(key))
    return (key, true, path)
  }

  /// What a shell needs to use a key.
  public static func exportLines(_ key: RootKey) -> String {
    "export AWS_ACCESS_KEY_ID=\(key.accessKeyID)\nexport AWS_SECRET_ACCESS_KEY=\(key.secret)\n"
  }

  static func read(_ path: String) throws(KeyFileError) -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw KeyFileError(description: "\(path): the file cannot be read; it must belong to the user who runs this.")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// Makes a file that only its owner can read, whole or not at all.
  static func create(_ path: String, _ text: String) throws(KeyFileError) {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: folder,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    } catch {
      throw KeyFileError(description: "\(folder): the folder cannot be made: \(error.localizedDescription)")
    }
    let temporary = path + ".new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw KeyFileError(description: "\(temporary): the file cannot be made: \(String(cString: strerror(errno)))")
    }
    let bytes = Array(text.utf8)
    let isWritten = write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    close(descriptor)
    guard isWritten, rename(temporary, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw KeyFileError(description: "\(path): the file cannot be written: \(reason)")
    }
  }
}

/// Unique ids in AWS's form: a prefix that says what it is, and 16 characters.
enum UniqueID {
  static func make(_ prefix: String) -> String {
    var generator = SystemRandomNumberGenerator()
    return make(prefix, using: &generator)
  }

  static func make(_ prefix: String, using generator: inout some RandomNumberGenerator) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    let bytes = (0..<16).map { _ in letters[Int(generator.next() % 32)] }
    return prefix + String(decoding: bytes, as: UTF8.self)
  }
}
