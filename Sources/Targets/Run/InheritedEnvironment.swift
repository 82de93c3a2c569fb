// What programs get of the engine's own environment: what programs cannot do without, and what lets AWS's tools find
// region and credentials. Nothing else, so that a secret meant for one target does not reach every script.

/// The part of the engine's environment that programs inherit.
struct InheritedEnvironment: Sendable {
  /// The variables, in name order.
  let variables: [(name: String, value: String)]
  /// Values among them that must not show up in records.
  let secrets: [String]

  private static let names: Set<String> = ["PATH", "HOME", "LANG", "TZ"]
  private static let defaults = [
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/", "LANG": "C.UTF-8",
  ]

  init(_ environment: [String: String]) {
    let kept = environment.filter { Self.names.contains($0.key) || $0.key.hasPrefix("AWS_") }
    variables = kept.merging(Self.defaults) { own, _ in own }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    secrets = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].compactMap { kept[$0] }
  }
}
