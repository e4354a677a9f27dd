// swift-tools-version: 6.1
import PackageDescription

// Coverage-guided fuzzers (libFuzzer); `make fuzz` builds and runs them. A package of its own because a fuzzer has no
// `main` and everything in it is compiled with -sanitize=fuzzer.
let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "graft", path: "../..")],
  targets: ["FuzzTokenizer", "FuzzEncoding"].map {
    .executableTarget(
      name: $0, dependencies: [.product(name: "GraftKit", package: "graft")],
      linkerSettings: [.linkedLibrary("icuuc"), .linkedLibrary("icui18n")])
  })
