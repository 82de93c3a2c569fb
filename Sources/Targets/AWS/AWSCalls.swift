// What an event becomes in the terms of each service. Pure: an order in, a call out.

internal import AWSProtocols
internal import Delivery
internal import EventPatterns
internal import TrailEvents

/// The calls of services' entries.
enum AWSCalls {
  // MARK: Messages and events

  static func message(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let attributes = order.marks.map { name, value in
      (name, JSONValue.members(["DataType": .string("String"), "StringValue": .string(value)]))
    }
    let url = "\(order.origin)/\(order.arn.account)/\(order.arn.resource)"
    return AWSCall(
      "SendMessage",
      .fields([
        "QueueUrl": .string(url),
        "MessageBody": .string(order.text),
        "MessageGroupId": order.messageGroup.map { .string($0) },
        "MessageDeduplicationId": order.deduplicationID.map { .string($0) },
        "MessageAttributes": attributes.isEmpty ? nil : .object(JSONObject(attributes)),
      ])
    )
  }

  static func publication(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    var form = [(name: "TopicArn", value: order.arn.description), (name: "Message", value: order.text)]
    if let group = order.messageGroup { form.append(("MessageGroupId", group)) }
    if let id = order.deduplicationID { form.append(("MessageDeduplicationId", id)) }
    for (index, mark) in order.marks.enumerated() {
      let entry = "MessageAttributes.entry.\(index + 1)"
      form += [
        ("\(entry).Name", mark.name), ("\(entry).Value.DataType", "String"),
        ("\(entry).Value.StringValue", mark.value),
      ]
    }
    return AWSCall("Publish", .form(form))
  }

  /// A publication as a universal target has it.
  static func publication(_ input: JSONValue) throws(DeliveryFailure) -> AWSCall {
    var form: [(name: String, value: String)] = []
    for member in input.object?.members ?? [] where member.name != "MessageAttributes" {
      form.append((member.name, member.value.string ?? member.value.text))
    }
    for (index, attribute) in (input["MessageAttributes"]?.object?.members ?? []).enumerated() {
      let entry = "MessageAttributes.entry.\(index + 1)"
      form.append(("\(entry).Name", attribute.name))
      for part in attribute.value.object?.members ?? [] {
        form.append(("\(entry).Value.\(part.name)", part.value.string ?? part.value.text))
      }
    }
    return AWSCall("Publish", .form(form))
  }

  static func event(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let given = order.parameters["EventBridgeParameters"]
    let input = order.input
    // What is the event itself, or looks like one, says what it is; anything else is the detail of the event that matched.
    let isEvent = given == nil && input?["source"]?.string != nil && input?["detail"]?.object != nil
    let envelope = isEvent ? input : order.event
    guard let detail = isEvent ? input?["detail"] : input, detail.object != nil else {
      let message = "what goes on the bus \(order.arn) is no JSON object"
      throw DeliveryFailure(.invalidParameter, message, retryable: false)
    }
    let time = (given?["Time"] ?? envelope?["time"])?.string.flatMap { Timestamp(iso8601: $0) }
    let entry = JSONValue.fields([
      "Source": given?["Source"] ?? envelope?["source"],
      "DetailType": given?["DetailType"] ?? envelope?["detail-type"],
      "Detail": .string(detail.text),
      "Resources": given?["Resources"] ?? envelope?["resources"],
      "Time": time.map { .number($0.epochText) },
      "EventBusName": order.target,
    ])
    return AWSCall("PutEvents", .members(["Entries": .array([entry])]))
  }

  static func record(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let parameters = order.parameters["KinesisParameters"]
    let key =
      parameters?["PartitionKey"]?.string ?? parameters?["PartitionKeyPath"]?.string.flatMap(order.value)
      ?? order.delivery.eventID
    return AWSCall(
      "PutRecord",
      .members([
        "StreamName": order.name, "StreamARN": order.target, "Data": order.data,
        "PartitionKey": .string(String(key.prefix(256))),
      ])
    )
  }

  // MARK: Logs

