// What a service elsewhere is called with. A service is a value: how it speaks, what its ARNs look like, and what is said
// to each kind of resource. A new one is one entry of `AWSService.all`.

internal import Delivery
internal import EventPatterns
internal import Foundation
internal import RuleFiles
internal import TrailEvents

/// A service of AWS's that deliveries can be forwarded to.
public struct AWSService: Sendable {
  /// How a service is spoken to.
  enum Wire: Sendable {
    /// JSON, with the operation in `X-Amz-Target`.
    case json(version: String, prefix: String)
    /// A form, with the operation in `Action`; answers are XML.
    case query(version: String)
    /// A path and a JSON body for each operation.
    case rest
  }

  /// A kind of resource, and what reaches it.
  struct Resource: Sendable {
    /// What an ARN's resource begins with: `stateMachine`; nil for all.
    var type: String?
    /// The call.
    var call: @Sendable (_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall
    /// Codes of errors which say that an earlier attempt has done it already.
    var doneBy: Set<String> = []
    /// What has to be there before the call, and is made when the call says that something is not.
    var preparation: (@Sendable (_ order: AWSOrder) -> AWSCall)?
  }

  /// Its name in ARNs and settings: `states`.
  public let id: String
  /// What people call it, and what is done: `Step Functions: StartExecution`.
  public let summary: String
  /// Its name in AWS's SDKs: `sfn`.
  let sdkName: String
  /// Its names in ARNs, where they are not its own.
  var arnNames: [String]?
  /// What AWS's endpoint begins with, where that is not its name.
  var endpointPrefix: String?
  let wire: Wire
  /// Whether the names of its parameters begin with small letters.
  var hasSmallNames = false
  var resources: [Resource] = []
  /// Calls of a service without a common form, by operation, from what a universal target has as its input.
  var universal: [String: @Sendable (_ input: JSONValue) throws(DeliveryFailure) -> AWSCall] = [:]

  /// The service of an ARN.
  static func named(in arn: ARN) -> AWSService? {
    all.first { ($0.arnNames ?? [$0.id]).contains(arn.service) }
  }

  /// All names of services in ARNs.
  public static var arnNames: [String] { all.filter { !$0.resources.isEmpty }.flatMap { $0.arnNames ?? [$0.id] } }

  /// What reaches a resource; nothing if no delivery can go there.
  func resource(of arn: ARN) -> Resource? {
    resources.first { $0.type == nil || $0.type == arn.type }
  }

  /// The address of AWS's endpoint in a Region, for an operation.
  func address(in region: String, for operation: String) -> String {
    let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    // Executions that are waited for have hosts of their own.
    let prefix = operation == "StartSyncExecution" ? "sync-" : ""
    return "https://\(prefix)\(endpointPrefix ?? id).\(region).\(domain)"
  }

  /// The call of any operation, with the parameters that a universal target has as its input.
  func call(_ operation: String, with input: JSONValue) throws(DeliveryFailure) -> AWSCall {
    if let special = universal[operation] { return try special(input) }
    guard case .json = wire else {
      let message = "\(id):\(operation) cannot be called as a universal target"
      throw DeliveryFailure(.noResource, message, retryable: false)
    }
    return AWSCall(operation, hasSmallNames ? input.withSmallNames : input)
  }
}

/// One call of an operation.
struct AWSCall: Sendable {
  enum Body: Sendable {
    case json(JSONValue)
    case form([(name: String, value: String)])
    case bytes([UInt8])
  }

  var operation: String
  var path = "/"
  var headers: [(String, String)] = []
  var body: Body
  /// What somebody who waits for the result gets of the body of a success; nobody waits without.
  var answer: (@Sendable (_ body: [UInt8]) -> [UInt8])?

  init(_ operation: String, _ input: JSONValue) {
    self.operation = operation
    body = .json(input)
  }

