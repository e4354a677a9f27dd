import ArgumentParser
import Probing
import Randomness
import Support
import TaskRegistry

/// How probes are tested on themselves.
struct SelfTestArguments: ParsableArguments {
  @Option(parsing: .upToNextOption, help: "Strengths of the cue in a self-test, 0 to 1; 0 0.1 … 0.9 by default.")
  var strengths: [Double] = []

  @Option(help: "Data sets of each strength in a self-test.")
  var dataSets = 20

  @Option(help: "Training examples, and as many test examples, of each data set in a self-test.")
  var selfTestExamples = 500

  @Option(help: "The field that a self-test plants its cue in; the prompt's first by default.")
  var field: String?

  /// The microworld's report if no tasks are given, else one for each of them.
  func reports(
    tasks: [TaskDefinition], data: DataRoot, trainSplit: String?, limit: Int?, level: Double, key: RandomKey
  ) throws(GraftError) -> [SelfTestReport] {
    let test = try SelfTest(
      strengths: strengths.isEmpty ? SelfTest.defaultStrengths : strengths, repetitions: dataSets,
      level: level,
      key: key)
    guard selfTestExamples >= 20 else {
      throw GraftError(
        .usage, "--self-test-examples \(selfTestExamples) is too few to find anything",
        hint: "give at least 20.")
    }
    if tasks.isEmpty {
      return [
        try test.run(name: "microworld") { (strength, key) throws(GraftError) in
          try SelfTest.microworld(
            strength: strength, trainingExamples: selfTestExamples, testExamples: selfTestExamples, key: key)
        }
      ]
    }
    var reports: [SelfTestReport] = []
    for task in tasks {
      let input = try ProbeInput(
        task: task, data: data, splits: trainSplit.map { [$0] } ?? [], trainingSplit: trainSplit, limit: limit
      )
      if let field, !input.fields.contains(field) {
        throw .unknownName("field of task '\(task.name)'", field, known: input.fields)
      }
      let examples = input.training.examples
      guard examples.count >= 40 else {
        throw GraftError(
          .badData, "split '\(input.training.name)' of task '\(task.name)' has \(examples.count) examples",
          hint: "a self-test needs at least 40.")
      }
      let field = field ?? input.fields[0]
      reports.append(
        try test.run(name: "\(task.name):\(field)") { (strength, key) throws(GraftError) in
          SelfTest.planted(
            strength: strength, in: examples, labels: input.training.labels, classes: input.classes,
            fields: input.fields, field: field, limit: 2 * selfTestExamples, key: key)
        })
    }
    return reports
  }
}
