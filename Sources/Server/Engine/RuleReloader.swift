// Reloading, all or nothing: the new rules come into force when everything about them is right, else the old ones stay
// and the log says what was wrong with the new.

internal import Decisions
internal import Delivery
internal import Logging
internal import RuleFiles
internal import Synchronization
internal import TrailEvents

/// Brings changed rules into force.
final class RuleReloader: Sendable {
  private let keeper: RuleKeeper
  private let router: Router
  private let clock: any Clock
  private let logger: Logger
  private let board: NoticeBoard
  /// Whether the files as they were read last were refused.
  private let isRefused = Mutex(false)

  init(keeper: RuleKeeper, router: Router, clock: any Clock, logger: Logger, board: NoticeBoard) {
    self.board = board
    self.keeper = keeper
    self.router = router
    self.clock = clock
    self.logger = logger
  }

  /// Loads the rules again.
  ///
  /// - Parameter force: whether targets are made anew even if the rules are the same; secrets may have changed.
  func reload(force: Bool) async {
    guard let old = router.generation else { return }
    let (keeper, now) = (keeper, clock.now.milliseconds)
    do {
      let new = try await router.blocking { try keeper.load(number: old.number + 1, now: now) }
      let wasRefused = isRefused.withLock { isRefused in
        defer { isRefused = false }
        return isRefused
      }
      guard force || new.hash != old.hash else {
        if wasRefused {
          board.noteOrder()
          logger.notice("the rule files are in order again, and decide as before")
        }
        return
      }
      router.install(new)
      board.note(new)
      Self.report(new, "rules reloaded", to: logger)
    } catch let refusal as RuleRefusal {
      isRefused.withLock { $0 = true }
      board.note(refusal)
      for line in refusal.description.split(separator: "\n") { logger.error("\(line)") }
      logger.error("the changed rules are refused; the old ones stay in force", metadata: ["rules": "\(old.hash)"])
    } catch {
      logger.error("the rules cannot be reloaded; the old ones stay in force: \(error)")
    }
  }

  /// Says which rules are in force.
  static func report(_ generation: RuleGeneration, _ what: String, to logger: Logger) {
    for warning in generation.warnings { logger.warning("\(warning)") }
    let repository = generation.rules.repository
    logger.notice(
      "\(what)",
      metadata: [
        "rules": "\(generation.hash)",
        "count": .stringConvertible(repository.rules.count),
        "targets": .stringConvertible(repository.targets.count),
        "actions": .stringConvertible(repository.actions.count),
      ]
    )
  }

  /// Reloads when something in the rule folders changes, until the task is cancelled.
  ///
  /// What counts is what the files look like, every two seconds and whenever the kernel reports a change. So folders
  /// that are swapped, moved away or reached through links are noticed, too; the kernel's reports only make it quick.
  func watch(_ paths: [String]) async {
    let folders = RuleFolders(paths: paths)
    let bell = WakeUp()
    await withTaskGroup(of: Void.self) { group in
      #if os(Linux)
      let watch = startWatch()
      if let signals = watch?.signals {
        group.addTask { for await _ in signals { bell.ring() } }
      }
      #endif
      // The first reading was before this: a change in between is noticed by the first look.
      var seen: RuleFolders.Appearance?
      while !Task.isCancelled {
        guard var now = try? await router.blocking({ folders.appearance() }) else { return }
        if now != seen {
          // Editors write in several steps, and a checkout changes many files: wait for the end of it.
          var before = seen
          while now != before, !Task.isCancelled {
            try? await clock.sleep(until: clock.now + .milliseconds(150))
            before = now
            now = (try? await router.blocking { folders.appearance() }) ?? now
          }
          #if os(Linux)
          for folder in now.folders { _ = try? watch?.add(folder) }
          _ = watch?.takeChanges()
          #endif
          seen = now
          await reload(force: false)
        }
        await bell.wait(until: clock.now + .seconds(2), on: clock)
      }
      group.cancelAll()
    }
  }

  #if os(Linux)
  private func startWatch() -> FolderWatch? {
    do throws(FileError) {
      return try FolderWatch(noticingRemovals: true)
    } catch {
      logger.info("rule files are looked at every two seconds only: \(error.message)")
      return nil
    }
  }
  #endif
}
