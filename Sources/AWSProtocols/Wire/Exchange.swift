// One request of one operation in one wire format: how its input is read and how its answer is written.

internal import EventPatterns

/// A request whose service, operation and wire format are known.
public struct Exchange: Sendable {
  /// The service.
  public let service: BoundService
  /// The operation.
  public let operation: BoundOperation
  /// How request and answer are written.
  public let format: AnswerFormat
  let labels: [String: String]

  init(_ service: BoundService, _ operation: BoundOperation, _ format: AnswerFormat, labels: [String: String] = [:]) {
    self.service = service
    self.operation = operation
    self.format = format
    self.labels = labels
  }

  /// Reads and validates the input.
  public func input(of request: WireRequest) throws(AWSError) -> Input {
    try input(validating: try unvalidatedFields(of: request))
  }

  /// Validates what was read.
  public func input(validating fields: Fields) throws(AWSError) -> Input {
    let violations = operation.input.violations(in: fields)
    guard violations.isEmpty else { throw service.validation.error(violations) }
    return Input(operation.input, fields)
  }

  /// Reads the input as far as its kinds are right.
  public func unvalidatedFields(of request: WireRequest) throws(AWSError) -> Fields {
    do {
      switch format {
      case .json: return try operation.input.decode(json: Self.object(request.body))
      case .query:
        let isForm = request.isForm || request.headers["content-type"] == nil
        var parameters = request.queryParameters
        if isForm { parameters += try FormText.form(request.body) }
        return try operation.input.decode(query: QueryTree(parameters))
      case .restJSON: return try rest(request)
      }
    } catch {
      throw format.unreadable(error.message)
    }
  }

  /// Adds what the path says: clients of the query protocol post to the URL of the queue that they mean.
  ///
  /// - Parameter endpoint: what the path is part of: `http://127.0.0.1:4010`.
  public func fillFromPath(of request: WireRequest, at endpoint: String, _ fields: inout Fields) {
    guard case .query = format, let name = service.pathMember, request.path.utf8.count > 1,
      operation.input.members.contains(where: { $0.name == name }), case .absent = fields[name]
    else { return }
    fields[name] = .string(endpoint + request.path.percentDecoded)
  }

  /// The answer of a call that went well.
  public func response(_ output: Value, requestID: String) -> WireResponse {
    let fields = if case .fields(let fields) = output { fields } else { Fields() }
    let name = operation.name
    switch format {
    case .json(let version):
      let body = operation.output.members.isEmpty ? [] : operation.output.encode(json: fields).bytes
      return WireResponse(
        status: 200,
        headers: ["x-amzn-requestid": requestID, "content-type": "application/x-amz-json-\(version)"],
        body: body.isEmpty && version == "1.0" ? Array("{}".utf8) : body
      )
    case .query(let namespace):
      var writer = XMLWriter()
      writer.element("\(name)Response", " xmlns=\"\(namespace)\"") { writer in
        // Also when it is empty: some models have a result without members, and all clients pass over what they do
        // not know.
        writer.element("\(name)Result") { $0.members(operation.output, fields) }
        writer.element("ResponseMetadata") { $0.element("RequestId", text: requestID) }
      }
      return WireResponse(
        status: 200,
        headers: ["x-amzn-requestid": requestID, "content-type": "text/xml"],
        body: writer.bytes
      )
    case .restJSON: return restResponse(fields, requestID)
    }
  }

  /// The answer of a call that did not go well.
  public func response(_ error: AWSError, requestID: String) -> WireResponse {
    format.response(error, requestID: requestID)
  }

  // MARK: REST

  private func rest(_ request: WireRequest) throws(SerializationError) -> Fields {
    var fields = Fields()
    let structure = operation.input
    let parameters = request.queryParameters
    if let payload = structure.members.first(where: { $0.location == .payload }) {
      if !request.body.isEmpty { fields[payload.name] = try payloadValue(payload, request.body) }
    } else if structure.members.contains(where: { $0.location == .body }), !request.body.isEmpty {
      let wanted = Structure(structure.members.filter { $0.location == .body })
      fields = try wanted.decode(json: Self.object(request.body))
    }
    for member in structure.members {
      switch member.location {
      case .body, .payload: break
      case .label:
        guard let text = labels[member.jsonName] ?? labels[member.name] else { continue }
        fields[member.name] = try member.shape.decode(text: text, path: member.name)
      case .header(let name):
        guard let text = request.headers[name] else { continue }
        fields[member.name] = try member.shape.decode(text: text, path: member.name)
      case .query(let name):
        let texts = parameters.filter { $0.name == name }.map(\.value)
        guard let text = texts.last else { continue }
        if case .list(let item) = member.shape.kind {
          var values: [Value] = []
          for text in texts { values.append(try item.decode(text: text, path: member.name)) }
          fields[member.name] = .list(values)
        } else {
          fields[member.name] = try member.shape.decode(text: text, path: member.name)
        }
      }
    }
    return fields
  }

  private func payloadValue(_ member: Member, _ body: [UInt8]) throws(SerializationError) -> Value {
    switch member.shape.kind {
    case .blob: return .blob(body)
    case .string: return .string(String(decoding: body, as: UTF8.self))
    case .structure(let structure): return .fields(try structure.decode(json: Self.object(body)))
    default:
      do {
        return try member.shape.decode(json: JSONValue(parsing: body), path: member.name)
      } catch let error as JSONError {
        throw SerializationError(message: error.description)
      } catch let error as SerializationError {
        throw error
      } catch {
        throw SerializationError(message: "The body cannot be read")
      }
    }
  }

  private func restResponse(_ fields: Fields, _ requestID: String) -> WireResponse {
    var headers: Headers = ["x-amzn-requestid": requestID, "content-type": "application/json"]
    let structure = operation.output
    for member in structure.members {
      guard case .header(let name) = member.location, case .string(let text) = fields[member.name] else { continue }
      headers[name] = text
    }
    let body: [UInt8]
    if let payload = structure.members.first(where: { $0.location == .payload }) {
      switch fields[payload.name] {
      case .blob(let bytes): body = bytes
      case .string(let text): body = Array(text.utf8)
      case .absent: body = []
      case let value: body = payload.shape.encode(json: value).bytes
      }
    } else {
      body = structure.encode(json: fields) { $0.location == .body }.bytes
    }
    let status = operation.http?.binding.status ?? 200
    return WireResponse(status: status, headers: headers, body: status == 204 ? [] : body)
  }

  /// The object of a JSON body; an empty body is an empty object.
  private static func object(_ body: [UInt8]) throws(SerializationError) -> JSONObject {
    guard !body.isEmpty else { return JSONObject() }
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: body)
    } catch {
      throw SerializationError(message: error.description)
    }
    guard case .object(let object) = json else {
      throw SerializationError(message: "A JSON object was expected")
    }
    return object
  }
}
