// Why a caller is not believed, and the code that clients of each protocol expect for it.

/// Why a request's signature does not hold.
public enum SignatureFailure: Error, Sendable, Hashable {
  /// There is no signature.
  case missing
  /// Parts of the signature are missing or cannot be read.
  case incomplete(String)
  /// The access key, or its token, is not known.
  case unknownKey
  /// The key's session has ended.
  case expiredToken
  /// A presigned request has ended.
  case expired(String)
  /// The signature is another, or of another time.
  case mismatch(String)
  /// The body is not the one that was signed.
  case payload(String)
  /// The body says of itself that it is in pieces, and is not.
  case framing(String)

  /// The error for a client that reads a format.
  public func error(in format: AnswerFormat) -> AWSError {
    let isQuery = if case .query = format { true } else { false }
    let status = if case .json = format { 400 } else { 403 }
    func make(_ query: String, _ json: String, _ message: String) -> AWSError {
      AWSError(isQuery ? query : json, message, status: status)
    }
    return switch self {
    case .missing:
      make(
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        isQuery ? "Request is missing Authentication Token" : "Missing Authentication Token"
      )
    case .incomplete(let message): make("IncompleteSignature", "IncompleteSignatureException", message)
    case .unknownKey:
      make(
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "The security token included in the request is invalid."
      )
    case .expiredToken:
      make("ExpiredToken", "ExpiredTokenException", "The security token included in the request is expired")
    case .expired(let message): make("RequestExpired", "RequestExpired", message)
    case .mismatch(let message): make("SignatureDoesNotMatch", "InvalidSignatureException", message)
    case .framing(let message): AWSError("MalformedRequest", message)
    case .payload(let message): make("XAmzContentSHA256Mismatch", "InvalidSignatureException", message)
    }
  }
}
