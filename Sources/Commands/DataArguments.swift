import ArgumentParser
import Support
import TaskRegistry

/// Flags of every command that reads tasks.
struct DataArguments: ParsableArguments {
  @Option(help: "Folder of the data sets; $GRAFT_DATA by default.")
  var data: String?

  @Option(help: "Folder of further task definitions; can be repeated.")
  var tasks: [String] = []

  /// - Throws: `.usage` for a limit that leaves nothing.
  static func validate(limit: Int?) throws(GraftError) {
    guard let limit, limit < 1 else { return }
    throw GraftError(
      .usage, "--limit \(limit) leaves nothing", hint: "give a positive number, or leave it out.")
  }

  var root: DataRoot { data.map { DataRoot($0) } ?? DataRoot() }

  func catalog() throws(GraftError) -> TaskCatalog {
    var directories = tasks
    if let shipped = Resources.find("Tasks") { directories.insert(shipped, at: 0) }
    guard !directories.isEmpty else {
      _ = try Resources.require("Tasks")
      return try TaskCatalog(directories: [])
    }
    return try TaskCatalog(directories: directories)
  }
}
