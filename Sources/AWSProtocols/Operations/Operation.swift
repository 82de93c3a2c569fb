// An operation is declared once, as a value: its name, what goes in and out, what it refuses, one sentence on what it is
// for, and the function that does it. Decoding, validation, errors, CloudTrail records and Docs/aws-api.md read the
// declaration; nothing is said twice.

/// Where a REST operation lives.
public struct HTTPBinding: Sendable, Hashable {
  /// `GET`, `POST`, `PUT`, `DELETE` or `PATCH`
  public var method: String
  /// `/schedules/{Name}`
  public var path: String
  /// The status of a good answer.
  public var status: Int

  /// Makes a binding.
  public init(_ method: String, _ path: String, status: Int = 200) {
    self.method = method
    self.path = path
    self.status = status
  }
}

/// How CloudTrail counts a call.
public enum EventCategory: String, Sendable {
  /// A call that manages resources.
  case management = "Management"
  /// A call that moves data: messages and events.
  case data = "Data"
}

/// The resource that the CloudTrail record of a call names.
public struct RecordedResource: Sendable, Hashable {
  /// CloudTrail's type: `AWS::IAM::Role`.
  public let type: String
  /// The member of the input that has its ARN.
  public let member: String

  /// Names a resource by a member of the input.
  public init(_ type: String, arnIn member: String) {
    self.type = type
    self.member = member
  }
}

/// One operation of a service, done by an engine.
public struct Operation<Engine: Sendable>: Sendable {
  /// What does the work. The returned value has the shape of the output.
  public typealias Handler = @Sendable (_ engine: Engine, _ call: Call) async throws -> Value

  /// The name, such as `PutRule`.
  public let name: String
  /// What it is for, in one sentence.
  public let documentation: String
  /// Where it lives, in REST protocols.
  public let http: HTTPBinding?
  /// What goes in.
  public let input: Structure
  /// What comes out.
  public let output: Structure
  /// What it declares to refuse.
  public let errors: [ErrorShape]
  /// Whether it changes nothing.
  public let isReadOnly: Bool
  /// How CloudTrail counts it.
  public let category: EventCategory
  /// Whether CloudTrail has the answer although nothing changes, as it has that of calls that give out credentials.
  public let recordsAnswer: Bool
  /// What the CloudTrail record of a good call names as its resource.
  public let resource: RecordedResource?
  /// Whether it may be called without a signature.
  public let isOpen: Bool
  /// What does the work.
  public let handler: Handler

  /// Declares an operation.
  ///
  /// - Parameter readOnly: whether it changes nothing; said by the name (`Get…`, `List…`, `Describe…`) if left out.
  /// - Parameter recordsAnswer: whether CloudTrail has the answer; said by `readOnly` if left out.
  /// - Parameter isOpen: whether it may be called without a signature, as links in mails are.
  public init(
    _ name: String,
    _ documentation: String,
    http: HTTPBinding? = nil,
    input: Structure = [],
    output: Structure = [],
    errors: [ErrorShape] = [],
    readOnly: Bool? = nil,
    category: EventCategory = .management,
    recordsAnswer: Bool? = nil,
    resource: RecordedResource? = nil,
    isOpen: Bool = false,
    handler: @escaping Handler
  ) {
    self.name = name
    self.documentation = documentation
    self.http = http
    self.input = input
    self.output = output
    self.errors = errors
    self.isReadOnly = readOnly ?? ["Get", "List", "Describe", "Lookup", "Search"].contains { name.hasPrefix($0) }
    self.category = category
    self.recordsAnswer = recordsAnswer ?? !isReadOnly
    self.resource = resource
    self.isOpen = isOpen
    self.handler = handler
  }
}
