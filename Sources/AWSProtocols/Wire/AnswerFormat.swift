// How an answer is written, also where no operation was found: errors look as the protocol's clients expect them.

internal import EventPatterns

/// How an answer is written.
public enum AnswerFormat: Sendable, Hashable {
  /// `application/x-amz-json-<version>`, errors by `__type`.
  case json(version: String)
  /// XML, errors as `ErrorResponse`.
  case query(namespace: String)
  /// JSON, errors by `x-amzn-ErrorType`.
  case restJSON

  /// The answer that says what went wrong.
  public func response(_ error: AWSError, requestID: String) -> WireResponse {
    var headers: Headers = ["x-amzn-requestid": requestID]
    let fault = error.isSender ? "Sender" : "Receiver"
    switch self {
    case .json, .restJSON:
      var object = JSONObject()
      if case .json(let version) = self {
        headers["content-type"] = "application/x-amz-json-\(version)"
        object["__type"] = .string(error.shape.code)
        if let code = error.shape.queryCode { headers["x-amzn-query-error"] = "\(code);\(fault)" }
      } else {
        headers["content-type"] = "application/json"
        headers["x-amzn-errortype"] = error.shape.code
      }
      object["message"] = .string(error.message)
      for (name, value) in error.members.entries { object[name] = Shape.document.encode(json: value) }
      return WireResponse(status: error.shape.status, headers: headers, body: JSONValue.object(object).bytes)
    case .query(let namespace):
      headers["content-type"] = "text/xml"
      var writer = XMLWriter()
      writer.element("ErrorResponse", " xmlns=\"\(namespace)\"") { writer in
        writer.element("Error") { writer in
          writer.element("Type", text: fault)
          writer.element("Code", text: error.shape.queryCode ?? error.shape.code)
          writer.element("Message", text: error.message)
        }
        writer.element("RequestId", text: requestID)
      }
      return WireResponse(status: error.shape.status, headers: headers, body: writer.bytes)
    }
  }

  /// What a body that cannot be read is answered with.
  func unreadable(_ message: String) -> AWSError {
    switch self {
    case .json, .restJSON: AWSError("SerializationException", message)
    case .query: AWSError("MalformedInput", message)
    }
  }

  /// What a request for something that is not there is answered with.
  func unknownOperation(_ name: String, reason: String? = nil) -> AWSError {
    switch self {
    case .json, .restJSON:
      AWSError("UnknownOperationException", reason ?? "The operation \(name.prefix(128)) is not known.")
    case .query:
      AWSError("InvalidAction", reason ?? "The action \(name.prefix(128)) is not valid for this web service.")
    }
  }
}
