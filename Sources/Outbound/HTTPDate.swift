// The three date formats of HTTP, read by libcurl.

import CCurl

/// Dates as HTTP headers write them.
public enum HTTPDate {
  /// The seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`; nothing for anything else.
  public static func seconds(parsing text: String) -> Int64? {
    // libcurl reads more than HTTP allows, a bare number as a date for one.
    guard text.contains(":"), text.utf8.count < 64 else { return nil }
    let seconds = curl_getdate(text, nil)
    return seconds < 0 ? nil : Int64(seconds)
  }
}
