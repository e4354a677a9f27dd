import Foundation
import Support

@testable import Commands
@testable import Experiments
@testable import StressTesting
@testable import TaskRegistry

extension Readers {
  static let definitions = [
    Reader("checklist", readChecklist),
    Reader("checksums", readChecksums),
    Reader("gate") { _ = try Gate(path: Scratch.write("gate.yaml", $0)) },
    Reader("grid", readGrid),
    Reader("task", readTask),
    Reader("template", readTemplate),
    Reader("yaml", readYAML),
  ]
}

@Sendable private func readYAML(_ input: UnsafeRawBufferPointer) throws {
  let value = try YAMLValue.file(Scratch.write("value.yaml", input))
  _ = value.description
}

/// A definition of a task, a suite or a mixture beside two tasks, and the data it names, as far as that is there.
@Sendable private func readTask(_ input: UnsafeRawBufferPointer) throws {
  Inference.prepare()
  Scratch.write("definitions/fuzzed.yaml", input)
  let folder = "\(Scratch.path)/definitions"
  let problems = try TaskCatalog.problems(in: [folder])
  for problem in problems { precondition(!problem.message.isEmpty, "a problem without words") }
  guard problems.isEmpty else { return }
  let catalog = try TaskCatalog(directories: [folder])
  let data = DataRoot("\(Scratch.path)/data")
  for task in catalog.tasks where task.path.hasSuffix("fuzzed.yaml") {
    for split in task.splitNames {
      let examples = try task.examples(split: split, data: data)
      precondition(examples.allSatisfy { !$0.identifier.isEmpty }, "an example without a name")
    }
    _ = try? TaskShape(task)
  }
  for suite in catalog.suites {
    let task = try catalog.task(named: suite.through)
    for split in suite.splitNames { _ = try suite.examples(through: task, split: split, data: data) }
  }
  for mixture in catalog.mixtures {
    let weights = try catalog.mixture(named: mixture.name).weights(counts: ["inference": 3, "sentences": 5])
    precondition(weights.values.allSatisfy { $0.isFinite && $0 >= 0 }, "weights \(weights)")
  }
}

/// Two tasks that definitions can extend, mix and be put through, and their data.
private enum Inference {
  static let made: TaskCatalog = {
    for name in ["definitions", "data"] { Scratch.makeFolder(name) }
    for (name, fields, inputs, choices) in [
      (
        "inference", "{premise: premise, hypothesis: hypothesis, label: label}",
        "nli premise: {premise} hypothesis: {hypothesis}", "[entailment, neutral, contradiction]"
      ),
      ("sentences", "{sentence: sentence, label: label}", "sentence: {sentence}", "[bad, good]"),
    ] {
      Scratch.write(
        "definitions/\(name).yaml",
        """
        task: \(name)
        version: 1
        source:
          folder: .
          format: tsv
          fields: \(fields)
        splits: {train: \(name).tsv}
        inputs: "\(inputs)"
        targets: "{label}"
        choices: \(choices)
        output: choices
        metrics: [accuracy]
        primaryMetric: accuracy

        """)
    }
    let pairs = "premise\thypothesis\tlabel\nA man.\tA dog.\tneutral\nA big cat.\tA cat.\tentailment\n"
    let sentences = "sentence\tlabel\nfine\tgood\nawful\tbad\n"
    for folder in ["definitions", "data"] {
      Scratch.write("\(folder)/inference.tsv", pairs)
      Scratch.write("\(folder)/sentences.tsv", sentences)
    }
    do throws(GraftError) {
      return try TaskCatalog(directories: ["\(Scratch.path)/definitions"])
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  static func prepare() { _ = made }
}

/// A checklist, and its cases put to a task of inference and to one of sentences.
@Sendable private func readChecklist(_ input: UnsafeRawBufferPointer) throws {
  let catalog = Inference.made
  let checklist = try Checklist(path: Scratch.write("checklist.yaml", input))
  for task in catalog.tasks where (try? TaskShape(task).kind) == checklist.kind {
    let run = try ChecklistRun(checklist, task: task, seed: 0)
    precondition(run.cases.allSatisfy { !$0.examples.isEmpty }, "a case without examples")
  }
}

@Sendable private func readGrid(_ input: UnsafeRawBufferPointer) throws {
  _ = try GridFile(
    contentsOf: Scratch.write("grid.yaml", input),
    reader: GridReader(data: .parse([]), cache: "\(Scratch.path)/cache", readsTexts: false, fineTunes: false))
}

@Sendable private func readChecksums(_ input: UnsafeRawBufferPointer) throws {
  Scratch.makeFolder("checksums")
  Scratch.write("checksums/checksums.txt", input)
  _ = try DataChecksums(directories: ["\(Scratch.path)/checksums"])
}

/// A template and a text; if the text has the form, filling the template with its fields gives the text.
@Sendable private func readTemplate(_ input: UnsafeRawBufferPointer) throws {
  let files = input.files(2)
  let template = try TextTemplate(String(decoding: files[0], as: UTF8.self))
  let text = String(decoding: files[1], as: UTF8.self)
  if template.isPattern, let fields = template.matched(text) {
    let again = try template.rendered(fields)
    precondition(again.utf8.elementsEqual(text.utf8), "'\(text)' is not what its fields give")
  }
}
