// swift-tools-version: 6.1
import PackageDescription

// A program of one's own: Graft's command line with an objective and a metric that Graft does not have. `make
// test-plugin` builds it and runs check.sh. A package of its own because it may use only what GraftKit shows
// to everybody.
let package = Package(
  name: "plugin",
  dependencies: [.package(name: "graft", path: "../..")],
  targets: [
    .executableTarget(name: "MyGraft", dependencies: [.product(name: "GraftKit", package: "graft")])
  ])
