import Checkpointing
import Foundation
import ModelKit
import Support
import Testing

@testable import Optimization

/// Ten updates against torch's AdamW, transformers' Adafactor, and Muon and scaled AdamW in NumPy; see
/// Tests/Fixtures/optimizers.
@Suite struct OptimizerFixtureTests {
  static let names = ["matrix", "stack", "table", "tall", "vector", "wide"]
  static let roles: [String: ParameterRole] = [
    "matrix": .matrix, "stack": .matrix, "table": .embedding, "tall": .matrix, "wide": .matrix,
  ]
  static let cases = [
    "adafactor-external", "adafactor-relative", "adafactor-unscaled", "adafactor-warmup", "adamw",
    "adamw-betas", "adamw-scaled", "muon", "muon-neurons", "muon-plain", "muon-warmup",
  ]
  let file: SafetensorsFile
  let settings: [String: [String: OptionOrName]]

  enum OptionOrName: Decodable {
    case option(OptionValue)
    case name(String)
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let name = try? container.decode(String.self) {
        self = .name(name)
      } else {
        self = .option(try container.decode(OptionValue.self))
      }
    }
  }

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/optimizers")
    file = try SafetensorsFile(folder.appendingPathComponent("optimizers.safetensors").path)
    settings = try JSONDecoder().decode(
      [String: [String: OptionOrName]].self,
      from: Data(contentsOf: folder.appendingPathComponent("optimizers.json")))
  }

  private func store() throws -> ParameterStore {
    let store = ParameterStore(
      try Self.names.map { name in
        let shape = try file.description(of: "initial.\(name)").shape
        return ParameterDeclaration(name: name, shape: shape, role: Self.roles[name] ?? .bias)
      })
    for entry in store.entries {
      try file.read("initial.\(entry.name)", shape: entry.shape, into: store.values(of: entry))
    }
    return store
  }

  private func make(_ name: String, _ store: ParameterStore) throws -> (any Optimizer, rate: Double) {
    var options = try #require(settings[name])
    guard case .name(let kind)? = options.removeValue(forKey: "optimizer"),
      case .option(.number(let rate))? = options.removeValue(forKey: "learningRate")
    else { throw GraftError(.badData, "fixture '\(name)' has no optimizer or rate") }
    let values = options.compactMapValues { if case .option(let value) = $0 { value } else { nil } }
    return (
      try Optimizers.make(
        kind, parameters: store.entries.map { TrainedParameter($0) }, options: OptimizerOptions(values)), rate
    )
  }

  @Test(arguments: cases)
  func tenUpdatesEqualTheReference(name: String) throws {
    let store = try store()
    let gradients = ParameterStore(store.entries.map(\.declaration))
    let (optimizer, rate) = try make(name, store)
    var compared = 0
    for step in 1...10 {
      for entry in store.entries {
        try file.read("gradient.\(step).\(entry.name)", shape: entry.shape, into: gradients.values(of: entry))
      }
      optimizer.apply(
        OptimizerUpdate(
          values: store.values, gradients: UnsafeBufferPointer(gradients.values), learningRate: rate,
          step: step), makeWork())
      guard file.contains("\(name).\(step).matrix") else { continue }
      for entry in store.entries {
        let expected = try file.tensor("\(name).\(step).\(entry.name)").values
        let initial = try file.tensor("initial.\(entry.name)").values
        for (index, (value, reference)) in zip(store.values(of: entry), expected).enumerated() {
          // Relative to how far the value has come, so that a small step in a wrong direction shows.
          let moved = abs(reference - initial[index])
          let tolerance = 1e-4 * moved + 2e-7 * abs(reference) + 1e-9
          #expect(
            abs(value - reference) <= tolerance,
            "\(entry.name)[\(index)] after \(step): \(value), \(reference)")
          compared += 1
        }
      }
    }
    #expect(compared == 4 * store.count)
  }
}
