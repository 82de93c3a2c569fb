import AWSServices
import Foundation
import Testing

@Suite struct KeyFileTests {
  private func folder() -> String {
    FileManager.default.temporaryDirectory.appending(path: "signalbox-keys-\(UUID())").path
  }

  @Test func aRootKeyIsMadeOnceAndKeptForItsOwner() throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try KeyFiles.rootKey(directory: folder, environment: [:])
    #expect(first.isNew)
    #expect(first.key.secret.count == 40)
    let path = try #require(first.path)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let second = try KeyFiles.rootKey(directory: folder, environment: [:])
    #expect(!second.isNew)
    #expect(second.key == first.key)
  }

  @Test func theEnvironmentSetsIt() throws {
    let environment = ["SIGNALBOX_ROOT_ACCESS_KEY_ID": "AKIA1", "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": "12345678"]
    let key = try KeyFiles.rootKey(directory: "/nowhere", environment: environment)
    #expect(key.key == RootKey(accessKeyID: "AKIA1", secret: "12345678"))
    #expect(key.path == nil)
  }

  @Test(arguments: [
    ["SIGNALBOX_ROOT_ACCESS_KEY_ID": "AKIA1"], ["SIGNALBOX_ROOT_SECRET_ACCESS_KEY": "12345678"],
    ["SIGNALBOX_ROOT_ACCESS_KEY_ID": "A/B/C", "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": "12345678"],
    ["SIGNALBOX_ROOT_ACCESS_KEY_ID": "AKIA1", "SIGNALBOX_ROOT_SECRET_ACCESS_KEY": "short"],
  ])
  func halfAKeyIsRefused(_ environment: [String: String]) {
    #expect(throws: KeyFileError.self) { try KeyFiles.rootKey(directory: "/nowhere", environment: environment) }
  }

  @Test func aDamagedFileIsTold() throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder + "/keys", withIntermediateDirectories: true)
    try Data("nothing".utf8).write(to: URL(filePath: folder + "/keys/root-access-key"))
    try Data("AAAA".utf8).write(to: URL(filePath: folder + "/keys/master.key"))
    #expect(throws: KeyFileError.self) { try KeyFiles.rootKey(directory: folder, environment: [:]) }
    #expect(throws: KeyFileError.self) { try KeyRing(directory: folder) }
  }

  @Test func aMasterKeyThatIsNeededIsNotMadeAnew() throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let error = #expect(throws: KeyFileError.self) { try KeyRing(directory: folder, isNeeded: true) }
    #expect(error?.description.hasPrefix("\(folder)/keys/master.key: the file is missing") == true)
    #expect(!FileManager.default.fileExists(atPath: folder + "/keys/master.key"))
    _ = try KeyRing(directory: folder)
    _ = try KeyRing(directory: folder, isNeeded: true)
  }
}
