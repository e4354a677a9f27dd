import ArgumentParser
import Experiments
import Support

/// `graft new plugin`
struct NewPluginCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin",
    abstract: "Write a Swift package that adds an objective, a metric, a stress transform and a probe to Graft.",
    discussion: """
      The package is Graft's command line with four small plugins to begin from, and tests of them. It is built with \
      `swift build`, which needs Swift and Graft's own package.

      Example:
        graft new plugin my-graft
        cd my-graft && swift build && swift test
      """)

  @Argument(help: "A new or empty folder; its last part is the name of the package and of the program.")
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Where Graft's package is: a folder, or the URL of a repository. By default that which this program was built in.",
      valueName: "path-or-url"))
  var graft: String?

  func files() -> CommandFiles { CommandFiles(.folder(folder) { _ in false }) }

  func run() throws {
    let package = try PluginPackage(name: Paths.name(of: Paths.absolute(folder)), graft: graft)
    for path in try package.write(to: folder) { standardOutput("written: \(Paths.join(folder, path))") }
    standardOutput("next: cd \(folder) && swift build && .build/debug/\(package.name) list transforms")
  }
}
