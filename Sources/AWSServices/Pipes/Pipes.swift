// Amazon EventBridge Pipes: what its clients call, as calls of the engine. What a pipe does is module Pipes'.

public import AWSProtocols
public import Pipes
internal import TrailEvents

/// Amazon EventBridge Pipes.
public enum EventPipes {
  /// The service.
  public static let service = Service<PipeEngine>(
    id: "pipes",
    title: "Amazon EventBridge Pipes",
    protocols: [.restJSON],
    version: "2015-10-07",
    validation: ValidationStyle { violations in validation(Violation.message(violations)) },
    operations: pipeOperations + stateOperations + listOperations + tagOperations
  )

  // MARK: Errors

  static let validation = ErrorShape("ValidationException")
  static let notFound = ErrorShape("NotFoundException", status: 404)
  static let conflict = ErrorShape("ConflictException", status: 409)
  static let quota = ErrorShape("ServiceQuotaExceededException", status: 402)
  static let denied = ErrorShape("AccessDeniedException", status: 403)
  static let `internal` = ErrorShape("InternalException", status: 500)

  private static let refusals = [validation, notFound, conflict, quota, denied]

  /// Declares an operation whose refusals are the engine's.
  static func operation(
    _ name: String,
    _ documentation: String,
    _ http: HTTPBinding,
    input: Structure = [],
    output: Structure = [],
    errors: [ErrorShape] = [],
    handler: @escaping @Sendable (_ engine: PipeEngine, _ call: Call) async throws -> Value
  ) -> AWSProtocols.Operation<PipeEngine> {
    AWSProtocols.Operation(
      name,
      documentation,
      http: http,
      input: input,
      output: output,
      errors: [validation] + errors + [`internal`]
    ) { engine, call in
      do {
        return try await handler(engine, call)
      } catch let refusal as PipeError {
        throw error(for: refusal)
      }
    }
  }

  private static func error(for refusal: PipeError) -> AWSError {
    let shape = refusals.first { $0.code == refusal.code } ?? validation
    var members: Fields = [:]
    if shape == conflict || shape == quota {
      members = ["resourceId": .string(refusal.resource), "resourceType": "PIPE"]
    }
    if shape == quota {
      members["serviceCode"] = "pipes"
      members["quotaCode"] = "L-81F11E8D"
    }
    return shape(refusal.message, members)
  }

  // MARK: Shapes

  static let name = Shape.string(1...64, pattern: #"[\.\-_A-Za-z0-9]+"#)
  static let desiredState = Shape.choice("RUNNING", "STOPPED")
  static let currentState = Shape.choice(
    "RUNNING",
    "STOPPED",
    "CREATING",
    "UPDATING",
    "DELETING",
    "STARTING",
    "STOPPING",
    "CREATE_FAILED",
    "UPDATE_FAILED",
    "START_FAILED",
    "STOP_FAILED",
    "DELETE_FAILED",
    "CREATE_ROLLBACK_FAILED",
    "DELETE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_FAILED"
  )
  static let named: Structure = [.required("Name", name, at: .label)]

  static let arnPattern =
    #"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-]+):([a-z]{2,4}((-gov)|(-de)|(-iso([a-z]?)))?-[a-z]+(-\d{1})?)?:(\d{12})?:(.+)"#
  static let pathPattern = #"(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*)"#

  /// Where a pipe stands, which most operations answer.
  static let standing: Structure = [
    .optional("Arn", .string),
    .optional("Name", .string),
    .optional("DesiredState", .string),
    .optional("CurrentState", .string),
    .optional("CreationTime", .timestamp),
    .optional("LastModifiedTime", .timestamp),
  ]

  static func standing(of pipe: PipeRecord, for call: Call) -> Fields {
    [
      "Arn": .string(pipe.definition.arn(in: call.scope).description),
      "Name": .string(pipe.definition.name),
      "DesiredState": .string(pipe.desired.rawValue),
      "CurrentState": .string(pipe.current.rawValue),
      "CreationTime": .time(Timestamp(milliseconds: pipe.createdAt)),
      "LastModifiedTime": .time(Timestamp(milliseconds: pipe.modifiedAt)),
    ]
  }
}
