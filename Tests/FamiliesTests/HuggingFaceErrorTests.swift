import Checkpointing
import Families
import Foundation
import ModelKit
import Support
import TestSupport
import Testing

/// Folders of transformers that cannot be read say why.
@Suite struct HuggingFaceErrorTests {
  /// The error of opening and reading a folder.
  private func expectError(
    _ folder: TestFolder, _ code: ExitCode = .badData, says texts: [String],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: GraftError.self, sourceLocation: sourceLocation) {
      let opened = try HuggingFaceFolder(folder.path)
      let store = try Families.make(opened.configuration).declarations.makeEmptyStore()
      try opened.load(into: store)
    }
    #expect(error?.code == code && error?.hint != nil, sourceLocation: sourceLocation)
    for text in texts {
      #expect(
        error?.description.contains(text) == true, "\(text): \(error?.description ?? "")",
        sourceLocation: sourceLocation)
    }
  }

  @Test func missingLeftOverAndMisshapenTensors() throws {
    let folder = try HuggingFaceFixture.copy("t5")
    try folder.editTensors { tensors in
      tensors["encoder.final_layer_norm.weight"] = nil
      tensors["encoder.block.7.layer.0.layer_norm.weight"] = LoadedTensor(shape: [1], values: [1])
      tensors["decoder.final_layer_norm.weight"] = LoadedTensor(shape: [2], values: [1, 1])
    }
    expectError(
      folder,
      says: [
        "missing 'encoder.final_layer_norm.weight'", "left over 'encoder.block.7.layer.0.layer_norm.weight'",
        "'decoder.final_layer_norm.weight' has shape [2], expected [32]", "T5",
      ])
  }

  @Test func aLayerTooFewOrTooMany() throws {
    let folder = try HuggingFaceFixture.copy("gpt2")
    try folder.editConfig("\"n_layer\": 2", "\"n_layer\": 3")
    expectError(folder, says: ["missing 'transformer.h.2.ln_1.weight'", "and 8 more"])
    try folder.editConfig("\"n_layer\": 3", "\"n_layer\": 1")
    expectError(folder, says: ["left over 'transformer.h.1.attn.c_attn.bias'"])
  }

  @Test func anotherShapeOfAJoinedTensor() throws {
    let folder = try HuggingFaceFixture.copy("gpt2")
    try folder.editTensors {
      $0["transformer.h.0.attn.c_attn.weight"] = LoadedTensor(
        shape: [32, 32], values: [Float](repeating: 0, count: 1024))
    }
    expectError(folder, says: ["'transformer.h.0.attn.c_attn.weight' has shape [32, 32], expected [32, 96]"])
  }

  @Test func aHeadThatIsMissing() throws {
    let bert = try HuggingFaceFixture.copy("bert")
    try bert.editTensors { tensors in
      for (key, tensor) in tensors {
        tensors[key] = nil
        if key.hasPrefix("bert.") { tensors[String(key.dropFirst(5))] = tensor }
      }
    }
    expectError(bert, says: ["missing 'cls.predictions.transform.dense.weight'", "BertForMaskedLM"])
    let t5 = try HuggingFaceFixture.copy("t5-v1.1")
    try t5.editTensors { $0["lm_head.weight"] = nil }
    expectError(t5, says: ["missing 'lm_head.weight'", "T5ForConditionalGeneration"])
  }

  @Test func aCopyThatDiffers() throws {
    let folder = try HuggingFaceFixture.copy("gpt2")
    try folder.editTensors { tensors in
      tensors["lm_head.weight"] = tensors["transformer.wte.weight"]
      tensors["lm_head.weight"]?.values[5] += 1
    }
    expectError(
      folder, says: ["'lm_head.weight'", "differs from 'transformer.wte.weight'", "tie_word_embeddings"])
    try folder.editConfig("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false")
    #expect(try HuggingFaceFolder(folder.path).configuration.sizes["tied"] == false)
  }

  @Test(arguments: [
    (
      "bert", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"mish\"",
      ["'hidden_act' is 'mish'", "config.json:11:17"]
    ),
    ("bert", "\"type_vocab_size\": 2", "\"type_vocab_size\": 0", ["'type_vocab_size' is 0", "config.json:"]),
    ("bert", "\"is_decoder\": false", "\"is_decoder\": true", ["'is_decoder' is true"]),
    (
      "bert", "\"is_decoder\": false", "\"position_embedding_type\": \"relative_key\"",
      ["'position_embedding_type' is 'relative_key'"]
    ),
    ("bert", "\"num_attention_heads\": 2", "\"num_attention_heads\": 3", ["'num_attention_heads' is 3"]),
    ("bert", "\"num_attention_heads\": 2,", "", ["has no 'num_attention_heads'"]),
    ("bert", "\"model_type\": \"bert\"", "\"model_type\": \"brt\"", ["'model_type' is 'brt'", "bert, "]),
    (
      "bert", "\"model_type\": \"bert\"", "\"model_type\": \"deberta\"",
      ["'model_type' is 'deberta'", "disentangled"]
    ),
    (
      "gpt2", "\"activation_function\": \"gelu_new\"", "\"activation_function\": \"mish\"",
      ["'activation_function' is 'mish'"]
    ),
    ("gpt2", "\"n_embd\": 32", "\"n_embd\": \"32\"", ["'n_embd' is a string"]),
    (
      "llama", "\"rope_type\": \"default\"", "\"rope_type\": \"longrope\"",
      ["'rope_type' is 'longrope'", "config.json:"]
    ),
    ("bart", "\"encoder_layerdrop\": 0.0", "\"encoder_layerdrop\": 0.1", ["'encoder_layerdrop' is 0.1"]),
    ("bart", "\"decoder_ffn_dim\": 40", "\"decoder_ffn_dim\": 48", ["'decoder_ffn_dim' is 48", "only 40 is"]),
    ("bart", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", ["'tie_word_embeddings' is false"]),
    ("bart", "\"is_decoder\": false", "\"normalize_before\": true", ["'normalize_before' is true"]),
    (
      "marian", "\"share_encoder_decoder_embeddings\": true", "\"share_encoder_decoder_embeddings\": false",
      ["'share_encoder_decoder_embeddings' is false"]
    ),
    ("opt", "\"word_embed_proj_dim\": 32", "\"word_embed_proj_dim\": 16", ["'word_embed_proj_dim' is 16"]),
    ("opt", "\"do_layer_norm_before\": true", "\"do_layer_norm_before\": false", ["'do_layer_norm_before' is false"]),
    ("llama", "\"rope_type\": \"default\"", "\"rope_type\": \"yarn\"", ["'factor' is null", "config.json"]),
    ("gpt-neo", "    \"local\",", "    \"local\", \"local\",", ["'attention_layers' is"]),
    ("llama", "\"rope_theta\": 10000.0", "\"rope_theta\": 0", ["'rope_theta' is 0"]),
    ("llama", "\"head_dim\": 8", "\"head_dim\": 7", ["'headDimension' is 7"]),
    ("llama", "\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", ["'num_key_value_heads' is 3"]),
    ("gpt-neox", "\"rope_type\": \"default\"", "\"rope_type\": \"dynamic\"", ["'rope_type' is 'dynamic'"]),
    (
      "gpt-neox", "\"partial_rotary_factor\": 0.25", "\"partial_rotary_factor\": 0.2",
      ["'ropeComponents' is 3"]
    ),
    (
      "gpt-neox", "\"partial_rotary_factor\": 0.25", "\"partial_rotary_factor\": 1e300",
      ["'partial_rotary_factor' is 1e+300"]
    ),
    ("llama", "\"rope_theta\": 10000.0", "\"partial_rotary_factor\": 0.5", ["'partial_rotary_factor' is 0.5"]),
    ("gemma", "\"attention_bias\": false", "\"attention_bias\": true", ["'attention_bias' is true"]),
    ("mistral", "\"sliding_window\": 5", "\"sliding_window\": 0", ["'sliding_window' is 0"]),
    ("mistral", "\"sliding_window\": 5", "\"layer_types\": []", ["'layer_types' is"]),
    (
      "qwen2-window", "    \"full_attention\",\n", "    \"sliding_attention\",\n    \"full_attention\",\n",
      ["'layer_types' is"]
    ),
    ("qwen2-window", "\"use_sliding_window\": true", "\"use_sliding_window\": false", ["'layer_types' is"]),
    ("llama-scaled", "\"factor\": 8.0", "\"factor\": 0.0", ["'factor' is 0", "config.json:"]),
    ("llama-scaled", "\"low_freq_factor\": 1.0", "\"low_freq_factor\": \"1\"", ["'low_freq_factor' is a string"]),
    ("albert", "\"num_hidden_groups\": 1", "\"num_hidden_groups\": 2", ["'num_hidden_groups' is 2", "only 1 is"]),
    ("albert", "\"embedding_size\": 14", "\"embedding_size\": 30", ["'embedding_size' is 30"]),
    (
      "mpnet", "\"relative_attention_num_buckets\": 32", "\"relative_attention_num_buckets\": 16",
      ["'relative_attention_num_buckets' is 16"]
    ),
    ("deberta", "\"share_att_key\": true", "\"share_att_key\": false", ["'share_att_key' is false", "config.json:"]),
    ("deberta", "\"share_att_key\": true", "\"conv_kernel_size\": 3", ["'share_att_key' is null"]),
    ("deberta", "\"legacy\": true", "\"conv_kernel_size\": 3", ["'conv_kernel_size' is 3", "only 0 is"]),
    (
      "deberta", "\"position_biased_input\": false", "\"position_biased_input\": true",
      ["'position_biased_input' is true"]
    ),
    ("deberta", "\"p2c\",\n", "", ["'pos_att_type' is an array", "p2c|c2p"]),
    ("deberta", "\"norm_rel_ebd\": \"layer_norm\"", "\"norm_rel_ebd\": \"batch\"", ["'norm_rel_ebd' is 'batch'"]),
    ("deberta", "\"position_buckets\": 8", "\"position_buckets\": 126", ["'relativeDistance' is 64"]),
    ("modernbert", "\"mlp_bias\": false", "\"mlp_bias\": true", ["'mlp_bias' is true", "config.json:"]),
    ("modernbert", "\"decoder_bias\": true", "\"decoder_bias\": false", ["'decoder_bias' is false"]),
    (
      "modernbert", "\"classifier_pooling\": \"cls\"", "\"classifier_pooling\": \"max\"",
      ["'classifier_pooling' is 'max'"]
    ),
    ("modernbert", "\"rope_type\": \"default\"", "\"rope_type\": \"yarn\"", ["'rope_type' is 'yarn'", "config.json:"]),
    (
      "modernbert", "\"sliding_attention\",\n    \"full_attention\"\n", "\"full_attention\",\n    \"full_attention\"\n",
      ["'layer_types' is an array"]
    ),
    ("t5", "\"feed_forward_proj\": \"relu\"", "\"feed_forward_proj\": \"gated-mish\"", ["'gated-mish'"]),
    (
      "t5", "\"relative_attention_num_buckets\": 32", "\"relative_attention_num_buckets\": 2",
      ["'relative_attention_num_buckets' is 2"]
    ),
    ("t5", "\"d_model\": 32", "\"d_model\": 1000000", ["'d_model' is 1000000", "config.json:"]),
    ("t5", "\"d_model\": 32,", "\"d_model\": 32 ", ["config.json:9"]),
  ]) func aConfigurationThatGraftHasNot(_ name: String, _ old: String, _ new: String, _ texts: [String])
    throws
  {
    let folder = try HuggingFaceFixture.copy(name)
    try folder.editConfig(old, new)
    let error = #expect(throws: GraftError.self) { try HuggingFaceFolder(folder.path) }
    #expect(error?.code == .badData)
    for text in texts {
      #expect(error?.description.contains(text) == true, "\(text): \(error?.description ?? "")")
    }
  }

  /// Numbers that names, products or memory are made of are refused at once, whatever they are.
  @Test(
    .tags(.slow),
    arguments: [
      ("bert", "num_hidden_layers", "2"), ("bert", "hidden_size", "32"), ("bert", "intermediate_size", "48"),
      ("bert", "num_attention_heads", "2"), ("bert", "max_position_embeddings", "64"),
      ("bert", "vocab_size", "300"),
      ("distilbert", "n_layers", "2"), ("distilbert", "dim", "30"), ("distilbert", "hidden_dim", "41"),
      ("distilbert", "n_heads", "3"), ("distilbert", "max_position_embeddings", "64"),
      ("electra-generator", "embedding_size", "24"), ("electra-generator", "num_hidden_layers", "2"),
      ("gpt2", "n_layer", "2"), ("gpt2", "n_embd", "32"), ("gpt2", "n_head", "2"),
      ("gpt2", "n_positions", "64"),
      ("t5", "num_layers", "1"), ("t5", "num_decoder_layers", "2"), ("t5", "d_model", "32"),
      ("t5", "d_ff", "40"),
      ("t5", "d_kv", "12"), ("t5", "num_heads", "2"), ("t5", "relative_attention_max_distance", "128"),
      ("albert", "num_hidden_layers", "3"), ("albert", "embedding_size", "14"), ("mpnet", "pad_token_id", "1"),
      ("deberta", "num_hidden_layers", "2"), ("deberta", "hidden_size", "30"), ("deberta", "type_vocab_size", "0"),
      ("deberta", "max_position_embeddings", "64"),
      ("modernbert", "num_hidden_layers", "4"), ("modernbert", "hidden_size", "36"),
      ("modernbert", "intermediate_size", "29"), ("modernbert", "local_attention", "8"),
      ("modernbert", "max_position_embeddings", "64"),
      ("roberta", "num_hidden_layers", "1"), ("roberta", "max_position_embeddings", "67"),
      ("roberta", "pad_token_id", "2"), ("mt5", "num_layers", "1"),
    ]) func aNumberOutOfBounds(_ name: String, _ key: String, _ value: String) throws
  {
    for number in [
      "-1", "-9223372036854775808", "2147483648", "9223372036854775807", "4611686018427387904", "1e300",
      "1e999",
      "1.5",
    ] {
      let folder = try HuggingFaceFixture.copy(name)
      try folder.editConfig("\"\(key)\": \(value)", "\"\(key)\": \(number)")
      let error = #expect(throws: GraftError.self) { try HuggingFaceFolder(folder.path) }
      #expect(error?.code == .badData, "\(key) \(number)")
      // What no double holds is refused where it stands, before its key is looked at.
      let named = number == "1e999" ? "larger than any double" : "'\(key)'"
      #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
      #expect(error?.location?.line ?? 0 > 1, "\(key) \(number)")
    }
  }

  @Test(arguments: ["layer_norm_eps", "hidden_dropout_prob"]) func aRealThatIsNone(_ key: String) throws {
    for number in ["1e999", "-1e999", "-1", "null2"] {
      let folder = try HuggingFaceFixture.copy("bert")
      let text = String(decoding: try folder.bytes("config.json"), as: UTF8.self)
      let line = try #require(text.split(separator: "\n").first { $0.contains("\"\(key)\"") })
      try folder.editConfig(String(line), "  \"\(key)\": \(number),")
      let error = #expect(throws: GraftError.self) { try HuggingFaceFolder(folder.path) }
      #expect(error?.code == .badData, "\(key) \(number)")
    }
  }

  @Test func filesThatAreMissing() throws {
    let folder = try HuggingFaceFixture.copy("t5")
    try folder.remove("tokenizer.json")
    expectError(folder, .missingInput, says: ["has no tokenizer.json", "AutoTokenizer"])
    try folder.remove("model.safetensors")
    expectError(folder, .missingInput, says: ["has no model.safetensors"])
    try folder.write("tf_model.h5", "")
    expectError(
      folder, .missingInput,
      says: ["only tf_model.h5", "T5ForConditionalGeneration", "from_tf=True", "save_pretrained"])
    try folder.write("pytorch_model.bin", "")
    expectError(folder, says: ["pytorch_model.bin' is an empty file", "torch.save"])
    try folder.remove("config.json")
    #expect(!HuggingFaceFolder.isOne(folder.path))
  }

  @Test func filesOfAnIndexThatAreMissing() throws {
    let folder = try HuggingFaceFixture.copy("bert-pretraining")
    let first = "model-00001-of-00004.safetensors"
    let whole = try folder.bytes(first)
    try folder.remove(first)
    expectError(folder, .missingInput, says: [first])
    try folder.copy("model-00004-of-00004.safetensors", to: first)
    expectError(folder, says: ["stands in two of the files"])
    try folder.write(first, [UInt8](whole))
    let index = String(decoding: try folder.bytes("model.safetensors.index.json"), as: UTF8.self)
    try folder.write(
      "model.safetensors.index.json",
      index.replacingOccurrences(of: "word_embeddings.weight", with: "wrd_embeddings.weight"))
    expectError(folder, says: ["wrd_embeddings.weight", "where it is not"])
    try folder.write(
      "model.safetensors.index.json", index.replacingOccurrences(of: first, with: "../\(first)"))
    expectError(folder, says: ["which is not a file name"])
  }
}
