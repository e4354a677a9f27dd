import ArgumentParser
import Experiments
import Families
import Foundation
import Inference
import ModelKit
import Objectives
import Optimization
import Probing
import Reporting
import Scoring
import StressTesting
import Support
import TaskRegistry

/// `graft list`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what can be named: objectives, backbones, tasks, suites, metrics …")

  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case backbones, checklists, checkpoints, metrics, mixtures, objectives, optimizers, postprocessors, preprocessors
    case probes, schedules, suites, tasks, transforms
  }

  @Argument(help: "\(Kind.allCases.map(\.rawValue).joined(separator: ", ")); everything by default.")
  var kind: Kind?

  @Flag(help: "As JSON.")
  var json = false

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func run() throws {
    let kinds = kind.map { [$0] } ?? Kind.allCases
    if json {
      var lists: [String: [[String: String]]] = [:]
      for kind in kinds {
        lists[kind.rawValue] = try rows(kind).map { ["name": $0.name, "summary": $0.summary] }
      }
      try JSONOutput.write(lists, to: "-")
      return
    }
    for kind in kinds {
      if kinds.count > 1 { standardOutput("\(kind.rawValue)") }
      var table = Table([.init(""), .init("")])
      for row in try rows(kind) { table.append([(kinds.count > 1 ? "  " : "") + row.name, row.summary]) }
      standardOutput(table.plainText, terminator: kinds.count > 1 ? "\n" : "")
    }
  }

  private func rows(_ kind: Kind) throws(GraftError) -> [(name: String, summary: String)] {
    switch kind {
    case .objectives: return Objectives.registry.entries.map { ($0.name, $0.summary) }
    case .optimizers: return Optimizers.registry.entries.map { ($0.name, $0.summary) }
    case .postprocessors: return Postprocessors.registry.entries.map { ($0.name, $0.summary) }
    case .preprocessors: return Preprocessors.registry.entries.map { ($0.name, $0.summary) }
    case .probes: return Probes.registry.entries.map { ($0.name, $0.summary) }
    case .schedules: return LearningRateSchedules.registry.entries.map { ($0.name, $0.summary) }
    case .transforms:
      return StressTransforms.registry.entries.map { entry in
        let kinds = entry.plugin.fits.sorted().map(\.rawValue).joined(separator: ", ")
        return (entry.name, "\(entry.summary); for \(kinds)")
      }
    case .checklists:
      return try StressArguments.shipped(in: data.catalog()).map {
        ($0.name, "for \($0.kind.rawValue), \($0.tests.count) tests; \($0.description)")
      }
    case .checkpoints:
      var rows: [(name: String, summary: String)] = []
      for name in ReleasedModels.names {
        let (_, model, _) = try ModelFolder.open(name)
        let parameters = NumberText.fixed(Double(try Families.make(model).declarations.count) / 1e6, digits: 1)
        let facts = ["\(parameters) million parameters"] + (try model.traits().facts)
        rows.append((name, "\(model.family): \(facts.joined(separator: ", "))"))
      }
      return rows
    case .metrics:
      return Metrics.registry.entries.map { entry in
        let options = entry.plugin.optionNames
        return (
          entry.name, entry.summary + (options.isEmpty ? "" : "; options: \(options.joined(separator: ", "))")
        )
      }
    case .backbones:
      var rows: [(name: String, summary: String)] = []
      for name in Resources.presetNames {
        let model = try Resources.preset(name, vocabularySize: 1)
        let facts = try model.traits().facts
        rows.append((name, "\(model.family): \(facts.joined(separator: ", "))"))
      }
      return rows
    case .mixtures:
      let catalog = try data.catalog()
      var rows: [(name: String, summary: String)] = []
      for definition in catalog.mixtures {
        let mixture = try catalog.mixture(named: definition.name)
        rows.append(
          (
            definition.name,
            "\(InspectMixtureCommand.summary(mixture)); \(mixture.members.map(\.name).joined(separator: ", "))"
          ))
      }
      return rows
    case .tasks:
      return try data.catalog().tasks.map {
        ($0.name, "\($0.tags.joined(separator: ", ")); splits \($0.splitNames.joined(separator: ", "))")
      }
    case .suites:
      return try data.catalog().suites.map {
        ($0.name, "through \($0.through); \($0.tags.joined(separator: ", "))")
      }
    }
  }
}
