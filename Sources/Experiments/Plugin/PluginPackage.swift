import Foundation
import Mustache
import Support

/// A Swift package of somebody's own that is Graft's command line with an objective, a metric, a stress transform and a
/// probe more: what `graft new plugin` writes.
public struct PluginPackage: Sendable {
  /// What the program is called.
  public let name: String
  private let graft: Dependency

  /// Where Graft's own package is.
  private struct Dependency: Sendable {
    /// The line of the manifest.
    var line: String
    /// What the manifest's products call it.
    var identity: String
    /// For people.
    var place: String
  }

  /// - Parameters:
  ///   - name: letters, digits and hyphens.
  ///   - graft: the folder of Graft's package or the URL of its repository; nil for the package that this executable
  ///     was built in.
  /// - Throws: `.usage` for a name that cannot be one, `.missingInput` for a folder without Graft's package.
  public init(name: String, graft: String?) throws(GraftError) {
    guard name.wholeMatch(of: #/[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*/#) != nil, name.lowercased() != "graft" else {
      throw GraftError(
        .usage, "'\(name)' cannot name a package",
        hint: "use letters, digits and single hyphens, a letter first; 'graft' itself is taken.")
    }
    self.name = name
    if let graft, graft.contains("://") || graft.hasPrefix("git@") {
      let last = graft.split(whereSeparator: { $0 == "/" || $0 == ":" }).last.map(String.init) ?? graft
      self.graft = Dependency(
        line: ".package(url: \(Self.literal(graft)), branch: \"main\")",
        identity: last.hasSuffix(".git") ? String(last.dropLast(4)) : last, place: "at \(graft), branch main")
      return
    }
    let folder = try Self.folder(graft)
    self.graft = Dependency(
      line: ".package(name: \"graft\", path: \(Self.literal(folder)))", identity: "graft", place: "in \(folder)")
  }

  /// - Throws: `.missingInput` for a folder that is not Graft's package.
  private static func folder(_ given: String?) throws(GraftError) -> String {
    func isPackage(_ folder: String) -> Bool {
      let manifest = (try? FileContents.read("\(folder)/Package.swift")).map { String(decoding: $0, as: UTF8.self) }
      return manifest?.contains("name: \"GraftKit\"") ?? false
    }
    if let given {
      guard isPackage(given) else {
        throw GraftError(
          .missingInput, "no package of Graft in '\(given)'",
          hint: "give the folder with its Package.swift, or the URL of its repository.")
      }
      return Paths.absolute(given)
    }
    var folder = Paths.parent(of: Paths.resolved("/proc/self/exe") ?? "/")
    while folder != "/", !folder.isEmpty, folder != "." {
      if isPackage(folder) { return folder }
      folder = Paths.parent(of: folder)
    }
    throw GraftError(
      .usage, "it is not known where the package of Graft is",
      hint: "name its folder or the URL of its repository with `graft:`.")
  }

  private static func literal(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// `my-graft` is `MyGraft`.
  private var module: String {
    name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// Paths from the package's folder, and what stands there.
  private var templates: [(path: String, template: [UInt8])] {
    let plugins = "Sources/\(module)Plugins"
    return [
      ("Package.swift", PackageResources.Package_mustache), ("README.md", PackageResources.README_mustache),
      (".gitignore", PackageResources.gitignore_mustache),
      ("Sources/\(module)Program/main.swift", PackageResources.main_mustache),
      ("\(plugins)/Plugins.swift", PackageResources.Plugins_mustache),
      ("\(plugins)/ReversedText.swift", PackageResources.ReversedText_mustache),
      ("\(plugins)/FirstWord.swift", PackageResources.FirstWord_mustache),
      ("\(plugins)/Emphatic.swift", PackageResources.Emphatic_mustache),
      ("\(plugins)/OpeningWord.swift", PackageResources.OpeningWord_mustache),
      ("Tests/\(module)Tests/\(module)Tests.swift", PackageResources.Tests_mustache),
    ]
  }

  /// Writes the package, the folder as a whole or not at all.
  /// - Returns: the files, as paths from the folder.
  /// - Throws: `.inputOutput`.
  public func write(to folder: String) throws(GraftError) -> [String] {
    let values = [
      "name": name, "module": module, "dependency": graft.line, "identity": graft.identity, "where": graft.place,
    ]
    try DurableFolder.replace(folder) { (partial) throws(GraftError) in
      for (path, bytes) in templates {
        let text: String
        do { text = try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self)).render(values) } catch {
          throw GraftError(.internalError, "cannot read a template of the package", cause: error)
        }
        try makeFolder(Paths.parent(of: "\(partial)/\(path)"))
        try AtomicFile.write(text, to: "\(partial)/\(path)")
      }
    }
    return templates.map(\.path)
  }
}
