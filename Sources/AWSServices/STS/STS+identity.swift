// Who a caller is, and whose a key is.

internal import AWSProtocols

extension STS {
  static let identityOperations: [Operation<Identities>] = [
    Operation(
      "GetCallerIdentity",
      "Says who calls: account, user id and ARN.",
      output: [.optional("UserId", .string), .optional("Account", .string), .optional("Arn", .string)]
    ) { _, call in
      [
        "UserId": .string(call.caller.principalID),
        "Account": .string(call.caller.account),
        "Arn": .string(call.caller.arn),
      ]
    },
    Operation(
      "GetAccessKeyInfo",
      "Says which account an access key belongs to.",
      input: [.required("AccessKeyId", .string(16...128, pattern: #"[\w]*"#))],
      output: [.optional("Account", .string)],
      errors: [validationError]
    ) { identities, call in
      guard let key = identities.snapshot[accessKey: call.input.string("AccessKeyId")] else {
        throw validationError("The specified access key is not known here.")
      }
      return ["Account": .string(key.account)]
    },
  ]
}
