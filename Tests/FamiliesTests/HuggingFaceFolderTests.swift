import Checkpointing
import Families
import Foundation
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing

/// Folders of transformers: what is read from them computes what transformers computes, and what is written is what
/// was read.
@Suite struct HuggingFaceFolderTests {
  private static let tokens = HuggingFaceTokens(
    Vocabulary(size: 300, sentinels: [3]), name: { ["<pad>", "</s>", "<unk>"][Int($0)] })

  private func laboratory(_ folder: HuggingFaceFolder) throws -> ModelLaboratory {
    let laboratory = try ModelLaboratory(folder.configuration)
    try folder.load(into: laboratory.store)
    return laboratory
  }

  /// All values of a folder's model, read into it.
  private func values(_ folder: TestFolder) throws -> [Float] {
    let laboratory = try laboratory(HuggingFaceFolder(folder.path))
    return withExtendedLifetime(laboratory) { Array(laboratory.store.values) }
  }

  private func write(_ store: ParameterStore, _ configuration: ModelConfiguration, to path: String)
    throws
  {
    try HuggingFaceWriter(configuration, tokenizer: HuggingFaceTokenizer(json: Data("{}".utf8)), tokens: Self.tokens)
      .write(store, to: path)
  }

  @Test(.tags(.slow), arguments: HuggingFaceFixture.names + HuggingFaceFixture.otherTypes.keys)
  func logitsAreThoseOfTransformers(_ name: String) throws {
    let fixture = try HuggingFaceFixture.read(name)
    let laboratory = try laboratory(HuggingFaceFolder(HuggingFaceFixture.path(name)))
    var expected = try HuggingFaceFixture.logits(name).values
    let got = outputs(laboratory, fixture.batch(laboratory.backbone.layout))
    if laboratory.backbone.answerer != nil {
      // Of answers Graft gives the log-probabilities.
      let total = log(expected.reduce(0) { $0 + exp($1) })
      expected = expected.map { $0 - total }
    }
    #expect(got.count == expected.count)
    let worst = zip(got, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    #expect(worst < 1e-4)
  }

  /// Logits of tokens, of their being replaced, or log-probabilities of answers.
  private func outputs(_ laboratory: ModelLaboratory, _ batch: Batch) -> [Float] {
    let tape = laboratory.tape
    tape.begin(training: false, recording: false, key: RandomKey(seed: 0))
    if let model = laboratory.backbone.detector {
      return model.detect(batch, recomputing: false, on: tape).logits(on: tape)
    }
    if let model = laboratory.backbone.answerer {
      return model.answer(batch, recomputing: false, on: tape).scores(0, on: tape)[0].map { Float($0) }
    }
    return laboratory.logits(batch)
  }

  @Test(.tags(.slow), arguments: HuggingFaceFixture.names) func exportUndoesImport(_ name: String) throws {
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path(name))
    let target = try TestFolder()
    try write(laboratory(folder).store, folder.configuration, to: "\(target.path)/out")
    let written = try HuggingFaceFolder("\(target.path)/out")
    #expect(written.configuration == folder.configuration)
    #expect(written.modelType == folder.modelType)
    let (theirs, ours) = (folder.weights, written.weights)
    // Files of transformers before version 5 need not have it, see `UntiedBiasTests`.
    let spare = name == "bert-untied" ? ["cls.predictions.decoder.bias"] : []
    #expect(ours.tensors.map(\.name).sorted() == (theirs.tensors.map(\.name) + spare).sorted())
    for tensor in theirs.tensors {
      let (a, b) = (try theirs.tensor(tensor.name), try ours.tensor(tensor.name))
      #expect(a.shape == b.shape && zip(a.values, b.values).allSatisfy { $0.bitPattern == $1.bitPattern })
    }
  }

