import Foundation
import Support

/// The tasks, suites and mixtures of some folders of YAML files.
public struct TaskCatalog: Sendable {
  /// In alphabetical order.
  public let tasks: [TaskDefinition]
  /// In alphabetical order.
  public let suites: [SuiteDefinition]
  /// In alphabetical order.
  public let mixtures: [MixtureDefinition]
  /// The files that are checklists of behavioural tests, which `StressTesting` reads; in alphabetical order.
  public let checklistPaths: [String]
  /// The rendering in which tasks are given out; nil for their own.
  public var rendering: String?

  /// Reads every `.yaml` file under the folders, of which some may be `BuiltInFiles`; files whose name begins with `_`
  /// and those in run directories aside.
  ///
  /// - Throws: `.missingInput` for an absent folder, `.badData` with the place for the first file that does
  ///   not hold, or for a name that is taken twice.
  public init(directories: [String]) throws(GraftError) {
    let read = try Self.read(directories)
    if let first = read.errors.first { throw first }
    (tasks, suites, mixtures) = (read.tasks, read.suites, read.mixtures)
    checklistPaths = read.checklists
  }

  /// What the files under some folders define, and what is wrong with them.
  private struct Definitions {
    var tasks: [TaskDefinition] = []
    var suites: [SuiteDefinition] = []
    var mixtures: [MixtureDefinition] = []
    /// Their files; `StressTesting` reads them.
    var checklists: [String] = []
    var errors: [GraftError] = []
  }

  /// Every error in the definitions under the folders, golden prompts without data included; none if all hold.
  ///
  /// - Throws: `.missingInput` for an absent folder.
  public static func problems(in directories: [String]) throws(GraftError) -> [GraftError] {
    let read = try read(directories)
    var problems = read.errors
    for task in read.tasks { problems += task.goldenProblems() }
    for suite in read.suites {
      if let task = read.tasks.first(where: { $0.name == suite.through }) {
        problems += suite.goldenProblems(through: task)
      }
    }
    return problems
  }

  /// In alphabetical order.
  public var taskNames: [String] { tasks.map(\.name) }
  /// In alphabetical order.
  public var suiteNames: [String] { suites.map(\.name) }
  /// In alphabetical order.
  public var mixtureNames: [String] { mixtures.map(\.name) }

  /// - Throws: `.usage` with the closest name, also for a task that cannot be put in the catalog's rendering.
  public func task(named name: String) throws(GraftError) -> TaskDefinition {
    guard let task = tasks.first(where: { $0.name == name }) else {
      if suites.contains(where: { $0.name == name }) {
        throw GraftError(.usage, "'\(name)' is a suite, not a task", hint: "give it with `suite:`.")
      }
      if mixtures.contains(where: { $0.name == name }) {
        throw GraftError(.usage, "'\(name)' is a mixture, not a task", hint: "give it with `mixture:`.")
      }
      throw .unknownName("task", name, known: taskNames, list: "graft list tasks")
    }
    if let rendering { return try task.rendered(as: rendering) }
    return task
  }

  /// - Throws: `.usage` with the closest name.
  public func suite(named name: String) throws(GraftError) -> SuiteDefinition {
    guard let suite = suites.first(where: { $0.name == name }) else {
      if tasks.contains(where: { $0.name == name }) {
        throw GraftError(.usage, "'\(name)' is a task, not a suite", hint: "give it with `task:`.")
      }
      throw .unknownName("suite", name, known: suiteNames, list: "graft list suites")
    }
    return suite
  }

  /// The mixture with everything that is in it.
  /// - Throws: `.usage` with the closest name.
  public func mixture(named name: String) throws(GraftError) -> TaskMixture {
    guard let mixture = mixtures.first(where: { $0.name == name }) else {
      if tasks.contains(where: { $0.name == name }) {
        throw GraftError(.usage, "'\(name)' is a task, not a mixture", hint: "give it with `task:`.")
      }
      throw .unknownName("mixture", name, known: mixtureNames, list: "graft list mixtures")
    }
    return try Self.resolved(mixture, tasks, suites, mixtures)
  }

  private static func resolved(
    _ mixture: MixtureDefinition, _ tasks: [TaskDefinition], _ suites: [SuiteDefinition],
    _ mixtures: [MixtureDefinition]
  ) throws(GraftError) -> TaskMixture {
    try mixture.resolved(
      tasks: Dictionary(tasks.map { ($0.name, $0) }) { first, _ in first }, suites: Set(suites.map(\.name)),
      others: Dictionary(mixtures.map { ($0.name, $0) }) { first, _ in first })
  }

