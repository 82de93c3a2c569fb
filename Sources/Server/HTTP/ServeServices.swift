// The services that are offered: the one list of them.

internal import AWSProtocols
internal import AWSServices
internal import EventBuses

/// The services of the API.
enum ServeServices {
  /// All services with their engines.
  static func all(identities: Identities, buses: BusEngine) -> [BoundService] {
    [
      Events.service.serving(buses),
      IAM.service.serving(identities),
      STS.service.serving(identities),
    ]
  }
}
