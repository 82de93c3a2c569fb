// swift-tools-version: 6.3
import PackageDescription

// A package of its own, so that nobody who builds Signalbox builds the benchmark. `Benchmarks/run` builds and runs it.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "signalbox", path: "..")],
  targets: [
    .target(name: "CMatcherBench"),
    .executableTarget(
      name: "matcher-bench",
      dependencies: ["CMatcherBench", .product(name: "EventPatterns", package: "signalbox")],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
      ]
    ),
    .executableTarget(name: "inflate-alone", linkerSettings: [.linkedLibrary("deflate")]),
  ]
)
