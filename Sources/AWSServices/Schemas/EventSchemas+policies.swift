// Resource policies of registries.

internal import AWSProtocols
internal import Schemas

extension EventSchemas {
  private static let registry = Member.optional("RegistryName", .string, at: .query("registryName"))
  private static let policyOutput: Structure = [.optional("Policy", .string), .optional("RevisionId", .string)]

  static let policyOperations: [AWSProtocols.Operation<SchemaRegistries>] = [
    operation(
      "PutResourcePolicy",
      "Sets the policy of a registry, if it is at the revision that the caller has read.",
      HTTPBinding("PUT", "/v1/policy"),
      input: [.required("Policy", .string), registry, .optional("RevisionId", .string)],
      output: policyOutput,
      errors: [notFound, preconditionFailed]
    ) { engine, call in
      let policy = try await engine.putPolicy(
        call.input.string("Policy"),
        of: call.input.string(ifAny: "RegistryName"),
        revision: call.input.string(ifAny: "RevisionId"),
        in: call.scope
      )
      return fields(policy)
    },
    operation(
      "GetResourcePolicy",
      "Tells the policy of a registry and its revision.",
      HTTPBinding("GET", "/v1/policy"),
      input: [registry],
      output: policyOutput,
      errors: [notFound]
    ) { engine, call in
      fields(try await engine.policy(of: call.input.string(ifAny: "RegistryName"), in: call.scope))
    },
    operation(
      "DeleteResourcePolicy",
      "Removes the policy of a registry.",
      HTTPBinding("DELETE", "/v1/policy", status: 204),
      input: [registry],
      errors: [notFound]
    ) { engine, call in
      try await engine.deletePolicy(of: call.input.string(ifAny: "RegistryName"), in: call.scope)
      return [:]
    },
  ]

  private static func fields(_ policy: RegistryPolicy) -> Value {
    ["Policy": .string(policy.document), "RevisionId": .string(policy.revision)]
  }
}
