import Foundation
import TestSupport
import Testing

/// `graft report` as a person runs it, on the microworld and tiny models.
@Suite(.tags(.process)) struct ReportTests {
  /// What a report can be made of, made once.
  private struct Material {
    let folder: TestFolder
    let world: World
    /// Of everything there is.
    private(set) var page = ""

    static let shared = Result { try Material() }

    private init() throws {
      world = try World.shared.get()
      folder = try TestFolder()
      let data = ["--tasks", world.directory, "--data", world.directory]
      var tuned = world.finetune("", task: "micro-nli", "--suite", "micro-nli-stress", "--dynamics")
      tuned = world.replacing("--output", by: "\(folder.path)/nli", in: tuned)
      try run(tuned + ["--seeds", "2"])
      try run(
        ["probe", "--task", "micro-nli", "--seeds", "2", "--folds", "2", "--output", "\(folder.path)/probes"]
          + ["--json", "\(folder.path)/probes.json"] + data)
      try run(
        ["stress", "evaluate", "--checkpoint", "\(folder.path)/nli/seed-0", "--task", "micro-nli"]
          + ["--transform", "negation", "--checklist", "inference", "--json", "\(folder.path)/stress.json"]
          + data)
      try run(
        [
          "evaluate", "--checkpoint", "\(folder.path)/nli", "--task", "micro-nli", "--split", "test",
          "--subsets",
        ]
          + ["\(folder.path)/probes/micro-nli/hard-subset-test.json", "--json", "\(folder.path)/scores.json"]
          + data)
      page = try page(inputs)
    }

    private func run(_ arguments: [String]) throws {
      let outcome = try Graft.run(arguments)
      guard outcome.status == 0 else { throw World.Failure(text: outcome.errors) }
    }

    var inputs: [String] {
      ["nli", "probes.json", "probes", "stress.json", "scores.json"].map { "\(folder.path)/\($0)" }
    }

    /// The page of some inputs.
    /// Tests run beside each other, so that every page has a file of its own.
    func page(_ inputs: [String], _ more: String...) throws -> String {
      let output = "\(folder.path)/\(UUID().uuidString).html"
      try run(
        ["report"] + inputs + ["--output", output, "--tasks", world.directory, "--data", world.directory]
          + more)
      return try String(contentsOfFile: output, encoding: .utf8)
    }
  }

  /// A piece of a page between two texts.
  private func pieces(_ page: String, from start: String, to end: String) -> [String] {
    page.components(separatedBy: start).dropFirst().map { $0.components(separatedBy: end)[0] }
  }

  private func words(_ html: String) -> String {
    html.replacingOccurrences(of: "<[^>]*>", with: "", options: .regularExpression)
  }

  private func section(_ page: String, _ anchor: String) -> String {
    pieces(page, from: "<section id=\"\(anchor)\">", to: "</section>").first ?? ""
  }

  @Test func everySectionSaysWhatItIsAbout() throws {
    let material = try Material.shared.get()
    let page = material.page
    let expected = [
      "verdict": [
        "micro-nli", "mean of 2 seeds", "best baseline", "n-grams", "beyond it", "What it bought is not known",
        "greatest fall", "look next at", "Runs compared with nli",
      ],
      "training": [
        "Pretraining: ", "Fine-tuning: ", "span-corruption", "seeds", "0, 1", "SHA-256", "parameters",
      ],
      "scores": [
        "micro-nli", "pretrained", "majority", "n-grams:hypothesis", "± ", "(n=2)", "Spread over seeds",
        "13 words in a row",
      ],
      "beyond": ["n-grams:", "paired", "micro-nli test"],
      "easy-hard": ["easy", "hard", "Easy and hard for"],
      "stress": ["micro-nli-stress", "fall", "negation"],
      "cues": ["Cue words of hypothesis by PMI", "Surface: means by class", "Competency plot of hypothesis"],
      "cartography": ["24 training examples", "ambiguous", "confidence"],
      "worst": ["answered", "right", "layer 1", "Jain and Wallace", "premise", "hypothesis"],
    ]
    for (anchor, texts) in expected {
      let own = words(section(page, anchor))
      for text in texts { #expect(own.contains(text), "\(anchor): \(text)") }
    }
    #expect(!page.contains("class=\"gap\""))
  }

  /// The figure's own command stands below it, and every figure has an anchor of its own.
  @Test func everyFigureHasItsCommand() throws {
    let material = try Material.shared.get()
    let page = material.page
    let figures = pieces(page, from: "<figure", to: "</figure>")
    #expect(figures.count > 30)
    for figure in figures {
      let command = words(pieces(figure, from: "<p class=\"command\">", to: "</p>").first ?? "")
      #expect(command.hasPrefix("graft "), "\(figure.prefix(200))")
    }
    let anchors = figures.map { pieces($0, from: "id=\"figure-", to: "\"").first }
    #expect(Set(anchors).count == figures.count)
    let text = words(page)
    for command in [
      "graft pretrain", "graft finetune", "graft evaluate", "graft probe", "graft stress", "graft report",
    ] {
      #expect(text.contains(command), "\(command)")
    }
  }

  @Test func aPageNeedsNothingBesideItself() throws {
    let material = try Material.shared.get()
    let page = material.page
    for attribute in ["src", "href"] {
      for address in pieces(page, from: " \(attribute)=\"", to: "\"") {
        #expect(address.hasPrefix("#") || address.hasPrefix("data:image/svg+xml;base64,"))
      }
    }
    for word in ["<script", "<link", "@import", "url(", "<iframe"] {
      #expect(!page.contains(word), "\(word)")
    }
    #expect(page.contains("width=device-width") && page.contains("prefers-color-scheme: dark"))
    // Every link leads somewhere.
    for address in pieces(page, from: "href=\"#", to: "\"") { #expect(page.contains("id=\"\(address)\"")) }
  }

  @Test func theSameInputsGiveTheSameBytes() throws {
    let material = try Material.shared.get()
    #expect(try material.page(material.inputs) == material.page)
  }

  /// A lone run names what would fill the rest.
  @Test func whatIsMissingIsNamed() throws {
    let material = try Material.shared.get()
    let page = try material.page([material.world.run])
    #expect(words(section(page, "training")).contains("Loss of pretraining"))
    for (anchor, command) in [
      ("scores", "graft finetune"), ("beyond", "No scores"), ("easy-hard", "graft probe"),
      ("stress", "--suite"),
      ("cues", "graft probe"), ("cartography", "--dynamics"), ("worst", "graft finetune"),
    ] {
      let gap = words(pieces(section(page, anchor), from: "<p class=\"gap\">", to: "</p>").first ?? "")
      #expect(gap.contains(command), "\(anchor)")
    }
    #expect(!page.contains("id=\"studies\""))
  }

  @Test func attentionCanBeLeftOut() throws {
    let material = try Material.shared.get()
    let run = "\(material.folder.path)/nli"
    let page = try material.page(
      [run], "--no-attention", "--no-pairing", "--worst", "1", "--title", "Mine & ours")
    #expect(!page.contains("class=\"heat\"") && page.contains("left out by --no-attention"))
    #expect(page.contains("<title>Mine &amp; ours</title>"))
    #expect(!words(section(page, "beyond")).contains("$ paired"))
    #expect(pieces(section(page, "worst"), from: "class=\"example\"", to: ">").count <= 2)
    #expect(words(section(page, "worst")).contains("prompt"))
  }

  /// Results without a run, definitions or data: texts of files are texts, whatever they look like.
  @Test func textsAreEscaped() throws {
    let material = try Material.shared.get()
    let evil = "<script>alert('x')</script>"
    let folder = try TestFolder()
    let results = try folder.write(
      "scores.json",
      """
      {"format": 1, "results": [
        {"task": "\(evil)", "split": "test", "system": "m & \\"m\\"", "metric": "accuracy", "score": 0.5,
         "lower": 0.4, "upper": 0.6, "examples": 2, "group": {}, "fromTheFuture": [1]}]}
      """)
    try folder.write(
      "scores.predictions/t.jsonl",
      """
      {"identifier":"mine/test/1","prediction":"\(evil)","target":"b","choice":0,"rightChoice":1,"choiceScores":[-0.1,-3]}
      {"identifier":"mine/test/2","prediction":"b","target":"b","choice":1,"rightChoice":1,"choiceScores":[-2,-0.2]}

      """)
    let page = try material.page([results])
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
    #expect(page.contains("m &amp; &quot;m&quot;") && page.contains("mine/test/1"))
    #expect(!page.contains("mine/test/2"))
    #expect(page.contains("The texts of mine are not shown") && !page.contains("class=\"heat\""))
  }

  /// A suite's labels are not the choices whose probabilities are shown.
  @Test func aSuiteHasLabelsOfItsOwn() throws {
    let material = try Material.shared.get()
    let folder = try TestFolder()
    let results = try folder.write(
      "scores.json",
      """
      {"format": 1, "results": [{"task": "hans", "split": "test", "system": "model", "metric": "accuracy",
        "score": 0, "examples": 2, "group": {}}]}
      """)
    try folder.write(
      "scores.predictions/hans.jsonl",
      """
      {"identifier":"hans/test/1","prediction":"contradiction","target":"entailment","choice":1,"rightChoice":0,"choiceScores":[-3,-2,-0.1]}
      {"identifier":"hans/test/2","prediction":"entailment","target":"non-entailment","choice":0,"rightChoice":1,"choiceScores":[-0.2,-2,-4]}

      """)
    let examples = pieces(try material.page([results]), from: "class=\"example\"", to: "</figure>")
    #expect(examples.count == 2)
    func choices(_ example: String) -> [String] {
      pieces(example, from: "<li ", to: "</li>").map {
        words("<" + $0).split(separator: " ").joined(separator: " ")
      }
    }
    #expect(choices(examples[0]) == ["entailment answered 84.2 %", "neutral 13.9 %", "contradiction 1.9 %"])
    #expect(words(examples[0]).contains("non-entailment"))
    #expect(
      choices(examples[1]) == ["entailment right 4.6 %", "neutral 12.4 %", "contradiction answered 83.0 %"])
  }

  /// `hans` is written for `nli`, but a model of another task that answers it has fallen from that task.
  @Test func aFallIsFromTheTaskThatAnswersTheSuite() throws {
    let material = try Material.shared.get()
    let folder = try TestFolder()
    func entry(_ task: String, _ split: String, _ score: Double) -> String {
      """
      {"task": "\(task)", "split": "\(split)", "system": "model", "metric": "accuracy", "score": \(score),
       "lower": \(score - 0.01), "upper": \(score + 0.01), "examples": 9000, "group": {}}
      """
    }
    let results = try folder.write(
      "scores.json",
      "{\"format\": 1, \"results\": [\(entry("hans", "test", 0.51)), \(entry("snli-dev", "snli-test", 0.52))]}"
    )
    let stress = words(section(try material.page([results]), "stress"))
    #expect(stress.contains("snli-dev snli-test"))
    #expect(stress.contains("-1.0 [-2.4, 0.4]"), "\(stress)")
  }

  /// Results of before their command was kept have one that makes the same.
  @Test func checklistsHaveTheirTables() throws {
    let material = try Material.shared.get()
    let folder = try TestFolder()
    let results = try folder.write(
      "stress.json",
      """
      {"task": "nli", "taskHash": "0", "split": "test", "checkpoint": "runs/it's", "seed": 3, "transforms": [],
       "checklists": [{"checklist": "mine", "version": 1, "tests": [{"test": "twins", "capability": "logic",
         "kind": "invariance", "cases": 4, "tested": 4, "failureRate": {"value": 0.25, "lower": 0, "upper": 0.75},
         "failures": []}]}]}
      """)
    let stress = words(section(try material.page([results]), "stress"))
    for text in [
      "Checklist mine", "twins", "25.0 [0.0, 75.0]",
      "graft stress evaluate --checkpoint &#39;runs/it&#39;\\&#39;&#39;s&#39; --task nli --split test --checklist mine --seed 3",
    ] {
      #expect(stress.contains(text), "\(text)")
    }
  }

  /// What a later graft may write is passed over.
  @Test func unknownProbesAreNamed() throws {
    let material = try Material.shared.get()
    let folder = try TestFolder()
    let document = try folder.write(
      "probes.json",
      """
      {"format": "graft-probes-1", "selfTests": [], "later": 1, "tasks": [{"task": "mine", "version": 1,
        "definitionHash": "0", "classes": ["a", "b"], "fields": ["x"], "trainingSplit": "train", "trainingCount": 2,
        "splits": [], "seed": 0, "probes": {"clairvoyance": {"found": [1]}}}]}
      """)
    let cues = words(section(try material.page([document]), "cues"))
    #expect(cues.contains("The probe &#39;clairvoyance&#39; is none of this graft&#39;s."))
  }

  /// A file of a run is the run.
  @Test func filesOfRunsAreTheirRuns() throws {
    let material = try Material.shared.get()
    let file = try material.page(["\(material.world.run)/results.json"])
    #expect(words(section(file, "training")).contains("Loss of pretraining"))
  }

  /// Studies are told by their content.
  @Test func studiesHaveTheirTables() throws {
    let material = try Material.shared.get()
    let folder = try TestFolder()
    try folder.write(
      "matrix/results.json",
      """
      {"format": 1, "seeds": [0], "tasks": ["a"], "columns": ["a-test"], "misfits": [], "missing": 0,
       "constants": [{"evaluatedOn": "a-test", "label": "x", "accuracy": 50}],
       "cells": [{"system": "model", "trainedOn": "a", "evaluatedOn": "a", "split": "test", "examples": 4,
         "collapse": {}, "values": [75], "mean": 75}]}
      """)
    try folder.write(
      "laboratory/results.json",
      """
      {"format": 1, "tasks": ["a"], "missing": 0, "arms": [{"signal": "natural", "prefixes": ["say"], "seeds": [0],
        "scores": [{"task": "a", "split": "test", "metric": "accuracy", "values": [75], "mean": 75}],
        "curve": [{"step": 1, "loss": 2}, {"step": 2, "loss": 1}], "readings": []}]}
      """)
    try folder.write(
      "grid/results.json",
      """
      {"format": 1, "baseline": "none@tiny", "budget": "1M tokens", "seeds": [0], "doesNotFit": [], "failures": [],
       "missing": 0, "rows": [{"cell": "none@tiny", "objective": "none", "backbone": "tiny", "parameters": 1000,
         "pretraining": [], "fineTuningSeconds": [1], "scores": []}]}
      """)
    try folder.write(
      "matrix/a/seed-0/run.json",
      "{\"arguments\": [\"/bin/graft\", \"transfer\", \"--task\", \"a\", \"--seeds\", \"1\"]}")
    let page = try material.page(["matrix", "laboratory", "grid"].map { "\(folder.path)/\($0)" })
    let studies = words(section(page, "studies"))
    for text in [
      "best constant", "Scores by prefix", "none@tiny", "graft transfer --task a --seeds 1",
      "graft prefixes", "graft ablate",
    ] {
      #expect(studies.contains(text), "\(text)")
    }
  }

  @Test func mistakesAreAnswered() throws {
    let material = try Material.shared.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/page.html"
    func fails(_ code: Int32, _ input: String, _ more: String..., says texts: [String]) throws {
      try Graft.expectFailure(code, ["report", input, "--output", output] + more, says: texts)
    }
    try fails(66, "\(folder.path)/none", says: ["there is no"])
    try fails(65, folder.path, says: ["looked for run.json"])
    try fails(65, folder.write("other.json", "{\"a\": 1}"), says: ["is nothing that a report is made of"])
    try Graft.expectFailure(
      65, ["report", folder.write("cut.json", "{\"a\": "), "--output", output], says: ["cut.json:1:7"],
      hint: false)
    try fails(65, "\(material.world.run)/model/config.json", says: ["a run directory instead"])
    try fails(
      65, folder.write("late.json", "{\"format\": \"graft-probes-9\", \"tasks\": [], \"selfTests\": []}"),
      says: ["graft-probes-9"])
    try fails(64, material.world.run, "--worst=-1", says: ["--worst -1"])
    try Graft.expectFailure(
      74, ["report", material.world.run, "--output", "\(folder.path)/no/page.html"], says: ["cannot create"])
    #expect(!FileManager.default.fileExists(atPath: output))
  }
}
