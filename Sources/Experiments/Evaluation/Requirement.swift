import Foundation
import Reporting
import Support

/// A condition on a score: `sst2.accuracy>=0.80`, `nli.snli-test.accuracy>=0.5`, `hans.accuracy[heuristic=constituent,
/// label=non-entailment]>=0.2`, `monli.consistency>=0.4`, also with `<=`. Of several seeds the mean counts.
public struct Requirement: Sendable {
  /// As it was written.
  public let text: String
  private let task: String
  private let split: String?
  private let metric: String
  /// The part of the set it is about; empty for the whole.
  private let group: [String: ByteString]
  private let isLowerBound: Bool
  private let bound: Double

  /// - Throws: `.usage` for a text of another form.
  public init(_ text: String) throws(GraftError) {
    self.text = text
    let error = GraftError(
      .usage, "cannot read the condition '\(text)'",
      hint: "write it as sst2.accuracy>=0.80 or hans.accuracy[heuristic=constituent]>=0.5.")
    let isLowerBound = text.contains(">=")
    let sides = text.components(separatedBy: isLowerBound ? ">=" : "<=")
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard sides.count == 2, let bound = Double(sides[1]), bound.isFinite else { throw error }
    var left = sides[0]
    var group: [String: ByteString] = [:]
    if let open = left.firstIndex(of: "[") {
      guard left.hasSuffix("]") else { throw error }
      for pair in left[left.index(after: open)...].dropLast().split(separator: ",") {
        let parts = pair.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2, !parts[0].isEmpty else { throw error }
        group[parts[0]] = ByteString(parts[1])
      }
      guard !group.isEmpty else { throw error }
      left = String(left[..<open])
    }
    let names = left.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard names.count == 2 || names.count == 3, !names.contains("") else { throw error }
    self.isLowerBound = isLowerBound
    self.bound = bound
    self.group = group
    task = names[0]
    split = names.count == 3 ? names[1] : nil
    metric = names[names.count - 1]
  }

  /// The outcome on every split it concerns.
  /// - Throws: `.usage` if no such score was computed.
  public func outcomes(
    _ results: [ResultEntry], system: String, reason: String? = nil
  ) throws(GraftError) -> [ConditionOutcome] {
    let concerned = results.filter { entry in
      entry.system == system && entry.task == task && (split == nil || entry.split == split)
    }
    var outcomes: [ConditionOutcome] = []
    var splits: [String] = []
    for entry in concerned where !splits.contains(entry.split) { splits.append(entry.split) }
    for split in splits {
      let scores = concerned.filter {
        $0.split == split && $0.metric == metric && $0.group.mapValues { ByteString($0) } == group
      }
      .map(\.score)
      guard !scores.isEmpty else { continue }
      let mean = scores.reduce(0, +) / Double(scores.count)
      outcomes.append(
        ConditionOutcome(
          condition: text, task: task, split: split, score: mean, seeds: scores.count,
          // An infinity would be on the right side of every bound.
          isMet: mean.isFinite && (isLowerBound ? mean >= bound : mean <= bound), reason: reason))
    }
    guard outcomes.isEmpty else { return outcomes }
    throw unknown(concerned)
  }

  private func unknown(_ concerned: [ResultEntry]) -> GraftError {
    let hint: String
    if concerned.isEmpty {
      hint = "evaluate '\(task)' as well, with `task:` or `suite:`."
    } else if group.isEmpty || !concerned.contains(where: { $0.metric == metric }) {
      let known = Set(concerned.map(\.metric)).sorted()
      hint = "scores of '\(task)': \(known.joined(separator: ", "))."
    } else {
      let names = Set(concerned.filter { $0.metric == metric }.flatMap(\.group.keys)).sorted()
      let values = names.filter { group[$0] != nil }.map { name in
        let known = concerned.compactMap { $0.group[name] }.exactlyDistinct.sortedByBytes
        return "\(name): \(known.prefix(12).joined(separator: ", "))\(known.count > 12 ? " …" : "")"
      }
      hint =
        values.isEmpty
        ? "groups of '\(task)': \(names.joined(separator: ", "))."
        : values.joined(separator: "; ") + "."
    }
    return GraftError(.usage, "the condition '\(text)': no such score was computed", hint: hint)
  }
}
