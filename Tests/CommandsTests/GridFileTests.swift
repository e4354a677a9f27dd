import Foundation
import Support
import TestSupport
import Testing

@testable import Commands
@testable import Experiments

/// What the variations and axes of a grid come to, and its mistakes.
@Suite struct GridFileTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func grid(_ text: String) throws -> GridFile {
    let path = try folder.write("grid.yaml", "version: 2\nseeds: [0]\n" + text)
    return try GridFile(
      contentsOf: path, reader: GridReader(data: .parse([]), cache: "cache", readsTexts: false, fineTunes: false))
  }

  /// The arms, each as `name: recipe`.
  private func arms(_ text: String) throws -> [String] {
    try grid(text).arms.map { "\($0.name): \($0.recipe.summary)" }
  }

  private func mistake(_ text: String) -> GraftError? {
    #expect(throws: GraftError.self) { try grid(text) }
  }

  @Test func aVariationTakesThePlaceOfWhatItChanges() throws {
    let found = try arms(
      """
      pretrain: {optimizer: adamw, learning-rate: 1e-3, tokens: 4k, group: [a, b]}
      variations:
        muon: {optimizer: muon, learning-rate: 0.02}
        longer: {steps: 100}
        plain: {group: null}
        new: [muon, longer, {dropout: 0.1}]
        old-rate: [new, {learning-rate: 1e-3}]

      """)
    #expect(
      found == [
        "base: optimizer adamw, learning-rate 1e-3, tokens 4k, group a b",
        "muon: tokens 4k, group a b, optimizer muon, learning-rate 0.02",
        // Steps stand for tokens: a run has one end.
        "longer: optimizer adamw, learning-rate 1e-3, group a b, steps 100",
        "plain: optimizer adamw, learning-rate 1e-3, tokens 4k, group null",
        "new: group a b, optimizer muon, learning-rate 0.02, steps 100, dropout 0.1",
        "old-rate: group a b, optimizer muon, steps 100, dropout 0.1, learning-rate 1e-3",
      ])
  }

  @Test func leaveOneOutGoesBothWays() throws {
    let file = try grid(
      """
      pretrain: {a: 1, b: 1, c: 1}
      variations: {x: {a: 2}, y: {b: 2}, z: {c: 2}}
      leave-one-out: true

      """)
    #expect(
      file.arms.map { "\($0.name): \($0.changes.summary)" } == [
        "base: ", "x: a 2", "y: b 2", "z: c 2", "all: a 2, b 2, c 2", "all-but-x: b 2, c 2", "all-but-y: a 2, c 2",
        "all-but-z: a 2, b 2",
      ])
    #expect(file.baseline == "base" && !file.isProduct)
    let clash = mistake(
      "pretrain: {a: 1}\nvariations: {x: {a: 2}, y: {a: 3}}\nleave-one-out: true\nbaseline: base\n")
    #expect(clash?.message == "both 'x' and 'y' change 'a', so they cannot stand together")
    #expect(clash?.location?.line == 4 && clash?.location?.column == 29)
  }

  @Test func axesAreAProduct() throws {
    let file = try grid(
      """
      pretrain: {objective: causal-lm, set: x=1, learning-rate: 1e-2}
      axes:
        objective: [none, masked-lm, {name: few, objective: masked-lm, set: [mask=0.1]}]
        backbone: [nano, {backbone: sizes/wide.json, learning-rate: 1e-3}]
        batch: [16, 32]
      baseline: few@wide@32

      """)
    #expect(file.isProduct && file.arms.count == 12)
    // The first axis changes fastest.
    #expect(file.arms.prefix(4).map(\.name) == ["none@nano@16", "masked-lm@nano@16", "few@nano@16", "none@wide@16"])
    #expect(file.arms.filter { !$0.isPretrained }.count == 4)
    #expect(file.arms[0].recipe.summary == "learning-rate 1e-2, batch 16, backbone nano")
    #expect(
      file.arms[11].recipe.summary
        == "batch 32, backbone sizes/wide.json, learning-rate 1e-3, objective masked-lm, set mask=0.1")
  }

  @Test func variationsMultiplyAxes() throws {
    let file = try grid(
      """
      pretrain: {}
      variations: {muon: {optimizer: muon}}
      axes: {batch: [16, 32]}
      baseline: "16"

      """)
    #expect(file.arms.map(\.name) == ["16", "muon@16", "32", "muon@32"])
  }

  /// What is fine-tuned on is a list of recipes over one.
  @Test func everyTaskIsARecipe() throws {
    let file = try grid(
      """
      pretrain: base.yaml
      finetune: {epochs: 2, batch: 8}
      tasks: [sst2, {task: nli, steps: 9}, {name: both, task: [sst2, nli]}]

      """.replacingOccurrences(of: "base.yaml", with: folder.write("base.yaml", "objective: causal-lm\n")))
    #expect(
      file.stages.map { "\($0.name): \($0.recipe.summary)" } == [
        "sst2: epochs 2, batch 8, task sst2", "nli: batch 8, task nli, steps 9",
        "both: epochs 2, batch 8, task sst2 nli",
      ])
    #expect(file.arms.map(\.recipe.summary) == ["objective causal-lm"])
  }

  @Test(arguments: [
    ("variations: {muon: muon}", "expected what 'muon' changes", 4),
    ("variations: {base: {a: 1}}", "the variation 'base' stands twice", 4),
    ("variations: {a/b: {a: 1}}", "'a/b' cannot name a variation", 4),
    ("variations: {x: {a: 1}, y: [x, z]}", "unknown variation 'z'", 4),
    ("variations: {x: {a: 1}}\nleave-one-out: true", "'leave-one-out' needs two variations or more", 5),
    ("axes: {batch: [1]}\nleave-one-out: true", "'leave-one-out' is for variations", 5),
    ("axes: {batch: [{dropout: 1}]}", "'name' is missing", 4),
    ("axes: {batch: [1, 1]}", "the batch '1' stands twice", 4),
    ("axes: {}", "'axes' names no axis", 1),
    ("axes: {batch: []}", "expected a list of one or more", 4),
    ("axes: {batch: [1, 2]}", "'baseline' is missing", 1),
    ("finetune: {batch: 1}", "'tasks' is missing", 4),
  ]) func mistakesHaveAPlace(_ text: String, _ message: String, _ line: Int) {
    let error = mistake("pretrain: {a: 0}\n\(text)\n")
    #expect(error?.message == message)
    #expect(error?.location?.line == line, "\(String(describing: error))")
  }
}
