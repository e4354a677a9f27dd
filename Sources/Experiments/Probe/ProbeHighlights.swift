import Probing
import Reporting
import Scoring
import Support

/// What stands out among what probes found in a task: a line for each question that a reader has first.
public enum ProbeHighlights {
  /// At most five lines, in a fixed order; none for probes that say nothing of the kind.
  public static func lines(_ reports: [any ProbeReport]) -> [String] {
    [
      first(reports, PartialInputReport.self).flatMap(partialInput), first(reports, CueWordsReport.self).flatMap(cues),
      first(reports, SurfaceReport.self).flatMap(surface), first(reports, OverlapReport.self).flatMap(overlap),
      first(reports, HardSubsetReport.self).flatMap(hardSubset),
    ].compactMap(\.self)
  }

  private static func first<Report>(_ reports: [any ProbeReport], _ type: Report.Type) -> Report? {
    reports.lazy.compactMap { $0 as? Report }.first
  }

  private static func shown(_ estimate: Estimate) -> String { estimate.scaled(by: 100).scoreText }

  private static func signed(_ estimate: Estimate) -> String { estimate.scaled(by: 100).signedText }

  private static func isBeyondChance(_ estimate: Estimate) -> Bool { (estimate.interval?.lower ?? 0) > 0 }

  private static func partialInput(_ report: PartialInputReport) -> String? {
    let parts = report.scores.filter { $0.input.hasSuffix("-only") && $0.beyondMajority != nil }
    guard let best = parts.max(by: { ($0.beyondMajority?.value ?? 0) < ($1.beyondMajority?.value ?? 0) }),
      let beyond = best.beyondMajority
    else { return nil }
    let found =
      "\(best.input) is right on \(shown(best.accuracy)) % of \(best.split), \(signed(beyond)) beyond the most frequent label"
    return isBeyondChance(beyond)
      ? "A part gives labels away: \(found)." : "No part of the input gives labels away; the best, \(found)."
  }

  private static func cues(_ report: CueWordsReport) -> String? {
    guard let field = report.fields.max(by: { $0.wordsBeyondCriticalCurve < $1.wordsBeyondCriticalCurve })
    else { return nil }
    let names = report.fields.map(\.field).joined(separator: ", ")
    guard field.wordsBeyondCriticalCurve > 0, let cue = field.byZ.max(by: { $0.z < $1.z }) else {
      return "No word of \(names) goes with a label more than chance allows."
    }
    return
      "Words give labels away: \(field.wordsBeyondCriticalCurve) of \(field.vocabulary) words of \(field.field) go with a"
      + " label more than chance allows; most of all '\(cue.word)', with \(cue.label) in"
      + " \(cue.share.map(shown) ?? "–") % of \(cue.examples) examples."
  }

  private static func surface(_ report: SurfaceReport) -> String? {
    let scores = report.features.flatMap { feature in
      feature.scores.compactMap { score in score.beyondMajority.map { (feature.feature, score.split, $0) } }
    }
    guard let best = scores.max(by: { $0.2.value < $1.2.value }) else { return nil }
    let found = "\(best.0), is \(signed(best.2)) beyond the most frequent label on \(best.1)"
    return isBeyondChance(best.2)
      ? "Lengths and the like tell labels: the best, \(found)."
      : "Lengths and the like tell nothing: the best, \(found)."
  }

  private static func overlap(_ report: OverlapReport) -> String? {
    let found = report.splits.flatMap { split in
      split.overlaps.filter { $0.field == "any" }.map { (split, $0) }
    }
    guard let most = found.max(by: { ($0.1.share?.value ?? 0) < ($1.1.share?.value ?? 0) }) else { return nil }
    let place = most.1.source == "training" ? report.trainingSplit : "the corpus"
    guard most.1.touched > 0 else { return "Nothing of \(most.0.split) occurs in \(place)." }
    return
      "Seen before: \(most.1.touched) of \(most.0.examples) examples of \(most.0.split) share \(report.length) words in a row"
      + " with \(place) (\(most.1.share.map(shown) ?? "–") %)."
  }

  private static func hardSubset(_ report: HardSubsetReport) -> String? {
    guard let split = report.splits.first(where: { !$0.isCrossFitted }) ?? report.splits.first else { return nil }
    return
      "Score a model on what is hard, too: \(split.hard) of \(split.hard + split.easy) examples of \(split.split) are"
      + " wrong for models of \(report.input)."
  }
}
