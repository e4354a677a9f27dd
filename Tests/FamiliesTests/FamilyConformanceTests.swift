import Families
import ModelKit
import Records
import Support
import Testing

/// What holds for every family of the table beside its mathematics: how its sizes are read and written, and heads.
@Suite struct FamilyConformanceTests {
  /// config.json as models have it that were saved before families had sizes of their own.
  private static let earlier = [
    """
    {
      "activation" : "exact-gelu",
      "answers" : [
        {
          "choices" : [
            "no",
            "yes"
          ],
          "task" : "nli"
        }
      ],
      "decoderLayers" : 0,
      "dropout" : 0.1,
      "embeddingWidth" : 16,
      "encoderLayers" : 4,
      "epsilon" : 1e-12,
      "family" : "bert",
      "feedForward" : 512,
      "gated" : false,
      "headDimension" : 32,
      "heads" : 4,
      "initializerDeviation" : 0.05,
      "maximumLength" : 512,
      "segments" : 3,
      "tied" : true,
      "vocabularySize" : 8192,
      "width" : 128
    }

    """,
    """
    {
      "activation" : "exact-gelu",
      "decoderLayers" : 0,
      "dropout" : 0,
      "encoderLayers" : 2,
      "epsilon" : 1e-12,
      "family" : "electra",
      "feedForward" : 512,
      "gated" : false,
      "generatorSize" : 0.25,
      "headDimension" : 32,
      "heads" : 4,
      "maximumLength" : 512,
      "tied" : true,
      "vocabularySize" : 8192,
      "width" : 128
    }

    """,
    """
    {
      "activation" : "gelu",
      "decoderLayers" : 4,
      "dropout" : 0,
      "encoderLayers" : 0,
      "epsilon" : 1e-05,
      "family" : "gpt",
      "feedForward" : 1024,
      "gated" : false,
      "headDimension" : 64,
      "heads" : 4,
      "maximumLength" : 512,
      "prefix" : true,
      "reading" : {
        "layout" : "continuation"
      },
      "scalesAttention" : false,
      "tied" : false,
      "vocabularySize" : 8192,
      "width" : 256
    }

    """,
    """
    {
      "activation" : "gelu",
      "decoderLayers" : 8,
      "dropout" : 0,
      "encoderLayers" : 8,
      "epsilon" : 1e-06,
      "family" : "t5",
      "feedForward" : 1024,
      "gated" : true,
      "headDimension" : 64,
      "heads" : 6,
      "relativeBuckets" : 16,
      "shared" : true,
      "tied" : false,
      "vocabularySize" : 32128,
      "width" : 512
    }

    """,
  ]

  @Test(arguments: earlier.indices) func earlierConfigurationsKeepTheirBytes(_ index: Int) throws {
    let text = Self.earlier[index]
    let read = try JSONFile.value(ModelConfiguration.self, in: text.utf8)
    let complete = try read.completed()
    #expect(complete == read)
    #expect(String(decoding: try JSONFile.encode(complete), as: UTF8.self) == text)
  }

  @Test(arguments: TestModels.families) func aConfigurationSurvivesItsFile(_ name: String) throws {
    let configuration = TestModels.configuration(name, dropout: 0.25)
    let read = try JSONFile.value(ModelConfiguration.self, in: JSONFile.encode(configuration))
    #expect(read == configuration)
    #expect(try read.completed() == configuration)
    #expect(try Families.make(read).backbone.configuration == configuration)
    #expect(try Families.make(read).backbone.traits == configuration.traits())
  }

  @Test(arguments: TestModels.families) func unknownAndMissingKeysAreErrors(_ name: String) throws {
    let configuration = TestModels.configuration(name)
    var unknown = configuration
    unknown.sizes["wildth"] = 3
    let error = #expect(throws: GraftError.self) { try unknown.completed(source: "a.json") }
    #expect(error?.code == .badData && error?.message.contains("'wildth'") == true)
    #expect(error?.hint?.contains("'width'") == true && error?.location?.file == "a.json")
    #expect(try unknown.completed(strictly: false) == configuration)
    var missing = configuration
    missing.sizes["width"] = nil
    #expect(throws: GraftError.self) { try missing.traits() }
  }

  /// Sizes that do not go together: what is wrong, and what to do.
  @Test(
    arguments: [
      ("nplm", ["tied": true, "hidden": 10], "24 where it reads 10 columns", "'hidden' to 24"),
      ("nplm", ["tied": true, "hidden": 24, "direct": true], "24 where it reads 144 columns", "'direct' to false"),
      ("sha-rnn", ["feedForward": 50], "'feedForward' is 50", "take 72"),
    ] as [(String, [String: SizeValue], String, String)])
  func sizesThatDoNotGoTogetherAreErrors(
    _ family: String, _ sizes: [String: SizeValue], _ message: String, _ hint: String
  ) throws {
    var configuration = TestModels.configuration(family)
    configuration.sizes.merge(sizes) { $1 }
    let error = #expect(throws: GraftError.self) { try configuration.completed() }
    #expect(error?.code == .badData && error?.message.contains(message) == true, "\(error?.message ?? "none")")
    #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "none")")
  }

