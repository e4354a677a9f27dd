import Foundation
import Microworld
import TestSupport
import Tokenization

/// A microworld, a tokenizer, a tiny preset and a trained model, shared by the tests of this target.
struct World {
  let folder: TestFolder
  var directory: String { "\(folder.path)/world" }
  var corpus: String { "\(folder.path)/world/corpus.txt" }
  var tokenizer: String { "\(folder.path)/tokenizer.json" }
  var preset: String { "\(folder.path)/tiny.json" }
  /// A finished pretraining run.
  var run: String { "\(folder.path)/run" }

  static let shared = Result { try World() }

  private init() throws {
    folder = try TestFolder()
    let files = try Microworld.write(
      to: "\(folder.path)/world",
      options: MicroworldOptions(
        corpusBytes: 20_000, trainingExamples: 24, validationExamples: 6, testExamples: 12))
    let text = try String(contentsOfFile: files.corpus, encoding: .utf8)
    try Tokenizer.train(
      documents: [text], options: TokenizerTrainingOptions(vocabularySize: 400, sentinelCount: 24)
    ).write(to: "\(folder.path)/tokenizer.json")
    try Tokenizer.train(
      documents: [text], options: TokenizerTrainingOptions(vocabularySize: 300, sentinelCount: 0)
    ).write(to: "\(folder.path)/no-sentinels.json")
    try folder.write("tiny.json", Self.preset("t5", layers: 1))
    try folder.write("tiny-gpt.json", Self.preset("gpt", layers: 0, extra: ", \"maximumLength\": 64"))
    let outcome = try Graft.run(pretrain("run", steps: 4))
    guard outcome.status == 0 else { throw Failure(text: outcome.errors) }
  }

  struct Failure: Error { var text: String }

  static func preset(_ family: String, layers: Int, extra: String = "") -> String {
    """
    {"family": "\(family)", "width": 32, "heads": 2, "feedForward": 64, "encoderLayers": \(layers),
     "decoderLayers": \(family == "bert" ? 0 : 1), "activation": "relu", "epsilon": 1e-6\(extra)}
    """
  }

  /// The arguments of a small pretraining run into `name` of the shared folder.
  func pretrain(_ name: String, steps: Int, _ more: String...) -> [String] {
    pretrain(into: "\(folder.path)/\(name)", steps: steps, more)
  }

  func pretrain(into output: String, steps: Int, _ more: [String] = []) -> [String] {
    [
      "pretrain", "--corpus", corpus, "--tokenizer", tokenizer, "--backbone", preset, "--output", output,
      "--cache", "\(folder.path)/cache", "--sequence-length", "32", "--steps", "\(steps)", "--batch", "4",
      "--shards", "2", "--precision", "f32", "--warmup", "2", "--learning-rate", "1e-2", "--dropout", "0.1",
      "--document-boundary", "blank-lines",
    ] + more
  }

  /// The arguments of a small fine-tuning run from the shared model.
  func finetune(_ name: String, task: String, _ more: String...) -> [String] {
    [
      "finetune", "--checkpoint", run, "--task", task, "--tasks", directory, "--data", directory, "--output",
      "\(folder.path)/\(name)", "--steps", "2", "--batch", "4", "--shards", "2", "--precision", "f32",
    ] + more
  }

  /// The same arguments with one value exchanged.
  func replacing(_ flag: String, by value: String, in arguments: [String]) -> [String] {
    var changed = arguments
    if let index = changed.firstIndex(of: flag) { changed[index + 1] = value }
    return changed
  }
}
