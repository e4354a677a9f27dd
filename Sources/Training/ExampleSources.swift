import Corpus
import Examples
import Randomness
import Support

/// Examples in a new random order each epoch; several tasks are mixed in proportion to their sizes.
struct ShuffledExamples: SampleSource {
  private let examples: [TokenExample]
  private let key: RandomKey

  init(_ examples: [TokenExample], key: RandomKey) {
    self.examples = examples
    self.key = key
  }

  func example(at index: Int) -> TokenExample {
    let (epoch, position) = index.quotientAndRemainder(dividingBy: examples.count)
    return examples[KeyedPermutation(count: examples.count, key: key.folded(epoch))[position]]
  }
}

/// The examples of several tasks by the rates of a mixture; each task's own in random order, pass after pass.
struct MixedExamples: SampleSource {
  private let tasks: [ShuffledExamples]
  private let mixture: PeriodicMixture

  /// - Throws: `.usage` if no task has a weight.
  init(_ tasks: [[TokenExample]], weights: [Double], key: RandomKey) throws(GraftError) {
    self.tasks = tasks.enumerated().map { ShuffledExamples($1, key: key.folded("task").folded($0)) }
    mixture = try PeriodicMixture(weights: weights, key: key.folded("mixture"))
  }

  /// The share of the samples that each task gives.
  var rates: [Double] { mixture.rates }

  func example(at index: Int) -> TokenExample {
    let (task, sample) = mixture.source(at: index)
    return tasks[task].example(at: sample)
  }
}
