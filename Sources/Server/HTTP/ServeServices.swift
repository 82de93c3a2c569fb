// The services that are offered: the one list of them.

internal import AWSProtocols
internal import AWSServices
internal import EventBuses
internal import Messaging

/// The services of the API.
enum ServeServices {
  /// All services with their engines.
  static func all(identities: Identities, buses: BusEngine, topics: TopicService) -> [BoundService] {
    [
      Events.service.serving(buses),
      IAM.service.serving(identities),
      SNS.service.serving(topics),
      SQS.service.serving(topics.queues),
      STS.service.serving(identities),
    ]
  }
}