  private static func place(_ order: AWSOrder) -> JSONObject {
    let group = order.arn.name.hasSuffix(":*") ? String(order.arn.name.dropLast(2)) : order.arn.name
    let day = Timestamp(milliseconds: order.now.milliseconds).iso8601.prefix(10)
    let stream = order.parameters["CloudWatchLogsParameters"]?["LogStreamName"] ?? .string("signalbox/\(day)")
    return JSONObject([("logGroupName", .string(group)), ("logStreamName", stream)])
  }

  static func logEvent(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    var (message, time) = (order.text, JSONValue.integer(order.now.milliseconds))
    // A template that says both is taken at its word.
    if let input = order.input?.object, Set(input.members.map(\.name)) == ["timestamp", "message"],
      let text = input["message"], case .number? = input["timestamp"], let given = input["timestamp"]
    {
      (message, time) = (text.string ?? text.text, given)
    }
    if let given = order.parameters["CloudWatchLogsParameters"]?["Timestamp"]?.string {
      if let number = Int64(given) {
        time = .integer(number)
      } else if let instant = Timestamp(iso8601: given) {
        time = .integer(instant.milliseconds)
      }
    }
    var input = place(order)
    input["logEvents"] = .array([.members(["timestamp": time, "message": .string(message)])])
    return AWSCall("PutLogEvents", .object(input))
  }

  static func logStream(_ order: AWSOrder) -> AWSCall { AWSCall("CreateLogStream", .object(place(order))) }

  // MARK: Functions, tasks and jobs

  static func invocation(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let isAwaited = order.delivery.answerLimit > 0
    var call = invoke(order.arn.description, type: isAwaited ? "RequestResponse" : "Event", order.delivery.payload)
    if isAwaited { call.answer = { $0 } }
    return call
  }

  static func execution(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let isAwaited = order.delivery.answerLimit > 0
    var call = AWSCall(
      isAwaited ? "StartSyncExecution" : "StartExecution",
      .members(["stateMachineArn": order.target, "name": order.token, "input": .string(order.text)])
    )
    if isAwaited { call.answer = { Array(((try? JSONValue(parsing: $0))?["output"]?.string ?? "").utf8) } }
    return call
  }

  private static func invoke(_ function: String, type: String, _ payload: [UInt8]) -> AWSCall {
    AWSCall(
      "Invoke",
      path: "/2015-03-31/functions/\(WireRequest.percentEncoded(function))/invocations",
      headers: [("X-Amz-Invocation-Type", type)],
      .bytes(payload)
    )
  }

  static func invoke(_ input: JSONValue) throws(DeliveryFailure) -> AWSCall {
    guard let function = input["FunctionName"]?.string else {
      throw DeliveryFailure(.invalidParameter, "lambda:Invoke needs FunctionName", retryable: false)
    }
    let payload = input["Payload"].map { $0.string.map { Array($0.utf8) } ?? $0.bytes } ?? []
    return invoke(function, type: input["InvocationType"]?.string ?? "Event", payload)
  }

  /// What may stand in the input of a task: anything else in it, such as an event, says nothing about the task.
  private static let taskOverrides: Set<String> = [
    "containerOverrides", "cpu", "memory", "ephemeralStorage", "executionRoleArn", "taskRoleArn",
    "inferenceAcceleratorOverrides",
  ]

  static func task(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let definition = try order.needed("EcsParameters", "TaskDefinitionArn")
    var input = JSONObject([("cluster", order.target), ("taskDefinition", definition)])
    input["count"] = order.parameters["EcsParameters"]?["TaskCount"]
    let rest = order.parameters["EcsParameters"]?.members { $0 != "TaskDefinitionArn" && $0 != "TaskCount" }
    input.members += JSONValue.object(rest ?? JSONObject()).withSmallNames.object?.members ?? []
    let overrides = order.input?.members { taskOverrides.contains($0) } ?? JSONObject()
    if !overrides.members.isEmpty { input["overrides"] = .object(overrides) }
    input["clientToken"] = order.token
    return AWSCall("RunTask", .object(input))
  }

