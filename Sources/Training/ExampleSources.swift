import Corpus
import Randomness
import Records
import Support

/// Examples in a new random order each epoch.
struct ShuffledExamples: SampleSource {
  private let examples: [TokenExample]
  private let key: RandomKey

  init(_ examples: [TokenExample], key: RandomKey) {
    self.examples = examples
    self.key = key
  }

  func example(at index: Int, progress: Double) -> TokenExample { examples[place(at: index)] }

  /// Which of the examples the `index`-th sample is.
  func place(at index: Int) -> Int {
    let (epoch, position) = index.quotientAndRemainder(dividingBy: examples.count)
    return KeyedPermutation(count: examples.count, key: key.folded(epoch))[position]
  }
}

/// Examples of several tasks.
protocol TaskSamples: SampleSource {
  /// The share of the samples that each task gives.
  var rates: [Double] { get }

  /// How many of the samples 0 ..< `count` each task gives.
  func counts(ofFirst count: Int) -> [Int]
}

/// All examples of several tasks once in a pass, so that tasks are seen in proportion to their sizes.
struct PooledExamples: TaskSamples {
  private let samples: ShuffledExamples
  private let sizes: [Int]

  /// - Precondition: there is an example.
  init(_ tasks: [[TokenExample]], key: RandomKey) {
    samples = ShuffledExamples(Array(tasks.joined()), key: key)
    sizes = tasks.map(\.count)
  }

  private var total: Int { sizes.reduce(0, +) }

  var rates: [Double] { sizes.map { Double($0) / Double(total) } }

  func example(at index: Int, progress: Double) -> TokenExample { samples.example(at: index, progress: progress) }

  func counts(ofFirst count: Int) -> [Int] {
    let (passes, rest) = count.quotientAndRemainder(dividingBy: total)
    var counts = sizes.map { $0 * passes }
    for index in count - rest..<count {
      var place = samples.place(at: index)
      for (task, size) in sizes.enumerated() {
        if place < size {
          counts[task] += 1
          break
        }
        place -= size
      }
    }
    return counts
  }
}

/// The examples of several tasks by the rates of a mixture; each task's own in random order, pass after pass.
struct MixedExamples: TaskSamples {
  private let tasks: [ShuffledExamples]
  private let mixture: PeriodicMixture

  /// - Throws: `.usage` if no task has a weight.
  init(_ tasks: [[TokenExample]], weights: [Double], key: RandomKey) throws(GraftError) {
    self.tasks = tasks.enumerated().map { ShuffledExamples($1, key: key.folded("task").folded($0)) }
    mixture = try PeriodicMixture(weights: weights, key: key.folded("mixture"))
  }

  var rates: [Double] { mixture.rates }

  func example(at index: Int, progress: Double) -> TokenExample {
    let (task, sample) = mixture.source(at: index)
    return tasks[task].example(at: sample, progress: progress)
  }

  func counts(ofFirst count: Int) -> [Int] { mixture.counts(ofFirst: count) }
}
