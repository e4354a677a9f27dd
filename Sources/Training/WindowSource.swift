import Corpus
import Objectives
import Randomness
import Records
import Support

/// Samples that are text.
protocol TextSource: SampleSource {
  /// How often each corpus has been read through.
  /// - Parameter samples: of each stage, or only of those that were begun.
  func epochs(after samples: [Double]) -> [Double]
}

/// Windows of the corpora in random order, corrupted by the objective.
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

  var corpusCount: Int { streams.count }

  /// How often each corpus has been read through after so many samples.
  func epochs(after samples: Int) -> [Double] {
    zip(streams, mixture.rates).map { stream, rate in
      stream.windowsPerEpoch == 0 ? 0 : Double(samples) * rate / Double(stream.windowsPerEpoch)
    }
  }

  func example(at index: Int, progress: Double) -> TokenExample {
    // A window too short to make an example (one token of an unmerged document) contributes no target.
    objective.at(progress: progress).example(
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

/// Windows whose length changes at shares of the run. Each length has windows of its own over all of the corpora; a
/// sample's number counts on over the stages, so that a stage begins somewhere in a pass of its windows.
struct StagedWindows: TextSource {
  let lengths: StagedNumber
  /// Those of each stage.
  private let sources: [WindowSource]

  /// - Parameter windows: makes those of one length.
  init(
    _ lengths: StagedNumber, windows: (_ length: Int) throws(GraftError) -> WindowSource
  ) throws(GraftError) {
    self.lengths = lengths
    sources = try lengths.stages.map { stage throws(GraftError) in try windows(stage.value) }
  }

  func stage(at progress: Double) -> Int { lengths.index(at: progress) }

  func example(at index: Int, progress: Double) -> TokenExample {
    sources[stage(at: progress)].example(at: index, progress: progress)
  }

  func epochs(after samples: [Double]) -> [Double] {
    zip(sources, samples).map { $0.epochs(after: Int($1.rounded())) }
      .reduce(into: [Double](repeating: 0, count: sources[0].corpusCount)) { sums, epochs in
        for index in sums.indices { sums[index] += epochs[index] }
      }
  }
}
