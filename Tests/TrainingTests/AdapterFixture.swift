import Autograd
import Checkpointing
import Foundation
import ModelKit
import Records

@testable import Inference
@testable import Training

/// An adapter that PEFT saved, and what it computes. See Tests/Fixtures/adapters/make_adapters.py.
struct AdapterFixture: Decodable {
  private struct Ids: Decodable {
    var encoder: [TokenID]?
    var decoder: [TokenID]?
  }

  var targets: [TokenID]
  var losses: [Double]

  static let names = ["bert-classifier", "gpt-neox", "gpt2", "llama", "modernbert", "t5"]
  /// Those with modules that are several layers of Graft's.
  static let joined = ["gpt-neox", "gpt2", "modernbert"]

  private static var root: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures")
  }

  static func path(_ name: String) -> String { root.appendingPathComponent("adapters/\(name)").path }
  static func base(_ name: String) -> String { root.appendingPathComponent("huggingface/\(name)").path }
  static func outputs(_ name: String) throws -> SafetensorsFile {
    try SafetensorsFile("\(path(name)).outputs.safetensors")
  }

  static func read(_ name: String) throws -> AdapterFixture {
    try JSONDecoder().decode(AdapterFixture.self, from: Data(contentsOf: URL(fileURLWithPath: "\(path(name)).json")))
  }

  /// The sequence with a target everywhere, or its answer.
  func batch(_ name: String, _ model: any Backbone) throws -> Batch {
    let file = URL(fileURLWithPath: "\(Self.base(name)).json")
    let ids = try JSONDecoder().decode(Ids.self, from: Data(contentsOf: file))
    var batch = Batch(layout: model.layout)
    if let encoder = ids.encoder { batch.encoder.append(encoder) }
    if let decoder = ids.decoder { batch.decoder.append(decoder) }
    let count = (ids.decoder ?? ids.encoder ?? []).count
    if model.answerer != nil {
      batch.answers = [Answer(head: 0, value: Float(targets[0]))]
      batch.targets = [TokenID](repeating: Batch.ignored, count: count)
    } else {
      batch.targets = targets
    }
    return batch
  }
}

extension ShardedModel {
  /// Logits at every position, or log-probabilities of the choices.
  func logits(_ batch: Batch) throws -> [Float] {
    let backbone = backbone
    return try map([batch]) { _, batch, tape in
      if let model = backbone.answerer {
        return model.answer(batch, recomputing: false, on: tape).scores(0, on: tape)[0].map { Float($0) }
      }
      guard let output = backbone.predictor?.forward(batch, on: tape) else { return [] }
      let scale = Float(output.vocabularyHead.scale)
      return output.logits(at: output.targets(of: batch).rows, on: tape).floats().map { $0 * scale }
    }[0]
  }

  /// What fine-tuning minimises.
  var ownLoss: BatchLoss {
    let backbone = backbone
    return { batch, scale, _, recomputing, tape in
      if let model = backbone.answerer {
        return model.answer(batch, recomputing: recomputing, on: tape)
          .loss(batch, gradientScale: scale.perAnswer, on: tape)
      }
      return backbone.predictor?.loss(batch, scale: scale, recomputing: recomputing, on: tape) ?? LossSum()
    }
  }
}
