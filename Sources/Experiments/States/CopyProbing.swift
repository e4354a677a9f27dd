import Compute
import Corpus
import Inference
import Probing
import Randomness
import Records
import Scoring
import Support

/// How hard it is to pass information from one end of a text to the other: a model that was trained on `CopyLanguage`
/// says the letter again after ever greater distances.
public struct CopyProbing: Sendable {
  /// Whose states pass it on.
  public var source: StateSource
  /// The greatest distance of training; distances up to four times as great are tried.
  public var longest = 64
  /// Prompts of every distance.
  public var prompts = 100

  /// Of distances up to 64 and beyond.
  public init(_ source: StateSource) { self.source = source }

  /// 1 2 3 4 6 8 12 16 … up to four times the longest.
  static func distances(longest: Int) -> [Int] {
    var found: [Int] = []
    var power = 1
    while power <= 4 * longest {
      found.append(power)
      if power > 1, power / 2 * 3 <= 4 * longest { found.append(power / 2 * 3) }
      power *= 2
    }
    return found
  }

  /// - Parameter note: is told what a person wants to know before the result.
  /// - Throws: `.usage` for impossible numbers, and for a model that cannot go on with a text; as `Predictor`.
  public func report(note: (String) -> Void) throws(GraftError) -> CopyProbeReport {
    guard longest >= 1, longest <= SequenceLengths.longest / 8, prompts >= 10 else {
      throw GraftError(
        .usage, "\(prompts) prompts of distances up to \(longest) cannot be tried",
        hint: "give at least 10 prompts, and a distance from 1 to \(SequenceLengths.longest / 8).")
    }
    let (saved, configuration, tokenizer) = try ModelFolder.open(source.checkpoint, base: source.base)
    let model = try saved.opened(configuration, precision: source.precision, shardCount: source.shardCount)
    var codec = TextCodec(tokenizer).laidOut(.continuation, configuration.reading)
    // The letter stands right behind the sign.
    codec.spacesTargets = false
    let traits = try configuration.traits()
    let room = source.length ?? traits.longestSequence ?? SequenceLengths.longest
    let key = RandomKey(seed: source.seed)
    var found: [CopyProbeReport.Distance] = []
    for distance in Self.distances(longest: longest) {
      let asked = (0..<prompts).map { CopyLanguage.prompt($0, distance: distance, key: key) }
      let tokens = asked.map { codec.prompt($0.text).count }.max() ?? 0
      guard tokens + 2 <= room else {
        note("distances from \(distance) on exceed the \(room) positions that are read, and are left out")
        break
      }
      let predictor = try Predictor(
        model: model, codec: codec, lengths: SequenceLengths(inputs: tokens + 1, targets: 4))
      let answers = try predictor.rank(inputs: asked.map(\.text), choices: CopyLanguage.letters)
      let right = zip(answers, asked).count { $0.choice == $1.letter }
      let sum = zip(answers, asked).reduce(0.0) { $0 + ($1.0.choiceScores?[$1.1.letter] ?? 0) }
      found.append(
        .init(
          distance: distance, accuracy: .proportion(right, of: prompts), logProbability: sum / Double(prompts)))
    }
    return CopyProbeReport(
      arguments: source.arguments, checkpoint: source.checkpoint, family: configuration.family, longest: longest,
      prompts: prompts, letters: CopyLanguage.letters.count, seed: source.seed, distances: found)
  }
}
