// What a person can do about a log file, in the words that messages end with.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Remedies that several messages share.
enum LogFileRemedy {
  /// For bytes that were spoilt on their way.
  static let copyAgain = "copy the file again from its bucket"
  /// For what is no log.
  static let nameLogs = "name CloudTrail's own log files, JSON lines of records, or EventBridge events"
  /// For an object that is no event yet.
  static let completeEvent = "an EventBridge event has detail-type, source and detail"

  /// For an error of the operating system; nothing if nobody knows better than its own words.
  static func of(_ code: Int32) -> String? {
    switch code {
    case ENOENT, ENOTDIR, ENAMETOOLONG: "check the path"
    case ELOOP: "check where the links lead"
    case EACCES, EPERM: "check the permissions"
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
    case EIO: "check the disk, and copy the file again"
    case ENOMEM: "free some memory, and try again"
    default: nil
    }
  }
}
