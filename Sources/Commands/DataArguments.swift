import ArgumentParser
import Experiments
import Support
import TaskRegistry

/// Flags of every command that reads tasks.
struct DataArguments: ParsableArguments {
  @Option(help: "Folder of the data sets; $GRAFT_DATA by default.")
  var data: String?

  @Option(help: "Folder of further task definitions; can be repeated.")
  var tasks: [String] = []

  @Option(help: "Put tasks in other words than their own: decanlp asks a question about a context.")
  var rendering: String?

  /// - Throws: `.usage` for a limit that leaves nothing.
  static func validate(limit: Int?) throws(GraftError) {
    guard let limit, limit < 1 else { return }
    throw GraftError(
      .usage, "--limit \(limit) leaves nothing", hint: "give a positive number, or leave it out.")
  }

  var root: DataRoot { data.map { DataRoot($0) } ?? DataRoot() }

  /// The path of a corpus: as it is named, else under the data folder, which is said.
  static func corpus(_ name: String, in root: DataRoot = DataRoot()) -> String {
    guard let place = root.place(ofCorpus: name) else { return name }
    standardError("note: '\(name)' is read from the data folder: \(place)")
    return place
  }

  func corpus(_ name: String) -> String { Self.corpus(name, in: root) }

  func catalog() throws(GraftError) -> TaskCatalog {
    var catalog = try TaskCatalog(directories: directories)
    catalog.rendering = rendering
    return catalog
  }

  /// The folders of definitions: Graft's own, then those given.
  var directories: [String] { [Resources.tasks] + tasks }
}
