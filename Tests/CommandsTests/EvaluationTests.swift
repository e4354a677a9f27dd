import Foundation
import Reporting
import TaskRegistry
import TestSupport
import Testing
import Training

/// Gates, seeds, partial inputs, training dynamics and subsets, as a person uses them.
@Suite(.tags(.process)) struct EvaluationTests {
  let world: World
  let folder: TestFolder

  init() throws {
    world = try World.shared.get()
    folder = try TestFolder()
  }

  func evaluate(_ more: String...) -> [String] {
    [
      "evaluate", "--checkpoint", world.run, "--tasks", world.directory, "--data", world.directory,
      "--no-baselines",
    ] + more
  }

  @Test func aGateSaysWhatIsMetAndWhatNot() throws {
    let gate = try folder.write(
      "gate.yaml",
      """
      gate: release
      version: 1
      tasks: [micro-nli]
      suites: [micro-nli-stress]
      expectations:
        - micro-nli.test.accuracy >= 0
        - {condition: "micro-nli.test.accuracy[label=neutral] <= 1", because: a share}
        - {condition: micro-nli-stress.accuracy >= 1.5, because: it cannot be}

      """)
    let failed = try Graft.run(evaluate("--gate", gate))
    #expect(failed.status == 3, "\(failed.errors)")
    #expect(failed.errors.contains("1 of 3 conditions not met: micro-nli-stress.accuracy >= 1.5"))
    let lines = failed.output.split(separator: "\n").map(String.init)
    #expect(lines.contains("gate release"))
    let rows = lines.filter { $0.contains("a share") || $0.contains("it cannot be") }
    #expect(rows.count == 2)
    #expect(rows.first?.contains("NOT MET") == false && rows.last?.contains("NOT MET") == true)
    try folder.write(
      "gate.yaml", "gate: g\nversion: 1\ntasks: [micro-nli]\nexpectations: [micro-nli.test.accuracy<=1]\n")
    let json = "\(folder.path)/scores.json"
    let met = try Graft.run(evaluate("--gate", gate, "--json", json))
    #expect(met.status == 0, "\(met.errors)")
    let conditions = try #require(try ResultsFile.read(json).conditions)
    #expect(conditions.map(\.condition) == ["micro-nli.test.accuracy<=1"])
    #expect(conditions.allSatisfy { $0.isMet })
  }

  /// A suite is put as the task it names, or as the only one there is that can answer it.
  @Test func aSuiteGoesThroughAnotherTask() throws {
    let own = try String(contentsOfFile: "\(world.directory)/micro-nli.yaml", encoding: .utf8)
    for name in ["other", "third"] {
      try folder.write(
        "tasks/\(name).yaml", own.replacingOccurrences(of: "task: micro-nli", with: "task: \(name)"))
    }
    for split in ["train", "validation", "test"] {
      try FileManager.default.copyItem(
        atPath: "\(world.directory)/nli-\(split).jsonl", toPath: "\(folder.path)/tasks/nli-\(split).jsonl")
    }
    let more = ["--tasks", "\(folder.path)/tasks", "--suite", "micro-nli-stress"]
    let json = "\(folder.path)/scores.json"
    let alone = try Graft.run(evaluate("--task", "other", "micro-sentiment", "--json", json) + more)
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(try ResultsFile.read(json).results.contains { $0.task == "micro-nli-stress" })
    try Graft.expectFailure(
      64, evaluate("--task", "other", "third") + more,
      says: ["as the task 'micro-nli'", "only one of other, third"])
    // Nothing that fits: as the suite asks for, and that is said.
    let unseen = try Graft.run(evaluate("--task", "micro-sentiment") + more)
    #expect(unseen.status == 0, "\(unseen.errors)")
    #expect(unseen.errors.contains("put as the task 'micro-nli', as it asks for"), "\(unseen.errors)")
  }

  /// A suite needs no task beside it and no training data, and is put as the task that the model was trained on,
  /// whatever other task fits.
  @Test func aSuiteStandsAlone() throws {
    let own = try String(contentsOfFile: "\(world.directory)/micro-nli.yaml", encoding: .utf8)
    try folder.write(
      "tasks/other.yaml", own.replacingOccurrences(of: "task: micro-nli", with: "task: other"))
    let tuned = "\(folder.path)/tuned"
    let trained = try Graft.run(
      world.replacing("--output", by: tuned, in: world.finetune("x", task: "micro-nli", "--no-baselines")))
    #expect(trained.status == 0, "\(trained.errors)")
    // The suite's rows and nothing else.
    for name in try FileManager.default.contentsOfDirectory(atPath: world.directory)
    where name.hasSuffix(".yaml") || name.contains("nli-stress") {
      try FileManager.default.copyItem(
        atPath: "\(world.directory)/\(name)", toPath: "\(folder.path)/tasks/\(name)")
    }
    let data = "\(folder.path)/tasks"
    let json = "\(folder.path)/scores.json"
    let alone = [
      "evaluate", "--checkpoint", tuned, "--suite", "micro-nli-stress", "--tasks", data, "--data", data, "--json",
      json,
    ]
    let outcome = try Graft.run(alone)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("put as the task 'micro-nli', which the model was trained on"))
    #expect(outcome.errors.contains("no baselines for micro-nli"), "\(outcome.errors)")
    let entries = try ResultsFile.read(json).results
    #expect(!entries.isEmpty && entries.allSatisfy { $0.through == "micro-nli" })
    let through = try Graft.run(alone + ["--through", "other"])
    #expect(through.status == 0, "\(through.errors)")
    #expect(try ResultsFile.read(json).results.allSatisfy { $0.through == "other" })
    try Graft.expectFailure(
      64, alone + ["--through", "micro-sentiment"], says: ["becomes the label"])
  }

  /// Beside another task that fits, a suite goes through the prompt that the model was trained on all the same.
  @Test func aSuiteBesideAnotherTaskKeepsItsPrompt() throws {
    let own = try String(contentsOfFile: "\(world.directory)/micro-nli.yaml", encoding: .utf8)
    try folder.write(
      "tasks/other.yaml",
      own.replacingOccurrences(of: "task: micro-nli", with: "task: other")
        .replacingOccurrences(of: "inputs: \"nli", with: "inputs: \"other"))
    for name in try FileManager.default.contentsOfDirectory(atPath: world.directory)
    where name.hasSuffix(".yaml") || name.hasSuffix(".jsonl") {
      try FileManager.default.copyItem(
        atPath: "\(world.directory)/\(name)", toPath: "\(folder.path)/tasks/\(name)")
    }
    let tuned = "\(folder.path)/tuned"
    let trained = try Graft.run(
      world.replacing("--output", by: tuned, in: world.finetune("x", task: "micro-nli", "--no-baselines")))
    #expect(trained.status == 0, "\(trained.errors)")
    let data = "\(folder.path)/tasks"
    let json = "\(folder.path)/scores.json"
    func predictions(_ more: [String]) throws -> [String: String] {
      let outcome = try Graft.run(
        [
          "evaluate", "--checkpoint", tuned, "--suite", "micro-nli-stress", "--tasks", data, "--data", data, "--json",
          json, "--no-baselines",
        ] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      var found: [String: String] = [:]
      for path in paths where path.hasSuffix(".jsonl") && !path.hasPrefix("tasks/") && !path.hasPrefix("tuned/") {
        found[path] = String(decoding: try folder.bytes(path), as: UTF8.self)
      }
      return found
    }
    let alone = try predictions([])
    let beside = try predictions(["--task", "other", "--split", "test"])
    let entry = try #require(try ResultsFile.read(json).results.first { $0.task == "micro-nli-stress" })
    #expect(entry.through == "micro-nli")
    let name = try #require(alone.keys.first { $0.contains("micro-nli-stress") }, "\(alone.keys)")
    #expect(beside[name] == alone[name], "the same scores of the same prompts")
    let others = try predictions(["--through", "other"])
    #expect(others[name] != nil && others[name] != alone[name], "other scores of other prompts")
  }

  /// What is scored is looked for in what the model has read, back to its pretraining.
  @Test func overlapWithTrainingIsReported() throws {
    let tuned = "\(folder.path)/tuned"
    let outcome = try Graft.run(
      world.replacing("--output", by: tuned, in: world.finetune("tuned", task: "micro-nli", "--no-baselines"))
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.contains("in training examples, %") && outcome.output.contains("in pretraining text, %"))
    let entries = try #require(try ResultsFile.read("\(tuned)/results.json").overlaps)
    #expect(Set(entries.map(\.source)) == [.tasks, .text])
    #expect(entries.allSatisfy { $0.task == "micro-nli" && $0.length == 13 && $0.touched <= $0.examples })
    // The same from the checkpoint alone.
    let json = "\(folder.path)/scores.json"
    let evaluated = try Graft.run(
      evaluate("--task", "micro-nli", "--json", json).map { $0 == world.run ? tuned : $0 })
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(try ResultsFile.read(json).overlaps == entries)
    // All of what it was trained on.
    _ = try Graft.run(
      evaluate("--task", "micro-nli", "--split", "train", "--json", json).map { $0 == world.run ? tuned : $0 }
    )
    let own = try #require(try ResultsFile.read(json).overlaps?.first { $0.source == .tasks })
    #expect(own.touched == own.examples && own.examples == 24)
    let without = try Graft.run(evaluate("--task", "micro-nli", "--no-overlap", "--json", json))
    #expect(without.status == 0 && !without.output.contains("overlap"))
    #expect(try ResultsFile.read(json).overlaps == nil)
  }

  /// Text that is damaged since, or gone, costs no scores.
  @Test func textThatCannotBeReadIsLeftOut() throws {
    let text = "\(folder.path)/text.txt"
    try FileManager.default.copyItem(atPath: world.corpus, toPath: text)
    let run = "\(folder.path)/run"
    let trained = try Graft.run(
      world.replacing("--corpus", by: text, in: world.pretrain(into: run, steps: 1)))
    #expect(trained.status == 0, "\(trained.errors)")
    let arguments = evaluate("--task", "micro-nli", "--split", "test").map { $0 == world.run ? run : $0 }
    for damage in [Data([0x1F, 0x8B, 8, 0, 1, 2, 3]), nil] {
      try FileManager.default.removeItem(atPath: text)
      if let damage { try damage.write(to: URL(fileURLWithPath: text)) }
      let outcome = try Graft.run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("accuracy"))
      #expect(outcome.errors.contains("left out"), "\(outcome.errors)")
    }
  }

  @Test(arguments: [
    ("gate: g\nversion: 2\nexpectations: [a.b>=1]", "a gate has version 1"),
    ("gate: g\nversion: 1\nexpectations: []", "lets everything pass"),
    ("gate: g\nversion: 1\nexpectations: [a.b]", "cannot read the condition 'a.b'"),
    ("gate: g\nversion: 1\nexpectation: [a.b>=1]", "did you mean 'expectations'?"),
    ("gate: g\nversion: 1\nexpectations: [{because: x}]", "needs 'condition'"),
    ("version: 1\nexpectations: [a.b>=1]", "lacks the key 'gate'"),
  ])
  func aGateIsReadStrictly(_ text: String, _ message: String) throws {
    let gate = try folder.write("gate.yaml", text)
    try Graft.expectFailure(65, evaluate("--gate", gate), says: [message, "gate.yaml:"], hint: false)
  }

  @Test(arguments: [
    ("micro-nli.test.accuracy[label=nutral]>=0", "label: contradiction, entailment, neutral"),
    ("micro-nli.test.accuracy[lable=x]>=0", "groups of 'micro-nli': "),
    ("micro-nli.consistency>=0", "scores of 'micro-nli': accuracy"),
    ("nli.accuracy>=0", "evaluate 'nli' as well"),
    ("micro-nli.accuracy[label]>=0", "cannot read"), ("micro-nli..accuracy>=0", "cannot read"),
    ("micro-nli.accuracy>=high", "cannot read"),
  ])
  func aConditionOnNothingIsRefused(_ condition: String, _ hint: String) throws {
    try Graft.expectFailure(
      64, evaluate("--task", "micro-nli", "--split", "test", "--require", condition), says: [hint])
  }

  @Test func severalCheckpointsAreSeedsOfOneSystem() throws {
    let json = "\(folder.path)/scores.json"
    var arguments = evaluate("--task", "micro-nli", "--split", "test", "--json", json)
    arguments.insert("\(world.run)/model", at: 3)
    let outcome = try Graft.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("over seeds"))
    let scores = try ResultsFile.read(json).results.filter(\.group.isEmpty)
    #expect(scores.map(\.seed) == [0, 1])
    for seed in 0...1 {
      #expect(
        FileManager.default.fileExists(
          atPath: "\(folder.path)/scores.predictions/seed-\(seed)/predictions/micro-nli-test.jsonl"))
    }
    // `compare` reads them as the seeds they are.
    let compared = try Graft.run(["compare", json, json])
    #expect(compared.status == 0, "\(compared.errors)")
  }

  @Test func partialInputsAreStamped() throws {
    let json = "\(folder.path)/scores.json"
    let outcome = try Graft.run(
      evaluate("--task", "micro-nli", "--split", "test", "--only-field", "hypothesis", "--json", json))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let entries = try ResultsFile.read(json).results
    #expect(Set(entries.map(\.system)) == ["model:hypothesis"])
    #expect(Set(entries.map(\.partialInput)) == ["only hypothesis"])
    try Graft.expectFailure(
      64, evaluate("--task", "micro-nli", "--only-field", "hypotesis"), says: ["did you mean 'hypothesis'?"])
    try Graft.expectFailure(
      64, evaluate("--task", "micro-nli", "--only-field", "premise", "--shuffle-words"),
      says: ["two different"])
  }

  /// Train and measure, map, train on a region, and score by a subset.
  @Test func dynamicsBecomeAMapAndSubsetsToTrainOn() throws {
    let tuned = "\(folder.path)/tuned"
    let finetune = world.replacing(
      "--output", by: tuned,
      in: world.finetune("x", task: "micro-nli", "--no-baselines", "--dynamics-every", "1"))
    let first = try Graft.run(finetune)
    #expect(first.status == 0, "\(first.errors)")
    let dynamics = try TrainingDynamics(path: "\(tuned)/dynamics.jsonl")
    #expect(dynamics.identifiers.count == 24)
    #expect(dynamics.measurements.map(\.step) == [1, 2])
    #expect(dynamics.measurements.allSatisfy { $0.gold.allSatisfy { (0...1).contains($0) } })

    let map = ["cartography", tuned, "--tasks", world.directory, "--data", world.directory]
    let mapped = try Graft.run(map)
    #expect(mapped.status == 0, "\(mapped.errors)")
    for word in ["easy", "ambiguous", "hard", "micro-nli/train/", "cartography.svg"] {
      #expect(mapped.output.contains(word), "\(word)")
    }
    let subsets = "\(tuned)/subsets-micro-nli.json"
    // int(.33 · 24)
    #expect(
      try ExampleSubsets.read(subsets).subsets.mapValues(\.count) == ["easy": 7, "ambiguous": 7, "hard": 7])

    let hard = "\(folder.path)/hard"
    let onHard = world.replacing("--output", by: hard, in: finetune) + ["--subset", "\(subsets):hard"]
    let second = try Graft.run(onHard)
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.errors.contains("7 of 24 training examples"))
    let results = try ResultsFile.read("\(hard)/results.json").results
    #expect(Set(results.map(\.trainedOn)) == ["micro-nli hard (7)"])
    #expect(try TrainingDynamics(path: "\(hard)/dynamics.jsonl").identifiers.count == 7)

    let scored = try Graft.run(
      evaluate("--task", "micro-nli", "--split", "train", "--subsets", subsets))
    #expect(scored.status == 0, "\(scored.errors)")
    for word in ["subset", "easy", "hard"] { #expect(scored.output.contains(word)) }

    let random = world.replacing("--output", by: "\(folder.path)/random", in: finetune)
    let control = try Graft.run(random + ["--random-subset", "7"])
    #expect(control.errors.contains("7 of 24 training examples"), "\(control.errors)")
    let refused = world.replacing("--output", by: "\(folder.path)/refused", in: finetune)
    try Graft.expectFailure(64, refused + ["--random-subset", "25"], says: ["from 1 to 24"])
    try Graft.expectFailure(
      64, refused + ["--subset", "\(subsets):hart"], says: ["did you mean 'hard'?"])
    try Graft.expectFailure(64, refused + ["--subset", subsets + ":"], says: ["names no subset"])
    try Graft.expectFailure(
      64, refused + ["--subset", "\(subsets):hard", "--limit", "5"], says: ["take one of them"])
    try Graft.expectFailure(66, ["cartography", world.run], says: ["finetune --dynamics"])
  }

  /// BabyLM's tasks by their tag, on two pairs of each file: both figures, what a tie is, and the challenge's own form
  /// of predictions.
  @Test func whatTheCosineOfTwoTextsDoesNotReadIsRefused() throws {
    let bert = "\(Graft.packageRoot)/Tests/Fixtures/huggingface/bert"
    let similarity = ["evaluate", "--checkpoint", bert, "--task", "stsb", "--answers", "similarity"]
    try Graft.expectFailure(
      64, similarity + ["--beam", "4", "--target-length", "64", "--labels", "a,b", "--layout", "prompt"],
      says: ["--beam, --target-length, --layout, --labels have no bearing on --answers similarity"])
    try Graft.expectFailure(
      64, similarity + ["--scoring", "masked"], says: ["--scoring has no bearing on --answers similarity"])
  }

  @Test func aTagNamesTheTasksOfBabyLM() throws {
    let pair =
      #"{"sentence_good": "The cat sleeps.", "sentence_bad": "Cat the sleeps.", "UID": "u", "linguistics_term": "t"}"#
    let same = #"{"sentence_good": "A dog.", "sentence_bad": "A dog.", "UID": "v", "linguistics_term": "t"}"#
    let box = #"{"input_prefix": "Box 0 contains ", "options": ["a", "b", "c", "d", "e"], "numops": 0}"#
    for task in try RealData.catalog().tasks where task.tags.contains("babylm") {
      for file in task.dataFiles("test") {
        try folder.write("data/\(file)", task.name == "entity-tracking" ? box + "\n" : "\(pair)\n\(same)\n")
      }
    }
    let (json, predictions) = ("\(folder.path)/scores.json", "\(folder.path)/babylm.json")
    let data = ["--data", "\(folder.path)/data", "--no-overlap"]
    let outcome = try Graft.run(
      ["evaluate", "--checkpoint", world.run, "--tag", "babylm", "--json", json, "--babylm-predictions", predictions]
        + data)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("a tie counts its share"), "\(outcome.output)")
    let results = try ResultsFile.read(json).results
    for task in ["blimp-filtered", "blimp-supplement", "entity-tracking"] {
      #expect(results.contains { $0.task == task && $0.metric == "set-mean" && $0.group.isEmpty })
    }
    func score(_ metric: String, _ set: String?) -> Double? {
      results.first { $0.task == "blimp-filtered" && $0.metric == metric && $0.group["set"] == set }?.score
    }
    // The same sentence twice.
    #expect(score("accuracy", "v") == 0.5)
    let other = try #require(score("accuracy", "u"))
    #expect(score("set-mean", nil) == (other + 0.5) / 2 && score("set-mean-ties-right", nil) == (other + 1) / 2)
    let written = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: predictions)))
        as? [String: [String: [String: [[String: String]]]]])
    #expect(written.keys.sorted() == ["blimp", "blimp_supplement", "entity_tracking"])
    #expect(written["blimp"]?["v"]?["predictions"]?.first == ["id": "v_0", "pred": "A dog."])
    #expect(written["blimp"]?["u"]?["predictions"]?.count == 67)
    #expect(written["entity_tracking"]?.keys.sorted() == ["ambiref_0_ops", "move_contents_0_ops", "regular_0_ops"])
    for (arguments, says) in [
      (["--tag", "babylmm"], ["unknown tag", "did you mean 'babylm'"]),
      (["--tag", "babylm", "--scoring", "masked"], ["--scoring"]),
      (["--task", "sst2", "--babylm-predictions", predictions], ["--babylm-predictions is for the tasks"]),
    ] {
      try Graft.expectFailure(64, ["evaluate", "--checkpoint", world.run] + arguments + data, says: says)
    }
  }
}
