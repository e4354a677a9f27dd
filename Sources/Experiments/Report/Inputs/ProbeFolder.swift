import Foundation
import Probing
import Support
import TaskRegistry

/// The document that `graft probe --json` wrote.
struct ProbeFile {
  var path: String
  var document: ProbeDocument

  /// - Parameters:
  ///   - task: of the document.
  ///   - dataFlags: where the data is, for documents that do not hold their command.
  func command(_ task: ProbeDocument.Task, _ dataFlags: [String]) -> String {
    document.arguments.map(ShellCommand.text)
      ?? ShellCommand.graft(
        ["probe", "--task", task.task, "--seed", "\(task.seed)"] + dataFlags + ["--json", path])
  }
}

/// What `graft probe --output` wrote about a task: tables as text, plots, and subsets of examples.
struct ProbeFolder {
  var path: String
  var task: String
  /// Nil if it is missing.
  var text: String?
  /// Files of plots, without their ending.
  var plots: [String]
  /// Easy and hard, of each split.
  var subsets: [ExampleSubsets]

  /// - Parameter dataFlags: where the data is.
  func command(_ dataFlags: [String]) -> String {
    ShellCommand.graft(
      ["probe", "--task", task] + dataFlags + ["--output", Paths.parent(of: path)])
  }

  /// Those of a folder: it is that of a task, or holds such folders.
  static func all(_ path: String) throws(GraftError) -> [ProbeFolder] {
    if let own = try ProbeFolder(path) { return [own] }
    var folders: [ProbeFolder] = []
    for name in ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() {
      if let folder = try ProbeFolder("\(path)/\(name)") { folders.append(folder) }
    }
    return folders
  }

  /// - Returns: nil for a folder of another kind.
  private init?(_ path: String) throws(GraftError) {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    guard names.contains("report.txt") else { return nil }
    self.path = path
    task = ScoredSystem.name(ofPath: path)
    text = String(decoding: try FileContents.read("\(path)/report.txt"), as: UTF8.self)
    plots = names.filter { $0.hasSuffix(".svg") }.map { String($0.dropLast(".svg".count)) }
    subsets = []
    for name in names where name.hasPrefix("\(HardSubsetProbe.identifier)-") && name.hasSuffix(".json") {
      subsets.append(try ExampleSubsets.read("\(path)/\(name)"))
    }
  }

  /// The plot as an address that holds the picture: a page applies nothing of it to other pictures, and a picture that
  /// is an image runs no scripts and loads nothing.
  func image(_ plot: String) throws(GraftError) -> String {
    let bytes = Data(try FileContents.read("\(path)/\(plot).svg"))
    return "data:image/svg+xml;base64,\(bytes.base64EncodedString())"
  }
}
