// Tags of roles and users.

internal import AWSProtocols

extension IAM {
  static let tagOperations = tagging(of: .role) + tagging(of: .user)

  private static func tagging(of holder: Holder) -> [Operation<Identities>] {
    let title = holder.title
    let noun = title.lowercased()
    return [
      Operation(
        "Tag\(title)",
        "Puts tags on a \(noun).",
        input: [holder.nameMember, .required("Tags", tags)],
        errors: usual + [invalidInput]
      ) { identities, call in
        try await holder.change(identities, call) { principal, input in
          let given = try tagMap(input)
          let keys = Set(given.keys.map { $0.lowercased() })
          let merged = principal.tags.filter { !keys.contains($0.key.lowercased()) }.merging(given) { $1 }
          guard merged.count <= 50 else {
            throw limitExceeded("The number of tags has reached the maximum limit.")
          }
          principal.tags = merged
        }
      },
      Operation(
        "Untag\(title)",
        "Takes tags off a \(noun).",
        input: [holder.nameMember, .required("TagKeys", .list(.string(1...128), 0...50))],
        errors: usual
      ) { identities, call in
        try await holder.change(identities, call) { principal, input in
          let keys = Set(input.strings("TagKeys").map { $0.lowercased() })
          principal.tags = principal.tags.filter { !keys.contains($0.key.lowercased()) }
        }
      },
      Operation(
        "List\(title)Tags",
        "Lists the tags of a \(noun).",
        input: [holder.nameMember] + paging,
        output: [.required("Tags", tags)] + pagingOutput,
        errors: [noSuchEntity]
      ) { identities, call in
        let tags = try holder.principal(identities, call).tags.sorted { $0.key < $1.key }
        return try page(tags, call.input, key: \.key, "Tags") { ["Key": .string($0.key), "Value": .string($0.value)] }
      },
    ]
  }
}
