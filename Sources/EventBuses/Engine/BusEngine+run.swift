// What the buses do on their own: schedules, replays, first tokens of connections, forgetting.

internal import Delivery
internal import Logging
internal import RuleFiles
internal import Storage
internal import TrailEvents

extension BusEngine {
  /// Runs schedules, replays and what else is to be done, until the task is cancelled.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await BusSchedules(engine: self).run() }
      group.addTask { await self.runWork() }
      group.addTask { await self.forget() }
      await group.waitForAll()
    }
  }

  private func runWork() async {
    while !Task.isCancelled {
      await authorizeConnections()
      await runReplays()
      await work.wait()
    }
  }

  /// Lets archives forget what is older than they keep, every ten minutes.
  private func forget() async {
    do throws(StorageError) {
      try await ArchivedEvents.removeOrphans(in: database) { archive in
        directory.snapshot.catalog.regions.values.contains { region in
          region.archives.values.contains { $0.storageID == archive }
        }
      }
    } catch {
      // A read that a stop cuts short is no fault.
      guard !Task.isCancelled else { return }
      logger.warning("events of archives that are gone cannot be removed: \(error)")
    }
    while !Task.isCancelled {
      let now = clock.now.milliseconds
      for region in directory.snapshot.catalog.regions.values {
        for archive in region.archives.values where archive.retentionDays > 0 {
          let (id, limit) = (archive.storageID, now - Int64(archive.retentionDays) * 86_400_000)
          do throws(StorageError) {
            try await ArchivedEvents.remove(from: id, before: limit, in: database)
          } catch {
            guard !Task.isCancelled else { return }
            logger.warning("old events of archive \(archive.name) cannot be removed: \(error)")
          }
        }
      }
      do { try await clock.sleep(until: clock.now + .seconds(600)) } catch { return }
    }
  }
}
