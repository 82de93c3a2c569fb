// The services that are offered: the one list of them.

internal import AWSProtocols
internal import AWSServices

/// The services of the API.
enum ServeServices {
  /// All services with their engines.
  static func all(identities: Identities) -> [BoundService] {
    [
      IAM.service.serving(identities),
      STS.service.serving(identities),
    ]
  }
}