  static func job(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let given = order.parameters["BatchParameters"]?.withSmallNames
    let input = order.input?.withSmallNames
    return submission(
      .fields([
        "jobName": .some(try order.needed("BatchParameters", "JobName")),
        "jobQueue": order.target,
        "jobDefinition": .some(try order.needed("BatchParameters", "JobDefinition")),
        "arrayProperties": given?["arrayProperties"],
        "retryStrategy": given?["retryStrategy"],
        "dependsOn": given?["dependsOn"],
        "parameters": input?["parameters"] ?? given?["parameters"],
        "containerOverrides": input?["containerOverrides"] ?? given?["containerOverrides"],
      ])
    )
  }

  static func submission(_ input: JSONValue) -> AWSCall {
    AWSCall("SubmitJob", path: "/v1/submitjob", .json(input))
  }

  // MARK: Builds, pipelines, commands, statements

  static func build(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    var input = order.input?.members { $0 == "sourceVersion" || $0.hasSuffix("Override") } ?? JSONObject()
    input["projectName"] = order.name
    input["idempotencyToken"] = order.token
    return AWSCall("StartBuild", .object(input))
  }

  static func pipeline(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    var input = order.input?.members { $0 == "variables" || $0 == "sourceRevisions" } ?? JSONObject()
    input["name"] = .string(order.arn.resource)
    input["clientRequestToken"] = order.token
    return AWSCall("StartPipelineExecution", .object(input))
  }

  static func command(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let targets = try order.needed("RunCommandParameters", "RunCommandTargets")
    return AWSCall(
      "SendCommand",
      .fields(["DocumentName": documentName(order), "Targets": targets, "Parameters": documentParameters(order)])
    )
  }

  static func automation(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let parts = order.arn.name.split(separator: ":", maxSplits: 1).map(String.init)
    return AWSCall(
      "StartAutomationExecution",
      .fields([
        "DocumentName": .string(parts[0]),
        "DocumentVersion": parts.count > 1 ? .string(parts[1]) : nil,
        "Parameters": documentParameters(order),
      ])
    )
  }

  /// AWS's own documents are known by name, those of accounts by their ARN, too.
  private static func documentName(_ order: AWSOrder) -> JSONValue {
    order.arn.account.isEmpty ? order.name : order.target
  }

  /// An input in which every value is a text or a list of texts; an event is none.
  private static func documentParameters(_ order: AWSOrder) -> JSONValue? {
    guard let input = order.input?.object, !input.members.isEmpty else { return nil }
    var parameters = JSONObject()
    for (name, value) in input.members {
      switch value {
      case .string: parameters[name] = .array([value])
      case .array(let items) where items.allSatisfy({ $0.string != nil }): parameters[name] = value
      default: return nil
      }
    }
    return .object(parameters)
  }

  static func statement(_ order: AWSOrder) throws(DeliveryFailure) -> AWSCall {
    let given = order.parameters["RedshiftDataParameters"]
    let isCluster = order.arn.type == "cluster"
    let isBatch = given?["Sqls"] != nil
    return AWSCall(
      isBatch ? "BatchExecuteStatement" : "ExecuteStatement",
      .fields([
        "ClusterIdentifier": isCluster ? order.name : nil,
        "WorkgroupName": isCluster ? nil : order.target,
        "Database": .some(try order.needed("RedshiftDataParameters", "Database")),
        "DbUser": given?["DbUser"],
        "SecretArn": given?["SecretManagerArn"],
        "Sqls": given?["Sqls"],
        "Sql": isBatch ? nil : .some(try order.needed("RedshiftDataParameters", "Sql")),
        "StatementName": given?["StatementName"],
        "WithEvent": given?["WithEvent"],
        "ClientToken": order.token,
      ])
    )
  }
}

extension AWSOrder {
  /// What tells a receiver which delivery it is.
  fileprivate var marks: [(name: String, value: String)] {
    guard isMarked else { return [] }
    return [
      ("signalbox.delivery", delivery.deliveryID), ("signalbox.rule", delivery.ruleID),
      ("signalbox.step", delivery.stepID), ("signalbox.event", delivery.eventID),
    ].filter { !$0.1.isEmpty }
  }
}
