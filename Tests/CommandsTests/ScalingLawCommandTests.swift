import Foundation
import TestSupport
import Testing

/// `graft scaling-law` on runs of two sizes, and a plan by the law.
@Suite(.tags(.process)) struct ScalingLawCommandTests {
  private struct Law: Decodable {
    struct Run: Decodable {
      var run: String
      var parameters: Double
      var bytes: Double
      var distinct: Double
      var loss: Double
    }
    var kind: String
    var relativeError: Double
    var runs: [Run]
  }

  private let folder: TestFolder
  private let world: World

  init() throws {
    folder = try TestFolder()
    world = try World.shared.get()
  }

  /// Runs of a causal language model of two widths and three lengths.
  private func runs() throws -> [String] {
    var paths: [String] = []
    for width in [16, 32] {
      let preset = try folder.write(
        "\(width).json",
        """
        {"family": "gpt", "width": \(width), "heads": 2, "feedForward": \(2 * width), "decoderLayers": 1,
         "activation": "gelu", "epsilon": 1e-6, "maximumLength": 64}
        """)
      for steps in [4, 12, 40] {
        let path = "\(folder.path)/run-\(width)-\(steps)"
        var arguments = world.pretrain(into: path, steps: steps, ["--objective", "causal-lm"])
        arguments[arguments.firstIndex(of: world.preset)!] = preset
        let outcome = try Graft.run(arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        paths.append(path)
      }
    }
    return paths
  }

  @Test func runsGiveALawThatAPlanUses() throws {
    let paths = try runs()
    let file = "\(folder.path)/law.json"
    let outcome = try Graft.run(["scaling-law"] + paths + ["--output", file])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("bits per byte = ") && outcome.output.contains("6 runs, which differ"))
    let law = try JSONDecoder().decode(Law.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    #expect(law.kind == "scaling-law" && law.runs.map(\.run) == paths && law.relativeError < 0.2)
    // Blocks: four square matrices and two of the feed-forward layer; the output layer has 400 rows.
    let (width, inner, vocabulary) = (16, 32, 400)
    let parameters = 4 * width * width + 2 * width * inner + vocabulary * width
    #expect(law.runs[0].parameters == Double(parameters))
    #expect(law.runs[2].bytes > 8 * law.runs[0].bytes && law.runs[2].loss < law.runs[0].loss)
    #expect(law.runs.allSatisfy { $0.distinct <= $0.bytes * 1.0001 })

    let planned = try Graft.run(["plan", "--corpus", world.corpus, "--flops", "2e15", "--law", file])
    #expect(planned.status == 0 && planned.errors.contains("loss: about "), "\(planned.errors)")

    let predicted = try Graft.run(["scaling-law"] + paths + ["--predict", paths[0]])
    #expect(predicted.status == 64 && predicted.errors.contains("cannot be predicted"))
    // The runs of a law count as if they had been given.
    let again = try Graft.run(["scaling-law", file])
    #expect(again.output == outcome.output)
    let few = try Graft.run(["scaling-law"] + paths.prefix(4))
    #expect(few.status == 64 && few.errors.contains("do not determine a scaling law"))
  }

  @Test func whatIsNoRunIsNamed() throws {
    let nothing = try Graft.run(["scaling-law", "\(folder.path)/nowhere"])
    #expect(nothing.status == 66 && nothing.errors.contains("nowhere"))
    let other = try Graft.run(["scaling-law", folder.path])
    #expect(other.status == 65 && other.errors.contains("no run directory of `graft pretrain`"))
    let unfinished = "\(folder.path)/unfinished"
    _ = try folder.write(
      "unfinished/run.json", String(contentsOfFile: "\(world.run)/run.json", encoding: .utf8))
    let unfit = try Graft.run(["scaling-law", unfinished])
    #expect(unfit.status == 64 && unfit.errors.contains("it is not done"), "\(unfit.errors)")
  }
}
