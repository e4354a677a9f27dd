import Scoring
import Support

/// What an arena came to: `results.json` in its folder.
public struct ArenaReport: Codable, Sendable, Hashable {
  /// A model with all its seeds.
  struct Row: Codable, Sendable, Hashable {
    var model: String
    /// Of several rates that were tried the one with the least loss on the part that is tuned on.
    var learningRate: Double?
    var seeds: [UInt64]
    /// One for each seed.
    var trials: [ArenaTrial]
  }

  /// A learning rate of a network that was tried.
  struct Attempt: Codable, Sendable, Hashable {
    var model: String
    var learningRate: Double
    /// Nats per token on the part that is tuned on, the mean over seeds.
    var heldOut: Double
    var isChosen: Bool
  }

  var seeds: [UInt64]
  /// How long networks are trained, in words.
  var budget: String
  var prompt: String
  /// The share of the tokens of the validation text that stand for what the tokenizer does not know.
  var unknown: Double
  /// In the order in which the models were named.
  var rows: [Row]
  var attempts: [Attempt]
  /// Models that are not trained yet.
  var missing: Int
}

extension Arena {
  /// Of everything that is finished.
  public func report() throws(GraftError) -> ArenaReport {
    var report = ArenaReport(
      seeds: seeds, budget: budgetText, prompt: recipe.prompt, unknown: try unknownShare(), rows: [], attempts: [],
      missing: 0)
    var models: [String] = []
    for contender in contenders where !models.contains(contender.model) { models.append(contender.model) }
    for model in models {
      var found: [(rate: Double?, heldOut: Double?, row: ArenaReport.Row)] = []
      for contender in contenders where contender.model == model {
        let trials = try trials(contender)
        report.missing += seeds.count - trials.count
        guard !trials.isEmpty else { continue }
        let records = trials.map(\.record)
        let losses = records.compactMap(\.heldOut)
        let heldOut = losses.count == seeds.count ? losses.reduce(0, +) / Double(seeds.count) : nil
        found.append(
          (
            records[0].learningRate, heldOut,
            ArenaReport.Row(
              model: model, learningRate: records[0].learningRate, seeds: trials.map(\.seed), trials: records)
          ))
      }
      guard let best = found.min(by: { ($0.heldOut ?? .infinity) < ($1.heldOut ?? .infinity) }) else { continue }
      report.rows.append(best.row)
      guard found.count > 1 else { continue }
      for attempt in found {
        guard let rate = attempt.rate, let heldOut = attempt.heldOut else { continue }
        report.attempts.append(
          .init(model: model, learningRate: rate, heldOut: heldOut, isChosen: rate == best.rate))
      }
    }
    return report
  }

  private var budgetText: String {
    if let budget = recipe.budget { return budget.text }
    let settings = recipe.settings
    return settings.budgetSeconds.map { NumberText.duration($0) } ?? "\(settings.steps ?? 0) updates"
  }

  private func unknownShare() throws(GraftError) -> Double {
    let text = String(decoding: try FileContents.read(texts.texts.validation), as: UTF8.self)
    let ids = texts.tokenizer.encode(text)
    return Double(ids.count { $0 == texts.tokenizer.vocabulary.unknown }) / Double(max(1, ids.count))
  }
}

extension ArenaReport: StudyReport {
  public static let kind = FileKind.arena
}
