import Foundation
import Support
import TestSupport
import Testing

@testable import TaskRegistry

/// What a definition is known by: every key that bears on texts, labels or scores is in it, and nothing else is.
@Suite struct DefinitionHashTests {
  /// Keys with their values, before a change and after it. A nil takes a key away.
  struct Change {
    var before: [String: String?] = [:]
    var after: [String: String?]

    init(_ before: [String: String?] = [:], _ after: [String: String?]) {
      self.before = before
      self.after = before.merging(after) { $1 }
    }
  }

  static let source = "folder: ., format: tsv, fields: {a: a, b: b, label: label}"
  static let task: [String: String?] = [
    "task": "t", "version": "1", "source": "{\(source)}", "splits": "{train: d.tsv, test: e.tsv}",
    "inputs": "'{a}'", "targets": "'{label}'", "choices": "[no, yes]", "metrics": "[accuracy]",
  ]
  static let suite: [String: String?] = [
    "suite": "s", "version": "1", "through": "t", "source": "{\(source)}", "splits": "{test: e.tsv}",
    "choices": "[no, yes]",
  ]
  static let free: [String: String?] = ["choices": nil]

  static let sharedChanges: [String: Change] = [
    "version": Change([:], ["version": "2"]),
    "extends": Change([:], ["extends": "_base.yaml"]),
    "tags": Change([:], ["tags": "[x]"]),
    "source": Change([:], ["source": "{\(source), quoted: true}"]),
    "splits": Change([:], ["splits": "{train: f.tsv, test: e.tsv}"]),
    "preprocess": Change([:], ["preprocess": "[lowercase]"]),
    "choices": Change([:], ["choices": "[yes, no]"]),
    "metrics": Change([:], ["metrics": "[accuracy, f1]"]),
    "primaryMetric": Change(["metrics": "[accuracy, f1]"], ["primaryMetric": "f1"]),
    "provenance": Change([:], ["provenance": "{origin: somewhere}"]),
    "golden": Change([:], ["golden": "[{row: 1, inputs: x, targets: 'yes'}]"]),
    "counts": Change([:], ["counts": "{test: 3}"]),
    "contrasts": Change(
      ["source": "{\(source), groups: {g: b}}"], ["contrasts": "[{name: gap, group: g, of: x, minus: y}]"]),
    "averages": Change(["source": "{\(source), groups: {g: b}}"], ["averages": "[{name: mean, group: g}]"]),
    "seeds": Change([:], ["seeds": "5"]),
  ]
  static let taskChanges = sharedChanges.merging([
    "task": Change([:], ["task": "u"]),
    "inputs": Change([:], ["inputs": "'say {a}'"]),
    "targets": Change([:], ["targets": "'{b}'"]),
    "output": Change(free, ["output": "number"]),
    "reference": Change(["choices": nil, "output": "number"], ["reference": "a"]),
    "alternatives": Change(free, ["alternatives": "[b]"]),
    "postprocess": Change([:], ["postprocess": "{same-referent: {field: b}}"]),
    "renderings": Change([:], ["renderings": "{other: {inputs: 'is {a}'}}"]),
    "layout": Change([:], ["layout": "continuation"]),
  ]) { $1 }
  static let suiteChanges = sharedChanges.merging([
    "suite": Change([:], ["suite": "r"]),
    "through": Change([:], ["through": "other"]),
    "collapse": Change([:], ["collapse": "{maybe: no}"]),
  ]) { $1 }

  private func hash(_ keys: [String: String?]) throws -> DefinitionHash {
    let folder = try TestFolder()
    func yaml(_ keys: [String: String?]) -> String {
      keys.keys.sorted().compactMap { key in keys[key].flatMap(\.self).map { "\(key): \($0)\n" } }.joined()
    }
    try folder.write("_base.yaml", "tags: [y]\n")
    try folder.write("definition.yaml", yaml(keys))
    guard let name = keys["suite"].flatMap(\.self) else {
      return try #require(try TaskCatalog(directories: [folder.path]).tasks.first).dataSet.hash
    }
    for other in ["t", "other"] { try folder.write("\(other).yaml", yaml(Self.task.merging(["task": other]) { $1 })) }
    return try TaskCatalog(directories: [folder.path]).suite(named: name).dataSet.hash
  }

