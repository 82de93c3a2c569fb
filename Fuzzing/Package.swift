// swift-tools-version: 6.3
import PackageDescription

// A package of its own, so that nobody who builds Signalbox builds it with a fuzzer inside. Run it by `make fuzz`.
let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "signalbox", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz-matcher",
      dependencies: [.product(name: "EventPatterns", package: "signalbox")]
    )
  ]
)
