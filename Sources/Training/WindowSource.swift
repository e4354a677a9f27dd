import Corpus
import Objectives
import Randomness
import Records
import Support

/// Windows of the corpora, corrupted by the objective.
struct WindowSource: SampleSource {
  /// Those of each corpus.
  private let streams: [TokenWindows]
  private let mixture: PeriodicMixture
  private let objective: any PretrainingObjective
  private let key: RandomKey

  /// Every corpus as often as its length says, times a repetition: `a.txt:1` and `b.txt:2` read b twice while a is
  /// read once.
  /// - Throws: `.usage` if no corpus has a window to give.
  init(
    _ streams: [TokenWindows], repetitions: [Double], objective: any PretrainingObjective, key: RandomKey
  ) throws(GraftError) {
    precondition(streams.count == repetitions.count, "\(streams.count) streams, \(repetitions.count) repetitions")
    self.streams = streams
    self.objective = objective
    self.key = key.folded("corruption")
    mixture = try PeriodicMixture(
      weights: zip(streams, repetitions).map { Double($0.windowsPerEpoch) * $1 }, key: key.folded("mixture"))
  }

  /// How often each corpus has been read through after so many samples.
  func epochs(after samples: Int) -> [Double] {
    zip(streams, mixture.rates).map { stream, rate in
      stream.windowsPerEpoch == 0 ? 0 : Double(samples) * rate / Double(stream.windowsPerEpoch)
    }
  }

  /// The part of the samples that each corpus gives.
  var shares: [Double] { mixture.rates }

  func example(at index: Int) -> TokenExample {
    // A window too short to make an example (one token of an unmerged document) contributes no target.
    objective.example(
      from: window(at: index), other: { window(at: otherIndex(than: index)) }, key: key.folded(index))
      ?? TokenExample(inputs: [], targets: [])
  }

  private func window(at index: Int) -> [TokenID] {
    let (stream, window) = mixture.source(at: index)
    return streams[stream].window(at: window)
  }

  /// A sample from the same pass through the corpora.
  private func otherIndex(than index: Int) -> Int {
    let count = max(1, streams.reduce(0) { $0 + $1.windowsPerEpoch })
    var random = key.folded("other text").folded(index).generator()
    return index / count * count + random.below(count)
  }
}
