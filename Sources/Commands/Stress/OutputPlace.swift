import Checkpointing
import Foundation
import Support

/// A new folder that appears with everything that belongs in it, or not at all: it is filled beside its place under
/// another name, which a later run of the command removes if this one is killed.
struct OutputPlace {
  /// Where it is to be; of a link, where that points to.
  let path: String
  private let staging: String

  /// - Throws: `.usage` if the place is taken: by a file, or by a folder with anything but the report of a run that
  ///   wrote no suite.
  init(_ output: String) throws(GraftError) {
    var path = output
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !path.isEmpty else {
      throw GraftError(.usage, "--output is empty", hint: "name a new folder.")
    }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw GraftError(.usage, "'\(output)' is a file", hint: "name a new folder with --output.")
      }
      let names: [String]
      do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
        throw GraftError(.inputOutput, "cannot list the folder '\(output)'", cause: error)
      }
      guard names.isEmpty || names == [StressMakeReport.fileName] && Self.isReportOfNothing(path) else {
        throw GraftError(
          .usage, "the folder '\(output)' is not empty", hint: "give a new one with --output, or empty it.")
      }
      // A folder is renamed into its place, and a link or `.` is none.
      path = Paths.resolved(path) ?? path
    }
    self.path = Paths.absolute(path)
    staging = Paths.join(Paths.parent(of: self.path), ".\(Paths.name(of: self.path)).stress-make.partial")
  }

  private static func isReportOfNothing(_ folder: String) -> Bool {
    let report = try? JSONFile.read(StressMakeReport.self, from: "\(folder)/\(StressMakeReport.fileName)")
    return report?.isEmpty ?? false
  }

  /// - Parameter body: gets the folder to fill.
  /// - Throws: what `body` throws, and `.inputOutput`; nothing is then at the place that was not there.
  func fill(_ body: (_ folder: String) throws(GraftError) -> Void) throws(GraftError) {
    try DurableFolder.replace(path, by: staging, body)
  }
}
