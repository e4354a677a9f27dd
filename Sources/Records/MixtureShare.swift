/// How often one task of several was meant to be seen in a training run, and how often it really was.
public struct MixtureShare: Sendable, Codable, Hashable {
  /// The task's name.
  public var task: String
  /// How many training examples the task has.
  public var examples: Int
  /// The share of the samples that its mixture gives it, 0 to 1.
  public var rate: Double
  /// How many samples were really drawn from it.
  public var drawn: Int
  /// `drawn` over the samples of all tasks; 0 if there were none.
  public var realizedRate: Double
  /// The run's seed, where several runs are told of together.
  public var seed: UInt64?

  /// How often each of its examples was seen, on average.
  public var passes: Double { examples > 0 ? Double(drawn) / Double(examples) : 0 }

  /// - Parameter samples: those drawn from all tasks; none gives a rate of 0.
  public init(task: String, examples: Int, rate: Double, drawn: Int, of samples: Int, seed: UInt64? = nil) {
    self.task = task
    self.examples = examples
    self.rate = rate
    self.drawn = drawn
    realizedRate = samples > 0 ? Double(drawn) / Double(samples) : 0
    self.seed = seed
  }
}
