import Support

/// What a training loop knows about itself at one step. Fields that are not known stay nil and are left out.
public struct ProgressUpdate: Sendable, Hashable {
  /// What is running: "pretrain", "finetune micro-nli" …
  public var phase: String
  /// Steps completed.
  public var step: Int
  /// Steps of the whole run; nil where a wall-clock budget ends it.
  public var totalSteps: Int?
  /// Loss in nats per target token.
  public var loss: Double?
  /// The rate that the optimizer uses at this step.
  public var learningRate: Double?
  /// Tokens that training went through in a second of the clock.
  public var tokensPerSecond: Double?
  /// Achieved matrix-product rate over the measured peak of this machine, 0…1.
  public var peakFraction: Double?
  /// Until the run ends, as estimated.
  public var secondsLeft: Double?

  /// Values as they are known; those that are not are left out of the line.
  public init(
    phase: String, step: Int, totalSteps: Int? = nil, loss: Double? = nil, learningRate: Double? = nil,
    tokensPerSecond: Double? = nil, peakFraction: Double? = nil, secondsLeft: Double? = nil
  ) {
    self.phase = phase
    self.step = step
    self.totalSteps = totalSteps
    self.loss = loss
    self.learningRate = learningRate
    self.tokensPerSecond = tokensPerSecond
    self.peakFraction = peakFraction
    self.secondsLeft = secondsLeft
  }

  /// The line a person reads, for instance
  /// `pretrain  step 120/1000  loss 4.213  lr 1.0e-03  8.4k tok/s  41% of peak  2m05s left`.
  public var line: String {
    var parts = [phase]
    parts.append("step \(step)" + (totalSteps.map { "/\($0)" } ?? ""))
    if let loss { parts.append("loss \(NumberText.fixed(loss, digits: 3))") }
    if let learningRate { parts.append("lr \(NumberText.scientific(learningRate))") }
    if let tokensPerSecond { parts.append("\(NumberText.abbreviated(tokensPerSecond)) tok/s") }
    if let peakFraction { parts.append("\(NumberText.fixed(peakFraction * 100, digits: 0))% of peak") }
    if let secondsLeft { parts.append("\(NumberText.duration(secondsLeft)) left") }
    return parts.joined(separator: "  ")
  }
}