  /// What a family says that a forward pass takes is what it takes; no rows are spare, as multiples of 16 have none.
  @Test(arguments: TestModels.families) func operationsAreThoseOfTheProducts(_ name: String) throws {
    let model = try ModelLaboratory(TestModels.configuration(name))
    let batch = TestModels.batch(name, encoder: [16, 40, 8], decoder: [8, 24, 16])
    // A discriminator's output is a number, and no product of matrices.
    let numbers = model.backbone.detector == nil ? 0 : 2 * Double(batch.encoder.tokens.count * 24)
    let counted = model.forwardOperations(batch) + numbers
    let stated = model.backbone.forwardOperations(batch)
    #expect(stated == counted && counted > 0, "\(stated) stated, \(counted) counted")
  }

  /// Families of which heads are promised; others may have none.
  private static let headed: Set<String> = [
    "bart", "bert", "conv-lm", "deberta", "electra", "gpt", "gru", "llama", "lstm", "modern", "modernbert",
    "mlstm", "nplm", "qrnn", "rnn", "sha-rnn",
  ]

  private static func refusal(of configuration: ModelConfiguration) -> GraftError? {
    do throws(GraftError) {
      _ = try Families.make(configuration)
      return nil
    } catch {
      return error
    }
  }

  /// Heads read a text by itself, learn, and are the only parameters that may be exchanged.
  @Test(arguments: TestModels.families) func headsStandOnReaders(_ name: String) throws {
    let format = AnswerFormat(task: "mood", choices: ["sad", "happy", "neither"])
    let configuration = TestModels.configuration(name).answering([format])
    let layout = try configuration.traits().layout
    if let error = Self.refusal(of: configuration), !Self.headed.contains(configuration.family) {
      #expect(error.message.contains("no heads stand on a model of the family '\(configuration.family)'"))
      return
    }
    let model = try ModelLaboratory(configuration)
    #expect(model.backbone.layout == layout && !model.backbone.traits.writes)
    #expect(model.backbone.predictor == nil && model.backbone.writer == nil && model.backbone.detector == nil)
    for entry in model.store.entries {
      #expect(entry.isOfHead == entry.name.hasPrefix("answers.mood."), "\(entry.name)")
    }
    var both = TestModels.batch(name, encoder: [7, 12], decoder: [7, 12])
    if both.layout != layout {
      // An encoder-decoder that answers reads a text as encoders do.
      #expect(both.layout == .encoderDecoder && layout == .encoder)
      (both.layout, both.decoder) = (layout, TokenSequences())
    }
    both.targets = both.targets.map { _ in Batch.ignored }
    both.answers = [Answer(head: 0, value: 2), Answer(head: 0, value: 0)]
    let loss = model.step(both)
    #expect(loss.total.isFinite && loss.targetCount == 2)
    #expect(model.forwardOperations(both) >= model.backbone.forwardOperations(both))
    for entry in model.store.entries where entry.isOfHead {
      #expect(model.gradients[entry.range].contains { $0 != 0 }, "\(entry.name)")
    }
    let together = model.logits(both)
    let tokens = (layout == .encoder ? both.encoder : both.decoder).tokens
    var alone: [Float] = []
    for sequence in [tokens.prefix(7), tokens.suffix(12)] {
      var batch = Batch(layout: layout)
      if layout == .encoder { batch.encoder.append(sequence) } else { batch.decoder.append(sequence) }
      if layout == .prefixDecoder { batch.decoder.prefixes = [sequence.count / 2] }
      batch.targets = sequence.map { _ in Batch.ignored }
      batch.answers = [Answer(head: 0, value: 0)]
      alone += model.logits(batch)
    }
    #expect(relativeDifference(alone, together) < 1e-5)
  }
}

extension FamilyConformanceTests {
  /// A pair is added to every layer that is declared to be linear, and takes part in what the model computes.
  @Test(arguments: TestModels.families)
  func adaptersReachEveryLinearLayer(_ family: String) throws {
    var configuration = TestModels.configuration(family)
    let linear = try Families.make(configuration).declarations.all.filter(\.isLinear)
    configuration.lora = LowRankAdaptation(rank: 2, targets: [LowRankAdaptation.allTargets])
    guard !linear.isEmpty else {
      let error = #expect(throws: GraftError.self) { try Families.make(configuration) }
      #expect(error?.message.contains("no linear layer") == true)
      return
    }
    let laboratory = try ModelLaboratory(configuration)
    // Outputs that begin at zero would let nothing through.
    for entry in laboratory.store.entries where laboratory.store.values(of: entry).allSatisfy({ $0 == 0 }) {
      guard !entry.name.hasSuffix(LowRankAdaptation.upName) else { continue }
      for i in entry.range { laboratory.store.values[i] = Float(i * 37 % 101 - 50) / 300 }
    }
    laboratory.step(TestModels.batch(family, encoder: [5, 9], decoder: [6, 8]))
    let gradients = laboratory.namedGradients
    for layer in linear.map({ LowRankAdaptation.layer(of: $0.name) }) {
      // U is 0 at first, so that D has no gradient yet.
      let up = try #require(gradients[layer + LowRankAdaptation.upName])
      #expect(up.values.contains { $0 != 0 } && up.values.allSatisfy(\.isFinite), "\(layer)")
      let down = try #require(gradients[layer + LowRankAdaptation.downName])
      #expect(down.values.allSatisfy { $0 == 0 }, "\(layer)")
    }
  }
}