  init(_ operation: String, path: String = "/", headers: [(String, String)] = [], _ body: Body) {
    self.operation = operation
    self.path = path
    self.headers = headers
    self.body = body
  }
}

/// A delivery to a resource elsewhere, as the entries of services see it.
struct AWSOrder: Sendable {
  var arn: ARN
  /// The resource's address at the endpoint, for services that name resources by URL: `https://host`.
  var origin: String
  var delivery: DeliveryRequest
  /// Parameters of EventBridge's targets, by their names there: `EcsParameters`.
  var parameters: [String: JSONValue]
  /// Whether it comes from a rule file: such deliveries say which they are, so that receivers can know them again.
  var isMarked: Bool
  var now: Delivery.Instant

  var text: String { String(decoding: delivery.payload, as: UTF8.self) }
  var input: JSONValue? { try? JSONValue(parsing: delivery.payload) }
  var event: JSONValue? { try? JSONValue(parsing: delivery.event) }
  var data: JSONValue { .string(Data(delivery.payload).base64EncodedString()) }
  var target: JSONValue { .string(arn.description) }
  var name: JSONValue { .string(arn.name) }
  /// The same for every attempt of a delivery: whoever remembers it does it once.
  var token: JSONValue { .string(delivery.deliveryID) }
  var isFIFO: Bool { arn.resource.hasSuffix(".fifo") }

  /// The message group for FIFO queues and topics; the rule's own where none is asked for, or can be.
  var messageGroup: String? {
    guard isFIFO else { return nil }
    return parameters["SqsParameters"]?["MessageGroupId"]?.string
      ?? (isMarked || arn.service == "sns" ? String(delivery.ruleID.prefix(128)) : nil)
  }

  /// What makes a message for a FIFO queue or topic a duplicate of another; its content if nothing does.
  var deduplicationID: String? {
    guard isFIFO else { return nil }
    return parameters["SqsParameters"]?["MessageDeduplicationId"]?.string ?? (isMarked ? delivery.deliveryID : nil)
  }

  /// What a value is at a path of the event, as EventBridge writes paths: `$.detail.id`.
  func value(at path: String) -> String? {
    let plain = path.hasPrefix("$.") ? String(path.dropFirst(2)) : String(path.dropFirst(path.hasPrefix("$") ? 1 : 0))
    guard let path = try? FieldPath(parsing: plain), let value = event?[path] else { return nil }
    return value.string ?? value.text
  }

  /// The parameters that a target cannot do without.
  func needed(_ name: String, _ member: String) throws(DeliveryFailure) -> JSONValue {
    guard let value = parameters[name]?[member] else {
      throw DeliveryFailure(.invalidParameter, "a target \(arn) needs \(name) with \(member)", retryable: false)
    }
    return value
  }
}

extension JSONValue {
  /// An object of those members that there are.
  static func fields(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    .object(JSONObject(members.compactMap { name, value in value.map { (name, $0) } }))
  }

  var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }

  /// Members whose names are a caller's own, not a service's.
  private static let free: Set<String> = ["parameters", "labels", "options", "attributes", "dimensions"]

  /// The value with small letters at the beginning of all names, but for those that are a caller's own.
  var withSmallNames: JSONValue {
    switch self {
    case .array(let items): .array(items.map(\.withSmallNames))
    case .object(let object):
      .object(
        JSONObject(
          object.members.map { member in
            let name = member.name.prefix(1).lowercased() + member.name.dropFirst()
            // Tags are an object of names that are free, or a list of objects with a key and a value.
            let isFree = Self.free.contains(name) || name == "tags" && member.value.object != nil
            return (name, isFree ? member.value : member.value.withSmallNames)
          }
        )
      )
    default: self
    }
  }

  /// The members that a name is wanted of.
  func members(where isWanted: (String) -> Bool) -> JSONObject {
    JSONObject((object?.members ?? []).filter { isWanted($0.name) })
  }
}
