// swift-tools-version: 6.3
import PackageDescription

// The module map; ARCHITECTURE.md says what each is for. Arrows point downward only: a module may depend on
// modules listed above it, never on one below.

/// Settings every Swift target of ours is built with.
let houseSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
  .treatAllWarnings(as: .error),  // SE-0480
]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let hummingbird = [
  Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird"),
  .product(name: "HummingbirdHTTP2", package: "hummingbird"),
  .product(name: "HummingbirdTLS", package: "hummingbird"),
  .product(name: "HTTPTypes", package: "swift-http-types"),
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
  .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOSSL", package: "swift-nio-ssl"),
  .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
]
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A library module of ours under `Sources/`.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: houseSettings)
}

/// The tests of a module, under `Tests/<Module>Tests`.
func tests(of name: String, _ more: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.target(name: name)] + more,
    resources: resources,
    swiftSettings: houseSettings
  )
}

let package = Package(
  name: "signalbox",
  products: [
    .library(name: "EventPatterns", targets: ["EventPatterns"]),
    .executable(name: "signalbox", targets: ["signalbox"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // C shims and system libraries.
    .target(name: "CSignalbox", cSettings: []),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    // Match: bytes and patterns in, matching rules out.
    module("EventPatterns", ["CSignalbox"]),
    module("TrailEvents", ["EventPatterns", "CDeflate", "CSignalbox"]),
    module("RuleFiles", ["TrailEvents", "EventPatterns", "CYAML", crypto]),

    // Speak AWS's protocols.
    module("AWSProtocols", ["EventPatterns", "TrailEvents", crypto]),

    // Decide and deliver.
    module("Storage", [grdb, sqlite, crypto]),
    module("Decisions", ["RuleFiles", crypto]),
    module("Outbound", ["CCurl"]),
    module("Messaging", ["Storage", "TrailEvents", "EventPatterns", grdb, crypto, cryptoExtras]),
    module("Delivery", ["RuleFiles", "Storage", logging]),
    module(
      "Targets",
      [
        "Delivery", "Outbound", "Messaging", "RuleFiles", "AWSProtocols", "EventPatterns", "TrailEvents", "CSignalbox",
        crypto,
      ]
    ),

    // Buses with EventBridge's semantics.
    module(
      "EventBuses",
      [
        "Decisions", "Delivery", "Messaging", "Outbound", "RuleFiles", "Storage", "TrailEvents", "EventPatterns", grdb,
        logging,
      ]
    ),

    // Learn and keep the schemas of events.
    module("Schemas", ["Delivery", "Storage", "TrailEvents", "EventPatterns", grdb, logging]),
    // Schedules with EventBridge Scheduler's semantics.
    module(
      "Schedules",
      [
        "EventBuses", "Decisions", "Delivery", "Messaging", "RuleFiles", "Storage", "TrailEvents", "EventPatterns",
        grdb, logging,
      ]
    ),

    // Pipes with the semantics of EventBridge Pipes.
    module(
      "Pipes",
      [
        "EventBuses", "Decisions", "Delivery", "Messaging", "RuleFiles", "Storage", "TrailEvents", "EventPatterns",
        grdb, logging,
      ]
    ),

    // Offer AWS's services.
    module(
      "AWSServices",
      [
        "AWSProtocols", "TrailEvents", "Storage", "Messaging", "EventBuses", "Schedules", "Pipes", "Schemas",
        "Delivery", "EventPatterns", crypto, logging, grdb,
      ]
    ),

    // Compose.
    module(
      "Server",
      [
        "Targets", "Decisions", "EventBuses", "Schedules", "Pipes", "Schemas", "Messaging", "AWSServices",
        "AWSProtocols", "CDeflate",
        logging,
      ]
        + hummingbird
    ),
    module("SignalboxCommands", ["Server", "AWSServices", arguments]),
    .executableTarget(name: "signalbox", dependencies: ["SignalboxCommands"], swiftSettings: houseSettings),
    module("SignalboxTesting", ["Delivery"]),
    module("HTTPTesting", []),

    tests(of: "EventPatterns", ["CSignalbox"]),
    tests(of: "TrailEvents"),
    tests(of: "RuleFiles"),
    tests(of: "Storage", [grdb]),
    tests(of: "Decisions"),
    tests(of: "Outbound", ["HTTPTesting"]),
    tests(of: "Messaging", ["Storage", "TrailEvents", "EventPatterns", crypto, cryptoExtras]),
    tests(of: "Delivery", ["SignalboxTesting", "Messaging", logging]),
    tests(of: "Targets", ["SignalboxTesting", "HTTPTesting", "AWSProtocols", "EventPatterns", "TrailEvents"]),
    tests(of: "EventBuses", ["SignalboxTesting", "HTTPTesting", "Messaging", "Decisions", grdb, logging]),
    tests(of: "Schemas", ["SignalboxTesting", "Storage", "Delivery", "TrailEvents", "EventPatterns", grdb, logging]),
    tests(of: "Schedules", ["SignalboxTesting", "RuleFiles", "EventBuses", "Messaging", "Outbound", grdb, logging]),
    tests(
      of: "Pipes",
      ["SignalboxTesting", "HTTPTesting", "EventBuses", "Delivery", "Messaging", "Outbound", grdb, logging]
    ),
    tests(of: "AWSProtocols"),
    tests(of: "AWSServices", ["AWSProtocols", "Storage", "TrailEvents", "EventPatterns", logging]),
    tests(
      of: "Server",
      [
        "SignalboxTesting", "AWSServices", "AWSProtocols", "Messaging", "Decisions", "Outbound", logging,
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + hummingbird
    ),
    tests(of: "SignalboxCommands"),
  ]
)

// `SIGNALBOX_ONLY=StorageTests swift test` leaves out every target that the named ones do not need, so that one module
// can be worked on in seconds while others are in pieces.
if let only = Context.environment["SIGNALBOX_ONLY"] {
  var wanted: Set<String> = []
  func want(_ name: String) {
    guard wanted.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else { return }
    for case .byNameItem(let dependency, _) in target.dependencies { want(dependency) }
    for case .targetItem(let dependency, _) in target.dependencies { want(dependency) }
  }
  for name in only.split(separator: ",") { want(String(name)) }
  package.targets.removeAll { !wanted.contains($0.name) }
  package.products.removeAll { !wanted.contains($0.name) }
}
