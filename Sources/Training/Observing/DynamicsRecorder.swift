import Foundation
import Inference
import Records
import Support
import TaskRegistry

/// When a run measures what its model makes of the training examples.
public enum DynamicsInterval: Sendable, Hashable, Codable {
  /// After every pass over the training examples.
  case pass
  case updates(Int)

  /// Whether update `step` is one to measure after; the last one always is.
  func isDue(step: Int, _ pass: TrainingPass) -> Bool {
    switch self {
    case .pass: pass.ends(at: step)
    case .updates(let interval): step % interval == 0
    }
  }
}

/// Measures the training examples of tasks with choices by ranking the choices, forward passes only.
final class DynamicsRecorder: ModelObserver {
  private let path: String
  private let interval: DynamicsInterval
  private let pass: TrainingPass
  private let tasks: [(task: TaskDefinition, examples: [Example], gold: [Int])]
  private let evaluator: Evaluator
  private let emit: (TrainingEvent) -> Void
  private var dynamics: TrainingDynamics

  /// - Parameters:
  ///   - examples: of each task, what it is trained on.
  ///   - pass: over all examples, those of tasks without choices included.
  /// - Throws: `.usage` if no task has choices.
  init(
    _ interval: DynamicsInterval, tasks: [TaskDefinition], examples: [[Example]], pass: TrainingPass,
    evaluator: Evaluator, directory: String, emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) {
    if case .updates(let count) = interval, count < 1 {
      throw GraftError(.usage, "`dynamics-every:` \(count) is impossible", hint: "give a positive number.")
    }
    path = "\(directory)/\(TrainingDynamics.fileName)"
    (self.interval, self.pass) = (interval, pass)
    (self.evaluator, self.emit) = (evaluator, emit)
    var measured: [(task: TaskDefinition, examples: [Example], gold: [Int])] = []
    for (task, examples) in zip(tasks, examples) where task.choices != nil || task.choicesVary {
      var (kept, gold): ([Example], [Int]) = ([], [])
      for example in examples {
        guard let right = example.choice else { continue }
        kept.append(example)
        gold.append(right)
      }
      measured.append((task, kept, gold))
    }
    guard measured.contains(where: { !$0.examples.isEmpty }) else {
      throw GraftError(
        .usage, "training dynamics are of tasks with choices, of which there is none",
        hint: "leave out `dynamics:`.")
    }
    self.tasks = measured
    dynamics = TrainingDynamics(identifiers: measured.flatMap { $0.examples.map(\.identifier) })
  }

  /// Takes up what an earlier part of the run has measured.
  /// - Parameter step: where the run goes on.
  func resume(at step: Int) throws(GraftError) {
    dynamics.measurements.removeAll { $0.step > step }
    guard step > 0, FileManager.default.fileExists(atPath: path) else { return }
    let earlier = try TrainingDynamics(path: path)
    guard earlier.identifiers == dynamics.identifiers else {
      throw GraftError(
        .badData, "'\(path)' is about other examples than the run trains on", hint: "start a new run.")
    }
    // What came after the checkpoint is going to happen again.
    dynamics.measurements = earlier.measurements.filter { $0.step <= step }
  }

  func isDue(step: Int) -> Bool {
    interval.isDue(step: step, pass)
  }

  /// Measures once, unless that was done at this step already.
  func record(step: Int) throws(GraftError) {
    guard dynamics.measurements.last?.step != step else { return }
    var probabilities: [Double] = []
    var right: [UInt8] = []
    for (task, examples, gold) in tasks where !examples.isEmpty {
      let predictions = try evaluator.predictions(examples, task: task)
      for (prediction, gold) in zip(predictions, gold) {
        probabilities.append(Self.probability(of: gold, prediction.choiceScores ?? []))
        right.append(prediction.choice == gold ? UInt8(ascii: "1") : UInt8(ascii: "0"))
      }
    }
    let count = right.count { $0 == UInt8(ascii: "1") }
    dynamics.measurements.append(
      TrainingDynamics.Measurement(
        step: step, epoch: pass.passes(step), gold: probabilities,
        right: String(decoding: right, as: UTF8.self)))
    try dynamics.write(to: path)
    emit(.note("dynamics: step \(step), \(count) of \(right.count) training examples right"))
  }

  /// The share of a choice in the probability of all, to six decimals; what is not finite counts as nothing.
  static func probability(of choice: Int, _ scores: [Double]) -> Double {
    let finite = scores.filter(\.isFinite)
    guard scores.indices.contains(choice), scores[choice].isFinite, let highest = finite.max() else {
      return 0
    }
    let total = finite.reduce(0) { $0 + exp($1 - highest) }
    return (exp(scores[choice] - highest) / total * 1e6).rounded() / 1e6
  }
}
