// Reloading, all or nothing: the new rules come into force when everything about them is right, else the old ones stay
// and the log says what was wrong with the new.

internal import Decisions
internal import Delivery
internal import Foundation
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

  init(keeper: RuleKeeper, router: Router, clock: any Clock, logger: Logger) {
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
      guard force || new.hash != old.hash else {
        return logger.debug("rule files changed, but nothing that decides did")
      }
      router.install(new)
      Self.report(new, "rules reloaded", to: logger)
    } catch let refusal as RuleRefusal {
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
        "rules": "\(generation.hash)", "count": "\(repository.rules.count)", "targets": "\(repository.targets.count)",
        "actions": "\(repository.actions.count)",
      ]
    )
  }

  /// Reloads when a file of the rule folders changes, until the task is cancelled.
  func watch(_ paths: [String]) async {
    #if os(Linux)
    let watch: FolderWatch
    do throws(FileError) {
      watch = try FolderWatch(noticingRemovals: true)
    } catch {
      return logger.warning("rule files are not watched (\(error.message)); send SIGHUP after a change")
    }
    add(paths, to: watch)
    // What changed between the first reading and now was not seen by the watch.
    await reload(force: false)
    for await _ in watch.signals {
      // Editors write in several steps, and a checkout changes many files: wait for the end of it.
      try? await clock.sleep(until: clock.now + .milliseconds(200))
      if Task.isCancelled { return }
      let changes = watch.takeChanges()
      guard !changes.isEmpty else { continue }
      add(paths, to: watch)
      await reload(force: false)
    }
    #endif
  }

  #if os(Linux)
  private func add(_ paths: [String], to watch: FolderWatch) {
    for folder in Self.folders(of: paths) {
      do throws(FileError) {
        _ = try watch.add(folder)
      } catch {
        logger.warning("\(folder) \(error.message); send SIGHUP after a change there")
      }
    }
  }
  #endif

  /// The folders in and below which rule files may stand.
  private static func folders(of paths: [String]) -> [String] {
    var folders: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
      guard isFolder.boolValue else {
        folders.append(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        continue
      }
      folders.append(path)
      let contents = FileManager.default.enumerator(
        at: URL(fileURLWithPath: path),
        includingPropertiesForKeys: [.isDirectoryKey]
      )
      while let url = contents?.nextObject() as? URL {
        if (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true { folders.append(url.path) }
      }
    }
    return folders
  }
}
