import Checkpointing
import Foundation
import TestSupport
import Testing

/// Classifiers of transformers whose labels are in another order, in other letters, or nothing but numbers.
@Suite(.tags(.process)) struct LabelTests {
  /// Folders that are there until a test ends.
  private final class Folders { var kept: [TestFolder] = [] }

  private let folders = Folders()

  private static let source = "\(Graft.packageRoot)/Tests/Fixtures/huggingface/bert-classifier"

  /// A copy of the classifier with other labels and, if its rows are swapped, the outputs in the other order.
  private func classifier(
    _ labels: [String], swapped: Bool = false, task: String? = "micro-sentiment", reversed: Bool = true
  ) throws -> TestFolder {
    let folder = try TestFolder()
    folders.kept.append(folder)
    for file in try FileManager.default.contentsOfDirectory(atPath: Self.source) {
      try FileManager.default.copyItem(atPath: "\(Self.source)/\(file)", toPath: "\(folder.path)/\(file)")
    }
    var config = try #require(
      try JSONSerialization.jsonObject(with: folder.bytes("config.json")) as? [String: Any])
    config["id2label"] = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ("\($0)", $1) })
    config["label2id"] =
      reversed ? Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a }) : nil
    config["finetuning_task"] = task
    try folder.write("config.json", [UInt8](JSONSerialization.data(withJSONObject: config)))
    guard swapped else { return folder }
    let file = try SafetensorsFile("\(folder.path)/model.safetensors")
    var tensors: [String: LoadedTensor] = [:]
    for tensor in file.tensors { tensors[tensor.name] = try file.tensor(tensor.name) }
    for name in ["classifier.weight", "classifier.bias"] {
      let tensor = try #require(tensors[name])
      let half = tensor.values.count / 2
      tensors[name]?.values = Array(tensor.values[half...] + tensor.values[..<half])
    }
    let buffers = tensors.map {
      ($0, $1.shape, UnsafeMutableBufferPointer<Float>.allocate(capacity: $1.values.count))
    }
    defer { for (_, _, buffer) in buffers { buffer.deallocate() } }
    for (name, _, buffer) in buffers { _ = buffer.initialize(from: tensors[name]?.values ?? []) }
    try SafetensorsWriter.write(
      buffers.map { TensorSource(name: $0, shape: $1, values: UnsafeBufferPointer($2)) },
      to: "\(folder.path)/model.safetensors")
    return folder
  }

  private func arguments(_ checkpoint: String, _ more: [String] = []) throws -> [String] {
    let world = try World.shared.get()
    return [
      "evaluate", "--checkpoint", checkpoint, "--task", "micro-sentiment", "--tasks", world.directory,
      "--data",
      world.directory, "--split", "test", "--no-baselines", "--no-overlap", "--input-length", "40",
    ] + more
  }

  /// What is answered to every row of the test split, with its scores.
  private func answers(_ checkpoint: String, _ more: [String] = []) throws -> [String] {
    let folder = try TestFolder()
    let outcome = try Graft.run(try arguments(checkpoint, ["--json", "\(folder.path)/results.json"] + more))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    let predictions = try #require(files.first { $0.hasSuffix(".jsonl") }, "\(files)")
    return String(decoding: try folder.bytes(predictions), as: UTF8.self).split(separator: "\n").map(
      String.init)
  }

  @Test func anotherOrderAndOtherLetters() throws {
    let expected = try answers(Self.source)
    #expect(expected.count == 12)
    for labels in [
      ["positive", "negative"], ["POSITIVE", "Negative"], ["pos", "NEG"], ["Pos-itive", "nega tive"],
    ] {
      #expect(try answers(classifier(labels, swapped: true).path) == expected, "\(labels)")
    }
    #expect(try answers(classifier(["NEGATIVE", "Positive"]).path) == expected)
    // Labels that say otherwise are believed: the same outputs in the other order are other answers.
    #expect(try answers(classifier(["positive", "negative"]).path) != expected)
    // A head that no task is named for answers what its labels fit.
    #expect(try answers(classifier(["POSITIVE", "NEGATIVE"], swapped: true, task: nil).path) == expected)
  }

  @Test func labelsThatAreNumbers() throws {
    let expected = try answers(Self.source)
    let folder = try classifier(["LABEL_0", "LABEL_1"], swapped: true)
    try Graft.expectFailure(
      65, arguments(folder.path),
      says: ["[LABEL_0, LABEL_1]", "[negative, positive]", "--labels negative,positive", "id2label"])
    #expect(try answers(folder.path, ["--labels", "positive,negative"]) == expected)
    #expect(try answers(folder.path, ["--labels", "negative, positive"]) != expected)
    try Graft.expectFailure(
      64, arguments(folder.path, ["--labels", "good,bad"]), says: ["[good, bad]", "[negative, positive]"])
    try Graft.expectFailure(
      64, arguments(folder.path, ["--labels", "negative"]), says: ["names 1 outputs", "2 outputs"])
    try Graft.expectFailure(64, arguments(folder.path, ["--labels", "negative,"]), says: ["empty label"])
    // Where one of the two keys has words, they are taken.
    let half = try classifier(["LABEL_0", "LABEL_1"], swapped: true, reversed: false)
    var config = String(decoding: try half.bytes("config.json"), as: UTF8.self)
    config = "{\"label2id\": {\"POSITIVE\": 0, \"NEGATIVE\": 1}, " + config.dropFirst()
    try half.write("config.json", config)
    #expect(try answers(half.path) == expected)
    config = config.replacingOccurrences(of: "LABEL_0", with: "negative")
    config = config.replacingOccurrences(of: "LABEL_1", with: "positive")
    try half.write("config.json", config)
    try Graft.expectFailure(65, arguments(half.path), says: ["'id2label'", "label2id"])
  }

  @Test func headsOfOtherTasks() throws {
    let other = try classifier(["negative", "positive"], task: "sst-2")
    try Graft.expectFailure(
      64, arguments(other.path),
      says: ["no head for task 'micro-sentiment'", "sst-2", "--labels negative,positive"])
    #expect(try answers(other.path, ["--labels", "negative,positive"]) == answers(Self.source))
    let world = try World.shared.get()
    try Graft.expectFailure(
      64, arguments(world.run, ["--labels", "negative,positive", "--target-length", "8"]),
      says: ["encoder with a head"])
    // Twice the same label says nothing.
    try Graft.expectFailure(
      65, arguments(classifier(["positive", "Positive"]).path), says: ["[positive, Positive]"])
    try Graft.expectFailure(
      65, arguments(classifier(["bad", "good"], task: nil).path),
      says: ["[bad, good]", "[negative, positive]"])
  }

  /// Fine-tuning goes on with a head of the same task: without an update it answers as before.
  @Test func aHeadInAnotherOrderIsTrainedOn() throws {
    let world = try World.shared.get()
    let expected = try answers(Self.source)
    let folder = try classifier(["POSITIVE", "NEGATIVE"], swapped: true)
    let output = "\(folder.path)/tuned"
    var tuning = world.replacing(
      "--checkpoint", by: folder.path, in: world.finetune("x", task: "micro-sentiment"))
    tuning = world.replacing("--output", by: output, in: tuning)
    tuning = world.replacing("--steps", by: "1", in: tuning)
    let tuned = try Graft.run(
      tuning + [
        "--input-length", "40", "--target-length", "8", "--no-baselines", "--seeds", "1", "--learning-rate",
        "1e-12",
        "--warmup", "0",
      ])
    #expect(tuned.status == 0, "\(tuned.errors)")
    func choices(_ lines: [String]) -> [String] {
      lines.map { String($0.split(separator: ",").first { $0.contains("\"choice\"") } ?? "") }
    }
    let got = try answers(output)
    #expect(choices(got) == choices(expected) && !choices(got).contains(""))
  }
}
