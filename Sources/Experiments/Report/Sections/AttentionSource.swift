import Compute
import Corpus
import Foundation
import Inference
import ModelKit
import Support

/// Reads attention off the model of a run, which is opened once it is asked for the first time.
struct AttentionSource {
  private let model: ScoredModel?
  private let context: ReportContext
  private var reader: AttentionReader?
  private var isOpened = false
  /// Why there is no attention.
  private(set) var note: String?
  /// Where the weights are from.
  private(set) var source: String?

  /// - Parameter model: nil if it is not known.
  init(_ model: ScoredModel?, _ context: ReportContext) {
    self.model = model
    self.context = context
  }

  /// - Parameter inputs: nil where the text is not known.
  /// - Returns: a map for every input, or nil.
  mutating func maps(_ inputs: [String?]) throws(GraftError) -> [AttentionMap?] {
    let none = [AttentionMap?](repeating: nil, count: inputs.count)
    guard inputs.contains(where: { $0 != nil }) else { return none }
    if !isOpened { try open() }
    guard let reader else { return none }
    let found: [AttentionMap]
    do throws(GraftError) {
      found = try reader.maps(inputs: inputs.compactMap(\.self))
    } catch {
      guard error.code == .usage else { throw error }
      note = "No attention: \(error.message)."
      return none
    }
    var rest = found[...]
    return inputs.map { $0 == nil ? nil : rest.popFirst() }
  }

  /// Where the model looked as it wrote an answer; nil where that is not to be had.
  mutating func alignment(_ input: String, _ answer: String) throws(GraftError) -> AlignmentMap? {
    if !isOpened { try open() }
    guard let reader else { return nil }
    do throws(GraftError) {
      return try reader.alignment(input: input, answer: answer)
    } catch {
      guard error.code == .usage else { throw error }
      note = "No alignment: \(error.message)."
      return nil
    }
  }

  private mutating func open() throws(GraftError) {
    isOpened = true
    guard context.showsAttention else {
      note = "No attention: left out by `no-attention:`."
      return
    }
    guard let model else {
      note = "No attention, as nothing says which model these results are of: name its run."
      return
    }
    do throws(GraftError) {
      let (saved, configuration, tokenizer) = try ModelFolder.open(model.path, base: model.base)
      let opened = try saved.opened(
        configuration, precision: .f32, shardCount: ProcessInfo.processInfo.activeProcessorCount)
      let codec = try TextCodec(tokenizer, recognizingSpecialTokens: model.recognizesSpecialTokens)
        .laidOut(for: configuration, nil)
      reader = AttentionReader(model: opened, codec: codec, lengths: model.lengths)
      source =
        "Attention \(Self.view(opened.backbone.traits)), the mean over the heads; the tint "
        + "is a token's weight by the greatest of its layer. Checkpoint: \(saved.path)"
    } catch {
      guard [.missingInput, .badData].contains(error.code) else { throw error }
      note = "No attention, as the checkpoint of '\(model.path)' cannot be opened: \(error.message)."
    }
  }

  private static func view(_ traits: ModelTraits) -> String {
    switch traits.layout {
    case .encoder: "of the encoder's first position, where the answer is read"
    case .encoderDecoder: "of the decoder's first position over the input"
    case .decoder, .prefixDecoder: "of the prompt's last position, from which the answer begins"
    }
  }
}
