// swift-tools-version: 6.1
import PackageDescription

// Coverage-guided fuzzers (libFuzzer); `make fuzz` builds and runs them. A package of its own because everything in it
// is compiled with -sanitize=fuzzer.
let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "graft", path: "../..")],
  targets: [.target(name: "CFuzzer")]
    + ["FuzzTokenizer", "FuzzEncoding"].map {
      .executableTarget(name: $0, dependencies: ["CFuzzer", .product(name: "GraftKit", package: "graft")])
    })
