import Checkpointing
import Families
import Foundation
import ModelKit
import TestSupport
import Testing

/// Keys of config.json under which earlier versions of transformers say what later ones say under others, and keys that
/// say nothing.
@Suite struct HuggingFaceKeyTests {
  private func values(_ folder: TestFolder) throws -> [Float] {
    let opened = try HuggingFaceFolder(folder.path)
    let laboratory = try ModelLaboratory(opened.configuration)
    try opened.load(into: laboratory.store)
    return withExtendedLifetime(laboratory) { Array(laboratory.store.values) }
  }

  /// Versions before 5 have the base and the scaling of rotary positions apart, earlier ones `type` for `rope_type`.
  @Test func olderKeysOfRotaryPositions() throws {
    let folder = try HuggingFaceFixture.copy("llama-scaled")
    let expected = try HuggingFaceFolder(folder.path).configuration
    #expect(expected.sizes["ropeTheta"] == 500 && expected.sizes["ropeScaling"] == "llama3")
    #expect(expected.sizes["ropeFactor"] == 8 && expected.sizes["ropeOriginalLength"] == 32)
    try folder.editConfig("\"rope_parameters\"", "\"rope_theta\": 500.0, \"rope_scaling\"")
    for (old, new) in [("\"rope_type\"", "\"type\""), ("\"rope_theta\": 500.0,\n", "\"unread\": 1,\n")] {
      try folder.editConfig(old, new)
      #expect(try HuggingFaceFolder(folder.path).configuration == expected)
    }
    try folder.editConfig("\"rope_scaling\"", "\"rope_scaling\": null, \"rope_other\"")
    #expect(try HuggingFaceFolder(folder.path).configuration.sizes["ropeScaling"] == nil)
    // As Pythia's files have it.
    let neox = try HuggingFaceFixture.copy("gpt-neox-serial")
    let turned = try HuggingFaceFolder(neox.path).configuration
    #expect(turned.sizes["ropeTheta"] == 500 && turned.sizes["ropeComponents"] == 6)
    try neox.editConfig("\"rope_parameters\"", "\"rotary_pct\": 0.5, \"rotary_emb_base\": 500, \"unread\"")
    #expect(try HuggingFaceFolder(neox.path).configuration == turned)
  }

  /// The first releases of Gemma call its activation by the name of another.
  @Test func gemmasGELUIsTheTanhForm() throws {
    let gemma = try HuggingFaceFixture.copy("gemma")
    let read = try HuggingFaceFolder(gemma.path).configuration
    #expect(read.sizes["activation"] == "gelu" && read.sizes["norm"] == "offset-rms")
    try gemma.editConfig("\"gelu_pytorch_tanh\"", "\"gelu\"")
    #expect(try HuggingFaceFolder(gemma.path).configuration == read)
    try gemma.editConfig("\"hidden_act\"", "\"hidden_activation\": \"silu\", \"hidden_act\"")
    #expect(try HuggingFaceFolder(gemma.path).configuration.sizes["activation"] == "silu")
  }

  /// A window that no text exceeds is none, and so is one that is not used.
  @Test func windowsThatAreNotThere() throws {
    let mistral = try HuggingFaceFixture.copy("mistral")
    #expect(try HuggingFaceFolder(mistral.path).configuration.sizes["window"] == 5)
    try mistral.editConfig("\"sliding_window\": 5", "\"sliding_window\": 64")
    #expect(try HuggingFaceFolder(mistral.path).configuration.sizes["window"] == nil)
    try mistral.editConfig("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 8192")
    #expect(try HuggingFaceFolder(mistral.path).configuration.sizes["window"] == 64)
    // Mistral's own window where a file has none.
    try mistral.editConfig("\"sliding_window\": 64,", "")
    #expect(try HuggingFaceFolder(mistral.path).configuration.sizes["window"] == 4096)
    let qwen = try HuggingFaceFixture.copy("qwen2-window")
    let read = try HuggingFaceFolder(qwen.path).configuration
    #expect(read.sizes["window"] == 4 && read.sizes["firstWindowedLayer"] == 1)
    // Earlier versions have no list of layers.
    try qwen.editConfig("\"layer_types\"", "\"unread\"")
    #expect(try HuggingFaceFolder(qwen.path).configuration == read)
    try qwen.editConfig("\"use_sliding_window\": true", "\"use_sliding_window\": false")
    #expect(try HuggingFaceFolder(qwen.path).configuration.sizes["window"] == nil)
  }

  /// The keys of Flan-T5's config.json, which earlier versions of transformers wrote: those of T5 1.1.
  @Test func flanT5() throws {
    let folder = try HuggingFaceFixture.copy("t5-v1.1")
    let (expected, configuration) = (try values(folder), try HuggingFaceFolder(folder.path).configuration)
    try folder.write(
      "config.json",
      """
      {
        "architectures": ["T5ForConditionalGeneration"], "d_ff": 40, "d_kv": 12, "d_model": 32,
        "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1, "feed_forward_proj": "gated-gelu",
        "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "model_type": "t5",
        "n_positions": 512, "num_decoder_layers": 2, "num_heads": 2, "num_layers": 1, "output_past": true,
        "pad_token_id": 0, "relative_attention_max_distance": 128, "relative_attention_num_buckets": 32,
        "tie_word_embeddings": false, "transformers_version": "4.23.1", "use_cache": true, "vocab_size": 320
      }
      """)
    #expect(try HuggingFaceFolder(folder.path).configuration == configuration)
    #expect(try values(folder) == expected)
  }
}
