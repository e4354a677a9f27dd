// swift-tools-version: 6.1
import PackageDescription

// Targets stand in layers and depend downwards only; Docs/ARCHITECTURE.md lists the allowed edges and
// Tests/LayeringTests fails on any other.
let package = Package(
  name: "graft",
  products: [
    .executable(name: "graft", targets: ["graft"]),
    .library(
      name: "GraftKit",
      targets: [
        "Support", "Randomness", "Records", "Compute", "Tokenization", "Scoring", "Microworld", "Autograd", "Corpus",
        "Counting", "ModelKit", "TaskRegistry", "Optimization", "Checkpointing", "Families", "Objectives", "Probing",
        "StressTesting", "Inference", "Training", "Reporting", "Experiments", "Serving", "Commands", "WordVectors",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C
    .target(name: "CKernels", cSettings: [.define("_GNU_SOURCE")]),
    .target(
      name: "CMatrixLibraries", cSettings: [.define("_GNU_SOURCE")],
      linkerSettings: [.linkedLibrary("dl")]),
    .target(
      name: "CMessagePassing", cSettings: [.define("_GNU_SOURCE")],
      linkerSettings: [.linkedLibrary("dl")]),
    .target(
      name: "CICUShim", linkerSettings: [.linkedLibrary("icuuc"), .linkedLibrary("icui18n")]),
    // Tasks and presets within the executable: the paths in files.list begin at the root of the package.
    .target(
      name: "CResources", exclude: ["files.list"],
      cSettings: [.headerSearchPath("../..")]
        + (Context.environment["GRAFT_COMMIT"].map { [.define("GRAFT_COMMIT", to: "\"\($0)\"")] } ?? [])),
    .systemLibrary(name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),

    // Layer 0
    .target(
      name: "Support",
      dependencies: [
        "CResources", "CZlib",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Yams", package: "Yams"),
      ]),
    .target(name: "Randomness", dependencies: []),
    .target(name: "Records", dependencies: []),

    // Layer 1
    .target(
      name: "Compute", dependencies: ["CKernels", "CMatrixLibraries", "CMessagePassing", "Support"]),
    .target(name: "Tokenization", dependencies: ["CICUShim", "Support", "Randomness", "Records"]),
    .target(name: "Scoring", dependencies: ["Support", "Randomness", "Records"]),
    .target(name: "Microworld", dependencies: ["Support", "Randomness"]),

    // Layer 2
    .target(
      name: "Autograd", dependencies: ["Compute", "CKernels", "Randomness", "Records"]),
    .target(
      name: "Corpus",
      dependencies: ["Tokenization", "Randomness", "Support", "Records"]),

    .target(
      name: "Counting", dependencies: ["Tokenization", "Scoring", "Randomness", "Support", "Records"]),

    .target(
      name: "WordVectors",
      dependencies: ["Compute", "CKernels", "Tokenization", "Scoring", "Randomness", "Support", "Records"]),

    // Layer 3
    .target(
      name: "ModelKit",
      dependencies: ["Autograd", "Compute", "CKernels", "Randomness", "Support", "Records"]),
    .target(
      name: "TaskRegistry",
      dependencies: ["Corpus", "Scoring", "Randomness", "Support", "Records"]),

    // Layer 4
    .target(
      name: "Optimization", dependencies: ["ModelKit", "Compute", "CKernels", "Support"]),
    .target(
      name: "Checkpointing", dependencies: ["ModelKit", "Autograd", "Compute", "Support", "Records"]),

    // Layer 5
    .target(
      name: "Families", dependencies: ["Checkpointing", "ModelKit", "Autograd", "Support", "Records"]),
    .target(
      name: "Objectives",
      dependencies: ["ModelKit", "Autograd", "Randomness", "Support", "Records"]),
    .target(
      name: "Probing",
      dependencies: [
        "CKernels", "TaskRegistry", "Corpus", "Scoring", "Microworld", "Randomness", "Support", "Records",
      ]),

    // Layer 6
    .target(
      name: "Inference",
      dependencies: [
        "Objectives", "Families", "Checkpointing", "TaskRegistry", "Corpus", "Counting", "ModelKit", "Autograd",
        "Compute", "Tokenization", "Scoring", "Randomness", "Support", "Records",
      ]),
    .target(name: "Reporting", dependencies: ["Scoring", "Support", "Records"]),
    .target(
      name: "StressTesting",
      dependencies: ["Probing", "TaskRegistry", "Scoring", "Randomness", "Support", "Records"]),

    // Layer 7
    .target(
      name: "Training",
      dependencies: [
        "Inference", "Objectives", "Families", "Optimization", "Checkpointing", "TaskRegistry",
        "Corpus", "WordVectors", "ModelKit", "Autograd", "Compute", "CKernels", "Tokenization", "Scoring", "Randomness",
        "Support", "Records",
      ]),

    // Layer 8
    .target(
      name: "Experiments",
      dependencies: [
        "Training", "Inference", "Reporting", "StressTesting", "Objectives", "Probing", "Families",
        "Checkpointing", "TaskRegistry", "Corpus", "Counting", "ModelKit", "Compute", "Tokenization", "Scoring",
        "Randomness", "Support", "Records",
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      // In the executable, which needs no folder beside it to write a report or a package.
      resources: [.embedInCode("Report/Templates"), .embedInCode("Plugin/Template")]),

    .target(
      name: "Serving",
      dependencies: [
        "Inference", "StressTesting", "TaskRegistry", "ModelKit", "Randomness", "Support", "Records",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      resources: [.embedInCode("Page")]),

    // Layer 9
    .target(
      name: "Commands",
      dependencies: [
        "Experiments", "Serving", "Training", "Inference", "Reporting", "Objectives", "Families", "Optimization",
        "Checkpointing",
        "StressTesting", "Probing", "TaskRegistry", "Corpus", "ModelKit", "Compute", "Tokenization",
        "Scoring", "Microworld", "Counting", "WordVectors", "Randomness", "Support", "Records", "CICUShim",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Layer 10
    .executableTarget(name: "graft", dependencies: ["Commands"]),

    // Tests
    .testTarget(
      name: "CountingTests", dependencies: ["TestSupport", "Counting", "Tokenization", "Randomness", "Support"]),
    .testTarget(
      name: "WordVectorsTests",
      dependencies: ["TestSupport", "WordVectors", "CKernels", "Scoring", "Randomness", "Support"]),
    .testTarget(name: "SupportTests", dependencies: ["TestSupport", "Support"]),
    .testTarget(
      name: "ComputeTests", dependencies: ["TestSupport", "Compute", "CKernels", "Randomness"]),
    .testTarget(
      name: "AutogradTests",
      dependencies: [
        "TestSupport", "Autograd", "Compute", "Checkpointing", "Randomness", "Records",
      ]),
    .testTarget(
      name: "FamiliesTests",
      dependencies: [
        "TestSupport", "Families", "ModelKit", "Autograd", "Compute", "Optimization", "Checkpointing",
        "Randomness", "Support", "Records",
      ]),
    .testTarget(
      name: "ScoringTests",
      dependencies: ["TestSupport", "Scoring", "Randomness", "Support", "Records"]),
    .testTarget(
      name: "TaskRegistryTests",
      dependencies: ["TestSupport", "TaskRegistry", "Scoring", "Support", "Records"]),
    .testTarget(
      name: "ProbingTests",
      dependencies: [
        "TestSupport", "Probing", "CKernels", "Corpus", "TaskRegistry", "Scoring", "Randomness", "Support", "Records",
      ]),
    .testTarget(
      name: "StressTestingTests",
      dependencies: [
        "TestSupport", "StressTesting", "TaskRegistry", "Scoring", "Randomness", "Support", "Records",
      ]),
    .testTarget(
      name: "CheckpointingTests",
      dependencies: ["TestSupport", "Checkpointing", "ModelKit", "Randomness", "Support"]),
    .testTarget(
      name: "OptimizationTests",
      dependencies: ["Optimization", "Compute", "CKernels", "Checkpointing", "ModelKit", "Support"]),
    .testTarget(
      name: "MicroworldTests",
      dependencies: [
        "TestSupport", "Microworld", "Randomness", "Support", .product(name: "Yams", package: "Yams"),
      ]),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "Scoring", "Support", "Records"]),
    .testTarget(name: "LayeringTests", dependencies: []),
    .testTarget(
      name: "ObjectivesTests",
      dependencies: [
        "TestSupport", "Objectives", "Families", "Inference", "Training", "Corpus", "ModelKit", "Compute",
        "Optimization", "Randomness", "Support", "Records",
      ]),
    // The readers that `make fuzz` puts inputs to, in a package of their own there, and their seeds as a test.
    .testTarget(
      name: "Fuzzing",
      dependencies: [
        "TestSupport", "Commands", "Experiments", "Inference", "Training", "Checkpointing", "Families", "StressTesting",
        "TaskRegistry", "Reporting", "ModelKit", "Autograd", "Compute", "Corpus", "Tokenization", "Scoring",
        "Randomness", "Support", "Records",
      ],
      path: "Tests/Fuzzing/Sources/Readers"),
    .target(
      name: "TestSupport",
      dependencies: ["Families", "ModelKit", "TaskRegistry", "Tokenization", "Microworld", "Support", "CZlib"],
      path: "Tests/TestSupport"),
    .testTarget(
      name: "InferenceTests",
      dependencies: [
        "TestSupport", "Inference", "Families", "Checkpointing", "Compute", "Corpus", "Counting", "TaskRegistry",
        "ModelKit", "Autograd", "Tokenization", "Randomness", "Support", "Records",
      ]),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "TestSupport", "Serving", "Inference", "TaskRegistry", "Corpus", "ModelKit", "Randomness", "Support", "Records",
      ]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: ["TestSupport", "Experiments", "Reporting", "TaskRegistry", "Support"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "TestSupport",
        "Training", "Inference", "Checkpointing", "Families", "Objectives", "Optimization", "TaskRegistry", "Corpus",
        "ModelKit", "Autograd", "Compute", "Tokenization", "Scoring", "Randomness", "Support",
        "Records",
      ]),
    .testTarget(
      name: "CommandsTests",
      dependencies: [
        "TestSupport", "graft", "Commands", "Experiments", "Training", "Reporting", "TaskRegistry", "Checkpointing",
        "Compute",
        "ModelKit", "Microworld", "Tokenization", "Scoring", "Support", "Records",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(
      name: "CorpusTests",
      dependencies: [
        "TestSupport", "Corpus", "Tokenization", "Randomness", "Support", "Records",
      ]),
    .testTarget(
      name: "TokenizationTests",
      dependencies: ["TestSupport", "Tokenization", "Randomness", "Support"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
