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
    if let repository = loaded.repository { found += references(repository) + programs(repository) }
    return found + configuration.sources.map(source) + [dataDirectory()] + database()
  }

  private func rules(_ loaded: RuleRepository.LoadResult) -> Examination {
    guard let repository = loaded.repository else {
      let first = loaded.diagnostics.first { $0.severity == .error }
      return .problem("rules", "\(first?.description ?? "they cannot be used"); see `signalbox validate`")
    }
    let live = repository.rules.count { $0.stage.isLive }
    let text = "\(repository.rules.count.counted("rule")), \(live.grouped) live, hash \(repository.hash.prefix(12))"
    return live > 0 ? .fine("rules", text) : .warning("rules", text + ": nothing will leave the engine")
  }

  // MARK: What the rules refer to

  private func references(_ repository: RuleRepository) -> [Examination] {
    var references: [(owner: String, reference: SecretReference)] = []
    func note(_ owner: String, _ value: SettingValue?) {
      if case .secret(let reference)? = value { references.append((owner, reference)) }
    }
    for target in repository.targets {
      guard case .webhook(let webhook) = target.settings else { continue }
      let owner = "target \(target.id)"
      note(owner, webhook.url)
      note(owner, webhook.proxy)
      for header in webhook.headers { note(owner, header.value) }
      note(owner, webhook.signingSecret.map(SettingValue.secret))
    }
    for action in repository.actions {
      for variable in action.environment {
        if case .secret(let reference) = variable.value { references.append(("action \(action.id)", reference)) }
      }
    }
    return references.map { owner, reference in
      switch reference {
      case .environment(let name):
        let isSet = environment[name].map { !$0.isEmpty } ?? false
        return isSet ? .fine(owner, "\(name) is set") : .problem(owner, "the environment variable \(name) is not set")
      case .file(let path):
        let isReadable = access(path, R_OK) == 0
        return isReadable ? .fine(owner, "\(path) can be read") : .problem(owner, "\(path) cannot be read")
      }
    }
  }

  private func programs(_ repository: RuleRepository) -> [Examination] {
    repository.actions.compactMap { action in
      let program: String?
      switch action.executable {
      case .command(let argv): program = argv.first?.value.fixedText
      case .script(let file, let interpreter): program = interpreter.first ?? file
      }
      guard let program else { return nil }
      return find(program)
        ? .fine("action \(action.id)", "\(program) is there")
        : .problem("action \(action.id)", "the program \(program) cannot be found or run; install it or check PATH")
    }
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