  /// What is written in the name of another model computes the same to the bit.
  @Test(arguments: HuggingFaceFixture.otherTypes) func anotherTypeIsWritten(_ name: String, _ type: String) throws {
    let fixture = try HuggingFaceFixture.read(name)
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path(name))
    let target = try TestFolder()
    let read = try laboratory(folder)
    try write(read.store, folder.configuration, to: "\(target.path)/out")
    let written = try HuggingFaceFolder("\(target.path)/out")
    #expect(written.configuration == folder.configuration)
    #expect(written.modelType == type)
    let batch = fixture.batch(read.backbone.layout)
    #expect(try outputs(laboratory(written), batch) == outputs(read, batch))
  }

  /// Every key that is written says what transformers' own file says.
  @Test(.tags(.slow), arguments: HuggingFaceFixture.names)
  func configKeysAreThoseOfTransformers(_ name: String) throws {
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path(name))
    let target = try TestFolder()
    try write(laboratory(folder).store, folder.configuration, to: "\(target.path)/out")
    func config(_ path: String) throws -> [String: NSObject] {
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/config.json"))
      return try #require(try JSONSerialization.jsonObject(with: data) as? [String: NSObject])
    }
    let (theirs, ours) = (try config(folder.path), try config("\(target.path)/out"))
    // Graft writes 32 bits, under earlier versions' name, too; GPT-2 of transformers has no padding, and null for a
    // width that follows from another; what kind of problem a classifier solves follows from its labels. Rotary
    // positions stand under earlier versions' keys as well.
    let own: Set = [
      "dtype", "torch_dtype", "pad_token_id", "n_inner", "problem_type", "rope_theta", "rope_scaling",
      "global_attn_every_n_layers", "global_rope_theta", "local_rope_theta", "bos_token_id", "cls_token_id",
      "eos_token_id", "sep_token_id",
      "rotary_emb_base", "rotary_pct",
    ]
    for (key, value) in ours where !own.contains(key) { #expect(theirs[key] == value, "\(key)") }
    #expect(ours.count > 12)
    // What transformers writes beyond it has a default that leaves the computation as it is.
    let immaterial: Set = [
      "_remove_final_layer_norm", "add_cross_attention", "bos_token_id", "classifier_dropout", "decoder_layerdrop",
      "encoder_layerdrop", "eos_token_id",
      "initializer_factor",
      "init_std", "initializer_range", "is_decoder", "layerdrop", "max_window_layers", "pad_token_id", "pretraining_tp",
      "reorder_and_upcast_attn", "scale_attn_by_inverse_layer_idx",
      "scale_attn_weights", "sliding_window", "summary_activation", "summary_first_dropout", "summary_last_dropout",
      "summary_proj_to_labels",
      "summary_type", "summary_use_proj", "transformers_version", "use_cache", "qa_dropout", "seq_classif_dropout",
      "sinusoidal_pos_embds", "deterministic_flash_attn", "initializer_cutoff_factor", "sparse_pred_ignore_index",
      "sparse_prediction", "pooler_dropout", "use_bidirectional_attention", "classifier_dropout_prob",
    ]
    // BART's files have labels whether there is a classifier or not.
    // A classifier's say how answers end that it does not write.
    let labels: Set =
      name == "bart" ? ["id2label", "label2id"] : name == "bart-classifier" ? ["forced_eos_token_id"] : []
    #expect(Set(theirs.keys).subtracting(ours.keys).subtracting(immaterial).subtracting(labels).isEmpty)
  }

  private static let variants: [ModelConfiguration] = {
    var untied = TestModels.gpt()
    (untied.sizes["tied"], untied.sizes["activation"]) = (false, "exact-gelu")
    var halfOld = TestModels.t5(gated: true)
    (halfOld.sizes["tied"], halfOld.sizes["activation"]) = (true, "relu")
    var electra = TestModels.bert()
    electra.family = "electra"
    var narrow = electra
    narrow.sizes["embeddingWidth"] = 16
    var generator = narrow
    generator.family = "bert"
    var pairs = TestModels.bert()
    pairs.sizes["nextSentence"] = true
    let choices = [AnswerFormat(task: "nli", choices: ["no", "maybe", "yes"])]
    var unlike = TestModels.bert()
    unlike.sizes.merge(["tied": false, "segments": 3, "activation": "silu"]) { $1 }
    var plain = TestModels.gpt()
    plain.sizes.merge(["scalesAttention": false, "scalesAttentionByLayer": true]) { $1 }
    var near = TestModels.t5(gated: true)
    near.sizes.merge(["relativeBuckets": 7, "relativeDistance": 9, "activation": "silu"]) { $1 }
    var llama = TestModels.configuration("llama-grouped")
    llama.reading = TextReading(.continuation)
    var linear = TestModels.configuration("llama")
    linear.reading = TextReading(.continuation)
    let relatives = ["gemma", "gpt-neo", "gpt-neox", "llama-biased", "mistral", "qwen2", "qwen3"].map { name in
      var relative = TestModels.configuration(name)
      if ["gemma", "llama-biased", "mistral"].contains(name) { relative.reading = TextReading(.continuation) }
      return relative
    }
    var opt = TestModels.gpt()
    opt.sizes.merge(["skippedPositions": 2, "activation": "relu"]) { $1 }
    opt.reading = TextReading(.continuation)
    var bart = TestModels.configuration("bart")
    bart.sizes.merge(["skippedPositions": 2, "startToken": 1, "openingToken": 3, "firstToken": 3, "untrainedToken": 0])
    { $1 }
    linear.sizes.merge(["ropeTheta": 500, "ropeScaling": "linear", "ropeFactor": 2.5]) { $1 }
    let distilled = ["segments": 0, "headActivation": "relu"] as [String: SizeValue]
    var distil = TestModels.bert()
    distil.sizes.merge(distilled) { $1 }
    var roberta = TestModels.bert()
    roberta.sizes.merge(["segments": 1, "firstPosition": 3]) { $1 }
    let local = TestModels.configuration("modernbert")
    var wide = TestModels.configuration("modernbert")
    wide.sizes.merge(["globalStride": 1, "pooling": "mean", "tied": false, "headActivation": "tanh"]) { $1 }
    let distant = TestModels.configuration("deberta")
    var albert = TestModels.bert()
    albert.sizes.merge(["sharesLayers": true, "embeddingWidth": 16]) { $1 }
    var mpnet = TestModels.bert()
    mpnet.sizes.merge(["segments": 0, "firstPosition": 2, "relativeBuckets": 32]) { $1 }
    return relatives + [
      bart, opt, TestModels.configuration("marian"),
      albert, albert.answering(choices), mpnet, mpnet.answering(choices), distant, distant.answering(choices),
      TestModels.configuration("deberta-near"), local, local.answering(choices), wide, wide.answering(choices), distil,
      distil.answering(choices), roberta, roberta.answering(choices), unlike, plain, near, llama, linear,
      electra.answering([AnswerFormat(task: AnswerFormat.anyTask, choices: ["a", "b"])]),
      TestModels.bert(), pairs, TestModels.gpt(), untied, TestModels.t5(gated: true),
      TestModels.t5(gated: false, dropout: 0.25), halfOld, electra, narrow, generator,
      TestModels.bert().answering(choices), narrow.answering(choices),
      electra.answering([AnswerFormat(task: "similarity", choices: nil)]),
    ]
  }()

  /// Models that only Graft has made, variants included.
  @Test(.tags(.slow), arguments: variants.indices) func aRoundTripIsBitIdentical(_ index: Int) throws {
    let configurations = Self.variants
    let laboratory = try ModelLaboratory(configurations[index], seed: 3)
    let target = try TestFolder()
    try write(laboratory.store, configurations[index], to: "\(target.path)/out")
    let folder = try HuggingFaceFolder("\(target.path)/out")
    #expect(folder.configuration == configurations[index])
    let back = try self.laboratory(folder)
    #expect(zip(back.store.values, laboratory.store.values).allSatisfy { $0.bitPattern == $1.bitPattern })
    #expect(target.names == ["out"])
    let files = Set(try FileManager.default.contentsOfDirectory(atPath: "\(target.path)/out"))
    #expect(
      files.isSuperset(of: ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]))
    let taken = #expect(throws: GraftError.self) {
      try write(laboratory.store, configurations[index], to: "\(target.path)/out")
    }
    #expect(taken?.code == .usage && taken?.message.contains("already exists") == true)
  }

  @Test func whatTransformersHasNotIsRefused() throws {
    var gated = TestModels.gpt()
    gated.sizes["gated"] = true
    var narrow = TestModels.bert()
    narrow.sizes["headDimension"] = 4
    var exact = TestModels.t5(gated: true)
    exact.sizes["activation"] = "exact-gelu"
    var flat = TestModels.configuration("llama")
    flat.sizes["gated"] = false
    var calm = TestModels.bert()
    calm.sizes["headActivation"] = "relu"
    var coarse = TestModels.bert()
    coarse.sizes.merge(["segments": 0, "headActivation": "relu", "epsilon": 1e-5]) { $1 }
    var silu = TestModels.bert()
    silu.sizes.merge(["firstPosition": 2, "activation": "silu"]) { $1 }
    let tasks = ["a", "b"].map { AnswerFormat(task: $0, choices: ["no", "yes"]) }
    for (configuration, text) in [
      (TestModels.bert().answering(tasks), "answer one task, this encoder 2"),
      (TestModels.prefix(), "both sides"), (TestModels.shared(), "share"), (gated, "gated"),
      (narrow, "width"), (flat, "gated"),
      (exact, "exact GELU"), (calm, "no model like this bert"), (coarse, "epsilon"), (silu, "exact GELU"),
    ] {
      let error = #expect(throws: GraftError.self) {
        try HuggingFaceWriter(configuration, tokenizer: HuggingFaceTokenizer(json: Data()), tokens: Self.tokens)
      }
      #expect(error?.code == .usage && error?.message.contains(text) == true && error?.hint != nil)
    }
  }

  // MARK: What other versions and classes save

  @Test func sixteenBitsAreWidened() throws {
    let folder = try HuggingFaceFixture.copy("t5")
    let exact = try values(folder)
    try folder.editTensors(type: .bfloat16) { _ in }
    let rounded = try values(folder)
    #expect(rounded.allSatisfy { $0.bitPattern & 0xffff == 0 })
    #expect(zip(exact, rounded).allSatisfy { abs($0 - $1) <= abs($0) / 256 })
  }

  @Test func aPoolerIsThereForHeads() throws {
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path("bert-pretraining"))
    #expect(try folder.extra("pooler.weight")?.shape == [32, 32])
    #expect(try folder.extra("pooler.bias")?.shape == [32])
    #expect(try folder.extra("segment_embedding.weight") == nil)
    #expect(try HuggingFaceFolder(HuggingFaceFixture.path("bert")).extra("pooler.weight") == nil)
  }

  /// What transformers calls them by: T5's, BERT's and GPT-2's.
  @Test func specialTokensHaveTheirNames() {
    func names(_ vocabulary: Vocabulary) -> [String: String] {
      HuggingFaceTokens(vocabulary, name: { "\($0)" }).names
    }
    #expect(
      names(Vocabulary(size: 9, sentinels: [8])) == ["pad_token": "0", "eos_token": "1", "unk_token": "2"])
    #expect(
      names(Vocabulary(size: 9, padding: 0, endOfSequence: 3, unknown: 1, start: 2, mask: 4, sentinels: []))
        == [
          "pad_token": "0", "eos_token": "3", "sep_token": "3", "unk_token": "1", "cls_token": "2",
          "mask_token": "4",
        ])
    #expect(
      names(Vocabulary(size: 9, padding: 8, endOfSequence: 8, unknown: 8, start: 8, sentinels: []))
        == ["pad_token": "8", "eos_token": "8", "unk_token": "8", "bos_token": "8"])
  }

  /// The discriminator and the generator of an ELECTRA share their embeddings, and become two folders.
  @Test func anElectraBecomesTwoFolders() throws {
    var configuration = TestModels.bert()
    configuration.family = "electra"
    configuration.sizes["generatorSize"] = .number(1.0 / 3)
    let laboratory = try ModelLaboratory(configuration, seed: 4)
    let companion = try #require(try configuration.traits().companion)
    let small = companion.configuration
    let target = try TestFolder()
    try write(laboratory.store, configuration, to: "\(target.path)/discriminator")
    try HuggingFaceWriter(
      small, tokenizer: HuggingFaceTokenizer(json: Data("{}".utf8)), tokens: Self.tokens, prefix: companion.prefix
    )
    .write(laboratory.store, to: "\(target.path)/generator")
    configuration.sizes["generatorSize"] = nil
    for (name, expected, prefix) in [
      ("discriminator", configuration, ""), ("generator", small, "generator."),
    ] {
      let folder = try HuggingFaceFolder("\(target.path)/\(name)")
      #expect(folder.configuration == expected)
      let store = try self.laboratory(folder).store
      for entry in store.entries {
        let source = try #require(
          laboratory.store.entry(named: prefix + entry.name) ?? laboratory.store.entry(named: entry.name))
        #expect(store.values(of: entry).elementsEqual(laboratory.store.values(of: source)), "\(entry.name)")
      }
    }
  }

  /// An encoder that is to be fine-tuned needs no head; its own starts from BERT's pooler.
  @Test func headsAreReplaced() throws {
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path("bert-pretraining"))
    let pooler = try #require(try folder.extra("pooler.weight"))
    let bare = try HuggingFaceFixture.copy("bert")
    try bare.editTensors { tensors in
      for (key, tensor) in tensors {
        tensors[key] = nil
        if key.hasPrefix("bert.") { tensors[String(key.dropFirst(5))] = tensor }
      }
    }
    let format = AnswerFormat(task: "nli", choices: ["no", "yes"])
    let classifier = try HuggingFaceFolder(HuggingFaceFixture.path("bert-classifier"))
    let other = try classifier.weights.tensor("bert.pooler.dense.weight")
    for (folder, weight) in [
      (folder, pooler), (classifier, other), (try HuggingFaceFolder(bare.path), nil),
    ] {
      let laboratory = try ModelLaboratory(folder.configuration.answering([format]), seed: 6)
      let drawn = Array(laboratory.store.values)
      try folder.load(
        into: laboratory.store,
        replacing: Set(laboratory.store.entries.filter(\.isOfHead).map(\.name)))
      let dense = try #require(laboratory.store.entry(named: "answers.nli.dense.weight"))
      let output = try #require(laboratory.store.entry(named: "answers.nli.output.weight"))
      #expect(laboratory.store.values(of: dense).elementsEqual(weight?.values ?? Array(drawn[dense.range])))
      #expect(laboratory.store.values(of: output).elementsEqual(drawn[output.range]))
    }
  }

  /// Copies of tied tensors, tables that nothing reads, and the names of the first releases.
  @Test func whatOlderVersionsSaved() throws {
    for name in ["bert", "gpt2", "t5", "t5-v1.1"] {
      let folder = try HuggingFaceFixture.copy(name)
      let expected = try values(folder)
      let index = LoadedTensor(shape: [1, 2], values: [0, 1])
      try folder.editTensors { tensors in
        switch name {
        case "bert":
          for (key, tensor) in tensors where key.contains("LayerNorm") {
            tensors[key] = nil
            let old = key.replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
            tensors[old.replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")] = tensor
          }
          tensors["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"]
          tensors["cls.predictions.decoder.bias"] = tensors["cls.predictions.bias"]
          tensors["bert.embeddings.position_ids"] = index
        case "gpt2":
          for (key, tensor) in tensors {
            tensors[key] = nil
            tensors[String(key.dropFirst("transformer.".count))] = tensor
          }
          tensors["h.0.attn.bias"] = index
          tensors["lm_head.weight"] = tensors["wte.weight"]
        default:
          tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"]
          tensors["decoder.embed_tokens.weight"] = tensors["shared.weight"]
          if name == "t5" { tensors["lm_head.weight"] = tensors["shared.weight"] }
          tensors["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = index
        }
      }
      #expect(try values(folder) == expected, "\(name)")
    }
  }

  /// Recent transformers tie T5 v1.1's embeddings unless the file keeps them apart, and say so by other keys.
  @Test func aT5ThatIsTiedAndNotScaled() throws {
    let folder = try HuggingFaceFixture.copy("t5-v1.1")
    try folder.editConfig("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true")
    let apart = try HuggingFaceFolder(folder.path)
    #expect(apart.configuration.sizes["tied"] == false)
    try folder.editTensors { $0["lm_head.weight"] = nil }
    let store = try laboratory(HuggingFaceFolder(folder.path)).store
    let (input, output) = (
      try #require(store.entry(named: "embedding.weight")),
      try #require(store.entry(named: "output_embedding.weight"))
    )
    #expect(store.values(of: input).elementsEqual(store.values(of: output)))
  }

  /// What wrappers put before names, what shares its memory with another tensor, and what nothing reads.
  @Test(
    .tags(.slow),
    arguments: ["bert", "bert-one-segment", "electra-generator", "gpt2", "llama-scaled", "t5", "t5-gated-silu"])
  func otherNamesOfTensors(_ name: String) throws {
    let expected = try values(HuggingFaceFixture.copy(name))
    func renamed(
      metadata: [String: String] = [:], _ change: (inout [String: LoadedTensor]) -> Void
    ) throws -> [Float] {
      let folder = try HuggingFaceFixture.copy(name)
      try folder.editTensors(metadata: metadata, change)
      return try values(folder)
    }
    for prefix in ["module.", "model.", "module.model.", "_orig_mod."] {
      let got = try renamed { tensors in
        tensors = Dictionary(uniqueKeysWithValues: tensors.map { (prefix + $0.key, $0.value) })
      }
      #expect(got == expected, "\(prefix)")
    }
    let (body, embedding, head, index) =
      switch name {
      case "gpt2":
        ("transformer.", "transformer.wte.weight", "lm_head.weight", "transformer.h.0.attn.masked_bias")
      case "llama-scaled":
        ("model.", "model.embed_tokens.weight", "lm_head.weight", "model.layers.0.self_attn.rotary_emb.inv_freq")
      case "t5": ("", "shared.weight", "lm_head.weight", "")
      case "t5-gated-silu": ("", "shared.weight", "encoder.embed_tokens.weight", "")
      case "electra-generator":
        (
          "electra.", "electra.embeddings.word_embeddings.weight", "generator_lm_head.weight",
          "electra.embeddings.token_type_ids"
        )
      default:
        (
          "bert.", "bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight",
          "bert.embeddings.token_type_ids"
        )
      }
    // The tied tensor under its other name only, as safetensors' save_model keeps it, with and without the alias.
    for metadata in [[:], [embedding: head, "format": "pt"]] {
      let got = try renamed(metadata: metadata) { $0[head] = $0.removeValue(forKey: embedding) }
      #expect(got == expected)
    }
    let alone = try renamed(metadata: [embedding: "elsewhere"]) {
      $0["elsewhere"] = $0.removeValue(forKey: embedding)
    }
    #expect(alone == expected)
    guard !body.isEmpty else { return }
    let bare = try renamed { tensors in
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map { ($0.key.replacingOccurrences(of: body, with: ""), $0.value) })
      tensors[index.replacingOccurrences(of: body, with: "")] = LoadedTensor(shape: [1, 2], values: [0, 1])
    }
    #expect(bare == expected)
  }
}
