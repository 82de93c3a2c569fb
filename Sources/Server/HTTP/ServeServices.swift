// The services that are offered: the one list of them.

internal import AWSProtocols
internal import AWSServices
internal import EventBuses
internal import Messaging
internal import Pipes
internal import Schedules
internal import Schemas

/// The services of the API.
enum ServeServices {
  /// All services with their engines.
  static func all(
    identities: Identities,
    buses: BusEngine,
    schedules: ScheduleEngine,
    pipes: PipeEngine,
    topics: TopicService,
    schemas: SchemaRegistries
  ) -> [BoundService] {
    [
      Events.service.serving(buses),
      EventPipes.service.serving(pipes),
      EventSchemas.service.serving(schemas),
      IAM.service.serving(identities),
      Scheduler.service.serving(schedules),
      SNS.service.serving(topics),
      SQS.service.serving(topics.queues),
      STS.service.serving(identities),
    ]
  }
}
