import Foundation
import Records
import Support

/// Named subsets of a split of a task, by the identifiers of their examples: what a probe finds to be easy and hard,
/// what training dynamics finds to be ambiguous, what a person has picked out by hand.
///
/// The file:
/// ```json
/// {
///   "definitionHash" : "9f86d0…",
///   "format" : "graft-subsets-1",
///   "kind" : "subsets",
///   "made" : "graft probe --task snli-dev: hard-subset, 5 folds, 5 seeds",
///   "split" : "snli-test",
///   "subsets" : {"easy" : ["snli-dev/snli-test/1", "snli-dev/snli-test/3"], "hard" : ["snli-dev/snli-test/2"]},
///   "task" : "snli-dev"
/// }
/// ```
/// Subsets may overlap and need not cover the split.
public struct ExampleSubsets: Sendable, Hashable, Codable {
  /// What a file of this form says of itself.
  public static let currentFormat = "graft-subsets-1"

  /// `currentFormat`; a file that says anything else is refused.
  public let format: String
  /// The name of the task.
  public var task: String
  /// The name of the task's split.
  public var split: String
  /// The `DefinitionHash` of the task when the subsets were made.
  public var definitionHash: String
  /// How they were made, in one line.
  public var made: String
  /// Identifiers (`task/split/row`) by the name of the subset, in the order of the split.
  public var subsets: [String: [String]]

  /// Subsets of a task that is known by its hash alone.
  public init(
    task: String, split: String, definitionHash: String, made: String, subsets: [String: [String]]
  ) {
    format = Self.currentFormat
    self.task = task
    self.split = split
    self.definitionHash = definitionHash
    self.made = made
    self.subsets = subsets
  }

  /// Subsets of a task as it is defined now.
  public init(task: TaskDefinition, split: String, made: String, subsets: [String: [String]]) {
    self.init(
      task: task.name, split: split, definitionHash: task.definitionHash, made: made, subsets: subsets)
  }

  /// In alphabetical order.
  public var names: [String] { subsets.keys.sorted() }

  /// What `write` writes: keys sorted, so that equal subsets are equal bytes.
  public func json() throws(GraftError) -> String {
    String(decoding: try JSONFile.encode(self), as: UTF8.self)
  }

  /// Writes the file atomically.
  public func write(to path: String) throws(GraftError) { try AtomicFile.write(json(), to: path) }

  /// The identifiers of a subset.
  ///
  /// - Throws: `.usage` with the closest name if there is no such subset.
  public func identifiers(of subset: String) throws(GraftError) -> [String] {
    guard let identifiers = subsets[subset] else {
      throw .unknownName("subset of task '\(task)'", subset, known: names)
    }
    return identifiers
  }

  /// Fails unless the subsets are of this task, as it is defined now, and of this split.
  ///
  /// - Parameter split: nil for any.
  /// - Throws: `.badData` that says what differs.
  public func check(of definition: TaskDefinition, split: String? = nil) throws(GraftError) {
    guard task == definition.name else {
      throw GraftError(
        .badData, "these are subsets of task '\(task)', not of '\(definition.name)'",
        hint: "give the task they were made for, or make subsets of '\(definition.name)'.")
    }
    guard definition.dataSet.hash.isSame(as: definitionHash) else {
      throw GraftError(
        .badData, "task '\(task)' is not defined as it was when these subsets were made",
        hint:
          "its rows may have other numbers now: make the subsets anew, or use the definition and rendering of "
          + "then (hash \(definitionHash.prefix(12)), now \(definition.definitionHash.prefix(12))).")
    }
    guard definition.splitNames.contains(self.split) else {
      throw .unknownName(
        "split of task '\(task)'", self.split, known: definition.splitNames, code: .badData)
    }
    if let split, split != self.split {
      throw GraftError(
        .badData, "these are subsets of split '\(self.split)' of task '\(task)', not of '\(split)'",
        hint: "give that split, or make subsets of '\(split)'.")
    }
  }

  /// The examples of a subset, in the order of the split.
  ///
  /// - Parameter examples: all those of the split, or the part of it that is wanted.
  /// - Parameter isPartial: whether examples of the subset may be missing from `examples`, as under a limit.
  /// - Throws: `.usage` for an unknown subset; `.badData` for identifiers that none of the examples has.
  public func examples(
    in subset: String, of examples: [Example], isPartial: Bool = false
  ) throws(GraftError) -> [Example] {
    let wanted = Set(try identifiers(of: subset))
    let found = examples.filter { wanted.contains($0.identifier) }
    if !isPartial, found.count < wanted.count {
      let missing = wanted.subtracting(found.map(\.identifier)).sorted()
      throw GraftError(
        .badData,
        "\(missing.count) of the \(wanted.count) examples of subset '\(subset)' are not in split '\(split)' of task "
          + "'\(task)', the first is '\(missing[0])'",
        hint: "is the data what it was when the subsets were made? `graft data verify` tells.")
    }
    return found
  }
}

extension ExampleSubsets: KindedFile {
  public static let kind = FileKind.subsets
}
