import ArgumentParser
import Families
import ModelKit
import Support

/// Flags of training an adapter beside a model.
struct LoRAArguments: ParsableArguments {
  @Option(
    help: """
      Train an adapter of this rank beside the checkpoint, whose own parameters stay as they are (LoRA), and the heads \
      that answer. What is saved is the adapter and those heads. 8 is usual.
      """)
  var loraRank: Int?

  @Option(help: "What an adapter adds is multiplied by this over its rank (default: twice the rank).")
  var loraAlpha: Double?

  @Option(
    help: ArgumentHelp(
      """
      Linear layers that an adapter is added to, by the last parts of their names, such as query or attention.output; \
      \(LowRankAdaptation.allTargets) for all (default: \(LowRankAdaptation.usualTargets.joined(separator: ","))).
      """, valueName: "a,b,…"))
  var loraTargets: String?

  @Option(help: "The probability with which an adapter does not see a value while training (default: 0).")
  var loraDropout: Double?

  @Flag(help: "Divide --lora-alpha by the root of the rank instead of the rank (rsLoRA).")
  var rslora = false

  /// Nil without `--lora-rank`.
  /// - Parameter model: what is adapted.
  /// - Throws: `.usage` for values out of range, flags that mean nothing without `--lora-rank`, and a model that has an
  ///   adapter.
  func adaptation(of model: ModelConfiguration) throws(GraftError) -> LowRankAdaptation? {
    guard let loraRank else {
      let given = [
        ("--lora-alpha", loraAlpha != nil), ("--lora-targets", loraTargets != nil),
        ("--lora-dropout", loraDropout != nil), ("--rslora", rslora),
      ]
      if let flag = given.first(where: \.1)?.0 {
        throw GraftError(.usage, "\(flag) is of an adapter", hint: "give --lora-rank, too: 8 is usual.")
      }
      return nil
    }
    guard model.lora == nil else {
      throw GraftError(
        .usage, "the checkpoint has an adapter already",
        hint: "leave --lora-rank out to go on with it, or make one model of both: `graft convert --merge`.")
    }
    let targets = loraTargets?.split(separator: ",").map { $0.trimming { $0 == " " } }
    let adaptation = LowRankAdaptation(
      rank: loraRank, alpha: loraAlpha, targets: targets ?? LowRankAdaptation.usualTargets, dropout: loraDropout ?? 0,
      rankStabilized: rslora)
    do {
      try adaptation.validate()
      var adapted = model
      adapted.lora = adaptation
      // Only for its complaints: what is asked for by a flag is no bad data.
      _ = try Families.make(adapted)
    } catch {
      var error = error
      error.code = .usage
      throw error
    }
    return adaptation
  }
}

extension Substring {
  fileprivate func trimming(_ isLeftOut: (Character) -> Bool) -> String {
    var text = self
    while let first = text.first, isLeftOut(first) { text.removeFirst() }
    while let last = text.last, isLeftOut(last) { text.removeLast() }
    return String(text)
  }
}
