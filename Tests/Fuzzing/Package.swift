// swift-tools-version: 6.1
import PackageDescription

// A coverage-guided fuzzer (libFuzzer) of everything that reads files; `make fuzz` builds and runs it. A package of its
// own because everything in it is compiled with -sanitize=fuzzer.
let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "graft", path: "../..")],
  targets: [
    .target(name: "CFuzzer"),
    // Tests of the project itself, as its target Fuzzing: the seeds are read in `make test`.
    .target(
      name: "Readers", dependencies: [.product(name: "GraftKit", package: "graft")], exclude: ["SeedTests.swift"]),
    .executableTarget(name: "Fuzz", dependencies: ["CFuzzer", "Readers"]),
  ])
