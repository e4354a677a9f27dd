import Checkpointing
import Families
import Foundation
import ModelKit
import Records
import Support

/// What transformers' `generate` answers. See decoding/make_decoding_fixtures.py.
struct DecodingFixture: Decodable {
  struct Search: Decodable {
    var beams: Int
    var lengthPenalty: Double
    var earlyStopping: Bool
    var answers: [[TokenID]]
    var scores: [Double]
  }

  var end: TokenID
  /// Nil for a trained model, which ends its answers itself.
  var endRow: [Float]?
  var limit: Int
  var inputs: [[TokenID]]
  var greedy: [[TokenID]]
  var searches: [Search]

  static let names = [
    "bart", "gpt-neo", "gpt-neox", "gpt2", "gpt2-trained", "marian", "mistral", "opt", "qwen2-window", "qwen3", "t5",
    "t5-trained", "t5-v1.1",
  ]

  private static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/decoding/\(name)").path
  }

  static func read(_ name: String) throws -> DecodingFixture {
    try JSONDecoder().decode(
      DecodingFixture.self, from: Data(FileContents.read(path("\(name).json.gz"))))
  }

  /// The trained model, or that of huggingface/NAME with the end's row in its output embedding.
  func laboratory(_ name: String) throws -> ModelLaboratory {
    let folder = try HuggingFaceFolder(endRow == nil ? Self.path(name) : HuggingFaceFixture.path(name))
    let laboratory = try ModelLaboratory(folder.configuration)
    try folder.load(into: laboratory.store)
    guard let endRow else { return laboratory }
    let table = folder.configuration.sizes["tied"] == true ? "embedding.weight" : "output_embedding.weight"
    for entry in laboratory.store.entries where entry.name == table {
      let values = laboratory.store.values(of: entry)
      for (column, value) in endRow.enumerated() { values[Int(end) * endRow.count + column] = value }
    }
    return laboratory
  }

  /// Decoder sequences to continue: the start token, or the prompt as it is.
  func batch(_ traits: ModelTraits, _ indices: some Sequence<Int>) -> Batch {
    let layout = traits.layout
    var batch = Batch(layout: layout)
    for i in indices {
      if layout == .encoderDecoder {
        batch.encoder.append(inputs[i])
        batch.decoder.append([traits.tokens.start ?? 0])
      } else {
        batch.decoder.append(inputs[i])
      }
    }
    return batch
  }
}
