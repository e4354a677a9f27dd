import Checkpointing
import ModelKit

extension ForeignKeyMap {
  /// Checkpoints of transformers' BART and Marian.
  /// - Parameter answers: of a BartForSequenceClassification, with one head.
  static func bart(_ bart: BART, answers: [AnswerFormat]?) -> ForeignKeyMap {
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String, kinds: [String] = ["weight", "bias"]) {
      for kind in kinds {
        entries.append(
          Entry(
            name: "\(name).\(kind)", foreign: ["model.\(foreign).\(kind)", "\(foreign).\(kind)"], transform: .identity))
      }
    }
    func addAttention(_ name: String, _ foreign: String) {
      for (part, theirs) in [("query", "q"), ("key", "k"), ("value", "v"), ("output", "out")] {
        add("\(name).\(part)", "\(foreign).\(theirs)_proj")
      }
      add("\(name)_norm", "\(foreign)_layer_norm")
    }
    add("embedding", "shared", kinds: ["weight"])
    for (stack, layers) in [("encoder", bart.encoderLayers), ("decoder", bart.decoderLayers)] {
      if bart.positions == .learned {
        add("\(stack).position_embedding", "\(stack).embed_positions", kinds: ["weight"])
      }
      if bart.normalizesEmbedding { add("\(stack).embedding_norm", "\(stack).layernorm_embedding") }
      for layer in 0..<layers {
        let ours = "\(stack).blocks.\(layer)"
        let theirs = "\(stack).layers.\(layer)"
        addAttention("\(ours).attention", "\(theirs).self_attn")
        if stack == "decoder" { addAttention("\(ours).cross_attention", "\(theirs).encoder_attn") }
        add("\(ours).feed_forward.input", "\(theirs).fc1")
        add("\(ours).feed_forward.output", "\(theirs).fc2")
        add("\(ours).feed_forward_norm", "\(theirs).final_layer_norm")
      }
    }
    if bart.hasOutputBias {
      entries.append(Entry(name: "output.bias", foreign: ["final_logits_bias"], transform: .identity))
    }
    if let task = answers?.first?.task {
      entries += linear("answers.\(task).dense", "classification_head.dense")
      entries += linear("answers.\(task).output", "classification_head.out_proj")
    }
    let copies = ["lm_head", "encoder.embed_tokens", "decoder.embed_tokens"].flatMap {
      ["\($0).weight", "model.\($0).weight"]
    }
    let isSinusoidal = bart.positions == .sinusoidal
    return ForeignKeyMap(
      family: "BART", entries: entries, copies: copies.map { Copy(foreign: $0, name: "embedding.weight") },
      heads: ["classification_head.", "final_logits_bias", "qa_outputs."],
      headHint: answers == nil
        ? "save it from BartForConditionalGeneration; `graft finetune --checkpoint --heads` does without."
        : headHint(.of(answers), savedFrom: "")
    ) { name in
      // Sines and numbers of versions that older ones of transformers and fairseq saved.
      isSinusoidal && name.hasSuffix("coder.embed_positions.weight") || name.hasSuffix("coder.version")
    }
  }
}
