import Foundation
import Support

/// The tasks and suites of some folders of YAML files.
public struct TaskCatalog: Sendable {
  /// In alphabetical order.
  public let tasks: [TaskDefinition]
  public let suites: [SuiteDefinition]
  /// The files that are checklists of behavioural tests, which `StressTesting` reads; in alphabetical order.
  public let checklistPaths: [String]
  /// The rendering in which tasks are given out; nil for their own.
  public var rendering: String?

  /// Reads every `.yaml` file under the folders, files whose name begins with `_` aside.
  ///
  /// - Throws: `.missingInput` for an absent folder, `.badData` with the place for the first file that does
  ///   not hold, or for a name that is taken twice.
  public init(directories: [String]) throws(GraftError) {
    let (tasks, suites, checklists, errors) = try Self.read(directories)
    if let first = errors.first { throw first }
    self.tasks = tasks
    self.suites = suites
    checklistPaths = checklists
  }

  /// Every error in the definitions under the folders, golden prompts without data included; none if all hold.
  ///
  /// - Throws: `.missingInput` for an absent folder.
  public static func problems(in directories: [String]) throws(GraftError) -> [GraftError] {
    let (tasks, suites, _, errors) = try read(directories)
    var problems = errors
    for task in tasks { problems += task.goldenProblems() }
    for suite in suites {
      if let task = tasks.first(where: { $0.name == suite.through }) {
        problems += suite.goldenProblems(through: task)
      }
    }
    return problems
  }

  public var taskNames: [String] { tasks.map(\.name) }
  public var suiteNames: [String] { suites.map(\.name) }

  /// - Throws: `.usage` with the closest name, also for a task that cannot be put in the catalog's rendering.
  public func task(named name: String) throws(GraftError) -> TaskDefinition {
    guard let task = tasks.first(where: { $0.name == name }) else {
      if suites.contains(where: { $0.name == name }) {
        throw GraftError(.usage, "'\(name)' is a suite, not a task", hint: "give it with --suite.")
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
        throw GraftError(.usage, "'\(name)' is a task, not a suite", hint: "give it with --task.")
      }
      throw .unknownName("suite", name, known: suiteNames, list: "graft list suites")
    }
    return suite
  }

  private static func read(
    _ directories: [String]
  ) throws(GraftError) -> (
    tasks: [TaskDefinition], suites: [SuiteDefinition], checklists: [String], errors: [GraftError]
  ) {
    var errors: [GraftError] = []
    var files: [DefinitionFile] = []
    var checklists: [String] = []
    for directory in directories {
      for path in try yamlFiles(under: directory) {
        do throws(GraftError) {
          let content = try YAMLValue.file(path)
          let keys = content.isMapping ? try content.entries().map(\.key) : []
          if keys.contains("checklist") {
            checklists.append(path)
          } else {
            files.append(try DefinitionFile(content, path: path))
          }
        } catch {
          errors.append(error)
        }
      }
    }
    var byName: [String: DefinitionFile] = [:]
    for file in files {
      guard let name = file.name else { continue }
      if let other = byName[name] {
        errors.append(
          file.error(
            file.kind.rawValue, "the name '\(name)' is taken by \(other.path)", hint: "rename one of them."))
      } else {
        byName[name] = file
      }
    }
    var tasks: [TaskDefinition] = []
    var suites: [SuiteDefinition] = []
    for file in files {
      do throws(GraftError) {
        let resolver = DefinitionResolver(file: try merged(file, byName, seen: []))
        switch file.kind {
        case .task: tasks.append(try resolver.task())
        case .suite: suites.append(try resolver.suite())
        }
      } catch {
        errors.append(error)
      }
    }
    for suite in suites {
      do throws(GraftError) {
        guard let task = tasks.first(where: { $0.name == suite.through }) else {
          throw GraftError.unknownName(
            "task", suite.through, known: tasks.map(\.name), list: "graft list tasks",
            location: byName[suite.name]?.location("through"), code: .badData)
        }
        try suite.check(through: task)
      } catch {
        var located = error
        located.code = .badData
        located.location = located.location ?? SourceLocation(file: suite.path)
        errors.append(located)
      }
    }
    return (
      tasks.sorted { $0.name < $1.name }, suites.sorted { $0.name < $1.name }, checklists.sorted(), errors
    )
  }

  private static func merged(
    _ file: DefinitionFile, _ byName: [String: DefinitionFile], seen: [String]
  ) throws(GraftError) -> DefinitionFile {
    guard let extends = file.extends else { return file }
    let seen = seen + [file.path]
    let base: DefinitionFile
    if extends.hasSuffix(".yaml") {
      base = try DefinitionFile(
        path: (parentFolder(file.path) as NSString).appendingPathComponent(extends))
    } else if let known = byName[extends] {
      base = known
    } else {
      throw GraftError.unknownName(
        file.kind.rawValue, extends, known: byName.keys, location: file.location("extends"), code: .badData)
    }
    guard
      !seen.contains(where: {
        ($0 as NSString).standardizingPath == (base.path as NSString).standardizingPath
      })
    else { throw file.error("extends", "'\(extends)' extends itself in a circle") }
    return file.over(try merged(base, byName, seen: seen))
  }

  private static func yamlFiles(under directory: String) throws(GraftError) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isFolder) else {
      throw GraftError(
        .missingInput, "no such folder of tasks: '\(directory)'",
        hint: "the tasks that come with Graft are in its folder Tasks/.")
    }
    guard isFolder.boolValue else { return [directory] }
    guard let names = FileManager.default.enumerator(atPath: directory) else {
      throw GraftError(.inputOutput, "cannot list the folder '\(directory)'")
    }
    var paths: [String] = []
    for case let name as String in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      if (name as NSString).lastPathComponent.hasPrefix("_") { continue }
      paths.append((directory as NSString).appendingPathComponent(name))
    }
    return paths.sorted()
  }
}
