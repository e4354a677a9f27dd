import Records
import Support
import TestSupport
import Testing

@testable import TaskRegistry

/// What holds of every definition that comes with Graft, with the data as far as it is here.
@Suite struct ShippedTaskTests {
  static let catalog = Result { try RealData.catalog() }
  /// One or two of each form of file and of each kind of answer; a build for debugging takes minutes for all of them,
  /// which
  /// `graft data verify` reads as well.
  static let taskNames = [
    "add-one-rte", "blimp-supplement", "boolq-2k", "cb", "commonsense-qa", "copa", "copa-ranking", "dpr",
    "entity-tracking", "mr", "multirc-2k", "rte1", "rte3",
    "sick-relatedness", "squad",
    "story-cloze", "trec", "trec-fine", "wic-2k", "winogrande-contexts", "wnli-coreference", "wsc273",
  ]
  static let suiteNames = ["ax", "contrast-boolq"]

  @Test(.tags(.slow)) func everyDefinitionHasAGoldenPromptThatNeedsNoData() throws {
    let catalog = try Self.catalog.get()
    for task in catalog.tasks {
      #expect(task.dataSet.golden.contains { $0.fields != nil && $0.text != nil }, "\(task.name)")
      #expect(task.provenance["origin"] != nil, "\(task.name)")
    }
    for suite in catalog.suites {
      #expect(suite.dataSet.golden.contains { $0.fields != nil && $0.text != nil }, "\(suite.name)")
      #expect(suite.provenance["origin"] != nil, "\(suite.name)")
    }
  }

  /// A minimal pair has nothing to ask, and the words of another program are its own.
  @Test func everyTaskCanBePutAsAQuestion() throws {
    for task in try Self.catalog.get().tasks where task.output != .preference && !task.tags.contains("lm-eval") {
      let question = try task.rendered(as: "decanlp")
      #expect(question.inputs.text.hasPrefix("question: "), "\(task.name)")
      #expect(question.inputs.text.contains(" context: "), "\(task.name)")
      #expect(question.definitionHash != task.definitionHash)
      #expect(task.dataSet.golden.contains { $0.renderings["decanlp"] != nil }, "\(task.name)")
    }
  }

  @Test(.tags(.slow)) func goldenPromptsHold() throws {
    let folder = RealData.package.appendingPathComponent("Tasks").path
    #expect(try TaskCatalog.problems(in: [folder]).map(\.description) == [])
  }

  @Test(.tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)), arguments: taskNames)
  func dataIsAsDefined(_ name: String) throws {
    let root = try #require(RealData.root)
    let task = try Self.catalog.get().task(named: name)
    for split in task.splitNames {
      do throws(GraftError) {
        let examples = try task.examples(split: split, data: root)
        #expect(task.problems(in: examples, split: split, data: root).map(\.description) == [])
        #expect(Set(examples.map(\.identifier)).count == examples.count)
        #expect(!examples.isEmpty, "\(name)/\(split)")
      } catch {
        #expect(error.code == .missingInput, "\(error)")
        #expect(error.hint?.contains("It comes from: ") == true, "\(error)")
      }
    }
  }

  @Test(.tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)), arguments: suiteNames)
  func suiteDataIsAsDefined(_ name: String) throws {
    let root = try #require(RealData.root)
    let catalog = try Self.catalog.get()
    let suite = try catalog.suite(named: name)
    let task = try catalog.task(named: suite.through)
    for split in suite.splitNames {
      do throws(GraftError) {
        let examples = try suite.examples(through: task, split: split, data: root)
        #expect(suite.problems(in: examples, split: split, data: root).map(\.description) == [])
      } catch {
        #expect(error.code == .missingInput, "\(error)")
      }
    }
  }

  @Test(.tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)))
  func publishedFilesHaveTheirHashes() throws {
    let root = try #require(RealData.root)
    let folder = RealData.package.appendingPathComponent("Tasks").path
    let checksums = try DataChecksums(directories: [folder])
    for (task, split, state) in [
      ("sst2", "validation", DataChecksums.State.asPublished), ("wsc273", "test", .asPublished),
      ("squad", "train", .absent),
    ] {
      for file in try Self.catalog.get().task(named: task).dataFiles(split) {
        #expect(try checksums.state(of: file, in: root) == state, "\(file)")
      }
    }
  }
}
