// Amazon EventBridge Schemas: what its clients call, as calls of the engine. What an operation means is module Schemas'.

public import AWSProtocols
public import Schemas

/// Amazon EventBridge Schemas.
public enum EventSchemas {
  /// The service.
  public static let service = Service<SchemaRegistries>(
    id: "schemas",
    title: "Amazon EventBridge Schemas",
    protocols: [.restJSON],
    version: "2019-12-02",
    validation: ValidationStyle { badRequest.refusal(Violation.message($0)) },
    operations: registryOperations + policyOperations + schemaOperations + versionOperations + searchOperations
      + discovererOperations + bindingOperations + tagOperations
  )

  // MARK: Errors

  static let badRequest = ErrorShape("BadRequestException")
  static let unauthorized = ErrorShape("UnauthorizedException", status: 401)
  static let forbidden = ErrorShape("ForbiddenException", status: 403)
  static let notFound = ErrorShape("NotFoundException", status: 404)
  static let conflict = ErrorShape("ConflictException", status: 409)
  static let gone = ErrorShape("GoneException", status: 410)
  static let preconditionFailed = ErrorShape("PreconditionFailedException", status: 412)
  static let `internal` = ErrorShape("InternalServerErrorException", status: 500)

  private static let shapes = Dictionary(
    uniqueKeysWithValues: [badRequest, forbidden, notFound, conflict, gone, preconditionFailed].map { ($0.code, $0) }
  )

  /// Declares an operation whose refusals are the engine's.
  static func operation(
    _ name: String,
    _ documentation: String,
    _ http: HTTPBinding,
    input: Structure = [],
    output: Structure = [],
    errors: [ErrorShape] = [],
    readOnly: Bool? = nil,
    handler: @escaping @Sendable (_ engine: SchemaRegistries, _ call: Call) async throws -> Value
  ) -> AWSProtocols.Operation<SchemaRegistries> {
    AWSProtocols.Operation(
      name,
      documentation,
      http: http,
      input: input,
      output: output,
      errors: [badRequest, forbidden] + errors + [`internal`],
      readOnly: readOnly
    ) { engine, call in
      do {
        return try await handler(engine, call)
      } catch let refusal as SchemasError {
        throw (shapes[refusal.code] ?? ErrorShape(refusal.code)).refusal(refusal.message)
      }
    }
  }
}

extension ErrorShape {
  /// An error of this shape as the service writes it: code and text are in the body, too.
  fileprivate func refusal(_ message: String) -> AWSError {
    self(message, ["Code": .string(code), "Message": .string(message)])
  }
}
