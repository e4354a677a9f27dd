import Foundation
import TestSupport
import Testing

/// `graft states` and `graft generate --clamp` as a person runs them.
@Suite(.tags(.process)) struct StatesCommandTests {
  /// A recurrent model of the shared world.
  private static let recurrent = Result {
    let world = try World.shared.get()
    let preset = try world.folder.write(
      "tiny-lstm.json", #"{"family": "lstm", "width": 16, "decoderLayers": 2, "tied": true}"#)
    let path = "\(world.folder.path)/recurrent"
    let arguments = world.replacing("--backbone", by: preset, in: world.pretrain(into: path, steps: 4))
    let outcome = try Graft.run(arguments + ["--objective", "causal-lm", "--carry-state"])
    guard outcome.status == 0 else { throw World.Failure(text: outcome.errors) }
    return path
  }

  private func run(_ arguments: [String], on checkpoint: String) throws -> String {
    let outcome = try Graft.run(["states"] + arguments + ["--checkpoint", checkpoint])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  private func task(_ world: World) -> [String] {
    ["--task", "micro-sentiment", "--tasks", world.directory, "--data", world.directory]
  }

  private struct Score: Decodable {
    struct Estimate: Decodable { var value: Double }
    var accuracy: Estimate
    var units, width: Int
  }

  private struct Layers: Decodable {
    struct Split: Decodable {
      struct Probe: Decodable {
        var place, pooling: String
        var trained, drawn: Score
      }
      struct Baseline: Decodable { var name: String }
      var split: String
      var examples: Int
      var baselines: [Baseline]
      var probes: [Probe]
    }
    var kind: String
    var trainingSplit: String
    var splits: [Split]
  }

  @Test func layersOfAnEncoderDecoder() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let output = try run(
      ["layers", "--json", "\(folder.path)/layers.json", "--output", "\(folder.path)/layers"] + task(world),
      on: world.run)
    #expect(output.contains("Linear probes of test") && output.contains("n-grams"))
    let report = try JSONDecoder().decode(Layers.self, from: folder.bytes("layers.json"))
    #expect(report.kind == "state-probes" && report.trainingSplit == "train")
    for split in report.splits {
      #expect(split.split != "train" && split.baselines.map(\.name) == ["majority", "n-grams"])
      #expect(split.probes.map(\.pooling) == ["last", "last", "last", "mean", "mean", "mean"])
      #expect(split.probes.prefix(3).map(\.place) == ["embedding", "0", "output"])
      for probe in split.probes {
        #expect(probe.trained.width == 32 && (0...1).contains(probe.trained.accuracy.value))
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/layers").sorted()
    #expect(names == ["layers-test.svg", "layers-validation.svg", "states.txt"])
    // Its own result is replaced, and the same command gives the same.
    let again = try run(["layers", "--json", "\(folder.path)/layers.json"] + task(world), on: world.run)
    #expect(again == output)
  }

  private struct Units: Decodable {
    struct Split: Decodable {
      struct Model: Decodable {
        struct Unit: Decodable {
          var place: String
          var unit: Int
        }
        var probe: Score
        var units: [Unit]
        var best: Unit
      }
      struct Distribution: Decodable {
        struct Histogram: Decodable { var counts: [[Int]] }
        var histogram: Histogram
      }
      var examples: Int
      var trained, drawn: Model
      var distribution: Distribution
    }
    var kind: String
    var places: [String]
    var splits: [Split]
  }

  @Test func oneUnitOfARecurrentModel() throws {
    let world = try World.shared.get()
    let checkpoint = try Self.recurrent.get()
    let folder = try TestFolder()
    let output = try run(
      ["unit", "--json", "\(folder.path)/unit.json", "--output", "\(folder.path)/unit", "--top", "3"] + task(world),
      on: checkpoint)
    #expect(output.contains("Units of most weight") && (output.contains("Found:") || output.contains("Not found:")))
    let report = try JSONDecoder().decode(Units.self, from: folder.bytes("unit.json"))
    #expect(report.kind == "unit-probe" && report.places == ["1.hidden", "1.cell"])
    for split in report.splits {
      #expect(split.trained.probe.width == 32 && (1...3).contains(split.trained.units.count))
      #expect(split.distribution.histogram.counts.joined().reduce(0, +) == split.examples)
      #expect(split.trained.units.allSatisfy { report.places.contains($0.place) && (0..<16).contains($0.unit) })
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/unit").sorted()
    #expect(names == ["states.txt", "unit-test.svg", "unit-validation.svg"])
    try Graft.expectFailure(
      64, ["states", "unit", "--place", "1.hiden", "--checkpoint", checkpoint] + task(world),
      says: ["place of the model", "1.hidden"])
    try Graft.expectFailure(
      64, ["states", "unit", "--split", "train", "--checkpoint", checkpoint] + task(world),
      says: ["cannot both train probes and score them"])
  }

  @Test func aHeldUnitChangesWhatIsWritten() throws {
    let world = try World.shared.get()
    let checkpoint = try Self.recurrent.get()
    func written(_ more: [String]) throws -> String {
      let outcome = try Graft.run(["generate", "--checkpoint", checkpoint, "--target-length", "12", "the"] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    let clamps = (0..<16).flatMap { ["--clamp", "1:\($0)=\($0 % 3 == 0 ? 3 : -3)"] }
    let (free, held) = (try written([]), try written(clamps))
    #expect(try free != held && written(clamps) == held)
    #expect(try written(["--clamp", "1:3=0.5"]) == written(["--clamp", "1.hidden:3=0.5"]))
    for (clamp, words) in [
      ("1:16=0.5", ["has no unit 16", "0 to 15"]), ("2:1=0.5", ["part of the model's state", "1.cell"]),
      ("1=0.5", ["is no unit and value", "LAYER:UNIT=VALUE"]), ("1:2=nan", ["is no unit and value"]),
    ] {
      try Graft.expectFailure(64, ["generate", "--checkpoint", checkpoint, "--clamp", clamp, "the"], says: words)
    }
    try Graft.expectFailure(
      64, ["generate", "--checkpoint", world.run, "--clamp", "0:1=0.5", "the"], says: ["carries no state"])
  }

  @Test func textsAreWrittenAndProbed() throws {
    let checkpoint = try Self.recurrent.get()
    let folder = try TestFolder()
    for language in ["brackets", "code", "copy"] {
      let path = "\(folder.path)/\(language).txt"
      let outcome = try Graft.run(["states", "text", language, "--texts", "30", "--output", path])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let texts = String(decoding: try folder.bytes("\(language).txt"), as: UTF8.self)
      #expect(texts.split(separator: "\n\n").count == 30 && texts.hasSuffix("\n"))
    }
    let depth = try run(
      [
        "depth", "--texts", "12", "--length", "40", "--deepest", "2", "--deeper", "4", "--style", "code", "--json",
        "\(folder.path)/depth.json", "--output", "\(folder.path)/depth",
      ], on: checkpoint)
    #expect(depth.contains("place in the text") && depth.contains("1.cell") && depth.contains("By depth"))
    let copy = try run(
      [
        "copy", "--longest", "2", "--prompts", "10", "--json", "\(folder.path)/copy.json", "--output",
        "\(folder.path)/copy",
      ], on: checkpoint)
    #expect(copy.contains("beyond") && copy.contains("chance is 6.2 %"))
    for (name, kind) in [("depth", "depth-probe"), ("copy", "copy-probe")] {
      #expect(String(decoding: try folder.bytes("\(name).json"), as: UTF8.self).contains("\"kind\" : \"\(kind)\""))
      #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(name)/\(name).svg"))
    }
    try Graft.expectFailure(
      64, ["states", "depth", "--checkpoint", checkpoint, "--deepest", "5", "--deeper", "5"],
      says: ["cannot be probed", "--deeper"])
  }
}
