import Support

/// What there is to choose in skip-gram with negative sampling; the defaults are those of word2vec and gensim.
public struct SkipGramSettings: Sendable, Hashable {
  /// Numbers of a vector.
  public var size = 100
  /// The most words to either side that a word is to predict; how many they are is drawn for each word.
  public var window = 5
  /// Words drawn against each one that occurs.
  public var negatives = 5
  /// Frequency in the text above which occurrences are left out; 0 leaves none out.
  public var subsampling = 1e-3
  /// The power of a word's frequency that it is drawn with (Mikolov et al. 2013).
  public var samplingPower = 0.75
  public var epochs = 5
  /// The rate at the beginning, which falls to 0 in a line.
  public var rate = 0.025
  /// Threads; the vectors do not depend on them.
  public var threads = 1
  public var seed: UInt64 = 0

  public init() {}

  /// - Throws: `.usage` for what is impossible.
  public func validate() throws(GraftError) {
    try VectorSettings.check(size: size, window: window, epochs: epochs, rate: rate, threads: threads)
    guard (1...1000).contains(negatives) else {
      throw GraftError(.usage, "`negatives:` \(negatives) is impossible", hint: "give 1 to 1000; 5 to 20 are usual.")
    }
    guard subsampling >= 0, subsampling < 1 else {
      throw GraftError(
        .usage, "`subsampling:` \(subsampling) is impossible", hint: "give a frequency such as 1e-3, or 0 for none.")
    }
    guard samplingPower.isFinite else { throw GraftError(.usage, "`sampling-power:` must be a number") }
  }
}

/// What both methods check.
enum VectorSettings {
  static func check(size: Int, window: Int, epochs: Int, rate: Double, threads: Int) throws(GraftError) {
    guard (1...8192).contains(size) else {
      throw GraftError(.usage, "`size:` \(size) is impossible", hint: "give 1 to 8192; 100 to 300 are usual.")
    }
    guard (1...WordText.longestSentence).contains(window) else {
      throw GraftError(.usage, "`window:` \(window) is impossible", hint: "give 1 to 1000; 5 is usual.")
    }
    guard epochs >= 1 else { throw GraftError(.usage, "`epochs:` \(epochs) is impossible", hint: "give at least 1.") }
    guard rate > 0, rate.isFinite else {
      throw GraftError(
        .usage, "`learning-rate:` \(rate) is impossible", hint: "0.025 is usual for skip-gram, 0.05 for glove.")
    }
    guard (1...1024).contains(threads) else {
      throw GraftError(.usage, "`threads:` \(threads) is impossible", hint: "give 1 to 1024.")
    }
  }

  /// Numbers of a row in memory: a multiple of 16 that has room for so many.
  static func width(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

/// What an epoch came to.
public struct VectorEpoch: Sendable, Hashable {
  /// From 1.
  public var number: Int
  /// Mean of the loss: by pair of words with those drawn against it (skip-gram, of every eighth word), by cell (GloVe).
  public var loss: Double
}
