import Compute
import Corpus
import Families
import Inference
import ModelKit
import Objectives
import Optimization
import Randomness
import Records
import Support
import TestSupport
import Testing
import Training

/// What holds for every objective of the table, with every layout it says it trains.
@Suite struct ObjectiveConformanceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var objective: String
    var layout: BatchLayout
    var testDescription: String { "\(objective), \(layout.rawValue)" }
  }

  static let cases: [Case] = Objectives.registry.entries.flatMap { entry in
    entry.plugin.layouts.sorted { $0.rawValue < $1.rawValue }.map { Case(objective: entry.name, layout: $0) }
  }

  /// A model of the table that an objective trains.
  struct Training: Sendable, CustomTestStringConvertible {
    var objective: String
    var model: ModelConfiguration
    /// What sets it apart from the plain member of its family.
    var switches: [String]
    var testDescription: String { ([objective, model.family] + switches).joined(separator: ", ") }
  }

  /// Keys that give a member another layout or another head, where its family has them.
  private static let switches: [[String: SizeValue]] = [[:], ["prefix": true], ["nextSentence": true]]

  private static let members: [(model: ModelConfiguration, switches: [String])] =
    Families.registry.entries.flatMap { family in
      switches.compactMap { switches in
        let sizes = family.plugin.sizes(
          of: ModelShape(width: 32, layers: 1, heads: 2, feedForward: 64, length: 64))
        let model = ModelConfiguration(
          family: family.name, vocabularySize: vocabulary.size, dropout: 0, sizes: sizes.merging(switches) { $1 })
        return (try? model.completed()).map { ($0, switches.keys.sorted()) }
      }
    }

  static let trainings: [Training] = Objectives.registry.names.flatMap { name in
    members.filter { member in
      do {
        _ = try Objectives.make(name, vocabulary: vocabulary).loss(of: Families.make(member.model).backbone)
        return true
      } catch { return false }
    }.map { Training(objective: name, model: $0.model, switches: $0.switches) }
  }

  @Test func everyLayoutAndEveryFamilyIsTrained() throws {
    var trained: Set<String> = []
    for item in Self.trainings { trained.insert("\(item.objective), \(try item.model.traits().layout.rawValue)") }
    #expect(trained == Set(Self.cases.map(\.testDescription)))
    #expect(Set(Self.trainings.map(\.model.family)) == Set(Families.registry.names))
  }

  private static let vocabulary = Vocabulary(size: 80, sentinels: (0..<16).map { TokenID(79 - $0) })
  private static let sequenceLength = 24

  /// A text that repeats with period 7.
  private static func window(_ length: Int, _ index: Int) -> [TokenID] {
    (0..<length).map { TokenID(10 + (index + $0) % 7) }
  }

  @Test func everyObjectiveHasALayoutAndAName() {
    #expect(!Self.cases.isEmpty)
    for entry in Objectives.registry.entries {
      #expect(entry.name == entry.plugin.identifier)
      #expect(!entry.plugin.layouts.isEmpty)
      #expect(!entry.plugin.summary.isEmpty)
      for parameter in entry.plugin.parameters {
        #expect(parameter.range.contains(parameter.defaultValue), "\(entry.name) \(parameter.name)")
      }
    }
  }

  @Test(arguments: cases) func examplesArePureAndFitTheAnnouncedLengths(_ item: Case) throws {
    let objective = try Objectives.make(item.objective, vocabulary: Self.vocabulary)
    let (raw, targets) = objective.rawLength(
      forSequenceLength: Self.sequenceLength, item.layout)
    for index in 0..<20 {
      let tokens = Self.window(raw, index)
      let key = RandomKey(seed: 4).folded(index)
      let example = try #require(objective.example(from: tokens, key: key))
      #expect(objective.example(from: tokens, key: key) == example)
      #expect(example.inputs.count <= Self.sequenceLength)
      #expect(example.targets.count <= targets)
      if example.predictsInputs {
        #expect(example.inputs.count == example.targets.count)
      } else if item.layout == .decoder || item.layout == .prefixDecoder {
        #expect(example.inputs.count + example.targets.count <= Self.sequenceLength)
      }
      let ids =
        example.inputs
        + example.targets.filter {
          $0 != Batch.ignored || !(item.layout == .encoder || example.predictsInputs)
        }
      #expect(ids.allSatisfy { $0 >= 0 && Int($0) < Self.vocabulary.size })
    }
    for length in 0..<6 { _ = objective.example(from: Self.window(length, 0), key: RandomKey(seed: 0)) }
  }

  @Test(.tags(.slow), arguments: trainings) func lossFalls(_ item: Training) throws {
    let objective = try Objectives.make(item.objective, vocabulary: Self.vocabulary)
    let model = try ShardedModel(
      item.model, key: RandomKey(seed: 1), precision: .f32, shardCount: 1, training: true)
    let layout = model.backbone.layout
    let (raw, targetLength) = objective.rawLength(forSequenceLength: Self.sequenceLength, layout)
    let converter = layout.converter(
      vocabulary: Self.vocabulary,
      lengths: SequenceLengths(inputs: Self.sequenceLength, targets: targetLength))
    let optimizer = try Optimizers.make(
      "adamw", parameters: model.store.entries.map { TrainedParameter($0) })
    let loss = try objective.loss(of: model.backbone)
    var losses: [Double] = []
    for step in 0..<40 {
      let examples = (0..<8).compactMap { index in
        objective.example(
          from: Self.window(raw, index), key: RandomKey(seed: 5).folded(step).folded(index))
      }
      let batch = converter.batch(examples)
      let sum = model.accumulate(
        [[batch]], key: RandomKey(seed: 0).folded(step), recomputing: false, loss: loss)
      #expect(sum.targetCount == batch.targetCount)
      losses.append(sum.total / Double(sum.targetCount))
      _ = try model.update(optimizer, learningRate: 1e-2, maximumNorm: 1, step: step + 1)
    }
    let (first, last) = (losses[0], losses.suffix(5).reduce(0, +) / 5)
    #expect(last < 0.7 * first, "from \(first) to \(last) nats per target")
  }
}
