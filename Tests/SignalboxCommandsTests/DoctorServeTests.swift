import Foundation
import Glibc
import RuleFiles
import Server
import Testing

@testable import SignalboxCommands

@Suite struct DoctorServeTests {
  private func examine(_ folder: TestFolder, _ change: (inout SignalboxConfiguration) -> Void = { _ in })
    -> [Examination]
  {
    var configuration = SignalboxConfiguration.standard
    configuration.dataDirectory = folder.path + "/data"
    change(&configuration)
    return Examiner(configuration: configuration, environment: [:], now: WallClock.milliseconds).serving()
  }

  @Test func whoeverDoesNotServeIsNotAsked() async throws {
    try await withFolder { folder in #expect(examine(folder).isEmpty) }
  }

  @Test func aPortIsFreeOrTaken() async throws {
    try await withFolder { folder in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let port = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
          _ = bind(descriptor, generic, size)
          _ = getsockname(descriptor, generic, &size)
        }
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
      #expect(listen(descriptor, 1) == 0)
      let taken = examine(folder) { $0.serve.http.port = port }
      #expect(taken.first?.verdict == .problem)
      #expect(taken.first?.detail.contains("is taken by another program") == true)
      let free = examine(folder) { $0.serve.http.port = 0 }
      #expect(free.first?.verdict == .fine)
    }
  }

  @Test func keysAreTheirOwnersOnly() async throws {
    try await withFolder { folder in
      let path = try folder.write("data/keys/master.key", "x")
      chmod(path, 0o644)
      let open = try #require(examine(folder).first { $0.subject == "keys" })
      #expect(open.verdict == .problem)
      #expect(open.detail.contains("chmod 600"))
      chmod(path, 0o600)
      #expect(examine(folder).first { $0.subject == "keys" }?.verdict == .fine)
    }
  }

  @Test(arguments: [(365, Examination.Verdict.fine), (3, .warning), (-1, .problem)])
  func aCertificateIsLookedOver(days: Int, verdict: Examination.Verdict) async throws {
    try await withFolder { folder in
      guard let (certificate, key) = try Self.certificate(in: folder) else { return }
      let end = try CertificateCheck(.init(certificate: certificate, key: key)).ends
      var configuration = SignalboxConfiguration.standard
      configuration.dataDirectory = folder.path + "/data"
      configuration.serve.http.tls = .init(certificate: certificate, key: key)
      let now = (end - Int64(days) * 86_400) * 1000
      let found = Examiner(configuration: configuration, environment: [:], now: now).serving()
      #expect(found.first { $0.subject == "certificate" }?.verdict == verdict, "\(found)")
    }
  }

  @Test func filesThatAreNoCertificateAreAProblem() async throws {
    try await withFolder { folder in
      let path = try folder.write("tls.pem", "nothing")
      let found = examine(folder) { $0.serve.http.tls = .init(certificate: path, key: path) }
      let certificate = try #require(found.first { $0.subject == "certificate" })
      #expect(certificate.verdict == .problem)
      #expect(certificate.detail.contains("Both files are PEM"))
    }
  }

  /// A certificate for two years, made by OpenSSL; nothing where there is none.
  private static func certificate(in folder: TestFolder) throws -> (certificate: String, key: String)? {
    let (certificate, key) = (folder.path + "/cert.pem", folder.path + "/key.pem")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "730", "-subj",
      "/CN=localhost", "-keyout", key, "-out", certificate,
    ]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? (certificate, key) : nil
  }
}
