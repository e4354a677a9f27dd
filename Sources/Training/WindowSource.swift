import Corpus
import Objectives
import Randomness
import Records

/// Windows of the corpora, corrupted by the objective.
struct WindowSource: SampleSource {
  let windows: WeightedWindows
  let objective: any PretrainingObjective
  let key: RandomKey

  func example(at index: Int) -> TokenExample {
    // A window too short to make an example (one token of an unmerged document) contributes no target.
    objective.example(
      from: windows.window(at: index), other: { windows.window(at: otherIndex(than: index)) },
      key: key.folded(index)) ?? TokenExample(inputs: [], targets: [])
  }

  /// A sample from the same pass through the corpora.
  private func otherIndex(than index: Int) -> Int {
    let count = max(1, windows.streams.reduce(0) { $0 + $1.windowsPerEpoch })
    var random = key.folded("other text").folded(index).generator()
    return index / count * count + random.below(count)
  }
}