  private func check(_ base: [String: String?], _ keys: [String], _ changes: [String: Change]) throws {
    for key in keys {
      let change = try #require(changes[key], "say here how the new key '\(key)' changes a definition")
      let before = try hash(base.merging(change.before) { $1 })
      let after = try hash(base.merging(change.after) { $1 })
      #expect((before.text == after.text) == CanonicalDefinition.silentKeys.contains(key), "\(key)")
      #expect(before.isSame(as: before.text) && before.isSame(as: before.former))
      #expect(before.text == after.text || !before.isSame(as: after.text), "\(key)")
    }
  }

  @Test func everyKeyOfATask() throws { try check(Self.task, DefinitionFile.taskKeys, Self.taskChanges) }
  @Test func everyKeyOfASuite() throws { try check(Self.suite, DefinitionFile.suiteKeys, Self.suiteChanges) }

  static let sourceChanges: [String: String] = [
    "folder": "./x", "format": "csv", "encoding": "windows-1252", "records": "row", "header": "false",
    "quoted": "true", "ragged": "true", "fields": "{a: b, b: a, label: label}", "patterns": "{c: '{d} of {e}'}",
    "constants": "{c: x}", "groups": "{g: b}", "set": "'{a}'", "label": "b", "labels": "{0: 'no'}",
    "keep": "{a: [x]}", "drop": "{a: x}", "unlabelled": "true",
  ]

  /// Of the source, and of one part.
  @Test func everyKeyOfASource() throws {
    let settings = ["folder": ".", "format": "tsv", "fields": "{a: a, b: b, label: label}"]
    func flow(_ settings: [String: String]) -> String {
      "{\(settings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
    }
    let before = try hash(Self.task).text
    for key in SourceSettings.keys {
      let value = try #require(Self.sourceChanges[key], "say here how the new key '\(key)' changes a source")
      let source = flow(settings.merging([key: value]) { $1 })
      let isSilent = CanonicalDefinition.silentSourceKeys.contains(key)
      #expect((try hash(Self.task.merging(["source": source]) { $1 }).text == before) == isSilent, "\(key)")
      let splits = "{train: {file: d.tsv, \(key): \(value)}, test: e.tsv}"
      #expect((try hash(Self.task.merging(["splits": splits]) { $1 }).text == before) == isSilent, "\(key) of a part")
    }
  }

  /// A share is taken in turn, so that the order of splits that are held out counts; that of others does not.
  @Test func everyKeyOfASplit() throws {
    let splits = [
      "{train: d.tsv, test: e.tsv}", "{train: d.tsv, test: f.tsv}", "{train: {file: d.tsv, rows: 1-5}, test: e.tsv}",
      "{train: {lines: {a: x, b: y, label: z}}, test: e.tsv}", "{train: {lines: {a: x, b: z, label: z}}, test: e.tsv}",
      "{train: [d.tsv, f.tsv], test: e.tsv}", "{train: [f.tsv, d.tsv], test: e.tsv}",
      "{train: {parts: [d.tsv], exclude: {splits: [test]}}, test: e.tsv}",
      "{train: {parts: [d.tsv], exclude: {splits: [test], by: [a]}}, test: e.tsv}",
      "{train: d.tsv, test: {heldOutOf: train, share: 0.1}}", "{train: d.tsv, test: {heldOutOf: train, share: 0.2}}",
      "{train: d.tsv, test: {heldOutOf: train, share: 0.2, by: [a]}}",
      "{train: d.tsv, test: {heldOutOf: train, share: 0.1}, dev: {heldOutOf: train, share: 0.1}}",
      "{train: d.tsv, dev: {heldOutOf: train, share: 0.1}, test: {heldOutOf: train, share: 0.1}}",
    ]
    var hashes: Set<String> = []
    for split in splits { hashes.insert(try hash(Self.task.merging(["splits": split]) { $1 }).text) }
    #expect(hashes.count == splits.count)
    for same in ["{test: e.tsv, train: d.tsv}", "{train: [{file: d.tsv}], test: {parts: [e.tsv]}}"] {
      #expect(try hash(Self.task.merging(["splits": same]) { $1 }).text == hash(Self.task).text, "\(same)")
    }
  }

