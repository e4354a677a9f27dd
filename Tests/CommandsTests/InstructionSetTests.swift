import Compute
import Foundation
import Support
import TestSupport
import Testing

/// `GRAFT_ISA`: what a processor without AMX tiles does, on one that has them.
@Suite(.tags(.process)) struct InstructionSetTests {
  private struct Event: Decodable {
    var lossPerToken: Double?
  }

  private struct Manifest: Decodable {
    var backendSignature: String
  }

  /// The backend and the held-out losses of two updates in bf16, with heads of the 32 columns that tiles want.
  private func train(_ limit: String) throws -> (backend: String, losses: [Double]) {
    let world = try World.shared.get()
    let preset = "\(world.folder.path)/one-head.json"
    try World.preset("t5", layers: 1).replacingOccurrences(of: "\"heads\": 2", with: "\"heads\": 1")
      .write(toFile: preset, atomically: true, encoding: .utf8)
    let run = "\(world.folder.path)/isa-\(limit)"
    let outcome = try Graft.run(
      world.pretrain(into: run, steps: 2, ["--precision", "bf16", "--backbone", preset]),
      environment: ["GRAFT_ISA": limit])
    #expect(outcome.status == 0, Comment(rawValue: outcome.errors))
    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(run)/\(name)", encoding: .utf8) }
    let decoder = JSONDecoder()
    return (
      try decoder.decode(Manifest.self, from: Data(text("run.json").utf8)).backendSignature,
      try text("events.jsonl").split(separator: "\n").compactMap {
        try decoder.decode(Event.self, from: Data($0.utf8)).lossPerToken
      }
    )
  }

  @Test func namesAreChecked() throws {
    #expect(try InstructionSetLimit.read(from: [:]) == nil)
    #expect(try InstructionSetLimit.read(from: ["GRAFT_ISA": ""]) == nil)
    #expect(try InstructionSetLimit.read(from: ["GRAFT_ISA": "avx512"]) == .avx512)
    #expect(throws: GraftError.self) { try InstructionSetLimit.read(from: ["GRAFT_ISA": "AVX512"]) }
    let outcome = try Graft.run(["list", "metrics"], environment: ["GRAFT_ISA": "avx51"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("unknown value of GRAFT_ISA 'avx51'"), Comment(rawValue: outcome.errors))
    #expect(outcome.errors.contains("did you mean 'avx512'?"), Comment(rawValue: outcome.errors))
  }

  @Test func doctorSaysWhatIsLeftOut() throws {
    let outcome = try Graft.run(["doctor"], environment: ["GRAFT_ISA": "avx512"])
    let row = outcome.output.split(separator: "\n").first { $0.hasPrefix("GRAFT_ISA") }
    #expect(row?.contains("avx512") == true)
    #expect(!outcome.output.contains("AMX tiles"))
    // These tests may themselves run without tiles.
    let hasTiles =
      InstructionSetLimit.leavesOutTiles || MatrixBackends.available.contains { $0.name == "amx" }
    if hasTiles { #expect(row?.contains("AMX is left out") == true) }
    #expect(try Graft.run(["doctor"], environment: ["GRAFT_ISA": ""]).output.contains("AMX tiles") == hasTiles)
  }

  @Test(.enabled(if: MatrixBackends.preferredPrecision == .bf16, "this processor does not multiply bf16"))
  func aStepWithoutTilesComputesTheSame() throws {
    let all = try train("amx")
    let limited = try train("avx512")
    #expect(!limited.backend.contains("AMX tiles"))
    #expect(limited.losses.count == all.losses.count && all.losses.count > 1)
    // Sums in another order, of numbers that are rounded to eight bits.
    for (loss, other) in zip(all.losses, limited.losses) { #expect(abs(loss - other) < 5e-3 * loss) }
    if InstructionSetLimit.leavesOutTiles || MatrixBackends.available.contains(where: { $0.name == "amx" }) {
      #expect(all.backend.contains("AMX tiles"))
      #expect(limited.backend.contains("without AMX"))
    }
  }
}