  private static func read(_ directories: [String]) throws(GraftError) -> Definitions {
    var found = Definitions()
    var files: [DefinitionFile] = []
    for directory in directories {
      for path in try yamlFiles(under: directory) {
        do throws(GraftError) {
          let root = try YAMLValue.file(path)
          if try MixtureDefinition.isOne(root) {
            found.mixtures.append(try MixtureDefinition(root, path: path))
          } else if try root.entries().contains(where: { $0.key == "checklist" }) {
            found.checklists.append(path)
          } else {
            files.append(try DefinitionFile(root, path: path))
          }
        } catch {
          found.errors.append(error)
        }
      }
    }
    let byName = unique(files, &found)
    for file in files {
      do throws(GraftError) {
        let resolver = DefinitionResolver(file: try merged(file, byName, seen: []))
        switch file.kind {
        case .task: found.tasks.append(try resolver.task())
        case .suite: found.suites.append(try resolver.suite())
        }
      } catch {
        found.errors.append(error)
      }
    }
    for suite in found.suites {
      do throws(GraftError) {
        guard let task = found.tasks.first(where: { $0.name == suite.through }) else {
          throw GraftError.unknownName(
            "task", suite.through, known: found.tasks.map(\.name), list: "graft list tasks",
            location: byName[suite.name]?.location("through"), code: .badData)
        }
        try suite.check(through: task)
      } catch {
        var located = error
        located.code = .badData
        located.location = located.location ?? SourceLocation(file: suite.path)
        found.errors.append(located)
      }
    }
    // A member whose own file does not hold would be reported as unknown besides.
    if found.errors.isEmpty {
      for mixture in found.mixtures {
        do throws(GraftError) {
          _ = try resolved(mixture, found.tasks, found.suites, found.mixtures)
        } catch {
          if !found.errors.contains(where: { $0.description == error.description }) {
            found.errors.append(error)
          }
        }
      }
    }
    found.tasks.sort { $0.name < $1.name }
    found.suites.sort { $0.name < $1.name }
    found.mixtures.sort { $0.name < $1.name }
    found.checklists.sort()
    return found
  }

  /// Tasks and suites by name; a name that is taken twice, also by a mixture, is an error.
  private static func unique(
    _ files: [DefinitionFile], _ found: inout Definitions
  ) -> [String: DefinitionFile] {
    var byName: [String: DefinitionFile] = [:]
    var paths: [String: String] = [:]
    func taken(_ name: String, by path: String, at location: SourceLocation) {
      if let other = paths[name] {
        found.errors.append(
          GraftError(
            .badData, "the name '\(name)' is taken by \(other)", hint: "rename one of them.",
            location: location))
      } else {
        paths[name] = path
      }
    }
    for file in files {
      guard let name = file.name else { continue }
      taken(name, by: file.path, at: file.location(file.kind.rawValue))
      if byName[name] == nil { byName[name] = file }
    }
    for mixture in found.mixtures { taken(mixture.name, by: mixture.path, at: mixture.location) }
    return byName
  }

  private static func merged(
    _ file: DefinitionFile, _ byName: [String: DefinitionFile], seen: [String]
  ) throws(GraftError) -> DefinitionFile {
    guard let extends = file.extends else { return file }
    let seen = seen + [file.path]
    let base: DefinitionFile
    if extends.hasSuffix(".yaml") {
      base = try DefinitionFile(
        path: BuiltInFiles.resolved(Paths.join(Paths.parent(of: file.path), extends)))
    } else if let known = byName[extends] {
      base = known
    } else {
      throw GraftError.unknownName(
        file.kind.rawValue, extends, known: byName.keys, location: file.location("extends"), code: .badData)
    }
    guard
      !seen.contains(where: {
        Paths.place($0) == Paths.place(base.path)
      })
    else { throw file.error("extends", "'\(extends)' extends itself in a circle") }
    return try file.over(try merged(base, byName, seen: seen))
  }

  private static func yamlFiles(under directory: String) throws(GraftError) -> [String] {
    if BuiltInFiles.isOne(directory) { return BuiltInFiles.paths(under: directory).filter(isDefinition) }
    guard FileManager.default.fileExists(atPath: directory) else {
      throw GraftError(
        .missingInput, "no such folder of tasks: '\(directory)'",
        hint: "the tasks that come with Graft need no folder: leave it out.")
    }
    guard Paths.isFolder(directory) else { return [directory] }
    guard let names = FileManager.default.enumerator(atPath: directory) else {
      throw GraftError(.inputOutput, "cannot list the folder '\(directory)'")
    }
    let found = names.compactMap { $0 as? String }
    // What runs keep is theirs: copies of the definitions that they were trained on, and recipes.
    let runs = found.filter { Paths.name(of: $0) == "run.json" && $0.contains("/") }.map { Paths.parent(of: $0) + "/" }
    return found.filter { name in isDefinition(name) && !runs.contains { name.hasPrefix($0) } }
      .map { Paths.join(directory, $0) }.sorted()
  }

  private static func isDefinition(_ path: String) -> Bool {
    (path.hasSuffix(".yaml") || path.hasSuffix(".yml")) && !Paths.name(of: path).hasPrefix("_")
  }
}
