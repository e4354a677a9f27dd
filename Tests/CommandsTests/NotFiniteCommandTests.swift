import Foundation
import TestSupport
import Testing

/// Models whose weights are not finite, or too large to compute with, as a person meets them: an error that names what
/// is wrong, and never a number.
@Suite(.tags(.process)) struct NotFiniteCommandTests {
  /// A folder of transformers with every value of one tensor replaced.
  private func folder(_ fixture: String, tensor: String, by value: Float) throws -> TestFolder {
    let folder = try TestFolder()
    try FileManager.default.copyItem(
      atPath: "\(Graft.packageRoot)/Tests/Fixtures/huggingface/\(fixture)", toPath: "\(folder.path)/model")
    let path = "\(folder.path)/model/model.safetensors"
    var bytes = try folder.bytes("model/model.safetensors")
    let length = bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    let header = try JSONDecoder().decode([String: Entry].self, from: bytes[8..<8 + length])
    let entry = try #require(header[tensor], "\(header.keys.sorted())")
    let offsets = try #require(entry.dataOffsets)
    for start in stride(from: 8 + length + offsets[0], to: 8 + length + offsets[1], by: 4) {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
    }
    try bytes.write(to: URL(fileURLWithPath: path))
    return folder
  }

  private struct Entry: Decodable {
    var dataOffsets: [Int]?

    enum CodingKeys: String, CodingKey { case dataOffsets = "data_offsets" }
  }

  private static let last = ["t5": "decoder.final_layer_norm.weight", "gpt2": "transformer.ln_f.weight"]

  private func commands(_ model: String) -> [[String]] {
    [
      ["generate", "--checkpoint", model, "--target-length", "4", "hi"],
      ["generate", "--checkpoint", model, "--target-length", "4", "--beam", "2", "hi"],
      ["generate", "--checkpoint", model, "--target-length", "4", "--sample", "--json", "-", "hi"],
      ["generate", "--checkpoint", model, "--target-length", "4", "--choices", "a", "b", "--", "hi"],
      ["score", "--checkpoint", model, "--input", "a", "--target", "b", "--json", "-"],
      ["score", "--checkpoint", model, "--input", "a", "--target", "b", "c"],
    ]
  }

  @Test(arguments: ["t5", "gpt2"], [Float.nan, .infinity]) func weightsThatAreNotFiniteAreNamed(
    _ family: String, _ value: Float
  ) throws {
    let tensor = try #require(Self.last[family])
    let folder = try folder(family, tensor: tensor, by: value)
    let model = "\(folder.path)/model"
    for arguments in [commands(model)[1], commands(model)[4]] {
      try Graft.expectFailure(70, arguments, says: ["'\(tensor)'", "NaN or infinite"])
    }
    try Graft.expectFailure(
      70, ["convert", "--from", model, "--to", "\(folder.path)/converted"], says: ["'\(tensor)'"])
    #expect(folder.names == ["model"])
    let inspected = try Graft.run(["inspect", "checkpoint", model])
    #expect(inspected.status == 0 && inspected.output.contains("NaN or infinite"), "\(inspected.output)")
    #expect(inspected.output.contains("not finite: "))
  }

  @Test(arguments: ["t5", "gpt2"]) func weightsThatAreTooLargeGiveNoAnswer(_ family: String) throws {
    let folder = try folder(family, tensor: try #require(Self.last[family]), by: 3e38)
    for arguments in commands("\(folder.path)/model") {
      try Graft.expectFailure(70, arguments, says: ["is not finite"])
    }
    let inspected = try Graft.run(["inspect", "checkpoint", "\(folder.path)/model"])
    #expect(inspected.status == 0 && !inspected.output.contains("not finite"), "\(inspected.output)")
  }

  /// A gate is not passed, whatever its direction, and no table is shown.
  @Test func nothingIsEvaluated() throws {
    let world = try World.shared.get()
    let folder = try folder("t5", tensor: try #require(Self.last["t5"]), by: 3e38)
    let model = "\(folder.path)/model"
    let data = ["--tasks", world.directory, "--data", world.directory, "--no-baselines", "--no-overlap"]
    for more in [["--answers", "rank"], ["--answers", "generate"], ["--answers", "generate", "--beam", "2"]] {
      let arguments =
        ["evaluate", "--checkpoint", model, "--task", "micro-sentiment", "--split", "test", "--limit", "4"]
        + data + more + ["--require", "micro-sentiment.accuracy<=1", "--json", "\(folder.path)/scores.json"]
      let outcome = try Graft.run(arguments)
      #expect(outcome.status == 70, "\(more): \(outcome.errors)")
      #expect(outcome.errors.contains("example 'micro-sentiment/test/"), "\(outcome.errors)")
      #expect(outcome.output == "" && folder.names == ["model"])
    }
  }

  /// Predictions of before this was noticed.
  @Test func predictionsThatAreNotFiniteAreNotCompared() throws {
    let folder = try TestFolder()
    let lines = (1...4).map {
      #"{"choice":0,"choiceScores":["NaN","NaN"],"identifier":"a/test/\#($0)","prediction":"x","rightChoice":0,"target":"x"}"#
    }
    let text = lines.joined(separator: "\n") + "\n"
    let paths = [try folder.write("first.jsonl", text), try folder.write("second.jsonl", text)]
    try Graft.expectFailure(
      70, ["compare", paths[0], paths[1], "--metric", "accuracy"], says: ["a/test/1", "not finite"])
  }

  /// The model of the last update, which no loss tells of.
  @Test func trainingDoesNotEndInThem() throws {
    let world = try World.shared.get()
    let output = "\(world.folder.path)/diverged"
    let diverging = ["--optimizer", "adamw", "--clip", "0", "--schedule", "constant"]
    var arguments = world.finetune("diverged", task: "micro-sentiment") + diverging
    arguments = world.replacing("--steps", by: "1", in: arguments)
    try Graft.expectFailure(
      70, arguments + ["--learning-rate", "3e38", "--warmup", "0"], says: ["NaN or infinite"])
    #expect(!FileManager.default.fileExists(atPath: "\(output)/model"))
    #expect(!FileManager.default.fileExists(atPath: "\(output)/results.json"))
    var pretrain = world.pretrain("diverged-pretrained", steps: 1, "--held-out", "0")
    pretrain = world.replacing("--learning-rate", by: "3e38", in: pretrain)
    pretrain = world.replacing("--warmup", by: "0", in: pretrain)
    try Graft.expectFailure(70, pretrain + diverging, says: ["NaN or infinite"])
    #expect(!FileManager.default.fileExists(atPath: "\(world.folder.path)/diverged-pretrained/model"))
  }

  @Test(arguments: ["0", "-1"]) func keepingNoCheckpointIsRefused(_ count: String) throws {
    let world = try World.shared.get()
    try Graft.expectFailure(64, world.pretrain("keep", steps: 2, "--keep=\(count)"), says: ["--keep"], hint: false)
    try Graft.expectFailure(
      64, world.finetune("keep", task: "micro-nli", "--keep=\(count)"), says: ["--keep"], hint: false)
    // Before what is missing is looked for.
    let nowhere = world.replacing(
      "--tokenizer", by: "/nowhere/tokenizer.json", in: world.pretrain("keep", steps: 2, "--keep=\(count)"))
    try Graft.expectFailure(64, nowhere, says: ["--keep"], hint: false)
    for command in ["prefixes", "transfer"] {
      try Graft.expectFailure(
        64,
        [
          command, "--checkpoint", "/nowhere", "--task", "micro-nli", "--tasks", world.directory, "--data",
          world.directory, "--output", "\(world.folder.path)/keep", "--keep=\(count)",
        ], says: ["--keep"], hint: false)
    }
  }

  @Test func nothingIsSaidOfAHeldOutPartThatIsNone() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let outcome = try Graft.run(
      world.pretrain(into: "\(folder.path)/run", steps: 1, ["--held-out", "0", "--non-finite", "skip"]))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("ignores its input") && !outcome.output.contains("input-blind"))
    let manifest = String(decoding: try folder.bytes("run/run.json"), as: UTF8.self)
    #expect(manifest.contains("\"nonFinite\" : \"skip\""))
    let unknown = try Graft.run(
      world.pretrain(into: "\(folder.path)/other", steps: 1, ["--non-finite", "skp"]))
    #expect(unknown.status == 64 && unknown.errors.contains("'roll-back'"), "\(unknown.errors)")
  }

  /// A file that may not grow is an error like a full disk, not the end by a signal.
  @Test func aLimitOnFilesIsAnError() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let executable = try #require(Graft.executable)
    let arguments = world.pretrain(into: "\(folder.path)/run", steps: 2)
    process.arguments =
      [
        "-c", "ulimit -f 8; exec \"$0\" \"$@\" 2>'\(folder.path)/errors' >'\(folder.path)/output'", executable,
      ] + arguments
    try process.run()
    process.waitUntilExit()
    let errors = String(decoding: try folder.bytes("errors"), as: UTF8.self)
    #expect(process.terminationReason == .exit && process.terminationStatus == 74, "\(errors)")
    #expect(errors.contains("File too large") && errors.contains("ulimit"), "\(errors)")
  }
}
