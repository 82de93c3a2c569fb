// What `doctor` looks at, each a small question with an answer for a person. It only looks: nothing is made, sent or
// locked.

internal import EventPatterns
internal import Foundation
internal import Glibc
internal import Messaging
internal import RuleFiles
internal import Server
internal import Storage

/// One thing that was looked at.
struct Examination: Equatable {
  enum Verdict: String {
    case fine
    /// Missing, but nothing that is live needs it.
    case note
    case warning
    case problem
  }

  var subject: String
  var verdict: Verdict
  /// What was found, and where it matters what to do.
  var detail: String

  static func fine(_ subject: String, _ detail: String) -> Examination {
    Examination(subject: subject, verdict: .fine, detail: detail)
  }
  static func note(_ subject: String, _ detail: String) -> Examination {
    Examination(subject: subject, verdict: .note, detail: detail)
  }
  static func warning(_ subject: String, _ detail: String) -> Examination {
    Examination(subject: subject, verdict: .warning, detail: detail)
  }
  static func problem(_ subject: String, _ detail: String) -> Examination {
    Examination(subject: subject, verdict: .problem, detail: detail)
  }

  var json: JSONValue {
    .members(["subject": .string(subject), "verdict": .string(verdict.rawValue), "detail": .string(detail)])
  }
}

/// Looks over an installation.
struct Examiner {
  var configuration: SignalboxConfiguration
  var environment = ProcessInfo.processInfo.environment
  var now: Int64

  /// Everything there is to look at.
  func examine() -> [Examination] {
    let loaded = RuleRepository.load(configuration.rules)
    var found = [rules(loaded)]
    if let repository = loaded.repository {
      let live = LiveDefinitions(repository)
      found += references(repository, live) + programs(repository, live)
    }
    return found + configuration.sources.map(source) + serving() + [dataDirectory()] + database()
  }

  private func rules(_ loaded: RuleRepository.LoadResult) -> Examination {
    guard let repository = loaded.repository else {
      let first = loaded.diagnostics.first { $0.severity == .error }
      return .problem("rules", "\(first?.description ?? "they cannot be used"); see `signalbox validate`")
    }
    if configuration.rules.isEmpty {
      return .note("rules", "no rule files are named; rules made through EventBridge's API need none")
    }
    let live = repository.rules.count { $0.stage.isLive }
    let text = "\(repository.rules.count.counted("rule")), \(live.grouped) live, hash \(repository.hash.prefix(12))"
    return live > 0 ? .fine("rules", text) : .warning("rules", text + ": nothing will leave the engine")
  }

  // MARK: What the rules refer to

  private func references(_ repository: RuleRepository, _ live: LiveDefinitions) -> [Examination] {
    var found: [Examination] = []
    for target in repository.targets {
      let isLive = live.targets.contains(target.id)
      for reference in target.secrets.map(\.value) {
        found.append(examine(reference, of: "target \(target.id)", isLive: isLive))
      }
    }
    for action in repository.actions {
      for variable in action.environment {
        guard case .secret(let reference) = variable.value else { continue }
        found.append(examine(reference, of: "action \(action.id)", isLive: live.actions.contains(action.id)))
      }
    }
    return found
  }

  private func examine(_ reference: SecretReference, of owner: String, isLive: Bool) -> Examination {
    switch reference {
    case .environment(let name):
      let isSet = environment[name].map { !$0.isEmpty } ?? false
      return isSet
        ? .fine(owner, "\(name) is set") : missing(owner, "the environment variable \(name) is not set", isLive: isLive)
    case .file(let path):
      let isReadable = access(path, R_OK) == 0
      return isReadable ? .fine(owner, "\(path) can be read") : missing(owner, "\(path) cannot be read", isLive: isLive)
    }
  }

  private func programs(_ repository: RuleRepository, _ live: LiveDefinitions) -> [Examination] {
    repository.actions.compactMap { action in
      let program: String?
      switch action.executable {
      case .command(let argv): program = argv.first?.value.fixedText
      case .script(let file, let interpreter): program = interpreter.first ?? file
      }
      guard let program else { return nil }
      let owner = "action \(action.id)"
      return find(program)
        ? .fine(owner, "\(program) is there")
        : missing(
          owner,
          "the program \(program) cannot be found or run; install it or check PATH",
          isLive: live.actions.contains(action.id)
        )
    }
  }

  /// Something is not there: a problem if live rules need it, else good to know.
  private func missing(_ owner: String, _ detail: String, isLive: Bool) -> Examination {
    isLive ? .problem(owner, detail) : .note(owner, detail + " (no live rule uses it)")
  }

  private func find(_ program: String) -> Bool {
    if program.contains("/") { return access(program, X_OK) == 0 }
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  // MARK: Sources and data

  private func source(_ source: SignalboxConfiguration.Source) -> Examination {
    let subject = "source \(source.name)"
    guard case .logFiles(let paths, _) = source.kind else { return .fine(subject, "standard input") }
    let missing = paths.filter { !$0.contains("*") && access($0, R_OK) != 0 }
    guard missing.isEmpty else {
      return .problem(subject, "\(missing.joined(separator: ", ")) cannot be read; make the folder or fix the path")
    }
    return .fine(subject, paths.joined(separator: ", "))
  }

  private func dataDirectory() -> Examination {
    let path = configuration.dataDirectory
    var existing = path
    while access(existing, F_OK) != 0, existing != "/", !existing.isEmpty {
      existing = URL(filePath: existing).deletingLastPathComponent().path
    }
    guard access(existing, W_OK) == 0 else { return .problem("data", "\(path) cannot be written; check its owner") }
    var figures = statvfs()
    guard statvfs(existing, &figures) == 0 else { return .fine("data", path) }
    let free = Double(UInt64(figures.f_bavail) * UInt64(figures.f_frsize)) / 1e9
    let text = "\(path), \(free.fixed(1)) GB free"
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
      return .warning("data", "\(text): others may look into it, and it holds your events; chmod 700 \(path)")
    }
    return free < 1 ? .warning("data", text + ": little room for the journal") : .fine("data", text)
  }

  private func database() -> [Examination] {
    do {
      let database = try EmbeddedDatabase(directory: configuration.dataDirectory, access: .beside())
      let counts = try database.ledger.counts()
      let pending = counts[.pending] ?? 0
      var found: [Examination] = [
        .fine("deliveries", "\((counts[.delivered] ?? 0).grouped) delivered, \(pending.grouped) pending")
      ]
      for queue in try database.deadLetterQueues.list(now: now) where queue.counts.visible > 0 {
        let letters = queue.counts.visible.counted("dead letter")
        found.append(.warning("queue \(queue.name)", "\(letters); see `signalbox dlq show \(queue.name)`"))
      }
      try database.close()
      return found
    } catch .missing {
      return [.fine("deliveries", "no database yet; the first run makes it")]
    } catch {
      return [.problem("deliveries", error.description)]
    }
  }
}
