import Checkpointing
import Corpus
import Foundation
import Inference
import ModelKit
import Records
import Scoring
import Support
import TaskRegistry
import Tokenization
import Training

/// Trains the same model on the same tasks with one kind of prefix after another, everything else equal, going on where
/// an earlier process stopped.
public struct PrefixLaboratory {
  var tasks: [TaskDefinition]
  var signals: [PrefixSignal]
  var seeds: [UInt64]
  /// Of every model, but for its tasks and seed.
  var plan: FineTuningPlan
  var tokenizer: Tokenizer
  var data: DataRoot
  /// Examples of a task that are read under each prefix, at most.
  var readingLimit: Int
  var output: String
  var surroundings: Surroundings

  /// - Parameters:
  ///   - plan: of every model, but for its tasks and seed.
  ///   - readingLimit: examples of a task that are read under each prefix, at most.
  ///   - output: the folder of the runs.
  public init(
    tasks: [TaskDefinition], signals: [PrefixSignal], seeds: [UInt64], plan: FineTuningPlan, tokenizer: Tokenizer,
    data: DataRoot, readingLimit: Int, output: String, surroundings: Surroundings
  ) {
    (self.tasks, self.signals, self.seeds, self.plan) = (tasks, signals, seeds, plan)
    (self.tokenizer, self.data, self.readingLimit) = (tokenizer, data, readingLimit)
    (self.output, self.surroundings) = (output, surroundings)
  }

  var study: Study<PrefixTrial> {
    Study(trained: signals.map(\.rawValue), in: output, seeds: seeds, surroundings: surroundings)
  }

  /// - Returns: the models that failed.
  /// - Throws: as `Study.run`; `.usage` if the folder is of another laboratory.
  public func run() throws(GraftError) -> [StudyFailure] {
    try surroundings.world.onRoot { () throws(GraftError) in
      try definition().claim(
        output, as: .laboratory, additions: "seeds and signals", of: tasks.map(\.dataSet.hash))
    }
    return try study.run { (unit, folder, surroundings) throws(GraftError) in
      guard let signal = PrefixSignal(rawValue: unit.arm) else { preconditionFailure("no signal '\(unit.arm)'") }
      return try train(signal, unit.seed, folder, surroundings)
    }
  }

  private func train(
    _ signal: PrefixSignal, _ seed: UInt64, _ folder: String, _ surroundings: Surroundings
  ) throws(GraftError) -> PrefixTrial {
    let prefixes = try signal.prefixes(tasks, tokenizer: tokenizer)
    var prefixed: [TaskDefinition] = []
    for (task, prefix) in zip(tasks, prefixes) { prefixed.append(try task.prefixed(by: prefix)) }
    var plan = plan
    plan.settings.seed = seed
    plan.specialTokensInPrompts = signal == .token ? true : nil
    var splits: [String] = []
    for task in tasks {
      if let split = task.evaluationSplit, !splits.contains(split) { splits.append(split) }
    }
    var job = FineTuningJob(
      surroundings: surroundings, plan: plan, tasks: prefixed, splits: splits.count == 1 ? splits : nil,
      tokenizer: tokenizer, data: data,
      directory: folder,
      phase: "\(signal.rawValue) \(seed)")
    job.resuming = true
    let (_, state, evaluator) = try job.trained()
    return PrefixTrial(
      steps: state.step, heldOut: state.details.heldOut, readings: try readings(prefixes, evaluator))
  }

  /// Every task's examples under every task's prefix.
  private func readings(
    _ prefixes: [String], _ evaluator: Evaluator
  ) throws(GraftError) -> [PrefixTrial.Reading] {
    var readings: [PrefixTrial.Reading] = []
    for task in tasks {
      guard let split = task.evaluationSplit else { continue }
      for (other, prefix) in zip(tasks, prefixes) where prefix != "" || other.name == task.name {
        let put = try task.prefixed(by: prefix)
        func evaluation(_ mode: AnswerMode) throws(GraftError) -> Evaluation {
          try evaluator.answering(mode).evaluate(put, split: split, data: data, limit: readingLimit)
        }
        let ranked = try evaluation(.rank)
        let texts = try evaluation(.generate).predictions.map(\.text)
        let own = texts.count { task.choice(of: $0) != nil }
        let others = texts.count { task.choice(of: $0) == nil && other.choice(of: $0) != nil }
        let count = Double(max(1, texts.count))
        let score = ranked.report.metrics.first { $0.name == task.primaryMetric }
        readings.append(
          PrefixTrial.Reading(
            task: task.name, prefixOf: other.name, score: score?.value ?? .nan, ownWords: Double(own) / count,
            wordsOfPrefix: Double(others) / count, neither: Double(texts.count - own - others) / count,
            examples: texts.count))
      }
    }
    return readings
  }

  private func definition() throws(GraftError) -> StudyDefinition {
    var definition = try StudyDefinition(plan: plan, tokenizer: tokenizer)
    definition.recipe["reading limit"] = "\(readingLimit)"
    definition.recipe["tasks"] = tasks.map { "\($0.name) \($0.definitionHash)" }.joined(separator: ", ")
    return definition
  }
}
