import Corpus
import Foundation
import Inference
import Probing
import Records
import Reporting
import Support
import TaskRegistry

/// Looks for what is evaluated in what the models have read: in the training examples of their tasks, and in the text
/// of their pretraining.
public struct OverlapScoring {
  var data: DataRoot
  var limit: Int?
  /// Whether splits whose data is not here are passed over.
  var skipsAbsent: Bool
  var catalog: TaskCatalog
  var history: ModelHistory
  /// Takes a line for people.
  var note: (String) -> Void

  /// - Parameters:
  ///   - limit: examples of a split at most.
  ///   - skipsAbsent: whether splits whose data is not here are passed over.
  ///   - history: what the models have read.
  ///   - note: takes a line for people.
  public init(
    data: DataRoot, limit: Int? = nil, skipsAbsent: Bool = false, catalog: TaskCatalog, history: ModelHistory,
    note: @escaping (String) -> Void
  ) {
    (self.data, self.limit, self.skipsAbsent) = (data, limit, skipsAbsent)
    (self.catalog, self.history, self.note) = (catalog, history, note)
  }

  /// What cannot be looked up is left out, with a note.
  /// - Parameter splits: nil for every split with labels but `train`.
  /// - Returns: nil if nothing is known of what was read.
  public func score(
    tasks: [TaskDefinition], splits: [String]? = nil, suites: [RoutedSuite]
  ) throws(GraftError) -> [OverlapEntry]? {
    let training = trainingTexts()
    let files = pretrainingFiles()
    for model in history.unknown {
      note("overlap: what '\(model)' was trained on before is not known here")
    }
    guard training != nil || files != nil else { return nil }
    var sets: [(task: String, split: String)] = []
    var texts: [[[String]]] = []
    for task in tasks {
      for split in try evaluationSplits(of: task, splits, data, skippingAbsent: skipsAbsent) {
        sets.append((task.name, split))
        texts.append(
          try task.examples(split: split, data: data, limit: limit).map { $0.writtenTexts(of: task) })
      }
    }
    for suite in suites {
      sets.append((suite.name, suite.definition.defaultSplit))
      texts.append(
        try suite.definition.examples(through: suite.task, data: data, limit: limit)
          .map { $0.writtenTexts(of: suite.task) })
    }
    let overlap = ExampleOverlap(texts)
    func entries(_ source: OverlapEntry.Source, _ found: [[[Bool]]]) -> [OverlapEntry] {
      zip(sets, found).map { set, found in
        OverlapEntry(
          task: set.task, split: set.split, source: source, length: overlap.length,
          touched: found.count { $0.contains(true) }, examples: found.count)
      }
    }
    var found = training.map { entries(.tasks, overlap.found(inTexts: $0)) } ?? []
    if let files {
      // Scores must not be lost to a file that was whole when the model read it.
      do throws(GraftError) {
        found += entries(.text, try overlap.found(inFiles: files))
      } catch {
        note("overlap: the pretraining text is left out: \(error.message)")
      }
    }
    return found.isEmpty ? nil : found
  }

  /// The texts of the training examples; nil if there are none.
  private func trainingTexts() -> [String]? {
    var texts: [String]?
    for read in history.tasks {
      do throws(GraftError) {
        let task = try catalog.task(named: read.name)
        let examples = try task.examples(split: "train", data: data, limit: read.limit)
        texts = (texts ?? []) + examples.flatMap { $0.writtenTexts(of: task) }
      } catch {
        note("overlap: the training examples of '\(read.name)' are left out: \(error.message)")
      }
    }
    return texts
  }

  /// The files of pretraining; nil if there are none.
  private func pretrainingFiles() -> [(path: String, options: CorpusOptions)]? {
    var files: [(path: String, options: CorpusOptions)] = []
    for text in history.texts {
      do throws(GraftError) {
        files += try CorpusFiles.expand([text.path]).map { ($0, text.options) }
      } catch {
        note("overlap: the pretraining text '\(text.path)' is left out: \(error.message)")
      }
    }
    return files.isEmpty ? nil : files
  }
}
