// What `doctor` looks at for `signalbox serve`: may the port be taken, is the certificate one, are keys nobody else's.

internal import Foundation
internal import Glibc
internal import Server
internal import Storage

extension Examiner {
  /// What `serve` needs; it is looked at when the settings speak of serving, or the data directory has been served from.
  func serving() -> [Examination] {
    let keys = keyFiles()
    let settings = configuration.serve
    let isAskedFor = settings.http != HTTPSettings() || !settings.accounts.isEmpty || !configuration.forward.isEmpty
    guard isAskedFor || !keys.isEmpty else { return [] }
    var found = [port(settings.http)]
    if let refusal = settings.http.refusal { found.append(.problem("serve", refusal)) }
    if let tls = settings.http.tls {
      found.append(certificate(tls))
    }
    if !settings.accounts.isEmpty {
      // Their secrets were read with the settings, which are refused if one is missing.
      found.append(.fine("accounts", "\(settings.accounts.count.counted("account")) of the settings, with their keys"))
    }
    if !configuration.forward.isEmpty {
      found.append(.fine("forward", "\(configuration.forward.count.counted("endpoint")), with their keys"))
    }
    return found + keys
  }

  /// Whether the port is free, or the engine of this data directory has it.
  private func port(_ settings: HTTPSettings) -> Examination {
    let directory = configuration.dataDirectory
    // Where the engine that runs here serves may have been said on its command line.
    if let process = EmbeddedDatabase.engineProcess(in: directory), let notice = EngineNotice.read(in: directory),
      notice.processID == process, let endpoint = notice.endpoint
    {
      return .fine("port", "\(endpoint) is served from here by process \(process)")
    }
    let place = "\(settings.host):\(settings.port)"
    guard settings.port > 0 else { return .fine("port", "a free one is taken at each start") }
    switch Self.bind(settings.host, settings.port) {
    case 0: return .fine("port", "\(place) is free")
    case EADDRINUSE:
      if let process = EmbeddedDatabase.engineProcess(in: configuration.dataDirectory) {
        return .fine("port", "\(place) is taken; an engine runs here as process \(process)")
      }
      return .problem("port", "\(place) is taken by another program; end that, or set serve.port")
    case EACCES: return .problem("port", "\(place) needs rights that you do not have; ports below 1024 are root's")
    case let code:
      return .problem("port", "\(place) cannot be listened on: \(String(cString: strerror(code)))")
    }
  }

  /// Asks for a port without listening on it; the error's code, 0 if it is there to take.
  private static func bind(_ host: String, _ port: Int) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list else { return EADDRNOTAVAIL }
    defer { freeaddrinfo(list) }
    let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    // As the server does it: what a connection that has just ended leaves behind is in nobody's way.
    var isReused: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
    guard Glibc.bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else { return errno }
    return 0
  }

  // MARK: Certificate and keys

  private func certificate(_ tls: HTTPSettings.TLS) -> Examination {
    do throws(ListenerError) {
      let check = try CertificateCheck(tls)
      let end = Timestamp.text(milliseconds: check.ends * 1000)
      let left = check.ends - now / 1000
      if left <= 0 { return .problem("certificate", "\(tls.certificate) has expired, on \(end); renew it") }
      if check.begins > now / 1000 {
        let begin = Timestamp.text(milliseconds: check.begins * 1000)
        return .problem("certificate", "\(tls.certificate) is not valid before \(begin); is the clock right?")
      }
      let text = "\(tls.certificate) is valid until \(end)"
      return left < 14 * 86_400 ? .warning("certificate", text + "; renew it") : .fine("certificate", text)
    } catch {
      return .problem("certificate", error.description)
    }
  }

  /// The key files, where there are some.
  private func keyFiles() -> [Examination] {
    let folder = configuration.dataDirectory + "/keys"
    return ["master.key", "root-access-key"].compactMap { name in
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { return nil }
      guard status.st_mode & S_IFMT == S_IFREG else { return .problem("keys", "\(path) is no file") }
      guard access(path, R_OK) == 0 else {
        return .problem("keys", "\(path) cannot be read; it must belong to the user who runs serve")
      }
      guard status.st_mode & 0o077 == 0 else {
        return .problem("keys", "\(path): others can read it; chmod 600 \(path)")
      }
      return .fine("keys", "\(path) is its owner's only")
    }
  }
}
