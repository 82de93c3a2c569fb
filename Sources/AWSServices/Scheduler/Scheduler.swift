// Amazon EventBridge Scheduler: what its clients call, as calls of the engine. What a schedule does is module Schedules'.

public import AWSProtocols
public import Schedules

/// Amazon EventBridge Scheduler.
public enum Scheduler {
  /// The service.
  public static let service = Service<ScheduleEngine>(
    id: "scheduler",
    title: "Amazon EventBridge Scheduler",
    protocols: [.restJSON],
    version: "2021-06-30",
    validation: ValidationStyle { violations in validation(Violation.message(violations)) },
    operations: scheduleOperations + scheduleListOperations + groupOperations + tagOperations
  )

  // MARK: Errors

  static let validation = ErrorShape("ValidationException")
  static let notFound = ErrorShape("ResourceNotFoundException", status: 404)
  static let conflict = ErrorShape("ConflictException", status: 409)
  static let quota = ErrorShape("ServiceQuotaExceededException", status: 402)
  static let denied = ErrorShape("AccessDeniedException", status: 403)
  static let `internal` = ErrorShape("InternalServerException", status: 500)

  private static let refusals = [validation, notFound, conflict, quota, denied]

  /// Declares an operation whose refusals are the engine's.
  static func operation(
    _ name: String,
    _ documentation: String,
    _ http: HTTPBinding,
    input: Structure = [],
    output: Structure = [],
    errors: [ErrorShape] = [],
    handler: @escaping @Sendable (_ engine: ScheduleEngine, _ call: Call) async throws -> Value
  ) -> AWSProtocols.Operation<ScheduleEngine> {
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
      } catch let refusal as ScheduleError {
        let shape = refusals.first { $0.code == refusal.code } ?? validation
        // The models of the clients have the text under this name.
        throw shape(refusal.message, ["Message": .string(refusal.message)])
      }
    }
  }

  // MARK: Shapes

  static let name = Shape.string(1...64, pattern: TextPattern("^[0-9a-zA-Z-_.]+$", matchedAs: "[0-9a-zA-Z_.-]+"))
  static let token = Shape.string(1...64, pattern: TextPattern("^[a-zA-Z0-9-_]+$", matchedAs: "[a-zA-Z0-9_-]+"))
  static let state = Shape.choice("ENABLED", "DISABLED")
  static let groupOfQuery = Member.optional("GroupName", name, at: .query("groupName"))
  static let tokenOfQuery = Member.optional("ClientToken", token, at: .query("clientToken"))

  /// The members that every list takes.
  static let paging: Structure = [
    .optional("MaxResults", .integer(1...100), at: .query("MaxResults")),
    .optional("NextToken", .string(1...2048), at: .query("NextToken")),
    .optional("NamePrefix", name, at: .query("NamePrefix")),
  ]

  /// The name of the last item of the page before; nothing for the first page.
  static func lastItem(_ call: Call) throws -> String? {
    guard let token = call.input.string(ifAny: "NextToken") else { return nil }
    guard let key = PageToken.key(of: token) else {
      throw ScheduleError(validation.code, "Invalid NextToken.")
    }
    return key
  }

  /// A time out of milliseconds since 1970.
  static func time(_ milliseconds: Int64?) -> Value {
    milliseconds.map { .time(Timestamp(milliseconds: $0)) } ?? .absent
  }
}