  /// Comments, the order of keys, quotation marks, and what is taken over from another file.
  @Test func theWayItIsWrittenDoesNotCount() throws {
    let folder = try TestFolder()
    func hash(_ name: String, _ text: String) throws -> String {
      try folder.write("\(name)/t.yaml", text)
      return try TaskCatalog(directories: ["\(folder.path)/\(name)"]).task(named: "t").definitionHash
    }
    let first = try hash(
      "first",
      """
      task: t
      version: 1
      source:
        folder: .
        format: tsv
        fields: {a: a, b: b, label: label}
      splits:
        train: d.tsv
      inputs: "{a}"
      targets: "{label}"
      choices: [no, yes]
      metrics: [accuracy]

      """)
    let second = try hash(
      "second",
      """
      # What it is about.
      metrics: ["accuracy"]
      choices: ["no", 'yes']   # in this order
      targets: '{label}'
      inputs: '{a}'
      splits: {train: {file: "d.tsv"}}
      source: {fields: {label: label, b: b, a: a}, format: 'tsv', folder: "."}
      version: 1
      task: t

      """)
    try folder.write(
      "third/_base.yaml",
      """
      version: 7
      source: {folder: ., format: csv, fields: {a: a, b: b, label: label}}
      splits: {train: d.tsv, test: e.tsv}
      inputs: "{b}"
      targets: "{label}"
      choices: [no, yes]
      metrics: [accuracy, f1]
      primaryMetric: f1

      """)
    let third = try hash(
      "third",
      """
      task: t
      version: 1
      extends: _base.yaml
      source: {format: tsv}
      splits: {test: null}
      inputs: "{a}"
      metrics: [accuracy]

      """)
    #expect(second == first && third == first)
    // Changed only together with `DefinitionHash.form`.
    #expect(first == "2:062ffa14d0367fcc4523b76ad242d08fa67239d40d2d5450c71a68baa6c06ca1")
  }

  /// What published results and old runs call some shipped definitions, which use every kind of key. One that is
  /// changed leaves the list.
  static let formerTasks = [
    "sst2": "364c8eda7ad0f2b99b29a30e5034b2cc47e43f1c3c0db7a08767d5e5e91e9e78",
    "nli": "f1a3082906424b034fd0e29ba224168e6203d3ec72cc739f1f5455e1e2594b92",
    "mrpc": "1286f0e2088ac3d5488bf0bd6af3bf1bdfcd8f644d0435544d9f253596b5aade",
    "wsc": "35fd0a754d40fee3cab66dadb4aebe7351d0e4b52ce458b53eb9d8c561155fc5",
    "commonsense-qa": "5c8bc63b6d821702ef4d5ea469e20a0e4857303c2e97f6dd2a6b580f29981847",
    "subj": "4897782da916fdb968a879b3fa48efa3d21696c768a554e61f45ace140dc4809",
    "stsb": "9dc310e7c18411c29e183a537cb991a1e9f13ab493ee07728b0e3ce56c49b61b",
    "record": "552867d829497554dc931a8dce62477d70c6451af5df306de4335621d4ecefb3",
    "piqa": "d2bbee187fe009a378da124a3e6d97721f091b3c6abde3651d37f246dd770eef",
    "winobias": "5089293973bdc1519dd2dbd1b086f2a68244a29a15aefa3abfa9a3b952105f75",
  ]
  static let formerSuites = [
    "hans": "d853a251c2d74c0923b7878c428625ac773a946460fa7406d80382799687b8c6",
    "contrast-imdb": "40cb909cc5def7015d6b335ec9f2a133279cd683dd03a3fdd899876766928314",
  ]

  @Test func formerHashesAreKnown() throws {
    let catalog = try RealData.catalog()
    func check(_ set: some DataSetDefinition, _ former: String) {
      let hash = set.dataSet.hash
      #expect(hash.former == former && hash.isSame(as: former), "\(set.name)")
      #expect(!DefinitionHash.areComparable(hash.text, former) && hash.isSame(as: set.definitionHash), "\(set.name)")
    }
    for (name, former) in Self.formerTasks { check(try catalog.task(named: name), former) }
    for (name, former) in Self.formerSuites { check(try catalog.suite(named: name), former) }
    // Of what is made of a definition, too.
    let rendered = try catalog.task(named: "nli").rendered(as: "decanlp").dataSet.hash
    #expect(rendered.former == "47dcba605233062ea264bbccf88800ff5027a31f7e822b48fc525f74b5632873")
    let nli = try catalog.task(named: "nli")
    let others = [try nli.prefixed(by: "x"), try nli.restricted(to: .shuffledWords)].map(\.dataSet.hash)
    #expect(Set((others + [rendered, nli.dataSet.hash]).flatMap { [$0.text, $0.former] }).count == 8)
  }
}
