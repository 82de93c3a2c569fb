// The input of an operation out of JSON with the members' own names, for calls that come by no wire: what EventBridge
// Scheduler's universal targets hand over.

internal import EventPatterns

extension BoundOperation {
  /// Reads an input from a JSON object; nothing is validated yet.
  public func unvalidatedInput(parsing text: [UInt8]) throws(AWSError) -> Fields {
    guard case .object(let object)? = try? JSONValue(parsing: text) else {
      throw AWSError("SerializationException", "A JSON object was expected.")
    }
    do throws(SerializationError) {
      return try input.decode(json: object)
    } catch {
      throw AWSError("SerializationException", error.message)
    }
  }

  /// Validates an input, in the words of the operation's service.
  public func validated(_ fields: Fields, in service: BoundService) throws(AWSError) -> Input {
    let violations = input.violations(in: fields)
    guard violations.isEmpty else { throw service.validation.error(violations) }
    return Input(input, fields)
  }
}
